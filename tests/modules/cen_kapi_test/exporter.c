// SPDX-License-Identifier: GPL-2.0
/*
 * A dma-buf that is not cenalloc's: one page.
 */
#include <linux/dma-mapping.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kapi.h"

static struct sg_table *kapi_foreign_map(struct dma_buf_attachment *attach,
					 enum dma_data_direction dir)
{
	struct sg_table *sgt;
	int ret;

	sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);
	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table(sgt, 1, GFP_KERNEL);
	if (ret)
		goto err_free;
	sg_set_page(sgt->sgl, attach->dmabuf->priv, PAGE_SIZE, 0);
	ret = dma_map_sgtable(attach->dev, sgt, dir, 0);
	if (ret)
		goto err_free_table;
	return sgt;

err_free_table:
	sg_free_table(sgt);
err_free:
	kfree(sgt);
	return ERR_PTR(ret);
}

static void kapi_foreign_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			       enum dma_data_direction dir)
{
	dma_unmap_sgtable(attach->dev, sgt, dir, 0);
	sg_free_table(sgt);
	kfree(sgt);
}

static void kapi_foreign_release(struct dma_buf *dmabuf)
{
	__free_page(dmabuf->priv);
}

static int kapi_foreign_pin(struct dma_buf_attachment *attach)
{
	return 0;
}

static void kapi_foreign_unpin(struct dma_buf_attachment *attach)
{
}

static const struct dma_buf_ops kapi_static_ops = {
	.map_dma_buf = kapi_foreign_map,
	.unmap_dma_buf = kapi_foreign_unmap,
	.release = kapi_foreign_release,
};

static const struct dma_buf_ops kapi_dynamic_ops = {
	.pin = kapi_foreign_pin,
	.unpin = kapi_foreign_unpin,
	.map_dma_buf = kapi_foreign_map,
	.unmap_dma_buf = kapi_foreign_unmap,
	.release = kapi_foreign_release,
};

struct dma_buf *kapi_foreign(bool dynamic)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct dma_buf *dmabuf;
	struct page *page;

	page = alloc_page(GFP_KERNEL | GFP_DMA32 | __GFP_ZERO);
	if (!page)
		return ERR_PTR(-ENOMEM);
	exp_info.ops = dynamic ? &kapi_dynamic_ops : &kapi_static_ops;
	exp_info.size = PAGE_SIZE;
	exp_info.flags = O_RDWR;
	exp_info.priv = page;
	dmabuf = dma_buf_export(&exp_info);
	if (IS_ERR(dmabuf))
		__free_page(page);
	return dmabuf;
}

struct kapi_put {
	struct work_struct work;
	struct file *file;
};

static void kapi_put_work(struct work_struct *work)
{
	__fput_sync(container_of(work, struct kapi_put, work)->file);
}

/* The last reference, and it is gone on return; on old kernels only a kernel thread may. */
void kapi_release(struct dma_buf *dmabuf)
{
	struct kapi_put put;

	if (IS_ERR_OR_NULL(dmabuf))
		return;
	put.file = dmabuf->file;
	INIT_WORK_ONSTACK(&put.work, kapi_put_work);
	queue_work(system_unbound_wq, &put.work);
	flush_work(&put.work);
	destroy_work_on_stack(&put.work);
}
