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
#include <linux/anon_inodes.h>
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "port.h"
#include "trace.h"

struct cen_link;

/* A buffer in a link. */
struct cen_block {
	struct cen_link *link;
	struct cen_xfer *source;	/* its transfer at the source */
	struct cen_xfer *sinks[CEN_LINK_MAX_SINKS];
	u32 pending;			/* sinks that still have it; P: link->lock */
	u64 filled;			/* when the source was done, ns */
	u64 bytes;			/* the source's actual count */
};

/* A running or ended link. */
struct cen_link {
	spinlock_t lock;
	struct cen_port_file *files[CEN_LINK_MAX_SINKS + 1];	/* source first */
	struct file *filps[CEN_LINK_MAX_SINKS + 1];		/* keep them open */
	u32 nr_sinks;
	u32 nr_blocks;
	u32 flags;
	u64 length;
	struct cen_block *blocks;
	u64 left;		/* blocks the source may still start; P: lock */
	u32 active;		/* transfers queued or running, + 1 while starting; P: lock */
	u32 at_source;		/* those of the source among them; P: lock */
	bool stopping;		/* no block goes round again; P: lock */
	bool draining;		/* but what is filled is still delivered; P: lock */
	wait_queue_head_t wait;
	struct cen_link_stats stats;	/* P: lock */
};

static bool cen_link_over(struct cen_link *link)
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

/* Something went wrong, or the end is reached. The first status counts. P: link->lock */
static void cen_link_end_locked(struct cen_link *link, int status)
{
	if (!link->stopping && status)
		link->stats.status = status;
	link->stopping = true;
}

/* P: link->lock. The transfer is the link's and idle. */
static void cen_link_queue_locked(struct cen_link *link, struct cen_xfer *xfer)
{
	struct cen_port *port = xfer->port;
	int ret;

	kref_get(&xfer->ref);
	link->active++;
	spin_lock(&port->lock);
	ret = cen_xfer_queue_locked(xfer);
	spin_unlock(&port->lock);
	if (ret) {
		link->active--;
		cen_xfer_put(xfer);
		cen_link_end_locked(link, ret);
		return;
	}
	if (xfer == ((struct cen_block *)xfer->done_ctx)->source)
		link->at_source++;
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
 * none has begun to send. P: link->lock
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
			continue;
		oldest->pending--;
		link->active--;
		cen_xfer_put(oldest->sinks[sink]);
	}
	link->stats.dropped++;
	/* a sink that began meanwhile gives the buffer back itself */
	if (!oldest->pending)
		cen_link_refill_locked(link, oldest);
}

