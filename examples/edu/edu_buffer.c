// SPDX-License-Identifier: GPL-2.0
/*
 * dma-bufs as the device sees them: imported once, mapped until detached.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/pci.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../../kernel/compat/compat.h"
#include "edu.h"

#define CEN_EDU_MAX_BUFFERS	64
#define CEN_EDU_FENCE_TIMEOUT	(5 * HZ)

/* Refuses the whole buffer now rather than a transfer in the middle of a job. */
static int cen_edu_buffer_check(struct cen_edu *edu, const struct sg_table *sgt,
				struct cen_edu_attach *arg)
{
	struct scatterlist *sg;
	unsigned int i;

	arg->segments = 0;
	arg->address_bits = 0;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		dma_addr_t addr = sg_dma_address(sg);
		unsigned int length = sg_dma_len(sg);

		if (!cen_edu_engine_reaches(edu, addr, length))
			return -ERANGE;
		arg->segments++;
		arg->address_bits = max_t(u32, arg->address_bits,
					  fls64((u64)addr + length - 1));
	}
	return 0;
}

/**
 * cen_edu_buffer_attach - import a dma-buf
 * @file: the handle will belong to it
 * @arg: see the user interface
 *
 * Context: process context, takes the device's lock and the buffer's
 * reservation lock.
 */
