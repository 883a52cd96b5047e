// SPDX-License-Identifier: GPL-2.0
/*
 * An endpoint as a port: transfers become usb_requests and come back.
 */
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "../compat/compat_usb.h"
#include "usb.h"

/* A usb_request's length is an unsigned int; whole packets at every speed. */
#define CEN_USB_LENGTH_MAX	(SZ_2G - SZ_1K)

/*
 * The pieces of [offset, offset + length) of the mapped table, as they are: the controller is
 * pointed into it. A first piece that begins inside a segment is described apart and
 * linked to the rest. The importer's table is not written to, nothing is allocated.
 */
static void cen_usb_job_table(struct cen_usb_job *job, const struct cen_transfer *t)
{
	struct usb_request *req = job->req;
	u64 skip = t->offset, left = t->length;
	struct scatterlist *sg;
	int i;

	req->buf = NULL;
	req->sg = NULL;
	req->num_sgs = 0;
	for_each_sgtable_dma_sg(t->sgt, sg, i) {
		u64 len = sg_dma_len(sg);

		if (skip >= len) {
			skip -= len;
			continue;
		}
		if (!req->sg && skip) {
			sg_init_table(job->head, ARRAY_SIZE(job->head));
			job->head[0].length = len - skip;
			sg_dma_address(job->head) = sg_dma_address(sg) + skip;
			sg_dma_len(job->head) = len - skip;
			if (!sg_is_last(sg))
				sg_chain(job->head, ARRAY_SIZE(job->head), sg_next(sg));
			req->sg = job->head;
		} else if (!req->sg) {
			req->sg = sg;
		}
		req->num_sgs++;
		len -= skip;
		skip = 0;
		if (left <= len)
			break;
		left -= len;
	}
	cen_compat_usb_premapped(req);
}

/* To the controller; the job is on the flying list. P: ep->lock, interrupts off */
static int cen_usb_job_queue(struct cen_usb_job *job)
{
	struct cen_usb_ep *ep = job->ep;
	struct usb_request *req = job->req;
	const struct cen_transfer *t = job->transfer;
	int ret;

	req->length = t->length;
	req->zero = ep->zlp;
	if (t->sgt)
		cen_usb_job_table(job, t);
	else
		req->buf = t->vaddr + t->offset;

	/* it may be complete before the call returns */
	ret = usb_ep_queue(ep->ep, req, GFP_ATOMIC);
	if (!ret)
		return 0;
	spin_lock(&ep->jobs_lock);
	list_del_init(&job->node);
	spin_unlock(&ep->jobs_lock);
	/* the gadget core's answer for memory that dma_map_single() cannot take */
	if (ret == -EFAULT && !t->sgt) {
		ep->copying = true;
		return cen_usb_copy_start(job);
	}
	return ret;
}

int cen_usb_job_fly(struct cen_usb_job *job)
{
	struct cen_usb_ep *ep = job->ep;

	/* with interrupts off */
	lockdep_assert_held(&ep->lock);
	if (ep->copying)
		return cen_usb_copy_start(job);
	spin_lock(&ep->jobs_lock);
	list_add_tail(&job->node, &ep->flying);
	spin_unlock(&ep->jobs_lock);
	return cen_usb_job_queue(job);
}

void cen_usb_job_end(struct cen_usb_job *job, int status, u64 actual)
{
	struct cen_usb_ep *ep = job->ep;
	struct cen_transfer *transfer;
	unsigned long flags;

	spin_lock_irqsave(&ep->jobs_lock, flags);
	transfer = job->transfer;
	job->transfer = NULL;
	job->landed = false;
	job->cancel = false;
	list_move(&job->node, &ep->idle);
	spin_unlock_irqrestore(&ep->jobs_lock, flags);
	/* the last that touches the endpoint: unregistering waits for this */
	cen_transfer_done(transfer, status, actual);
}

static void cen_usb_complete(struct usb_ep *usb_ep, struct usb_request *req)
{
	struct cen_usb_job *job = req->context;
	int status = req->status;
	u64 actual = req->actual;

	if (status == -ECONNRESET)
		status = -ECANCELED;	/* dequeued */
	if (READ_ONCE(job->ep->copying)) {
		if (!cen_usb_copy_landed(job, status, actual))
			return;
		actual = job->done;
	}
	cen_usb_job_end(job, status, actual);
}

static bool cen_usb_ep_may_fly(struct cen_usb_ep *ep)
{
	lockdep_assert_held(&ep->lock);
	if (!ep->enabled || ep->suspended)
		return false;
	/* pieces of two transfers must not mix */
	return !ep->copying || list_empty_careful(&ep->flying);
}

