/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_IIO_H
#define _CEN_IIO_H

#include <linux/cen_iio.h>
#include <linux/cen_port.h>
#include <linux/iio/buffer.h>
#include <linux/iio/buffer_impl.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>

/*
 * Locks, outermost first:
 *	mutex		enable, disable, read, write; sleeps
 *	(dmabuf->resv	held by the IIO core around attach and enqueue)
 *	  lock		lists and states; hardirq-safe
 */

#define CEN_IIO_FILEIO_BLOCKS	4

/* A dma-buf that the IIO core attached; struct iio_dma_buffer_block to the core. */
struct cen_iio_block {
	struct list_head node;		/* in cen_iio_buffer.blocks; P: lock */
	struct cen_iio_buffer *owner;
	struct cen_pa *pa;
};

/* An enqueued dma-buf: from the core's call to the end of the transfer. */
struct cen_iio_job {
	struct list_head node;		/* in cen_iio_buffer.parked; P: lock */
	struct cen_iio_block *block;
	struct dma_fence *fence;
	u64 length;
	bool cyclic;
};

/* A block of the classic read()/write() path. */
struct cen_iio_fileio {
	struct list_head node;		/* in ready, or nowhere; P: lock */
	struct cen_iio_buffer *owner;
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	struct cen_pa *pa;
	struct iosys_map map;
	u64 used;			/* bytes in it */
	u64 pos;			/* bytes of them that were copied */
	int status;			/* of the last transfer */
	bool flying;			/* the hardware has it; P: lock */
};

struct cen_iio_buffer {
	struct iio_buffer base;
	struct cen_port *port;		/* NULL: unplugged; P: mutex and lock */
	struct device *dev;		/* that does the DMA, with a reference */
	struct mutex mutex;
	spinlock_t lock;
	struct list_head blocks;	/* P: lock */
	struct list_head parked;	/* enqueued while disabled; P: lock */
	bool enabled;			/* P: lock */
	u32 nr_blocks;			/* P: lock */

	bool fileio;			/* P: mutex */
	struct cen_iio_fileio io[CEN_IIO_FILEIO_BLOCKS];
	u64 io_size;
	struct list_head ready;		/* IN: filled; OUT: empty; P: lock */
	struct cen_iio_fileio *current_io;	/* being copied; P: mutex */
	wait_queue_head_t idle;
};

static inline struct cen_iio_buffer *cen_iio_from(struct iio_buffer *buffer)
{
	return container_of(buffer, struct cen_iio_buffer, base);
}

/* dmabuf.c */
struct iio_dma_buffer_block *cen_iio_attach(struct iio_buffer *buffer,
					    struct dma_buf_attachment *attach);
void cen_iio_detach(struct iio_buffer *buffer, struct iio_dma_buffer_block *block);
int cen_iio_enqueue(struct iio_buffer *buffer, struct iio_dma_buffer_block *block,
		    struct dma_fence *fence, struct sg_table *sgt, size_t size, bool cyclic);
void cen_iio_start_parked(struct cen_iio_buffer *ib);
void cen_iio_cancel_all(struct cen_iio_buffer *ib);

/* fileio.c */
int cen_iio_fileio_start(struct cen_iio_buffer *ib);
void cen_iio_fileio_stop(struct cen_iio_buffer *ib);
int cen_iio_read(struct iio_buffer *buffer, size_t n, char __user *buf);
int cen_iio_write(struct iio_buffer *buffer, size_t n, const char __user *buf);
size_t cen_iio_available(struct iio_buffer *buffer);

#endif /* _CEN_IIO_H */
