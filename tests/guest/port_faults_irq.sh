#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tests of port_faults with hardware and interrupt on CPUs of their own, as when something is measured.
exec /cen/tests/port_faults "hw_cpu=0 irq_cpu=1"
