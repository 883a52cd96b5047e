// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_PORT_IOC_ENQUEUE: a transfer with its fences, queued or not at all.
 */
#include <linux/dma-fence-unwrap.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>
#include <linux/sync_file.h>

#include "port.h"

/* Context: fence lock held, interrupts off. */
static void cen_dep_signalled(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct cen_xfer *xfer = container_of(cb, struct cen_dep, cb)->xfer;
	struct cen_port *port = xfer->port;

	/*
	 * A transfer that waits for nothing may be over on another CPU at once, and freed. The
	 * port is not: unregistering it waits for RCU, and with interrupts off we are a reader.
	 */
	if (atomic_dec_and_test(&xfer->waiting))
		cen_port_kick(port);
}

/*
 * Wait for @fences, asynchronously; takes over their references. Called before the transfer is
 * queued, so that nobody can end it while callbacks are still being added.
 */
static int cen_xfer_wait_for(struct cen_xfer *xfer, struct dma_fence **fences, u32 nr,
			     struct dma_fence *in)
{
	u32 i, total = nr + !!in;

	if (!total)
		return 0;
	xfer->deps = kcalloc(total, sizeof(*xfer->deps), GFP_KERNEL_ACCOUNT);
	if (!xfer->deps)
		return -ENOMEM;
	for (i = 0; i < total; i++) {
		struct cen_dep *dep = &xfer->deps[i];

		dep->xfer = xfer;
		dep->fence = i < nr ? fences[i] : dma_fence_get(in);
		atomic_inc(&xfer->waiting);
		xfer->nr_deps++;
		/* signalled already? then no callback, ever */
		if (dma_fence_add_callback(dep->fence, &dep->cb, cen_dep_signalled)) {
			INIT_LIST_HEAD(&dep->cb.node);
			atomic_dec(&xfer->waiting);
		}
	}
	return 0;
}

/* What the transfer must wait for in @resv: a reader for writers, a writer for all. */
static int cen_xfer_collect(struct cen_xfer *xfer, struct dma_resv *resv, struct dma_fence *in)
{
	bool write = xfer->port->desc.direction == CEN_PORT_SOURCE;
	struct dma_fence **fences = NULL;
	unsigned int nr = 0, i;
	int ret;

	if (xfer->flags & CEN_ENQUEUE_NO_IMPLICIT ||
	    dma_resv_test_signaled(resv, dma_resv_usage_rw(write)))
		return cen_xfer_wait_for(xfer, NULL, 0, in);

	ret = dma_resv_get_fences(resv, dma_resv_usage_rw(write), &nr, &fences);
	if (ret)
		return ret;
	ret = cen_xfer_wait_for(xfer, fences, nr, in);
	if (ret)
		for (i = 0; i < nr; i++)
			dma_fence_put(fences[i]);
	kfree(fences);
	return ret;
}

static bool cen_port_range_ok(const struct cen_port *port, const struct cen_port_enqueue *arg,
			      u64 size)
{
	u64 end;

	return arg->length && !check_add_overflow(arg->offset, arg->length, &end) &&
	       end <= size && !(arg->length % port->desc.granule) &&
	       (!port->desc.length_max || arg->length <= port->desc.length_max);
}

/*
 * Find the buffer's attachment and queue the transfer on it. An attachment that is not closing
 * stays as long as the port's lock is held, and once a transfer is counted on it.
 */
static int cen_xfer_queue_attached_locked(struct cen_xfer *xfer, struct cen_port_file *file,
					  struct dma_buf *dmabuf)
{
	struct cen_port *port = file->port;
	struct cen_pa *pa;
	int ret;

	lockdep_assert_held(&port->lock);
	rcu_read_lock();
	pa = cen_pa_find(file, dmabuf);
	if (!pa) {
		ret = port->gone ? -ENODEV : -ENOENT;
	} else if (pa->link) {
		ret = port->gone ? -ENODEV : -EBUSY;
	} else {
		cen_xfer_use(xfer, pa);
		ret = cen_xfer_queue_locked(xfer);
	}
	rcu_read_unlock();
	return ret;
}

