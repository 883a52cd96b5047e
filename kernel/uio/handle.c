// SPDX-License-Identifier: GPL-2.0
/*
 * dma-bufs as the device sees them: imported and mapped once, until detached. Only
 * sg_dma_address() is looked at, and only program.c is told.
 */
#include <linux/cenalloc.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "trace.h"
#include "uio.h"

struct cen_uio_handle *cen_uio_handle_find(struct cen_uio_file *file, u32 id)
{
	lockdep_assert_held(&file->dev->lock);
	return xa_load(&file->handles, id);
}

bool cen_uio_handle_place(const struct cen_uio_handle *handle, u64 offset,
			  dma_addr_t *addr, u64 *length)
{
	struct scatterlist *sg;
	bool found = false;
	unsigned int i;

	for_each_sgtable_dma_sg(handle->sgt, sg, i) {
		dma_addr_t start = sg_dma_address(sg);
		u64 len = sg_dma_len(sg);

		if (found) {
			/* neighbours are one piece to a device */
			if (start != *addr + *length)
				break;
			*length += len;
		} else if (offset < len) {
			*addr = start + offset;
			*length = len - offset;
			found = true;
		} else {
			offset -= len;
		}
	}
	return found;
}

/* The whole buffer must be in reach, now rather than in the middle of a job. */
static int cen_uio_handle_check(struct cen_uio *dev, struct cen_uio_handle *handle,
				struct cen_uio_reason *reason)
{
	u64 mask = dma_get_mask(dev->dev);
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(handle->sgt, sg, i) {
		u64 last = (u64)sg_dma_address(sg) + sg_dma_len(sg) - 1;

		if (last > mask)
			return cen_uio_refuse(reason, -ERANGE, CEN_UIO_WHY_BITS, fls64(last),
					      fls64(mask));
		handle->segments++;
	}
	return 0;
}

/* A dma-buf that the caller may let the device use in this direction. */
static struct dma_buf *cen_uio_get_dmabuf(struct cen_uio_attach *arg)
{
	struct dma_buf *dmabuf;

	if (arg->fd < 0)
		return ERR_PTR(-EBADF);
	dmabuf = dma_buf_get(arg->fd);
	if (IS_ERR(dmabuf))
		return dmabuf;
	if (arg->direction & CEN_UIO_FROM_DEVICE && !(dmabuf->file->f_mode & FMODE_WRITE)) {
		dma_buf_put(dmabuf);
		cen_uio_refuse(&arg->reason, 0, CEN_UIO_WHY_DIRECTION, arg->direction,
			       CEN_UIO_TO_DEVICE);
		return ERR_PTR(-EACCES);
	}
	return dmabuf;
}

/* Consumes the reference to @dmabuf, also when it fails. */
static struct cen_uio_handle *cen_uio_handle_import(struct cen_uio *dev, struct dma_buf *dmabuf,
						    struct cen_uio_attach *arg)
{
	struct cen_uio_handle *handle;
	int ret;

	lockdep_assert_held(&dev->lock);
	handle = kzalloc(sizeof(*handle), GFP_KERNEL_ACCOUNT);
	if (!handle) {
		ret = -ENOMEM;
		goto err_put_dmabuf;
	}
	INIT_LIST_HEAD(&handle->node);
	handle->directions = arg->direction;
	/*
	 * A transfer may write a part of the buffer only. Mapped for writing alone, a
	 * bounce buffer would bring old bytes back over what the CPU has put beside it.
	 */
	handle->dir = arg->direction == CEN_UIO_TO_DEVICE ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
	handle->attach = dma_buf_attach(dmabuf, dev->dev);
	if (IS_ERR(handle->attach)) {
		ret = PTR_ERR(handle->attach);
		goto err_free;
	}
	handle->sgt = dma_buf_map_attachment_unlocked(handle->attach, handle->dir);
	if (IS_ERR(handle->sgt)) {
		ret = PTR_ERR(handle->sgt);
		goto err_detach;
	}
	ret = cen_uio_handle_check(dev, handle, &arg->reason);
	if (ret)
		goto err_unmap;
	return handle;

err_unmap:
	dma_buf_unmap_attachment_unlocked(handle->attach, handle->sgt, handle->dir);
err_detach:
	dma_buf_detach(dmabuf, handle->attach);
err_free:
	kfree(handle);
err_put_dmabuf:
	dma_buf_put(dmabuf);
	return ERR_PTR(ret);
}

