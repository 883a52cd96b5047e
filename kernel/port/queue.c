// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of a port: transfers in order, to the hardware and back.
 */
#include <linux/cenalloc.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "port.h"
#include "trace.h"

static struct kmem_cache *cen_xfers;

int cen_xfers_init(void)
{
	cen_xfers = KMEM_CACHE(cen_xfer, SLAB_HWCACHE_ALIGN);
	return cen_xfers ? 0 : -ENOMEM;
}

/* All have been freed: no port is left, and RCU has been waited for. */
void cen_xfers_exit(void)
{
	kmem_cache_destroy(cen_xfers);
}

void cen_xfer_free(struct cen_xfer *xfer)
{
	kmem_cache_free(cen_xfers, xfer);
}

/* The engine is done with it. */
static void cen_xfer_release(struct kref *ref)
{
	struct cen_xfer *xfer = container_of(ref, struct cen_xfer, ref);
	u32 i;

	for (i = 0; i < xfer->nr_deps; i++)
		dma_fence_put(xfer->deps[i].fence);
	kfree(xfer->deps);
	if (xfer->fenced)
		dma_fence_put(&xfer->fence);
	else
		cen_xfer_free(xfer);
}

/* Context: any. */
void cen_xfer_put(struct cen_xfer *xfer)
{
	kref_put(&xfer->ref, cen_xfer_release);
}

/* A transfer that waits for nothing yet (waiting is 1: the caller's). */
struct cen_xfer *cen_xfer_new(struct cen_port *port, gfp_t gfp)
{
	struct cen_xfer *xfer = kmem_cache_alloc(cen_xfers, gfp);

	if (!xfer)
		return NULL;
	memset_startat(xfer, 0, t);
	kref_init(&xfer->ref);
	INIT_LIST_HEAD(&xfer->node);
	atomic_set(&xfer->waiting, 1);
	xfer->port = port;
	xfer->t.port = port;
	return xfer;
}

int cen_xfer_queue_locked(struct cen_xfer *xfer)
{
	struct cen_port *port = xfer->port;

	lockdep_assert_held(&port->lock);
	if (port->gone)
		return -ENODEV;
	if (xfer->pa->closing)
		return -ENOENT;
	xfer->state = CEN_XFER_QUEUED;
	xfer->cancel = 0;
	xfer->pa->busy++;
	port->nr_queued++;
	list_add_tail(&xfer->node, &port->queue);
	return 0;
}

static void cen_xfer_begin(struct cen_xfer *xfer)
{
	if (xfer->pa->sync)
		cen_begin_access(xfer->pa->attach, xfer->pa->sgt, xfer->t.offset, xfer->t.length,
				 xfer->port->dir);
}

/* Only what the device moved: behind that a bounce buffer holds what was there before. */
static void cen_xfer_end(struct cen_xfer *xfer, u64 actual)
{
	if (xfer->pa->sync)
		cen_end_access(xfer->pa->attach, xfer->pa->sgt, xfer->t.offset,
			       min(actual, xfer->t.length), xfer->port->dir);
}

/* Hand the result to whoever waits: the fence, then the file or the link. */
static void cen_xfer_report(struct cen_xfer *xfer)
{
	struct cen_port_file *file = xfer->file;
	unsigned long flags;
	bool quiet = xfer->flags & CEN_ENQUEUE_QUIET;

	if (xfer->fenced) {
		bool cookie = dma_fence_begin_signalling();

		if (xfer->result.status)
			dma_fence_set_error(&xfer->fence, xfer->result.status);
		dma_fence_signal(&xfer->fence);
		dma_fence_end_signalling(cookie);
	}
	if (xfer->done) {
		xfer->done(xfer);
		return;
	}

	if (quiet) {
		atomic_dec(&file->used);
	} else {
		spin_lock_irqsave(&file->lock, flags);
		list_add_tail(&xfer->node, &file->done);
		spin_unlock_irqrestore(&file->lock, flags);
	}
	wake_up_interruptible(&file->wait);
	if (quiet)
		cen_xfer_put(xfer);
	cen_port_file_put(file);
}

/*
 * A transfer that left queue and running list ends here. The last thing that touches the
 * attachment is dropping busy, under the port's lock: a detach that waits may free it then.
 */