int cen_edu_buffer_attach(struct cen_edu_file *file, struct cen_edu_attach *arg)
{
	struct cen_edu *edu = file->edu;
	struct cen_edu_buffer *buffer;
	struct dma_buf *dmabuf;
	int ret;

	if (arg->flags || arg->pad)
		return -EINVAL;

	dmabuf = dma_buf_get(arg->fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);

	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	if (!buffer) {
		ret = -ENOMEM;
		goto err_put_dmabuf;
	}

	ret = mutex_lock_interruptible(&edu->lock);
	if (ret)
		goto err_free;
	if (edu->gone) {
		ret = -ENODEV;
		goto err_unlock;
	}

	buffer->attach = dma_buf_attach(dmabuf, &edu->pdev->dev);
	if (IS_ERR(buffer->attach)) {
		ret = PTR_ERR(buffer->attach);
		goto err_unlock;
	}

	buffer->sgt = dma_buf_map_attachment_unlocked(buffer->attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(buffer->sgt)) {
		ret = PTR_ERR(buffer->sgt);
		goto err_detach;
	}

	ret = cen_edu_buffer_check(edu, buffer->sgt, arg);
	if (ret)
		goto err_unmap;

	ret = xa_alloc(&file->buffers, &arg->handle, buffer,
		       XA_LIMIT(1, CEN_EDU_MAX_BUFFERS), GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_unmap;

	mutex_unlock(&edu->lock);
	return 0;

err_unmap:
	dma_buf_unmap_attachment_unlocked(buffer->attach, buffer->sgt, DMA_BIDIRECTIONAL);
err_detach:
	dma_buf_detach(dmabuf, buffer->attach);
err_unlock:
	mutex_unlock(&edu->lock);
err_free:
	kfree(buffer);
err_put_dmabuf:
	dma_buf_put(dmabuf);
	return ret;
}

/* The engine is idle whenever the lock is free, so nothing still uses the mapping. */
static void cen_edu_buffer_release(struct cen_edu_file *file, struct cen_edu_buffer *buffer)
{
	struct dma_buf *dmabuf = buffer->attach->dmabuf;

	lockdep_assert_held(&file->edu->lock);

	dma_buf_unmap_attachment_unlocked(buffer->attach, buffer->sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(dmabuf, buffer->attach);
	dma_buf_put(dmabuf);
	kfree(buffer);
}

/**
 * cen_edu_buffer_detach - give one dma-buf back
 * @file: the handle's owner
 * @arg: see the user interface
 */
int cen_edu_buffer_detach(struct cen_edu_file *file, const struct cen_edu_detach *arg)
{
	struct cen_edu_buffer *buffer;
	int ret;

	if (arg->flags)
		return -EINVAL;

	ret = mutex_lock_interruptible(&file->edu->lock);
	if (ret)
		return ret;
	buffer = xa_erase(&file->buffers, arg->handle);
	if (buffer)
		cen_edu_buffer_release(file, buffer);
	else
		ret = file->edu->gone ? -ENODEV : -ENOENT;
	mutex_unlock(&file->edu->lock);
	return ret;
}

/**
 * cen_edu_buffer_detach_all - the file is closed or the device goes
 * @file: the file; its device is locked
 */
void cen_edu_buffer_detach_all(struct cen_edu_file *file)
{
	struct cen_edu_buffer *buffer;
	unsigned long handle;

	lockdep_assert_held(&file->edu->lock);

	xa_for_each(&file->buffers, handle, buffer) {
		xa_erase(&file->buffers, handle);
		cen_edu_buffer_release(file, buffer);
	}
}

static struct cen_edu_buffer *cen_edu_buffer_find(struct cen_edu_file *file, u32 handle)
{
	struct cen_edu_buffer *buffer;

	lockdep_assert_held(&file->edu->lock);

	if (file->edu->gone)
		return ERR_PTR(-ENODEV);
	buffer = xa_load(&file->buffers, handle);
	return buffer ?: ERR_PTR(-ENOENT);
}

/*
 * Waits for whoever still fills or reads the buffer, without the device's lock:
 * others may use the device meanwhile. The handle is looked up again afterwards.
 */
static int cen_edu_buffer_wait(struct cen_edu_file *file, u32 handle, bool write)
{
	struct cen_edu_buffer *buffer;
	struct dma_buf *dmabuf;
	long left;
	int ret;

	ret = mutex_lock_interruptible(&file->edu->lock);
	if (ret)
		return ret;
	buffer = cen_edu_buffer_find(file, handle);
	if (IS_ERR(buffer)) {
		mutex_unlock(&file->edu->lock);
		return PTR_ERR(buffer);
	}
	dmabuf = buffer->attach->dmabuf;
	get_dma_buf(dmabuf);
	mutex_unlock(&file->edu->lock);

	left = dma_resv_wait_timeout(dmabuf->resv, dma_resv_usage_rw(write), true,
				     CEN_EDU_FENCE_TIMEOUT);
	dma_buf_put(dmabuf);
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}

/* One DMA per segment touched. */
static int cen_edu_buffer_copy(struct cen_edu *edu, const struct sg_table *sgt,
			       struct cen_edu_transfer *arg)
{
	u64 skip = arg->offset;
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		u32 length;

		if (skip >= sg_dma_len(sg)) {
			skip -= sg_dma_len(sg);
			continue;
		}
		if (arg->done && signal_pending(current))
			return -EINTR;

		length = min_t(u64, sg_dma_len(sg) - skip, arg->length - arg->done);
		ret = cen_edu_engine_run(edu, sg_dma_address(sg) + skip,
					 arg->device_offset + arg->done, length,
					 arg->direction);
		if (ret)
			return ret;
		arg->done += length;
		arg->dmas++;
		if (arg->done == arg->length)
			return 0;
		skip = 0;
	}

	/* The mapping is shorter than the buffer says it is. */
	return -EIO;
}

/**
 * cen_edu_buffer_transfer - copy between a buffer and the device
 * @file: the handle's owner
 * @arg: see the user interface
 *
 * Context: process context, sleeps until the transfer has ended.
 */
int cen_edu_buffer_transfer(struct cen_edu_file *file, struct cen_edu_transfer *arg)
{
	struct cen_edu *edu = file->edu;
	struct cen_edu_buffer *buffer;
	u64 size;
	int ret;

	arg->done = 0;
	arg->dmas = 0;
	if (arg->direction != CEN_EDU_FROM_MEMORY && arg->direction != CEN_EDU_TO_MEMORY)
		return -EINVAL;
	if (!arg->length || arg->length > CEN_EDU_WINDOW ||
	    arg->device_offset > CEN_EDU_WINDOW - arg->length)
		return -EINVAL;

	ret = cen_edu_buffer_wait(file, arg->handle, arg->direction == CEN_EDU_TO_MEMORY);
	if (ret)
		return ret;

	ret = mutex_lock_interruptible(&edu->lock);
	if (ret)
		return ret;
	buffer = cen_edu_buffer_find(file, arg->handle);
	if (IS_ERR(buffer)) {
		ret = PTR_ERR(buffer);
		goto out_unlock;
	}
	size = buffer->attach->dmabuf->size;
	if (arg->length > size || arg->offset > size - arg->length) {
		ret = -EINVAL;
		goto out_unlock;
	}
	ret = cen_edu_buffer_copy(edu, buffer->sgt, arg);
out_unlock:
	mutex_unlock(&edu->lock);
	return ret;
}
