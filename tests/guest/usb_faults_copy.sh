#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tests of usb_faults where pieces are copied.
exec /cen/tests/usb_faults sg=0