void cen_usb_ep_flush_locked(struct cen_usb_ep *ep)
{
	struct cen_usb_job *job;
	int ret;

	while (cen_usb_ep_may_fly(ep)) {
		spin_lock(&ep->jobs_lock);
		job = list_first_entry_or_null(&ep->held, struct cen_usb_job, node);
		if (job)
			list_del_init(&job->node);
		spin_unlock(&ep->jobs_lock);
		if (!job)
			return;
		ret = cen_usb_job_fly(job);
		if (ret == -ESHUTDOWN) {
			spin_lock(&ep->jobs_lock);
			list_add(&job->node, &ep->held);
			spin_unlock(&ep->jobs_lock);
			return;
		}
		if (ret)
			cen_usb_job_end(job, ret, 0);
	}
}

/* Hand the transfer over, or hold it until the host is back. */
static int cen_usb_submit(struct cen_port *port, struct cen_transfer *t)
{
	struct cen_usb_ep *ep = cen_port_priv(port);
	struct cen_usb_job *job;
	int ret = -ESHUTDOWN;
	unsigned long flags;
	bool flies;

	spin_lock_irqsave(&ep->lock, flags);
	flies = cen_usb_ep_may_fly(ep);
	spin_lock(&ep->jobs_lock);
	/* as many as the port says are its depth */
	job = list_first_entry(&ep->idle, struct cen_usb_job, node);
	job->transfer = t;
	if (flies && !ep->copying)
		list_move_tail(&job->node, &ep->flying);
	else
		list_del_init(&job->node);
	spin_unlock(&ep->jobs_lock);
	if (flies)
		ret = ep->copying ? cen_usb_copy_start(job) : cen_usb_job_queue(job);
	if (ret) {
		/* -ESHUTDOWN: the host is just going, and we have not been told yet */
		spin_lock(&ep->jobs_lock);
		if (ret == -ESHUTDOWN) {
			list_add_tail(&job->node, &ep->held);
			ret = 0;
		} else {
			job->transfer = NULL;
			list_add(&job->node, &ep->idle);
		}
		spin_unlock(&ep->jobs_lock);
	}
	spin_unlock_irqrestore(&ep->lock, flags);
	return ret;
}

/* Is it in @list? P: jobs_lock */
static struct cen_usb_job *cen_usb_job_of(struct list_head *list, struct cen_transfer *t)
{
	struct cen_usb_job *job;

	list_for_each_entry(job, list, node)
		if (job->transfer == t)
			return job;
	return NULL;
}

static void cen_usb_cancel(struct cen_port *port, struct cen_transfer *t)
{
	struct cen_usb_ep *ep = cen_port_priv(port);
	struct cen_usb_job *held, *flying;
	unsigned long flags;

	/* ep->lock keeps the job from being used again when it completes meanwhile */
	spin_lock_irqsave(&ep->lock, flags);
	spin_lock(&ep->jobs_lock);
	held = cen_usb_job_of(&ep->held, t);
	flying = cen_usb_job_of(&ep->flying, t);
	if (held)
		list_del_init(&held->node);
	if (flying)
		flying->cancel = true;
	spin_unlock(&ep->jobs_lock);
	if (held)
		cen_usb_job_end(held, -ECANCELED, 0);
	if (flying)
		usb_ep_dequeue(ep->ep, flying->req);
	if (flying && ep->copying)
		tasklet_schedule(&ep->copy);
	spin_unlock_irqrestore(&ep->lock, flags);
}

static const struct cen_port_ops cen_usb_port_ops = {
	.submit = cen_usb_submit,
	.cancel = cen_usb_cancel,
	.ioctl = cen_usb_ioctl,
};

/* Context: atomic, as the composite core calls. */
int cen_usb_ep_enable(struct cen_usb_ep *ep)
{
	struct usb_gadget *gadget = ep->usb->function.config->cdev->gadget;
	unsigned long flags;
	int ret;

	ret = config_ep_by_speed(gadget, &ep->usb->function, ep->ep);
	if (ret)
		return ret;
	ret = usb_ep_enable(ep->ep);
	if (ret)
		return ret;
	ep->ep->driver_data = ep;
	spin_lock_irqsave(&ep->lock, flags);
	ep->enabled = true;
	ep->suspended = false;
	cen_usb_ep_flush_locked(ep);
	spin_unlock_irqrestore(&ep->lock, flags);
	return 0;
}

