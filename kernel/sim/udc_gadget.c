// SPDX-License-Identifier: GPL-2.0
/*
 * What the gadget core sees of the controller: endpoints, requests, pull-up.
 */
#include <linux/ktime.h>
#include <linux/slab.h>

#include "udc.h"

void cen_udc_giveback(struct cen_udc_ep *ep, struct cen_udc_req *req)
{
	usb_gadget_unmap_request(&ep->udc->gadget, &req->request, ep->in);
	usb_gadget_giveback_request(&ep->ep, &req->request);
}

void cen_udc_nuke(struct cen_udc_ep *ep, int status)
{
	struct cen_udc *udc = ep->udc;
	struct cen_udc_req *req, *next;
	unsigned long flags;
	LIST_HEAD(ended);

	spin_lock_irqsave(&udc->lock, flags);
	/* what the interrupt had not come round to keeps its status, and goes first */
	list_for_each_entry_safe(req, next, &udc->ended, node)
		if (req->request.ep == &ep->ep)
			list_move_tail(&req->node, &ended);
	list_for_each_entry_safe(req, next, &ep->queue, node) {
		req->request.status = status;
		list_move_tail(&req->node, &ended);
	}
	spin_unlock_irqrestore(&udc->lock, flags);
	list_for_each_entry_safe(req, next, &ended, node) {
		list_del_init(&req->node);
		cen_udc_giveback(ep, req);
	}
}

static int cen_udc_ep_enable(struct usb_ep *usb_ep, const struct usb_endpoint_descriptor *desc)
{
	struct cen_udc_ep *ep = cen_udc_ep_from(usb_ep);
	struct cen_udc *udc = ep->udc;
	unsigned long flags;
	u32 want = udc->gadget.speed >= USB_SPEED_SUPER ? 1024 :
		   udc->gadget.speed == USB_SPEED_HIGH ? 512 : 64;

	if (!usb_endpoint_xfer_bulk(desc) || usb_endpoint_maxp(desc) != want)
		return -EINVAL;
	spin_lock_irqsave(&udc->lock, flags);
	usb_ep->maxpacket = want;
	ep->enabled = true;
	ep->halted = false;
	ep->wedged = false;
	spin_unlock_irqrestore(&udc->lock, flags);
	cen_udc_kick(udc);
	return 0;
}

static int cen_udc_ep_disable(struct usb_ep *usb_ep)
{
	struct cen_udc_ep *ep = cen_udc_ep_from(usb_ep);
	struct cen_udc *udc = ep->udc;
	unsigned long flags;

	spin_lock_irqsave(&udc->lock, flags);
	ep->enabled = false;
	cen_udc_end_urbs_locked(udc, ep, -ESHUTDOWN);
	spin_unlock_irqrestore(&udc->lock, flags);
	cen_udc_nuke(ep, -ESHUTDOWN);
	return 0;
}

static struct usb_request *cen_udc_alloc_request(struct usb_ep *usb_ep, gfp_t gfp)
{
	struct cen_udc_req *req = kzalloc(sizeof(*req), gfp);

	if (!req)
		return NULL;
	INIT_LIST_HEAD(&req->node);
	return &req->request;
}

static void cen_udc_free_request(struct usb_ep *usb_ep, struct usb_request *request)
{
	struct cen_udc_req *req = cen_udc_req_from(request);

	WARN_ON(!list_empty(&req->node));
	kfree(req);
}

/* Does the controller's descriptor ring take it? */
static bool cen_udc_fits(struct cen_udc *udc, const struct usb_request *request)
{
	struct scatterlist *sg;
	u64 total = 0;
	u32 i;

	if (!request->num_mapped_sgs)
		return true;
	if (udc->max_segs && request->num_mapped_sgs > udc->max_segs)
		return false;
	for_each_sg(request->sg, sg, request->num_mapped_sgs, i) {
		if (udc->seg_size && sg_dma_len(sg) > udc->seg_size)
			return false;
		total += sg_dma_len(sg);
	}
	return total >= request->length;
}

