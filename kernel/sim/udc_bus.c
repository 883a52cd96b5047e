// SPDX-License-Identifier: GPL-2.0
/*
 * The controller and the cable: a thread moves packets between the requests of the gadget
 * driver and what the host asks for, by the rules of USB's bulk transfers.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/usb/gadget.h>

#include "master.h"
#include "udc.h"

static int hw_cpu = -1;
module_param(hw_cpu, int, 0444);
MODULE_PARM_DESC(hw_cpu, "CPU that plays the hardware (-1: any): keep it off the CPU you measure");

static int irq_cpu = -1;
module_param(irq_cpu, int, 0444);
MODULE_PARM_DESC(irq_cpu, "CPU that is interrupted (-1: the hardware's own): what completions cost shows there");

/* So much moves with interrupts off: whole packets. */
#define CEN_UDC_QUANTUM		SZ_16K

/* The thread of a stream that is early sleeps at least so long. */
#define CEN_UDC_NAP_NS		50000

void cen_udc_kick(struct cen_udc *udc)
{
	WRITE_ONCE(udc->kicked, true);
	wake_up_process(udc->thread);
}

/* One stretch of bus addresses. @host NULL: nobody looks at the data. */
static int cen_udc_access(struct cen_udc_ep *ep, dma_addr_t addr, void *host, size_t length)
{
	struct device *dev = &ep->udc->pdev->dev;

	return ep->in ? cen_sim_read(dev, addr, host, length) :
			cen_sim_write(dev, addr, host, length);
}

int cen_udc_move(struct cen_udc_ep *ep, struct cen_udc_req *req, void *host, size_t length)
{
	struct usb_request *request = &req->request;
	int ret;

	lockdep_assert_held(&ep->udc->lock);
	if (!request->num_mapped_sgs) {
		ret = cen_udc_access(ep, request->dma + request->actual, host, length);
		if (!ret)
			request->actual += length;
		return ret;
	}
	while (length) {
		size_t piece = min_t(size_t, length, sg_dma_len(req->sg) - req->sg_done);

		ret = cen_udc_access(ep, sg_dma_address(req->sg) + req->sg_done, host, piece);
		if (ret)
			return ret;
		if (host)
			host += piece;
		request->actual += piece;
		length -= piece;
		req->sg_done += piece;
		/* length was checked against the table when the request was queued */
		if (req->sg_done == sg_dma_len(req->sg)) {
			req->sg = sg_next(req->sg);
			req->sg_done = 0;
		}
	}
	return 0;
}

/* A stream's data: the ramp, made or verified. */
static int cen_udc_move_stream(struct cen_udc_ep *ep, struct cen_udc_req *req, size_t length)
{
	__le32 *word = ep->udc->work;
	size_t i, words = length / sizeof(*word);
	int ret;

	if (ep->in && !ep->check)
		return cen_udc_move(ep, req, NULL, length);
	if (!ep->in)
		for (i = 0; i < words; i++)
			word[i] = cpu_to_le32(ep->counter++);
	ret = cen_udc_move(ep, req, word, length);
	if (ep->in && !ret)
		for (i = 0; i < words; i++)
			ep->mismatches += word[i] != cpu_to_le32(ep->counter++);
	return ret;
}

/*
 * Raise the interrupt. One that is still on its way finds what ended meanwhile. On this very CPU
 * an IPI would be a call, and the lock is held.
 */
static void cen_udc_raise(struct cen_udc *udc)
{
	lockdep_assert_held(&udc->lock);
	if (irq_cpu < 0 || irq_cpu == smp_processor_id()) {
		irq_work_queue(&udc->irq);
		return;
	}
	atomic_inc(&udc->ipis);
	if (smp_call_function_single_async(irq_cpu, &udc->ipi))
		atomic_dec(&udc->ipis);
}

/* What is at the two ends of an endpoint. */
struct cen_udc_step {
	struct cen_udc_ep *ep;
	struct cen_udc_req *req;
	struct cen_udc_urb *urb;	/* NULL: a stream */
	size_t device;			/* bytes the request still has, or has room for */
	size_t host;			/* the same of the host */
};