/* What flies ends with -ESHUTDOWN, what is held stays. Context: atomic. */
void cen_usb_ep_disable(struct cen_usb_ep *ep)
{
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&ep->lock, flags);
	was = ep->enabled;
	ep->enabled = false;
	ep->suspended = false;
	spin_unlock_irqrestore(&ep->lock, flags);
	if (!was)
		return;
	usb_ep_disable(ep->ep);
	if (READ_ONCE(ep->copying))
		tasklet_schedule(&ep->copy);
}

/* A controller that sleeps is given nothing; what it has, it keeps. Context: atomic. */
void cen_usb_ep_suspend(struct cen_usb_ep *ep, bool suspend)
{
	unsigned long flags;

	spin_lock_irqsave(&ep->lock, flags);
	ep->suspended = suspend && ep->enabled;
	cen_usb_ep_flush_locked(ep);
	spin_unlock_irqrestore(&ep->lock, flags);
	if (READ_ONCE(ep->copying))
		tasklet_schedule(&ep->copy);
}

/* -EAGAIN: an IN endpoint that has something to send. -ESHUTDOWN: no host. */
int cen_usb_ep_halt(struct cen_usb_ep *ep, bool halt)
{
	int ret = -ESHUTDOWN;

	spin_lock_irq(&ep->lock);
	if (ep->enabled)
		ret = halt ? usb_ep_set_halt(ep->ep) : usb_ep_clear_halt(ep->ep);
	spin_unlock_irq(&ep->lock);
	return ret;
}

static void cen_usb_free_jobs(struct cen_usb_ep *ep)
{
	u32 i;

	for (i = 0; i < ep->nr_jobs && ep->jobs; i++) {
		struct cen_usb_job *job = &ep->jobs[i];

		if (job->req)
			usb_ep_free_request(ep->ep, job->req);
		kfree(job->bounce);
	}
	kfree(ep->jobs);
	ep->jobs = NULL;
}

static int cen_usb_alloc_jobs(struct cen_usb_ep *ep)
{
	u32 i;

	ep->jobs = kcalloc(ep->nr_jobs, sizeof(*ep->jobs), GFP_KERNEL);
	if (!ep->jobs)
		return -ENOMEM;
	for (i = 0; i < ep->nr_jobs; i++) {
		struct cen_usb_job *job = &ep->jobs[i];

		job->ep = ep;
		job->req = usb_ep_alloc_request(ep->ep, GFP_KERNEL);
		if (!job->req)
			return -ENOMEM;
		job->req->context = job;
		job->req->complete = cen_usb_complete;
		list_add_tail(&job->node, &ep->idle);
	}
	return 0;
}

int cen_usb_ep_register(struct cen_usb_ep *ep, struct usb_gadget *gadget, const char *name)
{
	struct cen_port_desc desc = {
		.name = name,
		.dev = gadget->dev.parent,
		.ops = &cen_usb_port_ops,
		.owner = THIS_MODULE,
		.priv = ep,
		.granule = 1,
		.length_max = CEN_USB_LENGTH_MAX,
		.direction = ep->in ? CEN_PORT_SINK : CEN_PORT_SOURCE,
		.policy = ep->usb->opts->policy,
		.depth_hw = ep->nr_jobs,
	};
	int ret;

	spin_lock_init(&ep->lock);
	spin_lock_init(&ep->jobs_lock);
	INIT_LIST_HEAD(&ep->idle);
	INIT_LIST_HEAD(&ep->held);
	INIT_LIST_HEAD(&ep->flying);
	cen_usb_copy_init(ep);
	ep->enabled = false;
	ep->suspended = false;
	ep->copying = false;
	ep->copied = 0;
	ep->sg = CEN_COMPAT_USB_PREMAPPED && gadget->sg_supported;
	if (!ep->sg)
		desc.flags |= CEN_PORT_VMAP;
	/* such a controller writes whole packets, whatever it is asked for */
	if (!ep->in && gadget->quirk_ep_out_aligned_size)
		desc.granule = gadget_is_superspeed(gadget) ? 1024 : 512;

	ret = cen_usb_alloc_jobs(ep);
	if (ret)
		goto err_free;
	ep->port = cen_port_register(&desc);
	if (IS_ERR(ep->port)) {
		ret = PTR_ERR(ep->port);
		goto err_free;
	}
	return 0;

err_free:
	cen_usb_free_jobs(ep);
	return ret;
}

void cen_usb_ep_unregister(struct cen_usb_ep *ep)
{
	cen_port_unregister(ep->port);
	tasklet_kill(&ep->copy);
	cen_usb_free_jobs(ep);
}
