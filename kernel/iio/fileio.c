// SPDX-License-Identifier: GPL-2.0
/*
 * read() and write() for programs that know no dma-buf: a few blocks of our own,
 * filled or sent by the same engine, and copied.
 */
#include <linux/cenalloc.h>
#include <linux/dma-buf.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../compat/compat.h"
#include "iio.h"

static bool cen_iio_in(const struct cen_iio_buffer *ib)
{
	return ib->base.direction == IIO_BUFFER_DIRECTION_IN;
}

/* Context: any. */
static void cen_iio_fileio_done(void *ctx, int status, u64 actual)
{
	struct cen_iio_fileio *io = ctx;
	struct cen_iio_buffer *ib = io->owner;
	unsigned long flags;

	spin_lock_irqsave(&ib->lock, flags);
	io->flying = false;
	io->pos = 0;
	io->status = status;
	/* a block that failed holds nothing worth reading, but can be used again */
	io->used = cen_iio_in(ib) && !status ? actual : 0;
	list_add_tail(&io->node, &ib->ready);
	wake_up_all(&ib->idle);
	spin_unlock_irqrestore(&ib->lock, flags);
	wake_up_interruptible_poll(&ib->base.pollq, EPOLLIN | EPOLLOUT);
}

/*
 * Hand a block to the hardware. One that is not taken (no memory, no device) stays the current
 * one, with nothing to copy: the next call tries again. P: mutex
 */
static int cen_iio_fileio_fly(struct cen_iio_buffer *ib, struct cen_iio_fileio *io, u64 length)
{
	int ret;

	spin_lock_irq(&ib->lock);
	io->flying = true;
	spin_unlock_irq(&ib->lock);
	ret = cen_port_buffer_submit(io->pa, 0, length, false, cen_iio_fileio_done, io);
	if (ret) {
		spin_lock_irq(&ib->lock);
		io->flying = false;
		spin_unlock_irq(&ib->lock);
	}
	ib->current_io = ret ? io : NULL;
	return ret;
}

static void cen_iio_fileio_free(struct cen_iio_buffer *ib, struct cen_iio_fileio *io)
{
	if (!io->dmabuf)
		return;
	cen_port_buffer_put(io->pa);
	dma_buf_vunmap_unlocked(io->dmabuf, &io->map);
	dma_buf_unmap_attachment_unlocked(io->attach, io->sgt,
					  cen_iio_in(ib) ? DMA_FROM_DEVICE : DMA_TO_DEVICE);
	dma_buf_detach(io->dmabuf, io->attach);
	dma_buf_put(io->dmabuf);
	io->dmabuf = NULL;
}

static int cen_iio_fileio_alloc(struct cen_iio_buffer *ib, struct cen_iio_fileio *io)
{
	int ret;

	io->owner = ib;
	io->dmabuf = cen_buffer_create(ib->io_size, 0, 0);
	if (IS_ERR(io->dmabuf)) {
		ret = PTR_ERR(io->dmabuf);
		io->dmabuf = NULL;
		return ret;
	}
	io->attach = dma_buf_attach(io->dmabuf, cen_port_device(ib->port));
	if (IS_ERR(io->attach)) {
		ret = PTR_ERR(io->attach);
		goto err_put;
	}
	io->sgt = dma_buf_map_attachment_unlocked(io->attach, cen_iio_in(ib) ? DMA_FROM_DEVICE :
						  DMA_TO_DEVICE);
	if (IS_ERR(io->sgt)) {
		ret = PTR_ERR(io->sgt);
		goto err_detach;
	}
	ret = dma_buf_vmap_unlocked(io->dmabuf, &io->map);
	if (ret)
		goto err_unmap;
	io->pa = cen_port_buffer_add(ib->port, io->attach, io->sgt);
	if (IS_ERR(io->pa)) {
		ret = PTR_ERR(io->pa);
		goto err_vunmap;
	}
	return 0;

err_vunmap:
	dma_buf_vunmap_unlocked(io->dmabuf, &io->map);
err_unmap:
	dma_buf_unmap_attachment_unlocked(io->attach, io->sgt, cen_iio_in(ib) ? DMA_FROM_DEVICE :
					  DMA_TO_DEVICE);
err_detach:
	dma_buf_detach(io->dmabuf, io->attach);
err_put:
	dma_buf_put(io->dmabuf);
	io->dmabuf = NULL;
	return ret;
}

/*
 * The buffer is being enabled and nobody attached a dma-buf: classic path. Half the buffer's
 * length is a block, as in the other DMA buffers of IIO. P: mutex
 */
int cen_iio_fileio_start(struct cen_iio_buffer *ib)
{
	u32 i;
	int ret;

	ib->io_size = PAGE_ALIGN(max_t(u64, (u64)ib->base.length * ib->base.bytes_per_datum / 2,
				       ib->base.bytes_per_datum));
	/* whole scans only */
	for (i = 0; i < CEN_IIO_FILEIO_BLOCKS; i++) {
		ret = cen_iio_fileio_alloc(ib, &ib->io[i]);
		if (ret)
			goto err_free;
	}
	ib->fileio = true;
	ib->current_io = NULL;
	for (i = 0; i < CEN_IIO_FILEIO_BLOCKS; i++) {
		if (cen_iio_in(ib)) {
			ret = cen_iio_fileio_fly(ib, &ib->io[i],
						 rounddown(ib->io_size, ib->base.bytes_per_datum));
			if (ret) {
				cen_iio_fileio_stop(ib);
				return ret;
			}
		} else {
			ib->io[i].used = 0;
			ib->io[i].pos = 0;
			ib->io[i].status = 0;
			spin_lock_irq(&ib->lock);
			list_add_tail(&ib->io[i].node, &ib->ready);
			spin_unlock_irq(&ib->lock);
		}
	}
	return 0;

err_free:
	while (i--)
		cen_iio_fileio_free(ib, &ib->io[i]);
	return ret;
}

