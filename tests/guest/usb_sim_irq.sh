#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tests of usb_sim with hardware and interrupt on CPUs of their own, as when something is measured.
exec /cen/tests/usb_sim "hw_cpu=0 irq_cpu=1"
