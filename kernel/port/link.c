// SPDX-License-Identifier: GPL-2.0
/*
 * Links: buffers circulate between a source and its sinks inside the kernel. A
 * block costs no system call, no wake-up of a process and no copy.
 *
 *	        source fills --> every sink empties --> back to the source
 *
 * Each buffer (struct cen_block) has one transfer per port, made once. Completion
 * of one queues the next, from whatever context the driver completes in.
 */
#include <linux/dma-buf.h>

#include "link.h"

bool cen_link_over(struct cen_link *link)
{
	bool over;

	spin_lock_irq(&link->lock);
	over = !link->active;
	spin_unlock_irq(&link->lock);
	return over;
}

/* One transfer less; the last one says so. P: link->lock */
static void cen_link_dec_locked(struct cen_link *link)
{
	if (!--link->active)
		wake_up_all(&link->wait);
}

/*
 * Something went wrong, or the end is reached. The first status counts. What the source still
 * waits for may never come: it is taken back. P: link->lock
 */
static void cen_link_end_locked(struct cen_link *link, int status)
{
	if (!link->stopping && status) {
		link->stats.status = status;
		schedule_work(&link->ending);
	}
	link->stopping = true;
}

/* P: link->lock. The transfer is the link's and idle. */
static void cen_link_queue_locked(struct cen_link *link, struct cen_xfer *xfer)
{
	struct cen_port *port = xfer->port;
	bool kick;
	int ret;

	kref_get(&xfer->ref);
	link->active++;
	spin_lock(&port->lock);
	ret = cen_xfer_queue_locked(xfer);
	kick = cen_port_has_room_locked(port);
	spin_unlock(&port->lock);
	if (ret) {
		link->active--;
		cen_xfer_put(xfer);
		cen_link_end_locked(link, ret);
		return;
	}
	if (xfer == ((struct cen_block *)xfer->done_ctx)->source)
		link->at_source++;
	if (kick)
		cen_port_kick(port);
}

/* Give an empty buffer to the source. P: link->lock */
static void cen_link_refill_locked(struct cen_link *link, struct cen_block *block)
{
	if (link->stopping || !link->left)
		return;
	if (link->left != U64_MAX)
		link->left--;
	cen_link_queue_locked(link, block->source);
}

static void cen_link_count_locked(struct cen_link *link, struct cen_block *block)
{
	u64 ns = ktime_get_ns() - block->filled;
	u32 bucket = min_t(u32, ilog2(max_t(u64, div_u64(ns, 1000), 1)), CEN_LINK_BUCKETS - 1);

	link->stats.blocks++;
	link->stats.bytes += block->bytes;
	link->stats.latency_ns_total += ns;
	link->stats.latency[bucket]++;
}

/* A filled block arrived everywhere, or nowhere any more. P: link->lock */
static void cen_link_emptied_locked(struct cen_link *link, struct cen_block *block)
{
	cen_link_count_locked(link, block);
	cen_link_refill_locked(link, block);
}

/* Take a transfer back that the hardware does not have yet. P: link->lock */
static bool cen_xfer_unqueue(struct cen_xfer *xfer)
{
	struct cen_port *port = xfer->port;
	bool was;

	spin_lock(&port->lock);
	was = xfer->state == CEN_XFER_QUEUED;
	if (was) {
		list_del_init(&xfer->node);
		xfer->state = CEN_XFER_IDLE;
		xfer->pa->busy--;
		port->nr_queued--;
	}
	spin_unlock(&port->lock);
	return was;
}

/*
 * CEN_LINK_DROP: the source is out of buffers. Take back the oldest that sinks hold but
 * none has begun to send. A sink may begin it meanwhile: then those that still have it keep it,
 * and the last of them ends it as any other. P: link->lock
 */
static void cen_link_drop_locked(struct cen_link *link)
{
	struct cen_block *oldest = NULL;
	u32 i, sink;

	for (i = 0; i < link->nr_blocks; i++) {
		struct cen_block *block = &link->blocks[i];
		bool untouched = block->pending == link->nr_sinks;

		for (sink = 0; untouched && sink < link->nr_sinks; sink++)
			if (READ_ONCE(block->sinks[sink]->state) != CEN_XFER_QUEUED)
				untouched = false;
		if (untouched && (!oldest || block->filled < oldest->filled))
			oldest = block;
	}
	if (!oldest)
		return;
	for (sink = 0; sink < link->nr_sinks; sink++) {
		if (!cen_xfer_unqueue(oldest->sinks[sink]))
			return;
		oldest->pending--;
		link->active--;
		cen_xfer_put(oldest->sinks[sink]);
	}
	link->stats.dropped++;
	cen_link_refill_locked(link, oldest);
}

