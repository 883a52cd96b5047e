// SPDX-License-Identifier: GPL-2.0
/*
 * The host at the other end of the cable: it enumerates the gadget, and does what a test
 * tells it: control transfers, suspend, pulling the plug.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/usb/ch9.h>

#include "udc.h"

#define CEN_UDC_CONTROL_TIMEOUT	(5 * HZ)

void cen_udc_end_urbs_locked(struct cen_udc *udc, struct cen_udc_ep *ep, int status)
{
	struct cen_udc_urb *urb, *next;
	struct cen_udc_ep *each;

	lockdep_assert_held(&udc->lock);
	cen_udc_for_each_ep(udc, each) {
		if (ep && each != ep)
			continue;
		list_for_each_entry_safe(urb, next, &each->urbs, node) {
			list_del_init(&urb->node);
			urb->status = status;
			urb->done = true;
		}
	}
	wake_up_all(&udc->wait);
}

/* The driver to call back, or NULL. P: bus, which keeps it from going until let go */
static struct usb_gadget_driver *cen_udc_driver(struct cen_udc *udc)
{
	struct usb_gadget_driver *driver;

	lockdep_assert_held(&udc->bus);
	spin_lock_irq(&udc->lock);
	driver = udc->callbacks && udc->pullup ? udc->driver : NULL;
	spin_unlock_irq(&udc->lock);
	return driver;
}

static struct cen_udc_ep *cen_udc_by_address(struct cen_udc *udc, u16 address)
{
	u32 number = address & USB_ENDPOINT_NUMBER_MASK;

	if (!number || number > CEN_UDC_EPS)
		return NULL;
	return address & USB_DIR_IN ? &udc->in[number - 1] : &udc->out[number - 1];
}

/* The requests that a controller answers itself: halting an endpoint. */
static bool cen_udc_own_request(struct cen_udc *udc, const struct usb_ctrlrequest *setup,
				void *data, int *ret)
{
	struct cen_udc_ep *ep;
	bool halt;

	if ((setup->bRequestType & (USB_TYPE_MASK | USB_RECIP_MASK)) != USB_RECIP_ENDPOINT)
		return false;
	ep = cen_udc_by_address(udc, le16_to_cpu(setup->wIndex));
	if (!ep)
		return false;
	*ret = -EPIPE;
	switch (setup->bRequest) {
	case USB_REQ_SET_FEATURE:
	case USB_REQ_CLEAR_FEATURE:
		halt = setup->bRequest == USB_REQ_SET_FEATURE;
		if (le16_to_cpu(setup->wValue) != USB_ENDPOINT_HALT)
			return true;
		spin_lock_irq(&udc->lock);
		if (ep->enabled) {
			ep->halted = halt || ep->wedged;
			*ret = 0;
		}
		spin_unlock_irq(&udc->lock);
		cen_udc_kick(udc);
		return true;
	case USB_REQ_GET_STATUS:
		spin_lock_irq(&udc->lock);
		if (ep->enabled && le16_to_cpu(setup->wLength) == 2) {
			*(__le16 *)data = cpu_to_le16(ep->halted << USB_ENDPOINT_HALT);
			*ret = 2;
		}
		spin_unlock_irq(&udc->lock);
		return true;
	default:
		return false;
	}
}

/* What the driver answered on ep0: a request, with data or empty. */
static int cen_udc_data_stage(struct cen_udc *udc, u16 length, void *data)
{
	struct cen_udc_ep *ep = &udc->ep0;
	struct cen_udc_req *req;
	int ret;

	spin_lock_irq(&udc->lock);
	req = list_first_entry_or_null(&ep->queue, struct cen_udc_req, node);
	if (!req) {
		if (ep->halted)
			ret = -EPIPE;
		else
			ret = udc->callbacks && udc->pullup ? -ETIMEDOUT : -ENODEV;
		ep->halted = false;
		spin_unlock_irq(&udc->lock);
		return ret;
	}
	list_del_init(&req->node);
	ret = cen_udc_move(ep, req, data, min_t(u32, length, req->request.length));
	req->request.status = ret;
	if (!ret)
		ret = req->request.actual;
	spin_unlock_irq(&udc->lock);

	local_bh_disable();
	cen_udc_giveback(ep, req);
	local_bh_enable();
	return ret;
}

static bool cen_udc_answered(struct cen_udc *udc)
{
	bool answered;

	spin_lock_irq(&udc->lock);
	answered = !list_empty(&udc->ep0.queue) || udc->ep0.halted || !udc->callbacks ||
		   !udc->pullup;
	spin_unlock_irq(&udc->lock);
	return answered;
}

int cen_udc_control(struct cen_udc *udc, const struct usb_ctrlrequest *setup, void *data)
{
	struct usb_gadget_driver *driver = cen_udc_driver(udc);
	struct usb_ctrlrequest copy = *setup;	/* drivers change it */
	int ret;

	if (!driver)
		return -ENODEV;
	if (cen_udc_own_request(udc, setup, data, &ret))
		return ret;
	/* an answer to something earlier is void now */
	cen_udc_nuke(&udc->ep0, -EPROTO);
	udc->ep0.in = setup->bRequestType & USB_DIR_IN;
	spin_lock_irq(&udc->lock);
	udc->ep0.halted = false;
	spin_unlock_irq(&udc->lock);

	/* an interrupt to the driver: it must not sleep */
	local_bh_disable();
	ret = driver->setup(&udc->gadget, &copy);
	local_bh_enable();
	if (ret < 0)
		return -EPIPE;
	wait_event_timeout(udc->wait, cen_udc_answered(udc), CEN_UDC_CONTROL_TIMEOUT);
	return cen_udc_data_stage(udc, le16_to_cpu(setup->wLength), data);
}