/*
 * Queue a transfer. May sleep for memory and for the reservation, never for a fence. On
 * success *@out is a sync_file when one was asked for.
 */
int cen_port_enqueue(struct cen_port_file *file, struct cen_port_enqueue *arg,
		     struct sync_file **out)
{
	struct cen_port *port = file->port;
	bool write = port->desc.direction == CEN_PORT_SOURCE;
	struct dma_fence *in = NULL;
	struct dma_buf *dmabuf;
	struct cen_xfer *xfer;
	bool kick;
	int ret;

	if (arg->flags & ~CEN_ENQUEUE_FLAGS || arg->out_fence)
		return -EINVAL;
	if (!(arg->flags & CEN_ENQUEUE_IN_FENCE) && arg->in_fence)
		return -EINVAL;
	if (arg->flags & CEN_ENQUEUE_CYCLIC && !(port->desc.flags & CEN_PORT_CYCLIC))
		return -EOPNOTSUPP;

	dmabuf = dma_buf_get(arg->fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	ret = -EINVAL;
	if (!cen_port_range_ok(port, arg, dmabuf->size))
		goto err_put_dmabuf;
	if (arg->flags & CEN_ENQUEUE_IN_FENCE) {
		in = sync_file_get_fence(arg->in_fence);
		if (!in)
			goto err_put_dmabuf;
	}
	ret = -EAGAIN;
	if (!atomic_add_unless(&file->used, 1, CEN_PORT_DEPTH))
		goto err_put_in;

	ret = -ENOMEM;
	xfer = cen_xfer_new(port, GFP_KERNEL_ACCOUNT);
	if (!xfer)
		goto err_unreserve;
	xfer->t.offset = arg->offset;
	xfer->t.length = arg->length;
	xfer->t.cyclic = arg->flags & CEN_ENQUEUE_CYCLIC;
	xfer->flags = arg->flags;
	xfer->result.user_data = arg->user_data;
	cen_xfer_add_fence(xfer);
	if (arg->flags & CEN_ENQUEUE_OUT_FENCE) {
		*out = sync_file_create(&xfer->fence);
		if (!*out)
			goto err_put_xfer;
	}

	ret = dma_resv_lock_interruptible(dmabuf->resv, NULL);
	if (ret)
		goto err_put_out;
	ret = dma_resv_reserve_fences(dmabuf->resv, 1);
	if (ret)
		goto err_unlock;
	ret = cen_xfer_collect(xfer, dmabuf->resv, in);
	if (ret)
		goto err_unlock;

	/* The point of no return: once the lock is gone, the transfer may be over. */
	spin_lock_irq(&port->lock);
	ret = cen_xfer_queue_attached_locked(xfer, file, dmabuf);
	if (ret) {
		spin_unlock_irq(&port->lock);
		cen_xfer_forget_deps(xfer);
		goto err_unlock;
	}
	kref_get(&file->ref);
	xfer->file = file;
	dma_resv_add_fence(dmabuf->resv, &xfer->fence,
			   write ? DMA_RESV_USAGE_WRITE : DMA_RESV_USAGE_READ);
	kick = atomic_dec_and_test(&xfer->waiting) && cen_port_has_room_locked(port);
	spin_unlock_irq(&port->lock);
	dma_resv_unlock(dmabuf->resv);

	if (kick)
		cen_port_kick(port);
	dma_fence_put(in);
	dma_buf_put(dmabuf);
	return 0;

err_unlock:
	dma_resv_unlock(dmabuf->resv);
err_put_out:
	if (*out)
		fput((*out)->file);
	*out = NULL;
	/* nobody will ever do the work: tell whoever got hold of the fence */
	dma_fence_set_error(&xfer->fence, ret);
	dma_fence_signal(&xfer->fence);
err_put_xfer:
	cen_xfer_put(xfer);
err_unreserve:
	atomic_dec(&file->used);
err_put_in:
	dma_fence_put(in);
err_put_dmabuf:
	dma_buf_put(dmabuf);
	return ret;
}