static int cen_udc_queue(struct usb_ep *usb_ep, struct usb_request *request, gfp_t gfp)
{
	struct cen_udc_ep *ep = cen_udc_ep_from(usb_ep);
	struct cen_udc_req *req = cen_udc_req_from(request);
	struct cen_udc *udc = ep->udc;
	unsigned long flags;
	bool hangs;
	int ret;

	if (!request->complete || !list_empty(&req->node))
		return -EINVAL;
	if (request->num_sgs && !udc->gadget.sg_supported)
		return -EINVAL;
	request->num_mapped_sgs = 0;
	ret = usb_gadget_map_request(&udc->gadget, request, ep->in);
	if (ret)
		return ret;
	ret = -EINVAL;
	if (!cen_udc_fits(udc, request)) {
		udc->refused++;
		goto err_unmap;
	}

	spin_lock_irqsave(&udc->lock, flags);
	if (!ep->enabled || !udc->driver) {
		spin_unlock_irqrestore(&udc->lock, flags);
		ret = -ESHUTDOWN;
		goto err_unmap;
	}
	request->status = -EINPROGRESS;
	request->actual = 0;
	req->sg = request->sg;
	req->sg_done = 0;
	list_add_tail(&req->node, &ep->queue);
	hangs = ep->hang;
	spin_unlock_irqrestore(&udc->lock, flags);
	if (ep == &udc->ep0)
		wake_up_all(&udc->wait);
	else if (!hangs)	/* otherwise it hears no doorbell, and looks when it goes on */
		cen_udc_kick(udc);
	return 0;

err_unmap:
	usb_gadget_unmap_request(&udc->gadget, request, ep->in);
	return ret;
}

static int cen_udc_dequeue(struct usb_ep *usb_ep, struct usb_request *request)
{
	struct cen_udc_ep *ep = cen_udc_ep_from(usb_ep);
	struct cen_udc_req *req = cen_udc_req_from(request), *each;
	struct cen_udc *udc = ep->udc;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&udc->lock, flags);
	list_for_each_entry(each, &ep->queue, node)
		if (each == req)
			found = true;
	if (found) {
		list_del_init(&req->node);
		request->status = -ECONNRESET;
	}
	spin_unlock_irqrestore(&udc->lock, flags);
	if (!found)
		return -EINVAL;
	cen_udc_giveback(ep, req);
	return 0;
}

static int cen_udc_halt(struct cen_udc_ep *ep, bool halt, bool wedge)
{
	struct cen_udc *udc = ep->udc;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&udc->lock, flags);
	if (halt && ep->in && !list_empty(&ep->queue)) {
		ret = -EAGAIN;
	} else {
		ep->halted = halt;
		ep->wedged = wedge;
	}
	spin_unlock_irqrestore(&udc->lock, flags);
	if (ep != &udc->ep0)
		cen_udc_kick(udc);
	else
		wake_up_all(&udc->wait);
	return ret;
}

static int cen_udc_set_halt(struct usb_ep *usb_ep, int value)
{
	return cen_udc_halt(cen_udc_ep_from(usb_ep), value, false);
}

static int cen_udc_set_wedge(struct usb_ep *usb_ep)
{
	return cen_udc_halt(cen_udc_ep_from(usb_ep), true, true);
}

static const struct usb_ep_ops cen_udc_ep_ops = {
	.enable = cen_udc_ep_enable,
	.disable = cen_udc_ep_disable,
	.alloc_request = cen_udc_alloc_request,
	.free_request = cen_udc_free_request,
	.queue = cen_udc_queue,
	.dequeue = cen_udc_dequeue,
	.set_halt = cen_udc_set_halt,
	.set_wedge = cen_udc_set_wedge,
};

/* Microframes of 125 µs, or frames of 1 ms, counted in 11 bits. */
static int cen_udc_get_frame(struct usb_gadget *gadget)
{
	return ktime_to_ms(ktime_get()) & 0x7ff;
}

static int cen_udc_set_selfpowered(struct usb_gadget *gadget, int value)
{
	gadget->is_selfpowered = value;
	return 0;
}

static int cen_udc_pullup(struct usb_gadget *gadget, int on)
{
	struct cen_udc *udc = cen_udc_from(gadget);

	spin_lock_irq(&udc->lock);
	udc->pullup = on;
	if (!on) {
		udc->configured = false;
		udc->suspended = false;
		cen_udc_end_urbs_locked(udc, NULL, -ESHUTDOWN);
	}
	spin_unlock_irq(&udc->lock);
	if (on) {
		schedule_work(&udc->attach);
		return 0;
	}
	/* the core calls the driver's ->disconnect() itself, and the host says nothing after it */
	wake_up_all(&udc->wait);
	mutex_lock(&udc->bus);
	mutex_unlock(&udc->bus);
	return 0;
}

