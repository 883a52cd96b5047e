#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tests of usb_libusb at super speed.
exec /cen/tests/usb_libusb is_super_speed=1
