// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/dma_heap/cenalloc as one of the kernel's own heaps, for kernels that let modules add
 * one (7.0 and later).
 *
 * A heap that was added cannot be taken away again. So it lives here, in a module that stays
 * once it is loaded, and asks cenalloc, which comes and goes. While cenalloc is away, an
 * allocation is -ENODEV.
 */
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/rwsem.h>

#include "../compat/compat.h"
#include "cen_dma_heap.h"

static DECLARE_RWSEM(cen_dma_heap_lock);
static cen_dma_heap_alloc_fn cen_dma_heap_alloc;	/* P: cen_dma_heap_lock */

static struct dma_buf *cen_dma_heap_allocate(struct dma_heap *heap, unsigned long len,
					     u32 fd_flags, u64 heap_flags)
{
	struct dma_buf *dmabuf = ERR_PTR(-ENODEV);

	/* held meanwhile: cenalloc is not unloaded under an allocation */
	if (down_read_killable(&cen_dma_heap_lock))
		return ERR_PTR(-EINTR);
	if (cen_dma_heap_alloc)
		dmabuf = cen_dma_heap_alloc(len, fd_flags);
	up_read(&cen_dma_heap_lock);
	return dmabuf;
}

static const struct dma_heap_ops cen_dma_heap_ops = {
	.allocate = cen_dma_heap_allocate,
};

/**
 * cen_dma_heap_provide - the heap has memory from now on
 * @alloc: who allocates; one at a time
 *
 * Context: May sleep.
 * Return: 0, or -EBUSY when there is a provider already.
 */
int cen_dma_heap_provide(cen_dma_heap_alloc_fn alloc)
{
	int ret = 0;

	down_write(&cen_dma_heap_lock);
	if (cen_dma_heap_alloc)
		ret = -EBUSY;
	else
		cen_dma_heap_alloc = alloc;
	up_write(&cen_dma_heap_lock);
	return ret;
}
CEN_EXPORT(cen_dma_heap_provide);

/**
 * cen_dma_heap_withdraw - the heap has no memory any more
 *
 * Context: May sleep. Returns when no allocation is under way.
 */
void cen_dma_heap_withdraw(void)
{
	down_write(&cen_dma_heap_lock);
	cen_dma_heap_alloc = NULL;
	up_write(&cen_dma_heap_lock);
}
CEN_EXPORT(cen_dma_heap_withdraw);

static int __init cen_dma_heap_init(void)
{
	const struct dma_heap_export_info info = {
		.name = "cenalloc",
		.ops = &cen_dma_heap_ops,
	};

	return PTR_ERR_OR_ZERO(dma_heap_add(&info));
}
module_init(cen_dma_heap_init);
/* No exit: the kernel keeps the heap. */

CEN_IMPORT_NS(DMA_BUF_HEAP);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("cenalloc among the kernel's dma-buf heaps");
MODULE_LICENSE("GPL");