void cen_uio_handle_release(struct cen_uio *dev, struct cen_uio_handle *handle)
{
	struct dma_buf *dmabuf = handle->attach->dmabuf;

	lockdep_assert_held(&dev->lock);
	if (handle->access)
		cen_end_access(handle->attach, handle->sgt, 0, dmabuf->size,
			       cen_uio_dma_direction(handle->access));
	dma_buf_unmap_attachment_unlocked(handle->attach, handle->sgt, handle->dir);
	dma_buf_detach(dmabuf, handle->attach);
	dma_buf_put(dmabuf);
	kfree(handle);
}

static int cen_uio_handle_add(struct cen_uio_file *file, struct dma_buf *dmabuf,
			      struct cen_uio_attach *arg)
{
	struct cen_uio *dev = file->dev;
	struct cen_uio_handle *handle;
	u32 i, count = 0;
	unsigned long id;
	int ret;

	lockdep_assert_held(&dev->lock);
	xa_for_each(&file->handles, id, handle)
		count++;
	if (count >= CEN_UIO_MAX_HANDLES) {
		dma_buf_put(dmabuf);
		return -ENOSPC;
	}

	handle = cen_uio_handle_import(dev, dmabuf, arg);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	/* Cyclic: an old handle is more likely an error than another buffer. */
	ret = xa_alloc_cyclic(&file->handles, &i, handle, XA_LIMIT(1, INT_MAX), &file->next,
			      GFP_KERNEL_ACCOUNT);
	if (ret < 0) {
		cen_uio_handle_release(dev, handle);
		return ret;
	}
	handle->id = i;
	arg->handle = i;
	arg->size = dmabuf->size;
	arg->segments = handle->segments;
	trace_cen_uio_attach(dev->name, i, dmabuf->size, handle->segments, arg->direction);
	return 0;
}

/**
 * cen_uio_handle_attach - import a dma-buf
 * @file: the handle will belong to it
 * @arg: see <linux/cen_uio.h>
 *
 * Context: process context; takes the device's lock and the buffer's reservation.
 */
int cen_uio_handle_attach(struct cen_uio_file *file, struct cen_uio_attach *arg)
{
	struct cen_uio *dev = file->dev;
	struct dma_buf *dmabuf;
	int ret;

	memset(&arg->reason, 0, sizeof(arg->reason));
	arg->reason.index = CEN_UIO_NO_INDEX;
	arg->handle = 0;
	arg->segments = 0;
	arg->size = 0;
	if (arg->flags || arg->pad || !arg->direction || arg->direction & ~CEN_UIO_DIRECTIONS)
		return -EINVAL;
	if (!dev->rules->dma)
		return cen_uio_refuse(&arg->reason, -EPERM, CEN_UIO_WHY_RULES, 0, 0);

	dmabuf = cen_uio_get_dmabuf(arg);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	ret = mutex_lock_interruptible(&dev->lock);
	if (ret) {
		dma_buf_put(dmabuf);
		return ret;
	}
	if (dev->gone) {
		dma_buf_put(dmabuf);
		ret = -ENODEV;
	} else {
		ret = cen_uio_handle_add(file, dmabuf, arg);
	}
	if (ret)
		trace_cen_uio_refused(dev->name, "attach", ret, &arg->reason);
	mutex_unlock(&dev->lock);
	return ret;
}

static bool cen_uio_handle_programmed(struct cen_uio *dev, struct cen_uio_handle *handle)
{
	u32 i;

	for (i = 0; i < dev->rules->nr_regs; i++)
		if (cen_uio_holds_handle(&dev->state[i], handle))
			return true;
	return false;
}

/* After this the device neither uses the buffer nor has its address. */
static int cen_uio_handle_withdraw(struct cen_uio *dev, struct cen_uio_handle *handle)
{
	/* Cut off by a sleep or a reset: it is cleared before it is let go again. */
	if (dev->dirty)
		return 0;
	if (handle->given)
		return cen_uio_pause(dev);
	if (!cen_uio_handle_programmed(dev, handle))
		return 0;
	if (!cen_uio_idle(dev))
		return -EBUSY;
	cen_uio_forget(dev, handle);
	return 0;
}

/**
 * cen_uio_handle_detach - give a dma-buf back
 * @file: the handle's owner
 * @id: the handle
 */
