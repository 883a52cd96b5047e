// SPDX-License-Identifier: GPL-2.0
/*
 * Ports for other kernel code (cen_iio): it brings its own attachment, map and
 * fence, the engine brings order, coherency and the hardware.
 */
#include <linux/cenalloc.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "port.h"

/**
 * cen_port_buffer_add - a buffer that was mapped for a port's device by somebody else
 * @port: the port
 * @attach: attachment of @port's device
 * @sgt: its map, or NULL until cen_port_buffer_set_map(); it must stay until all transfers have ended
 *
 * Context: May sleep for memory; takes no lock, so the reservation may be held.
 * Return: the buffer, or ERR_PTR: -ENOMEM, -EOPNOTSUPP for a port without scatter-gather.
 */
struct cen_pa *cen_port_buffer_add(struct cen_port *port, struct dma_buf_attachment *attach,
				   struct sg_table *sgt)
{
	struct cen_pa *pa;

	if (port->desc.flags & CEN_PORT_VMAP)
		return ERR_PTR(-EOPNOTSUPP);
	pa = kzalloc(sizeof(*pa), GFP_KERNEL);
	if (!pa)
		return ERR_PTR(-ENOMEM);
	kref_get(&port->ref);
	kref_init(&pa->ref);
	pa->port = port;
	pa->dmabuf = attach->dmabuf;
	pa->attach = attach;
	if (sgt)
		cen_port_buffer_set_map(pa, sgt);
	return pa;
}
CEN_EXPORT(cen_port_buffer_add);

static void cen_client_free(struct kref *ref)
{
	struct cen_pa *pa = container_of(ref, struct cen_pa, ref);
	struct cen_port *port = pa->port;

	WARN_ON(READ_ONCE(pa->busy));
	kfree_rcu(pa, rcu);
	cen_port_put(port);
}

/**
 * cen_port_buffer_get - keep a buffer's handle
 * @pa: from cen_port_buffer_add()
 *
 * Context: Any. Return: @pa, to be given to cen_port_buffer_put().
 */
struct cen_pa *cen_port_buffer_get(struct cen_pa *pa)
{
	kref_get(&pa->ref);
	return pa;
}
CEN_EXPORT(cen_port_buffer_get);

/**
 * cen_port_buffer_put - let go of a buffer's handle
 * @pa: when this is the last one, all its transfers have reported their end
 *
 * Context: Any.
 */
void cen_port_buffer_put(struct cen_pa *pa)
{
	kref_put(&pa->ref, cen_client_free);
}
CEN_EXPORT(cen_port_buffer_put);

/**
 * cen_port_buffer_set_map - tell a buffer's map when it was not known yet
 * @pa: from cen_port_buffer_add()
 * @sgt: its map
 *
 * Context: Any. Before the first transfer.
 */
void cen_port_buffer_set_map(struct cen_pa *pa, struct sg_table *sgt)
{
	pa->sync = pa->port->desc.policy != CEN_PORT_TRUST && cen_access_needed(pa->attach);
	WRITE_ONCE(pa->sgt, sgt);
}
CEN_EXPORT(cen_port_buffer_set_map);

/**
 * cen_port_buffer_busy - does a buffer have transfers that did not end?
 * @pa: the buffer
 *
 * Context: Any.
 */
bool cen_port_buffer_busy(struct cen_pa *pa)
{
	unsigned long flags;
	bool busy;

	spin_lock_irqsave(&pa->port->lock, flags);
	busy = pa->busy;
	spin_unlock_irqrestore(&pa->port->lock, flags);
	return busy;
}
CEN_EXPORT(cen_port_buffer_busy);

/**
 * cen_port_buffer_wait - wait until a buffer's transfers have ended
 * @pa: the buffer
 *
 * Context: May sleep.
 */
void cen_port_buffer_wait(struct cen_pa *pa)
{
	wait_event(pa->port->idle, !cen_port_buffer_busy(pa));
}
CEN_EXPORT(cen_port_buffer_wait);