static int cen_udc_get_descriptor(struct cen_udc *udc, u8 type, void *data, u16 length)
{
	struct usb_ctrlrequest setup = {
		.bRequestType = USB_DIR_IN,
		.bRequest = USB_REQ_GET_DESCRIPTOR,
		.wValue = cpu_to_le16(type << 8),
		.wLength = cpu_to_le16(length),
	};
	int ret = cen_udc_control(udc, &setup, data);

	return ret < 0 || ret == length ? ret : -EPROTO;
}

/* As a host does: look at it, take its first configuration. */
static int cen_udc_configure(struct cen_udc *udc)
{
	struct usb_device_descriptor device;
	struct usb_config_descriptor config, *whole;
	struct usb_ctrlrequest setup = { .bRequest = USB_REQ_SET_CONFIGURATION };
	u16 length;
	int ret;

	ret = cen_udc_get_descriptor(udc, USB_DT_DEVICE, &device, sizeof(device));
	if (ret < 0)
		return ret;
	ret = cen_udc_get_descriptor(udc, USB_DT_CONFIG, &config, USB_DT_CONFIG_SIZE);
	if (ret < 0)
		return ret;
	length = le16_to_cpu(config.wTotalLength);
	if (length < USB_DT_CONFIG_SIZE)
		return -EPROTO;
	whole = kmalloc(length, GFP_KERNEL);
	if (!whole)
		return -ENOMEM;
	ret = cen_udc_get_descriptor(udc, USB_DT_CONFIG, whole, length);
	kfree(whole);
	if (ret < 0)
		return ret;
	setup.wValue = cpu_to_le16(config.bConfigurationValue);
	return cen_udc_control(udc, &setup, NULL);
}

/* P: bus */
static void cen_udc_enumerate(struct cen_udc *udc)
{
	struct usb_gadget_driver *driver = cen_udc_driver(udc);
	bool present;
	int ret;

	spin_lock_irq(&udc->lock);
	present = driver && udc->pullup && udc->plugged && !udc->configured;
	udc->configuring = present;
	spin_unlock_irq(&udc->lock);
	if (!present)
		return;
	udc->gadget.speed = udc->speed;
	udc->gadget.ep0->maxpacket = udc->speed >= USB_SPEED_SUPER ? 512 : 64;
	local_bh_disable();
	usb_gadget_udc_reset(&udc->gadget, driver);
	local_bh_enable();
	usb_gadget_set_state(&udc->gadget, USB_STATE_ADDRESS);
	ret = cen_udc_configure(udc);
	if (ret < 0)
		dev_info(&udc->pdev->dev, "the gadget cannot be configured: %d\n", ret);
	spin_lock_irq(&udc->lock);
	udc->configured = ret >= 0 && udc->pullup;
	udc->configuring = false;
	spin_unlock_irq(&udc->lock);
	/* transfers that waited for it */
	wake_up_all(&udc->wait);
	cen_udc_kick(udc);
}

void cen_udc_attach_work(struct work_struct *work)
{
	struct cen_udc *udc = container_of(work, struct cen_udc, attach);

	mutex_lock(&udc->bus);
	cen_udc_enumerate(udc);
	mutex_unlock(&udc->bus);
}

void cen_udc_plug(struct cen_udc *udc, bool plug)
{
	struct usb_gadget_driver *driver;
	bool was;

	mutex_lock(&udc->bus);
	spin_lock_irq(&udc->lock);
	was = udc->plugged;
	udc->plugged = plug;
	if (!plug) {
		udc->configured = false;
		udc->suspended = false;
		cen_udc_end_urbs_locked(udc, NULL, -ESHUTDOWN);
	}
	spin_unlock_irq(&udc->lock);
	driver = cen_udc_driver(udc);
	if (plug) {
		cen_udc_enumerate(udc);
	} else if (was && driver) {
		local_bh_disable();
		driver->disconnect(&udc->gadget);
		local_bh_enable();
		usb_gadget_set_state(&udc->gadget, USB_STATE_NOTATTACHED);
	}
	mutex_unlock(&udc->bus);
}

void cen_udc_sleep(struct cen_udc *udc, bool sleep)
{
	struct usb_gadget_driver *driver;
	bool change;

	mutex_lock(&udc->bus);
	spin_lock_irq(&udc->lock);
	change = udc->configured && udc->suspended != sleep;
	if (change)
		udc->suspended = sleep;
	spin_unlock_irq(&udc->lock);
	driver = cen_udc_driver(udc);
	if (change && driver) {
		local_bh_disable();
		if (sleep && driver->suspend)
			driver->suspend(&udc->gadget);
		else if (!sleep && driver->resume)
			driver->resume(&udc->gadget);
		local_bh_enable();
	}
	cen_udc_kick(udc);
	mutex_unlock(&udc->bus);
}
