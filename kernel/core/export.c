// SPDX-License-Identifier: GPL-2.0
/*
 * The dma-buf exporter: struct dma_buf_ops of a buffer. Static on purpose (no
 * pin): a static importer then maps when it wants to, not at attach.
 */
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "buffer.h"

/* Called without the reservation: this is where limits are collected and merged. */
static int cen_export_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	struct cen_buffer *buffer = dmabuf->priv;
	struct cen_attachment *a;
	struct cen_use *use;
	int ret;

	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->attach = attach;

	/* Declared, or attached before: its limits are in. */
	dma_resv_lock(&buffer->resv, NULL);
	a->use = cen_use_find_dev_locked(buffer, attach->dev);
	if (!a->use) {
		/* Limits are collected without the reservation. */
		dma_resv_unlock(&buffer->resv);
		use = cen_use_new(attach->dev, NULL);
		if (IS_ERR(use)) {
			ret = PTR_ERR(use);
			goto err_free;
		}
		dma_resv_lock(&buffer->resv, NULL);
		ret = cen_buffer_admit_locked(buffer, &use, 1);
		if (ret)
			goto err_unlock;
		a->use = use;
	}
	a->use->flags |= CEN_USE_ATTACHED;
	a->use->attachments++;
	list_add_tail(&a->node, &buffer->attachments);
	attach->priv = a;
	dma_resv_unlock(&buffer->resv);
	return 0;

err_unlock:
	dma_resv_unlock(&buffer->resv);
	cen_use_free(use);
err_free:
	kfree(a);
	return ret;
}

static void cen_export_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	struct cen_buffer *buffer = dmabuf->priv;
	struct cen_attachment *a = attach->priv;

	dma_resv_lock(&buffer->resv, NULL);
	list_del(&a->node);
	cen_use_drop_locked(buffer, a->use);
	dma_resv_unlock(&buffer->resv);
	cen_attachment_drop_sgt(a);
	kfree(a);
}

static struct sg_table *cen_export_map(struct dma_buf_attachment *attach,
				       enum dma_data_direction dir)
{
	struct cen_buffer *buffer = attach->dmabuf->priv;
	struct cen_attachment *a = attach->priv;
	bool locked = cen_compat_map_lock(&buffer->resv);
	int ret;

	ret = cen_attachment_map_locked(buffer, a, dir);
	cen_compat_map_unlock(&buffer->resv, locked);
	return ret ? ERR_PTR(ret) : &a->sgt;
}

static void cen_export_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			     enum dma_data_direction dir)
{
	struct cen_buffer *buffer = attach->dmabuf->priv;
	bool locked = cen_compat_map_lock(&buffer->resv);

	cen_attachment_unmap_locked(buffer, attach->priv);
	cen_compat_map_unlock(&buffer->resv, locked);
}

/*
 * The dma-buf core waits for fences as well, but after this: too late for what a device
 * writes until then to be synced.
 */
static int cen_export_begin_cpu(struct dma_buf *dmabuf, enum dma_data_direction dir)
{
	struct cen_buffer *buffer = dmabuf->priv;
	long left;

	if (!READ_ONCE(buffer->sync_maps))
		return 0;
	left = dma_resv_wait_timeout(&buffer->resv, dma_resv_usage_rw(dir != DMA_FROM_DEVICE),
				     true, MAX_SCHEDULE_TIMEOUT);
	if (left < 0)
		return left;
	return cen_buffer_begin_cpu(buffer, dir, 0, dmabuf->size);
}

static int cen_export_end_cpu(struct dma_buf *dmabuf, enum dma_data_direction dir)
{
	return cen_buffer_end_cpu(dmabuf->priv, dir, 0, dmabuf->size);
}

static int cen_export_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	return cen_buffer_mmap(dmabuf->priv, vma);
}

static int cen_export_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct cen_buffer *buffer = dmabuf->priv;
	bool locked = cen_compat_map_lock(&buffer->resv);
	int ret;

	ret = cen_buffer_vmap_locked(buffer, map);
	cen_compat_map_unlock(&buffer->resv, locked);
	return ret;
}

static void cen_export_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct cen_buffer *buffer = dmabuf->priv;
	bool locked = cen_compat_map_lock(&buffer->resv);

	cen_buffer_vunmap_locked(buffer);
	cen_compat_map_unlock(&buffer->resv, locked);
}

static void cen_export_release(struct dma_buf *dmabuf)
{
	cen_buffer_release(dmabuf->priv);
}

const struct dma_buf_ops cen_dma_buf_ops = {
	.attach = cen_export_attach,
	.detach = cen_export_detach,
	.map_dma_buf = cen_export_map,
	.unmap_dma_buf = cen_export_unmap,
	.begin_cpu_access = cen_export_begin_cpu,
	.end_cpu_access = cen_export_end_cpu,
	.mmap = cen_export_mmap,
	.vmap = cen_export_vmap,
	.vunmap = cen_export_vunmap,
	.release = cen_export_release,
};

/*
 * A new EMPTY buffer as a dma-buf with one reference. The module stays while
 * the dma-buf does.
 */
struct dma_buf *cen_buffer_export(const struct cen_create_args *args)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct cen_buffer *buffer;
	struct dma_buf *dmabuf;
	int ret = 0;

	buffer = cen_buffer_new(args);
	if (IS_ERR(buffer))
		return ERR_CAST(buffer);

	exp_info.exp_name = "cenalloc";
	exp_info.ops = &cen_dma_buf_ops;
	exp_info.size = buffer->size;
	exp_info.flags = args->file_flags;
	exp_info.resv = &buffer->resv;
	exp_info.priv = buffer;
	dmabuf = dma_buf_export(&exp_info);
	if (IS_ERR(dmabuf)) {
		cen_buffer_release(buffer);
		return dmabuf;
	}

	dma_resv_lock(&buffer->resv, NULL);
	buffer->dmabuf = dmabuf;
	buffer->inode = file_inode(dmabuf->file)->i_ino;
	if (args->flags & CEN_CREATE_COMMIT)
		ret = cen_buffer_back_locked(buffer);
	dma_resv_unlock(&buffer->resv);
	if (ret) {
		dma_buf_put(dmabuf);
		return ERR_PTR(ret);
	}
	return dmabuf;
}