/* The source filled a block. Context: any. */
static void cen_link_filled(struct cen_xfer *xfer)
{
	struct cen_block *block = xfer->done_ctx;
	struct cen_link *link = block->link;
	unsigned long flags;
	u32 sink;

	spin_lock_irqsave(&link->lock, flags);
	xfer->state = CEN_XFER_IDLE;
	link->at_source--;
	if (xfer->result.status) {
		cen_link_end_locked(link, link->stopping ? 0 : xfer->result.status);
	} else if (!link->stopping || link->draining) {
		block->filled = xfer->result.timestamp;
		block->bytes = xfer->result.actual;
		block->pending = link->nr_sinks;
		for (sink = 0; sink < link->nr_sinks; sink++) {
			struct cen_xfer *out = block->sinks[sink];
			u32 before = link->active;

			out->t.length = block->bytes;
			cen_link_queue_locked(link, out);
			if (link->active == before)
				block->pending--;	/* the sink is gone */
		}
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
static void cen_link_emptied(struct cen_xfer *xfer)
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

static void cen_link_stop(struct cen_link *link, bool drain)
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

/* Attachments back to their files, files released, everything freed. Nothing runs any more. */
static void cen_link_free(struct cen_link *link)
{
	u32 i, j;

	for (i = 0; i < link->nr_blocks && link->blocks; i++) {
		struct cen_block *block = &link->blocks[i];

		for (j = 0; j <= link->nr_sinks; j++) {
			struct cen_xfer *xfer = j ? block->sinks[j - 1] : block->source;

			if (!xfer)
				continue;
			cen_xfer_put(xfer);
		}
	}
	for (j = 0; j <= link->nr_sinks; j++) {
		struct cen_port *port;
		struct cen_pa *pa;

		if (!link->files[j])
			continue;
		port = link->files[j]->port;
		mutex_lock(&port->mutex);
		spin_lock_irq(&port->lock);
		list_for_each_entry(pa, &port->attachments, node)
			if (pa->link == link)
				pa->link = NULL;
		port->nr_links--;
		spin_unlock_irq(&port->lock);
		mutex_unlock(&port->mutex);
		fput(link->filps[j]);
	}
	kfree(link->blocks);
	kfree(link);
}

static int cen_link_release(struct inode *inode, struct file *filp)
{
	struct cen_link *link = filp->private_data;

	cen_link_stop(link, false);
	wait_event(link->wait, cen_link_over(link));
	cen_link_free(link);
	return 0;
}

static __poll_t cen_link_poll(struct file *filp, poll_table *wait)
{
	struct cen_link *link = filp->private_data;

	poll_wait(filp, &link->wait, wait);
	return cen_link_over(link) ? EPOLLIN | EPOLLRDNORM | EPOLLHUP : 0;
}

static long cen_link_ioc_stats(struct cen_link *link, void __user *user)
{
	struct cen_link_stats stats;

	spin_lock_irq(&link->lock);
	stats = link->stats;
	stats.running = link->active > 0;
	spin_unlock_irq(&link->lock);
	return copy_to_user(user, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static long cen_link_ioc_stop(struct cen_link *link, void __user *user)
{
	struct cen_link_stop arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.mode > CEN_LINK_STOP_DRAIN || arg.pad)
		return -EINVAL;
	cen_link_stop(link, arg.mode == CEN_LINK_STOP_DRAIN);
	return wait_event_interruptible(link->wait, cen_link_over(link));
}

static long cen_link_ioctl(struct file *filp, unsigned int cmd, unsigned long uptr)
{
	struct cen_link *link = filp->private_data;
	void __user *user = (void __user *)uptr;

	switch (cmd) {
	case CEN_LINK_IOC_STATS:
		return cen_link_ioc_stats(link, user);
	case CEN_LINK_IOC_STOP:
		return cen_link_ioc_stop(link, user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations cen_link_fops = {
	.owner = THIS_MODULE,
	.release = cen_link_release,
	.poll = cen_link_poll,
	.unlocked_ioctl = cen_link_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/* Take @dmabuf's attachment on @file for the link. */
static struct cen_pa *cen_link_claim(struct cen_link *link, struct cen_port_file *file,
				     struct dma_buf *dmabuf)
{
	struct cen_port *port = file->port;
	struct cen_pa *pa;
	int ret = 0;

	rcu_read_lock();
	pa = cen_pa_find(file, dmabuf);
	if (!pa) {
		ret = -ENOENT;
	} else {
		spin_lock_irq(&port->lock);
		if (port->gone)
			ret = -ENODEV;
		else if (pa->closing)
			ret = -ENOENT;
		else if (pa->link || pa->busy)
			ret = -EBUSY;
		else
			pa->link = link;
		spin_unlock_irq(&port->lock);
	}
	rcu_read_unlock();
	return ret ? ERR_PTR(ret) : pa;
}

static struct cen_xfer *cen_link_xfer(struct cen_link *link, struct cen_block *block,
				      struct cen_port_file *file, struct dma_buf *dmabuf)
{
	struct cen_xfer *xfer;
	struct cen_pa *pa;

	pa = cen_link_claim(link, file, dmabuf);
	if (IS_ERR(pa))
		return ERR_CAST(pa);
	xfer = cen_xfer_new(file->port, pa, GFP_KERNEL_ACCOUNT);
	if (!xfer)
		return ERR_PTR(-ENOMEM);
	atomic_set(&xfer->waiting, 0);
	xfer->t.length = link->length;
	xfer->done = file == link->files[0] ? cen_link_filled : cen_link_emptied;
	xfer->done_ctx = block;
	return xfer;
}

static int cen_link_block(struct cen_link *link, struct cen_block *block, int fd)
{
	struct cen_xfer *xfer;
	struct dma_buf *dmabuf;
	long left;
	int ret = 0;
	u32 j;

	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	block->link = link;
	if (link->length > dmabuf->size)
		ret = -EINVAL;
	/* what others still do with it ends before the link takes it */
	if (!ret) {
		left = dma_resv_wait_timeout(dmabuf->resv, DMA_RESV_USAGE_READ, true,
					     MAX_SCHEDULE_TIMEOUT);
		ret = min(left, 0L);
	}
	for (j = 0; !ret && j <= link->nr_sinks; j++) {
		xfer = cen_link_xfer(link, block, link->files[j], dmabuf);
		if (IS_ERR(xfer))
			ret = PTR_ERR(xfer);
		else if (j)
			block->sinks[j - 1] = xfer;
		else
			block->source = xfer;
	}
	dma_buf_put(dmabuf);
	return ret;
}

static int cen_link_add_file(struct cen_link *link, u32 j, int fd)
{
	struct cen_port_file *file;
	struct file *filp;

	file = cen_port_file_from_fd(fd, &filp);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (file->port->desc.direction != CEN_PORT_SINK ||
	    link->length % file->port->desc.granule) {
		fput(filp);
		return -EINVAL;
	}
	link->files[j] = file;
	link->filps[j] = filp;
	spin_lock_irq(&file->port->lock);
	file->port->nr_links++;
	spin_unlock_irq(&file->port->lock);
	return 0;
}

static int cen_link_check(const struct cen_port_file *source, const struct cen_port_link *arg)
{
	const struct cen_port_desc *desc = &source->port->desc;

	if (arg->flags & ~CEN_LINK_DROP || arg->fd || desc->direction != CEN_PORT_SOURCE)
		return -EINVAL;
	if (arg->buffer_count < 2 || arg->buffer_count > CEN_PORT_DEPTH || !arg->sink_count ||
	    arg->sink_count > CEN_LINK_MAX_SINKS)
		return -EINVAL;
	if (!arg->length || arg->length % desc->granule ||
	    (desc->length_max && arg->length > desc->length_max))
		return -EINVAL;
	return 0;
}

/*
 * Build and start a link. @self is the source's own file. On success *@filp is the
 * link; putting it stops and frees everything.
 */
int cen_link_create(struct cen_port_file *source, struct file *self, struct cen_port_link *arg,
		    struct file **filp)
{
	const s32 __user *buffers = u64_to_user_ptr(arg->buffers);
	const s32 __user *sinks = u64_to_user_ptr(arg->sinks);
	struct cen_link *link;
	s32 fd;
	int ret;
	u32 i;

	ret = cen_link_check(source, arg);
	if (ret)
		return ret;
	link = kzalloc(sizeof(*link), GFP_KERNEL_ACCOUNT);
	if (!link)
		return -ENOMEM;
	spin_lock_init(&link->lock);
	init_waitqueue_head(&link->wait);
	link->length = arg->length;
	link->left = arg->blocks ?: U64_MAX;
	link->flags = arg->flags;
	link->nr_sinks = arg->sink_count;
	link->files[0] = source;
	link->filps[0] = get_file(self);
	spin_lock_irq(&source->port->lock);
	source->port->nr_links++;
	spin_unlock_irq(&source->port->lock);

	for (i = 0; i < arg->sink_count; i++) {
		ret = get_user(fd, &sinks[i]) ? -EFAULT :
		      cen_link_add_file(link, i + 1, fd);
		if (ret)
			goto err_free;
	}
	ret = -ENOMEM;
	link->blocks = kcalloc(arg->buffer_count, sizeof(*link->blocks), GFP_KERNEL_ACCOUNT);
	if (!link->blocks)
		goto err_free;
	link->nr_blocks = arg->buffer_count;
	for (i = 0; i < arg->buffer_count; i++) {
		ret = get_user(fd, &buffers[i]) ? -EFAULT :
		      cen_link_block(link, &link->blocks[i], fd);
		if (ret)
			goto err_free;
	}

	*filp = anon_inode_getfile("[cen_link]", &cen_link_fops, link, O_RDWR | O_CLOEXEC);
	if (IS_ERR(*filp)) {
		ret = PTR_ERR(*filp);
		goto err_free;
	}

	spin_lock_irq(&link->lock);
	link->active = 1;	/* not over before all are queued */
	for (i = 0; i < link->nr_blocks; i++)
		cen_link_refill_locked(link, &link->blocks[i]);
	cen_link_dec_locked(link);
	spin_unlock_irq(&link->lock);
	return 0;

err_free:
	cen_link_free(link);
	return ret;
}
