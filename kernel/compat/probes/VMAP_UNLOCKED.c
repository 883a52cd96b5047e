// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-buf.h>
void *cen_probe(void);
void *cen_probe(void) { return dma_buf_vmap_unlocked; }
