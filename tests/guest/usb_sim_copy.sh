#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tests of usb_sim on a controller without scatter-gather that does DMA: pieces are copied.
exec /cen/tests/usb_sim sg=0