static void cen_xfer_finish(struct cen_xfer *xfer, int status, u64 actual)
{
	struct cen_port *port = xfer->port;
	unsigned long flags;

	kref_get(&port->ref);
	xfer->result.actual = actual;
	xfer->result.status = status;
	xfer->result.timestamp = ktime_get_ns();
	trace_cen_transfer(port, xfer);

	spin_lock_irqsave(&port->lock, flags);
	xfer->state = CEN_XFER_DONE;
	xfer->pa->busy--;
	if (status) {
		port->errors++;
	} else {
		port->blocks++;
		port->bytes += actual;
	}
	spin_unlock_irqrestore(&port->lock, flags);

	cen_xfer_report(xfer);
	wake_up_all(&port->idle);
	cen_port_put(port);
}

/* The fence the caller named itself failed: what it stands for never happened. */
static int cen_xfer_in_error(struct cen_xfer *xfer)
{
	int status;

	if (!(xfer->flags & CEN_ENQUEUE_IN_FENCE))
		return 0;
	/* collected last */
	status = dma_fence_get_status(xfer->deps[xfer->nr_deps - 1].fence);
	return min(status, 0);
}

/*
 * To the hardware, in order, as long as it takes more and the first waits for nothing. One CPU
 * at a time does it: what others add meanwhile it finds, for it looks again before it stops.
 * Context: bottom halves off.
 */
static void cen_port_run(struct cen_port *port)
{
	bool cookie = dma_fence_begin_signalling();
	struct cen_xfer *xfer, *last = NULL;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&port->lock, flags);
	if (port->submitting)
		goto out_unlock;
	port->submitting = true;
	while (!port->gone && cen_port_has_room_locked(port)) {
		xfer = list_first_entry_or_null(&port->queue, struct cen_xfer, node);
		if (!xfer || atomic_read(&xfer->waiting))
			break;
		list_move_tail(&xfer->node, &port->running);
		xfer->state = CEN_XFER_RUNNING;
		xfer->submitting = true;
		port->nr_queued--;
		port->nr_running++;
		kref_get(&xfer->ref);
		spin_unlock_irqrestore(&port->lock, flags);

		if (last)
			cen_xfer_put(last);
		last = xfer;
		ret = cen_xfer_in_error(xfer);
		if (!ret) {
			cen_xfer_begin(xfer);
			ret = port->desc.ops->submit(port, &xfer->t);
		}
		if (ret)
			cen_transfer_done(&xfer->t, ret, 0);

		spin_lock_irqsave(&port->lock, flags);
		xfer->submitting = false;
		if (xfer->cancel)
			wake_up_all(&port->idle);
	}
	port->submitting = false;
	if (port->gone)
		wake_up_all(&port->idle);
out_unlock:
	spin_unlock_irqrestore(&port->lock, flags);
	if (last)
		cen_xfer_put(last);
	dma_fence_end_signalling(cookie);
}

static void cen_port_kick_tasklet(struct tasklet_struct *t)
{
	struct cen_port *port = from_tasklet(port, t, kick);

	cen_port_run(port);
}

/* Context: any. A program hands over its transfer itself; an interrupt leaves it to the tasklet. */
void cen_port_kick(struct cen_port *port)
{
	if (in_task() && !irqs_disabled()) {
		local_bh_disable();
		cen_port_run(port);
		local_bh_enable();
	} else {
		tasklet_schedule(&port->kick);
	}
}

/**
 * cen_transfer_done - the hardware is done with a transfer
 * @transfer: as given to ->submit()
 * @status: 0, or the errno of what went wrong
 * @actual: bytes that were transferred
 *
 * To be called exactly once for each transfer that ->submit() took. The driver must hold
 * no lock that its ->submit() takes.
 *
 * Context: Any, hard interrupts included.
 */