/* The request is over; the interrupt gives it back. P: lock */
static void cen_udc_end_request(struct cen_udc_step *step, int status)
{
	struct cen_udc *udc = step->ep->udc;

	step->req->request.status = status;
	step->ep->requests++;
	list_move_tail(&step->req->node, &udc->ended);
	cen_udc_raise(udc);
}

static void cen_udc_end_urb(struct cen_udc_step *step, int status)
{
	if (!step->urb)
		return;
	list_del_init(&step->urb->node);
	step->urb->status = status;
	step->urb->done = true;
	wake_up_all(&step->ep->udc->wait);
}

static int cen_udc_step_move(struct cen_udc_step *step, size_t length)
{
	struct cen_udc_ep *ep = step->ep;
	int ret;

	if (step->urb)
		ret = cen_udc_move(ep, step->req, step->urb->data + step->urb->actual, length);
	else
		ret = cen_udc_move_stream(ep, step->req, length);
	if (ret)
		return ret;
	if (step->urb)
		step->urb->actual += length;
	else if (ep->rate)
		ep->due += div_u64((u64)length * NSEC_PER_SEC, ep->rate);
	ep->bytes += length;
	step->device -= length;
	step->host -= length;
	return 0;
}

/*
 * Some full packets, or one that is short or does not fit. A short packet ends both ends'
 * transfers; one that does not fit into the other end is an overflow there.
 */
static void cen_udc_step(struct cen_udc_step *step)
{
	struct cen_udc_ep *ep = step->ep;
	struct usb_request *request = &step->req->request;
	u32 packet = ep->ep.maxpacket;
	size_t from = ep->in ? step->device : step->host;
	size_t to = ep->in ? step->host : step->device;
	size_t length = min_t(size_t, min(from, to), CEN_UDC_QUANTUM);
	bool is_short = false, overflow = false;
	int ret;

	if (length >= packet) {
		length -= length % packet;
	} else {
		is_short = from < packet;
		overflow = min_t(size_t, from, packet) > to;
	}
	ret = cen_udc_step_move(step, length);
	if (ret) {
		/* a bus error: the host sees the device not answer, and tries again */
		cen_udc_end_request(step, ret);
		return;
	}

	if (overflow && ep->in) {
		/* what the host had no room for is lost */
		cen_udc_move(ep, step->req, NULL, min_t(size_t, step->device, packet - length));
		step->device = request->length - request->actual;
		cen_udc_end_urb(step, -EOVERFLOW);
	} else if (overflow) {
		step->host -= min_t(size_t, step->host, packet - length);
		if (step->urb)
			step->urb->actual = step->urb->length - step->host;
		cen_udc_end_request(step, -EOVERFLOW);
		if (step->urb && !step->host)
			cen_udc_end_urb(step, 0);
		return;
	} else if (is_short || !step->host) {
		cen_udc_end_urb(step, 0);
	}
	/* a device that was asked to ends whole packets with an empty one */
	if (is_short || (!step->device &&
			 !(ep->in && request->zero && !(request->length % packet))))
		cen_udc_end_request(step, 0);
}

/* Is there anything to do for @ep? P: lock. *@due: when a stream may go on. */
static bool cen_udc_ep_run(struct cen_udc_ep *ep, u64 *due)
{
	struct cen_udc_step step = { .ep = ep };
	u64 now;

	if (!ep->enabled || ep->hang)
		return false;
	step.req = list_first_entry_or_null(&ep->queue, struct cen_udc_req, node);
	step.urb = list_first_entry_or_null(&ep->urbs, struct cen_udc_urb, node);
	if (ep->halted) {
		if (step.urb)
			cen_udc_end_urb(&step, -EPIPE);
		return step.urb;
	}
	if (!step.req)
		return false;
	if (ep->fail) {
		ep->fail--;
		cen_udc_end_request(&step, -EIO);
		return true;
	}
	if (!step.urb && !ep->stream)
		return false;
	if (!step.urb && ep->rate) {
		now = ktime_get_ns();
		/* what it could not send while there was no request is not made up for */
		if (ep->due + NSEC_PER_SEC / 10 < now)
			ep->due = now;
		if (ep->due > now) {
			*due = min(*due, ep->due);
			return false;
		}
	}
	step.device = step.req->request.length - step.req->request.actual;
	step.host = step.urb ? step.urb->length - step.urb->actual : SIZE_MAX;
	cen_udc_step(&step);
	return true;
}

