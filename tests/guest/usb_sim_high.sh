#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tests of usb_sim at high speed, one request of few and small segments at a time.
exec /cen/tests/usb_sim 'speed=high max_segs=64 seg_size=32768'