static int cen_udc_start(struct usb_gadget *gadget, struct usb_gadget_driver *driver)
{
	struct cen_udc *udc = cen_udc_from(gadget);

	spin_lock_irq(&udc->lock);
	udc->driver = driver;
	udc->ep0.enabled = true;
	udc->ep0.halted = false;
	spin_unlock_irq(&udc->lock);
	return 0;
}

static int cen_udc_stop(struct usb_gadget *gadget)
{
	struct cen_udc *udc = cen_udc_from(gadget);
	struct cen_udc_ep *ep;

	cancel_work_sync(&udc->attach);
	spin_lock_irq(&udc->lock);
	udc->driver = NULL;
	udc->ep0.enabled = false;
	spin_unlock_irq(&udc->lock);
	cen_udc_nuke(&udc->ep0, -ESHUTDOWN);
	cen_udc_for_each_ep(udc, ep)
		cen_udc_nuke(ep, -ESHUTDOWN);
	cen_udc_irq_sync(udc);
	gadget->speed = USB_SPEED_UNKNOWN;
	return 0;
}

static void cen_udc_set_speed(struct usb_gadget *gadget, enum usb_device_speed speed)
{
	cen_udc_from(gadget)->speed = speed;
}

/* Not to be called back any more: wait until nobody is, the interrupt included. */
static void cen_udc_async_callbacks(struct usb_gadget *gadget, bool enable)
{
	struct cen_udc *udc = cen_udc_from(gadget);

	spin_lock_irq(&udc->lock);
	udc->callbacks = enable;
	spin_unlock_irq(&udc->lock);
	if (enable)
		return;
	wake_up_all(&udc->wait);
	mutex_lock(&udc->bus);
	mutex_unlock(&udc->bus);
	cen_udc_irq_sync(udc);
}

static const struct usb_gadget_ops cen_udc_gadget_ops = {
	.get_frame = cen_udc_get_frame,
	.set_selfpowered = cen_udc_set_selfpowered,
	.pullup = cen_udc_pullup,
	.udc_start = cen_udc_start,
	.udc_stop = cen_udc_stop,
	.udc_set_speed = cen_udc_set_speed,
	.udc_async_callbacks = cen_udc_async_callbacks,
};

static void cen_udc_ep_init(struct cen_udc *udc, struct cen_udc_ep *ep, u32 number, bool in)
{
	snprintf(ep->name, sizeof(ep->name), number ? (in ? "ep%uin" : "ep%uout") : "ep%u",
		 number);
	ep->udc = udc;
	ep->in = in;
	INIT_LIST_HEAD(&ep->queue);
	INIT_LIST_HEAD(&ep->urbs);
	INIT_LIST_HEAD(&ep->ep.ep_list);
	ep->ep.name = ep->name;
	ep->ep.ops = &cen_udc_ep_ops;
	if (!number) {
		ep->ep.caps.type_control = true;
		ep->ep.caps.dir_in = true;
		ep->ep.caps.dir_out = true;
		usb_ep_set_maxpacket_limit(&ep->ep, 512);
		return;
	}
	ep->ep.caps.type_bulk = true;
	ep->ep.caps.dir_in = in;
	ep->ep.caps.dir_out = !in;
	usb_ep_set_maxpacket_limit(&ep->ep, 1024);
	list_add_tail(&ep->ep.ep_list, &udc->gadget.ep_list);
}

void cen_udc_gadget_init(struct cen_udc *udc, enum usb_device_speed speed, bool sg)
{
	u32 i;

	udc->gadget.name = "cen_sim_udc";
	udc->gadget.ops = &cen_udc_gadget_ops;
	udc->gadget.max_speed = speed;
	udc->gadget.sg_supported = sg;
	udc->gadget.ep0 = &udc->ep0.ep;
	INIT_LIST_HEAD(&udc->gadget.ep_list);
	cen_udc_ep_init(udc, &udc->ep0, 0, true);
	for (i = 0; i < CEN_UDC_EPS; i++) {
		cen_udc_ep_init(udc, &udc->in[i], i + 1, true);
		cen_udc_ep_init(udc, &udc->out[i], i + 1, false);
	}
}