/* Give a filled block to all sinks. P: link->lock */
static void cen_link_deliver_locked(struct cen_link *link, struct cen_block *block)
{
	u32 sink;

	/* a source of packets decides how long they are; a sink takes what it can take whole */
	for (sink = 0; sink < link->nr_sinks; sink++) {
		if (block->bytes % block->sinks[sink]->port->desc.granule) {
			cen_link_end_locked(link, -EMSGSIZE);
			return;
		}
	}
	block->pending = link->nr_sinks;
	for (sink = 0; sink < link->nr_sinks; sink++) {
		struct cen_xfer *out = block->sinks[sink];
		u32 before = link->active;

		out->t.length = block->bytes;
		cen_link_queue_locked(link, out);
		if (link->active == before)
			block->pending--;	/* the sink is gone */
	}
}

/* The source filled a block. Context: any. */
void cen_link_filled(struct cen_xfer *xfer)
{
	struct cen_block *block = xfer->done_ctx;
	struct cen_link *link = block->link;
	unsigned long flags;

	spin_lock_irqsave(&link->lock, flags);
	xfer->state = CEN_XFER_IDLE;
	link->at_source--;
	if (xfer->result.status) {
		/* data was lost in it: what the source filled behind it would follow a gap */
		if (xfer->result.actual)
			link->draining = false;
		cen_link_end_locked(link, link->stopping ? 0 : xfer->result.status);
	} else if (!link->stopping || link->draining) {
		block->filled = xfer->result.timestamp;
		block->bytes = xfer->result.actual;
		/* an empty packet: there is nothing to deliver */
		if (block->bytes)
			cen_link_deliver_locked(link, block);
		else
			cen_link_emptied_locked(link, block);
		if (!link->at_source && link->left && !link->stopping) {
			link->stats.overruns++;
			if (link->flags & CEN_LINK_DROP)
				cen_link_drop_locked(link);
		}
	}
	cen_link_dec_locked(link);
	spin_unlock_irqrestore(&link->lock, flags);
	cen_xfer_put(xfer);
}

/* A sink is done with a block. Context: any. */
void cen_link_emptied(struct cen_xfer *xfer)
{
	struct cen_block *block = xfer->done_ctx;
	struct cen_link *link = block->link;
	unsigned long flags;

	spin_lock_irqsave(&link->lock, flags);
	xfer->state = CEN_XFER_IDLE;
	if (xfer->result.status)
		cen_link_end_locked(link, link->stopping ? 0 : xfer->result.status);
	if (!--block->pending && !xfer->result.status)
		cen_link_emptied_locked(link, block);
	cen_link_dec_locked(link);
	spin_unlock_irqrestore(&link->lock, flags);
	cen_xfer_put(xfer);
}

void cen_link_start(struct cen_link *link)
{
	u32 i;

	spin_lock_irq(&link->lock);
	link->active = 1;	/* not over before all are queued */
	for (i = 0; i < link->nr_blocks; i++)
		cen_link_refill_locked(link, &link->blocks[i]);
	cen_link_dec_locked(link);
	spin_unlock_irq(&link->lock);
}

static bool cen_link_match(struct cen_xfer *xfer, void *data)
{
	return (xfer->done == cen_link_filled || xfer->done == cen_link_emptied) &&
	       ((struct cen_block *)xfer->done_ctx)->link == data;
}

/* Cancel what is at @file's port. Not for a device that is gone: it ended everything. */
static void cen_link_cancel(struct cen_link *link, struct cen_port_file *file)
{
	struct cen_port *port = file->port;

	mutex_lock(&port->mutex);
	if (port->dev)
		cen_queue_cancel(port, cen_link_match, link, -ECANCELED);
	mutex_unlock(&port->mutex);
}

static void cen_link_ending(struct work_struct *work)
{
	struct cen_link *link = container_of(work, struct cen_link, ending);

	cen_link_cancel(link, link->files[0]);
}

void cen_link_init(struct cen_link *link)
{
	spin_lock_init(&link->lock);
	init_waitqueue_head(&link->wait);
	INIT_WORK(&link->ending, cen_link_ending);
}

void cen_link_stop(struct cen_link *link, bool drain)
{
	u32 i;

	spin_lock_irq(&link->lock);
	link->draining = drain && !link->stopping;
	cen_link_end_locked(link, 0);
	spin_unlock_irq(&link->lock);

	cen_link_cancel(link, link->files[0]);
	if (!drain)
		for (i = 1; i <= link->nr_sinks; i++)
			cen_link_cancel(link, link->files[i]);
}
