/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_DMA_HEAP_H
#define _CEN_DMA_HEAP_H

#include <linux/types.h>

struct dma_buf;

/* A new buffer of @len bytes, a multiple of the page size; @fd_flags are valid. */
typedef struct dma_buf *(*cen_dma_heap_alloc_fn)(unsigned long len, u32 fd_flags);

int cen_dma_heap_provide(cen_dma_heap_alloc_fn alloc);
void cen_dma_heap_withdraw(void);

#endif /* _CEN_DMA_HEAP_H */
