// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/dma_heap/cenalloc where the kernel lets modules add a heap: it is the kernel's, its
 * buffers are ours. Everywhere else: dma_heap.c.
 */
#include <linux/module.h>

#include "../dma_heap/cen_dma_heap.h"
#include "../compat/compat.h"
#include "buffer.h"

static struct dma_buf *cen_dma_heap_alloc(unsigned long len, u32 fd_flags)
{
	const struct cen_create_args args = {
		.size = len,
		.file_flags = fd_flags,
	};

	return cen_buffer_export(&args);
}

int cen_dma_heap_init(void)
{
	return cen_dma_heap_provide(cen_dma_heap_alloc);
}

void cen_dma_heap_exit(void)
{
	cen_dma_heap_withdraw();
}

CEN_IMPORT_NS(CENALLOC);
