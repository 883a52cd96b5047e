// SPDX-License-Identifier: GPL-2.0
/*
 * The last resort: a controller that does DMA, but takes no scatter-gather (or this kernel no
 * tables that are mapped already), gets a buffer piece by piece through memory it can
 * reach. Counted, so that nobody takes it for zero-copy.
 *
 * One transfer flies at a time, one piece of it. Between two pieces it stays in the list
 * flying and is "landed"; a tasklet goes on with it, because completions may not take ep->lock.
 */
#include <linux/sizes.h>
#include <linux/slab.h>

#include "usb.h"

/* Whole packets at every speed, and an allocation that succeeds in atomic context. */
#define CEN_USB_PIECE	SZ_16K

/* P: ep->lock; @job is in flying, or about to be */
static int cen_usb_copy_piece(struct cen_usb_job *job)
{
	const struct cen_transfer *t = job->transfer;
	struct cen_usb_ep *ep = job->ep;
	struct usb_request *req = job->req;
	u64 left = t->length - job->done;

	lockdep_assert_held(&ep->lock);
	req->buf = job->bounce;
	req->sg = NULL;
	req->num_sgs = 0;
	req->length = min_t(u64, left, CEN_USB_PIECE);
	req->zero = ep->zlp && req->length == left;
	if (ep->in)
		memcpy(job->bounce, t->vaddr + t->offset + job->done, req->length);
	return usb_ep_queue(ep->ep, req, GFP_ATOMIC);
}

int cen_usb_copy_start(struct cen_usb_job *job)
{
	struct cen_usb_ep *ep = job->ep;
	unsigned long flags;
	int ret;

	if (!job->bounce)
		job->bounce = kmalloc(CEN_USB_PIECE, GFP_ATOMIC | __GFP_NOWARN);
	if (!job->bounce)
		return -ENOMEM;
	job->done = 0;
	spin_lock_irqsave(&ep->jobs_lock, flags);
	list_add_tail(&job->node, &ep->flying);
	spin_unlock_irqrestore(&ep->jobs_lock, flags);
	ret = cen_usb_copy_piece(job);
	if (ret) {
		spin_lock_irqsave(&ep->jobs_lock, flags);
		list_del_init(&job->node);
		spin_unlock_irqrestore(&ep->jobs_lock, flags);
	}
	return ret;
}

bool cen_usb_copy_landed(struct cen_usb_job *job, int status, u64 actual)
{
	const struct cen_transfer *t = job->transfer;
	struct cen_usb_ep *ep = job->ep;
	unsigned long flags;
	bool last;

	if (!ep->in)
		memcpy(t->vaddr + t->offset + job->done, job->bounce, actual);
	spin_lock_irqsave(&ep->jobs_lock, flags);
	job->done += actual;
	ep->copied += actual;
	last = status || actual < job->req->length || job->done == t->length;
	job->landed = !last;
	spin_unlock_irqrestore(&ep->jobs_lock, flags);
	/* the next piece, or the next transfer */
	tasklet_schedule(&ep->copy);
	return last;
}

static void cen_usb_copy_tasklet(struct tasklet_struct *tasklet)
{
	struct cen_usb_ep *ep = from_tasklet(ep, tasklet, copy);
	struct cen_usb_job *job;
	bool cancel = false;
	int ret = 0;

	spin_lock_irq(&ep->lock);
	spin_lock(&ep->jobs_lock);
	job = list_first_entry_or_null(&ep->flying, struct cen_usb_job, node);
	if (job && !job->landed)
		job = NULL;
	if (job)
		cancel = job->cancel;
	if (job && ep->suspended && !cancel)
		job = NULL;		/* resume goes on */
	if (job)
		job->landed = false;
	spin_unlock(&ep->jobs_lock);
	if (job && cancel)
		ret = -ECANCELED;
	else if (job)
		ret = ep->enabled ? cen_usb_copy_piece(job) : -ESHUTDOWN;
	if (ret)
		cen_usb_job_end(job, ret, job->done);
	cen_usb_ep_flush_locked(ep);
	spin_unlock_irq(&ep->lock);
}

void cen_usb_copy_init(struct cen_usb_ep *ep)
{
	tasklet_setup(&ep->copy, cen_usb_copy_tasklet);
}