static void cen_client_done(struct cen_xfer *xfer)
{
	void (*done)(void *ctx, int status, u64 actual) = xfer->client_done;
	int status = xfer->result.status;
	u64 actual = xfer->result.actual;
	void *ctx = xfer->done_ctx;

	/* @done may let go of everything */
	cen_xfer_put(xfer);
	done(ctx, status, actual);
}

/**
 * cen_port_buffer_submit - queue a transfer
 * @pa: the buffer
 * @offset: bytes into it
 * @length: bytes, a multiple of the port's granule
 * @cyclic: again and again until cancelled; the port must be able to
 * @done: called once when it ended, in any context
 * @ctx: for @done; also names the transfer in cen_port_buffer_cancel()
 *
 * Context: Any, fence signalling sections included: allocates with GFP_NOWAIT.
 * Return: 0, or without @done being called: -EINVAL, -EOPNOTSUPP (cyclic), -ENODEV, -ENOMEM.
 */
int cen_port_buffer_submit(struct cen_pa *pa, u64 offset, u64 length, bool cyclic,
			   void (*done)(void *ctx, int status, u64 actual), void *ctx)
{
	struct cen_port *port = pa->port;
	struct cen_xfer *xfer;
	unsigned long flags;
	bool kick;
	u64 end;
	int ret;

	if (!length || length % port->desc.granule ||
	    check_add_overflow(offset, length, &end) || end > pa->dmabuf->size ||
	    (port->desc.length_max && length > port->desc.length_max))
		return -EINVAL;
	if (cyclic && !(port->desc.flags & CEN_PORT_CYCLIC))
		return -EOPNOTSUPP;
	xfer = cen_xfer_new(port, GFP_NOWAIT | __GFP_NOWARN);
	if (!xfer)
		return -ENOMEM;
	cen_xfer_use(xfer, pa);
	atomic_set(&xfer->waiting, 0);
	xfer->t.offset = offset;
	xfer->t.length = length;
	xfer->t.cyclic = cyclic;
	xfer->done = cen_client_done;
	xfer->client_done = done;
	xfer->done_ctx = ctx;

	spin_lock_irqsave(&port->lock, flags);
	ret = cen_xfer_queue_locked(xfer);
	kick = cen_port_has_room_locked(port);
	spin_unlock_irqrestore(&port->lock, flags);
	if (ret) {
		cen_xfer_put(xfer);
		return ret;
	}
	if (kick)
		cen_port_kick(port);
	return 0;
}
CEN_EXPORT(cen_port_buffer_submit);

static bool cen_client_match(struct cen_xfer *xfer, void *data)
{
	return xfer->done == cen_client_done && xfer->pa == data;
}

/**
 * cen_port_buffer_cancel - end a buffer's transfers early
 * @pa: the buffer
 *
 * Each still reports its end, with -ECANCELED unless the device was faster; that
 * may be after this returned.
 *
 * Context: May sleep.
 */
void cen_port_buffer_cancel(struct cen_pa *pa)
{
	struct cen_port *port = pa->port;

	mutex_lock(&port->mutex);
	if (port->dev)
		cen_queue_cancel(port, cen_client_match, pa, -ECANCELED);
	mutex_unlock(&port->mutex);
}
CEN_EXPORT(cen_port_buffer_cancel);

/**
 * cen_port_device - the device that does a port's DMA
 * @port: a port that is registered
 *
 * Context: Any.
 */
struct device *cen_port_device(struct cen_port *port)
{
	return port->desc.dev;
}
CEN_EXPORT(cen_port_device);

/**
 * cen_port_name - what a port is called
 * @port: a port that is registered
 *
 * Context: Any. Return: the NAME of /dev/cen/NAME, as long as @port is.
 */
const char *cen_port_name(const struct cen_port *port)
{
	return port->name;
}
CEN_EXPORT(cen_port_name);

/**
 * cen_port_is_sink - which way does it go?
 * @port: a port
 *
 * Context: Any. Return: true when the device reads from memory.
 */
bool cen_port_is_sink(const struct cen_port *port)
{
	return port->desc.direction == CEN_PORT_SINK;
}
CEN_EXPORT(cen_port_is_sink);