int cen_uio_handle_detach(struct cen_uio_file *file, u32 id)
{
	struct cen_uio *dev = file->dev;
	struct cen_uio_handle *handle;
	int ret;

	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	handle = cen_uio_handle_find(file, id);
	if (dev->gone)
		ret = -ENODEV;
	else if (!handle)
		ret = -ENOENT;
	else
		ret = cen_uio_handle_withdraw(dev, handle);
	if (!ret) {
		xa_erase(&file->handles, id);
		cen_uio_handle_release(dev, handle);
	}
	mutex_unlock(&dev->lock);
	return ret;
}

void cen_uio_handles_drop(struct cen_uio_file *file, bool stopped)
{
	struct cen_uio *dev = file->dev;
	struct cen_uio_handle *handle;
	unsigned long id;
	u32 count = 0;

	lockdep_assert_held(&dev->lock);
	xa_for_each(&file->handles, id, handle) {
		xa_erase(&file->handles, id);
		count++;
		if (stopped)
			cen_uio_handle_release(dev, handle);
		else
			list_add_tail(&handle->node, &dev->orphans);
	}
	if (!stopped && count)
		dev_err(dev->dev, "does not stop: %u buffer(s) stay mapped\n", count);
	trace_cen_uio_revoked(dev->name, count, stopped);
}

void cen_uio_orphans_release(struct cen_uio *dev)
{
	struct cen_uio_handle *handle, *next;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry_safe(handle, next, &dev->orphans, node) {
		list_del(&handle->node);
		cen_uio_handle_release(dev, handle);
	}
}

/* Wait for whoever still writes the buffer, or reads it if the device is going to write. */
static int cen_uio_handle_wait(struct cen_uio_file *file, u32 id, u32 directions)
{
	struct cen_uio *dev = file->dev;
	struct cen_uio_handle *handle;
	struct dma_buf *dmabuf = NULL;
	long left;
	int ret;

	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	handle = cen_uio_handle_find(file, id);
	if (handle) {
		dmabuf = handle->attach->dmabuf;
		get_dma_buf(dmabuf);
	}
	ret = dev->gone ? -ENODEV : -ENOENT;
	mutex_unlock(&dev->lock);
	if (!dmabuf)
		return ret;

	left = dma_resv_wait_timeout(dmabuf->resv,
				     dma_resv_usage_rw(directions & CEN_UIO_FROM_DEVICE), true,
				     MAX_SCHEDULE_TIMEOUT);
	dma_buf_put(dmabuf);
	return left < 0 ? left : 0;
}

static int cen_uio_handle_sync_locked(struct cen_uio_handle *handle, u32 flags)
{
	u32 directions = flags & CEN_UIO_DIRECTIONS;
	int ret;

	if (flags & CEN_UIO_SYNC_END) {
		if (handle->access != directions)
			return -EINVAL;
		cen_end_access(handle->attach, handle->sgt, 0, handle->attach->dmabuf->size,
			       cen_uio_dma_direction(directions));
		handle->access = 0;
		return handle->lost ? -ECANCELED : 0;
	}
	if (handle->access)
		return -EINVAL;
	if (directions & ~handle->directions)
		return -EACCES;
	/* The mapping's direction: what the device does not write must be there as well. */
	ret = cen_begin_access(handle->attach, handle->sgt, 0, handle->attach->dmabuf->size,
			       handle->dir);
	if (!ret) {
		handle->access = directions;
		handle->lost = false;
	}
	return ret;
}

/**
 * cen_uio_handle_sync - begin or end the device's accesses
 * @file: the handle's owner
 * @id: the handle
 * @flags: see <linux/cen_uio.h>
 *
 * Context: process context; waits for the buffer's fences without a lock.
 */
int cen_uio_handle_sync(struct cen_uio_file *file, u32 id, u32 flags)
{
	struct cen_uio *dev = file->dev;
	struct cen_uio_handle *handle;
	int ret;

	if (flags & ~CEN_UIO_SYNC_FLAGS || !(flags & CEN_UIO_DIRECTIONS))
		return -EINVAL;
	if (!(flags & CEN_UIO_SYNC_END)) {
		ret = cen_uio_handle_wait(file, id, flags & CEN_UIO_DIRECTIONS);
		if (ret)
			return ret;
	}
	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	handle = cen_uio_handle_find(file, id);
	if (dev->gone)
		ret = -ENODEV;
	else if (!handle)
		ret = -ENOENT;
	else
		ret = cen_uio_handle_sync_locked(handle, flags);
	mutex_unlock(&dev->lock);
	return ret;
}