void cen_transfer_done(struct cen_transfer *transfer, int status, u64 actual)
{
	struct cen_xfer *xfer = container_of(transfer, struct cen_xfer, t);
	struct cen_port *port = xfer->port;
	unsigned long flags;
	bool more;

	cen_xfer_end(xfer, actual);
	spin_lock_irqsave(&port->lock, flags);
	if (WARN_ON(xfer->state != CEN_XFER_RUNNING)) {
		spin_unlock_irqrestore(&port->lock, flags);
		return;
	}
	list_del_init(&xfer->node);
	port->nr_running--;
	/* what was cancelled says so, unless it made it */
	if (status && xfer->cancel)
		status = xfer->cancel;
	more = !list_empty(&port->queue);
	/* finish() wakes those who wait for the port to become idle; keep it till the kick */
	kref_get(&port->ref);
	spin_unlock_irqrestore(&port->lock, flags);

	cen_xfer_finish(xfer, status, min(actual, transfer->length));
	if (more)
		cen_port_kick(port);
	cen_port_put(port);
}
CEN_EXPORT(cen_transfer_done);

/**
 * cen_transfer_period - a round of a cyclic transfer is over, the next has begun
 * @transfer: as given to ->submit(), with @cyclic
 * @actual: bytes of the round
 *
 * Context: Any.
 */
void cen_transfer_period(struct cen_transfer *transfer, u64 actual)
{
	struct cen_xfer *xfer = container_of(transfer, struct cen_xfer, t);
	struct cen_port *port = xfer->port;
	unsigned long flags;

	cen_xfer_end(xfer, actual);
	cen_xfer_begin(xfer);
	spin_lock_irqsave(&port->lock, flags);
	port->blocks++;
	port->bytes += actual;
	spin_unlock_irqrestore(&port->lock, flags);
}
CEN_EXPORT(cen_transfer_period);

static bool cen_xfer_submitted(struct cen_xfer *xfer)
{
	bool submitted;

	spin_lock_irq(&xfer->port->lock);
	submitted = !xfer->submitting;
	spin_unlock_irq(&xfer->port->lock);
	return submitted;
}

/* Nobody signals it to us any more. The callbacks are gone or over when this returns. */
void cen_xfer_forget_deps(struct cen_xfer *xfer)
{
	u32 i;

	for (i = 0; i < xfer->nr_deps; i++)
		dma_fence_remove_callback(xfer->deps[i].fence, &xfer->deps[i].cb);
}

u32 cen_queue_cancel(struct cen_port *port, bool (*match)(struct cen_xfer *xfer, void *data),
		     void *data, int error)
{
	struct cen_xfer *xfer, *next;
	LIST_HEAD(ended);
	u32 count = 0;

	might_sleep();

	/* Those that did not start end at once. */
	spin_lock_irq(&port->lock);
	list_for_each_entry_safe(xfer, next, &port->queue, node) {
		if (!match(xfer, data) || xfer->cancel)
			continue;
		xfer->cancel = error;
		xfer->state = CEN_XFER_DONE;
		count++;
		list_move_tail(&xfer->node, &ended);
		port->nr_queued--;
	}
	spin_unlock_irq(&port->lock);
	list_for_each_entry_safe(xfer, next, &ended, node) {
		list_del_init(&xfer->node);
		cen_xfer_forget_deps(xfer);
		cen_xfer_finish(xfer, error, 0);
	}
	cen_port_kick(port);

	/* Those that run are up to the driver. It may complete them meanwhile: hold them. */
	for (;;) {
		struct cen_xfer *found = NULL;

		spin_lock_irq(&port->lock);
		list_for_each_entry(xfer, &port->running, node) {
			if (match(xfer, data) && !xfer->cancel) {
				xfer->cancel = error;
				kref_get(&xfer->ref);
				found = xfer;
				break;
			}
		}
		spin_unlock_irq(&port->lock);
		if (!found)
			break;
		count++;
		/* a driver that does not have it yet could not cancel it */
		wait_event(port->idle, cen_xfer_submitted(found));
		port->desc.ops->cancel(port, &found->t);
		cen_xfer_put(found);
	}
	return count;
}

void cen_queue_init(struct cen_port *port)
{
	spin_lock_init(&port->lock);
	INIT_LIST_HEAD(&port->queue);
	INIT_LIST_HEAD(&port->running);
	init_waitqueue_head(&port->idle);
	tasklet_setup(&port->kick, cen_port_kick_tasklet);
}

void cen_queue_exit(struct cen_port *port)
{
	tasklet_kill(&port->kick);
}
