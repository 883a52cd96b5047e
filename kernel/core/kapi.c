// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers for other drivers: see <linux/cenalloc.h>.
 */
#include <linux/cenalloc.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/fcntl.h>
#include <linux/scatterlist.h>

#include "../compat/compat.h"
#include "buffer.h"

/**
 * cen_buffer_create - make an EMPTY buffer
 * @size: bytes, rounded up to whole pages
 * @align: alignment wanted, a power of two, 0: none
 * @flags: CEN_CREATE_*
 *
 * Costs no memory until it is committed, mapped or touched. It is accounted to
 * the current user. dma_buf_put() frees it, dma_buf_fd() hands it to user space.
 *
 * Context: May sleep.
 * Return: a dma-buf with one reference, or ERR_PTR: -EINVAL for a bad size, alignment or
 * flag, -EDQUOT when it can never fit the quota, -ENOMEM.
 */
struct dma_buf *cen_buffer_create(u64 size, u64 align, u32 flags)
{
	struct cen_create_args args = {
		.size = size,
		.align = align,
		.flags = flags,
		.file_flags = O_RDWR,
	};

	return cen_buffer_export(&args);
}
CEN_EXPORT(cen_buffer_create);

/**
 * cen_buffer_is - is this dma-buf one of ours?
 * @dmabuf: any dma-buf
 *
 * Context: Any.
 */
bool cen_buffer_is(const struct dma_buf *dmabuf)
{
	return !IS_ERR(cen_buffer_from_dmabuf(dmabuf));
}
CEN_EXPORT(cen_buffer_is);

/**
 * cen_buffer_declare - name a device that will use a buffer
 * @dmabuf: one of ours
 * @dev: the device; the buffer keeps a reference
 * @limits: tighten what is known of @dev, or NULL
 *
 * Context: May sleep; takes the buffer's reservation.
 * Return: 0; -EINVAL: foreign dma-buf, bad limits, or they contradict another device's;
 * -ENODEV: no heap offers such memory; -EBUSY: it is mapped where @dev cannot reach it;
 * -ENOMEM. The reasons are kept for CEN_IOC_EXPLAIN.
 */
int cen_buffer_declare(struct dma_buf *dmabuf, struct device *dev,
		       const struct cen_limits *limits)
{
	struct cen_buffer *buffer = cen_buffer_from_dmabuf(dmabuf);
	struct cen_use *use;
	int ret;

	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	if (limits && cen_limits_check(limits))
		return -EINVAL;
	use = cen_use_new(dev, limits);
	if (IS_ERR(use))
		return PTR_ERR(use);
	use->flags = CEN_USE_DECLARED;

	dma_resv_lock(&buffer->resv, NULL);
	ret = cen_buffer_admit_locked(buffer, &use, 1);
	dma_resv_unlock(&buffer->resv);
	if (ret)
		cen_use_free(use);
	return ret;
}
CEN_EXPORT(cen_buffer_declare);

/**
 * cen_buffer_commit - allocate now
 * @dmabuf: one of ours
 * @plan: filled with the plan carried out, or NULL
 *
 * Context: May sleep; takes the buffer's reservation.
 * Return: 0, also when it was backed already; -EINVAL, -ENODEV: refused; -EDQUOT; -ENOMEM;
 * -EINTR: a fatal signal.
 */
int cen_buffer_commit(struct dma_buf *dmabuf, struct cen_plan *plan)
{
	struct cen_buffer *buffer = cen_buffer_from_dmabuf(dmabuf);
	int ret;

	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	dma_resv_lock(&buffer->resv, NULL);
	ret = cen_buffer_back_locked(buffer);
	if (!ret && plan)
		*plan = buffer->plan;
	dma_resv_unlock(&buffer->resv);
	return ret;
}
CEN_EXPORT(cen_buffer_commit);

/**
 * cen_attachment_get_pages - the memory of a part of a buffer, as a table of pages
 * @attach: a static attachment to a buffer of ours
 * @offset: where the part begins, any byte
 * @length: bytes, not 0
 * @sgt: filled in; not mapped
 *
 * For code that hands pages to a subsystem which maps them itself, such as the FPGA manager
 * core. The buffer is placed for @attach's device, the table is cut to its limits, and the
 * buffer stays where it is until cen_attachment_put_pages(). Caches are the business of
 * who maps the table: dma_map_sgtable(), or dma_buf_begin_cpu_access() for the CPU.
 *
 * Context: May sleep; takes the buffer's reservation.
 * Return: 0; -EINVAL: not a buffer of ours; -ERANGE: not inside the buffer; what backing it
 * says, see cen_buffer_commit(); -ENOMEM.
 */
int cen_attachment_get_pages(struct dma_buf_attachment *attach, u64 offset, u64 length,
			     struct sg_table *sgt)
{
	struct cen_buffer *buffer = cen_buffer_from_dmabuf(attach->dmabuf);
	int ret;

	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	if (!length || offset >= buffer->size || length > buffer->size - offset)
		return -ERANGE;
	dma_resv_lock(&buffer->resv, NULL);
	ret = cen_attachment_pages_locked(buffer, attach->priv, offset, length, sgt);
	dma_resv_unlock(&buffer->resv);
	return ret;
}
CEN_EXPORT(cen_attachment_get_pages);

/**
 * cen_attachment_put_pages - the table is not used any more
 * @attach: as given to cen_attachment_get_pages()
 * @sgt: the table, which is freed
 *
 * Context: May sleep; takes the buffer's reservation.
 */
void cen_attachment_put_pages(struct dma_buf_attachment *attach, struct sg_table *sgt)
{
	struct cen_buffer *buffer = cen_buffer_from_dmabuf(attach->dmabuf);

	if (WARN_ON(IS_ERR(buffer)))
		return;
	dma_resv_lock(&buffer->resv, NULL);
	cen_attachment_pages_put_locked(buffer, attach->priv);
	dma_resv_unlock(&buffer->resv);
	sg_free_table(sgt);
}
CEN_EXPORT(cen_attachment_put_pages);