/* Until nothing moves any more. Returns when a stream wants to go on, U64_MAX: not at all. */
static u64 cen_udc_run(struct cen_udc *udc)
{
	struct cen_udc_ep *ep;
	bool moved;
	u64 due;

	do {
		moved = false;
		due = U64_MAX;
		cen_udc_for_each_ep(udc, ep) {
			if (!READ_ONCE(ep->enabled))
				continue;
			spin_lock_irq(&udc->lock);
			if (udc->configured && !udc->suspended)
				moved |= cen_udc_ep_run(ep, &due);
			spin_unlock_irq(&udc->lock);
		}
		cond_resched();
	} while (moved && !kthread_should_stop());
	return due;
}

static int cen_udc_thread(void *data)
{
	struct cen_udc *udc = data;
	u64 due = U64_MAX;
	ktime_t until;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		if (!xchg(&udc->kicked, false)) {
			if (due == U64_MAX) {
				schedule();
			} else {
				until = ns_to_ktime(due);
				schedule_hrtimeout_range(&until, CEN_UDC_NAP_NS, HRTIMER_MODE_ABS);
			}
			WRITE_ONCE(udc->kicked, false);
		}
		__set_current_state(TASK_RUNNING);
		due = cen_udc_run(udc);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* The interrupt: give back what has ended. */
static void cen_udc_interrupt(struct cen_udc *udc)
{
	struct cen_udc_req *req;
	unsigned long flags;

	for (;;) {
		spin_lock_irqsave(&udc->lock, flags);
		req = list_first_entry_or_null(&udc->ended, struct cen_udc_req, node);
		if (req)
			list_del_init(&req->node);
		spin_unlock_irqrestore(&udc->lock, flags);
		if (!req)
			return;
		cen_udc_giveback(cen_udc_ep_from(req->request.ep), req);
	}
}

static void cen_udc_irq(struct irq_work *irq)
{
	cen_udc_interrupt(container_of(irq, struct cen_udc, irq));
}

static void cen_udc_ipi(void *data)
{
	struct cen_udc *udc = data;

	cen_udc_interrupt(udc);
	atomic_dec(&udc->ipis);
}

void cen_udc_irq_sync(struct cen_udc *udc)
{
	irq_work_sync(&udc->irq);
	while (atomic_read(&udc->ipis))
		usleep_range(100, 200);
	synchronize_rcu();
}

int cen_udc_bus_start(struct cen_udc *udc)
{
	if (irq_cpu >= 0 && (irq_cpu >= nr_cpu_ids || !cpu_online(irq_cpu)))
		return -EINVAL;
	udc->work = kmalloc(CEN_UDC_QUANTUM, GFP_KERNEL);
	if (!udc->work)
		return -ENOMEM;
	init_irq_work(&udc->irq, cen_udc_irq);
	INIT_CSD(&udc->ipi, cen_udc_ipi, udc);
	udc->thread = kthread_create(cen_udc_thread, udc, "%s", dev_name(&udc->pdev->dev));
	if (IS_ERR(udc->thread)) {
		kfree(udc->work);
		return PTR_ERR(udc->thread);
	}
	if (hw_cpu >= 0 && hw_cpu < nr_cpu_ids && cpu_online(hw_cpu))
		kthread_bind(udc->thread, hw_cpu);
	wake_up_process(udc->thread);
	return 0;
}

void cen_udc_bus_stop(struct cen_udc *udc)
{
	kthread_stop(udc->thread);
	cen_udc_irq_sync(udc);
	kfree(udc->work);
}