static bool cen_iio_fileio_landed(struct cen_iio_buffer *ib)
{
	bool landed = true;
	u32 i;

	spin_lock_irq(&ib->lock);
	for (i = 0; i < CEN_IIO_FILEIO_BLOCKS; i++)
		if (ib->io[i].flying)
			landed = false;
	spin_unlock_irq(&ib->lock);
	return landed;
}

/* P: mutex */
void cen_iio_fileio_stop(struct cen_iio_buffer *ib)
{
	u32 i;

	if (!ib->fileio)
		return;
	for (i = 0; i < CEN_IIO_FILEIO_BLOCKS; i++)
		cen_port_buffer_cancel(ib->io[i].pa);
	wait_event(ib->idle, cen_iio_fileio_landed(ib));
	spin_lock_irq(&ib->lock);
	INIT_LIST_HEAD(&ib->ready);
	spin_unlock_irq(&ib->lock);
	ib->current_io = NULL;
	for (i = 0; i < CEN_IIO_FILEIO_BLOCKS; i++)
		cen_iio_fileio_free(ib, &ib->io[i]);
	ib->fileio = false;
}

/* The block to copy from or to, NULL when the hardware has them all. P: mutex */
static struct cen_iio_fileio *cen_iio_fileio_take(struct cen_iio_buffer *ib)
{
	if (!ib->current_io) {
		spin_lock_irq(&ib->lock);
		ib->current_io = list_first_entry_or_null(&ib->ready, struct cen_iio_fileio, node);
		if (ib->current_io)
			list_del(&ib->current_io->node);
		spin_unlock_irq(&ib->lock);
	}
	return ib->current_io;
}

int cen_iio_read(struct iio_buffer *buffer, size_t n, char __user *buf)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);
	struct cen_iio_fileio *io;
	size_t piece;
	int ret;

	if (n < buffer->bytes_per_datum)
		return -EINVAL;
	mutex_lock(&ib->mutex);
	ret = 0;
	io = ib->fileio ? cen_iio_fileio_take(ib) : NULL;
	if (!io)
		goto out;

	piece = min_t(u64, rounddown(n, buffer->bytes_per_datum), io->used - io->pos);
	ret = -EFAULT;
	if (copy_to_user(buf, io->map.vaddr + io->pos, piece))
		goto out;
	io->pos += piece;
	ret = piece;
	if (io->pos == io->used) {
		/* read before the block flies: it may land with another status at once */
		int status = io->status;
		int err;

		io->used = 0;
		io->pos = 0;
		io->status = 0;
		err = cen_iio_fileio_fly(ib, io, rounddown(ib->io_size, buffer->bytes_per_datum));
		if (!piece)
			ret = status ?: err;
	}
out:
	mutex_unlock(&ib->mutex);
	return ret;
}

int cen_iio_write(struct iio_buffer *buffer, size_t n, const char __user *buf)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);
	struct cen_iio_fileio *io;
	u64 room;
	size_t piece;
	int ret;

	if (n < buffer->bytes_per_datum)
		return -EINVAL;
	mutex_lock(&ib->mutex);
	ret = 0;
	io = ib->fileio ? cen_iio_fileio_take(ib) : NULL;
	if (!io)
		goto out;

	/* what the block carried last was not sent: said once, to whoever writes next */
	if (io->status) {
		ret = io->status;
		io->status = 0;
		goto out;
	}

	room = rounddown(ib->io_size, buffer->bytes_per_datum) - io->used;
	piece = min_t(u64, rounddown(n, buffer->bytes_per_datum), room);
	ret = -EFAULT;
	if (copy_from_user(io->map.vaddr + io->used, buf, piece))
		goto out;
	io->used += piece;
	ret = piece;
	if (piece == room) {
		int err = cen_iio_fileio_fly(ib, io, io->used);

		if (err && !piece)
			ret = err;
	}
out:
	mutex_unlock(&ib->mutex);
	return ret;
}

/* In scans for input; in bytes of room for output, where the core only asks "any?". */
size_t cen_iio_available(struct iio_buffer *buffer)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);
	struct cen_iio_fileio *io;
	size_t bytes = 0;

	mutex_lock(&ib->mutex);
	if (ib->fileio) {
		if (ib->current_io)
			bytes += cen_iio_in(ib) ? ib->current_io->used - ib->current_io->pos :
						  ib->io_size - ib->current_io->used;
		spin_lock_irq(&ib->lock);
		list_for_each_entry(io, &ib->ready, node)
			bytes += cen_iio_in(ib) ? io->used : ib->io_size;
		spin_unlock_irq(&ib->lock);
	}
	mutex_unlock(&ib->mutex);
	return buffer->bytes_per_datum ? bytes / buffer->bytes_per_datum : 0;
}
