// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors of the function: one vendor specific interface. Setting 0 has the endpoints,
 * setting 1 has none: a host parks the interface there without unconfiguring the device.
 */
#include <linux/slab.h>

#include "usb.h"

/* Two interfaces, an endpoint and its companion each, the end. */
#define CEN_USB_HEADERS	(2 + 2 * 2 * CEN_USB_EPS + 1)

static void cen_usb_describe_interface(struct cen_usb *usb, u8 alt, u8 eps, u8 string)
{
	usb->alt[alt] = (struct usb_interface_descriptor) {
		.bLength = USB_DT_INTERFACE_SIZE,
		.bDescriptorType = USB_DT_INTERFACE,
		.bInterfaceNumber = usb->interface,
		.bAlternateSetting = alt,
		.bNumEndpoints = eps,
		.bInterfaceClass = USB_CLASS_VENDOR_SPEC,
		.iInterface = string,
	};
}

static int cen_usb_describe_endpoint(struct cen_usb_ep *ep, struct usb_gadget *gadget, u32 burst)
{
	ep->fs = (struct usb_endpoint_descriptor) {
		.bLength = USB_DT_ENDPOINT_SIZE,
		.bDescriptorType = USB_DT_ENDPOINT,
		.bEndpointAddress = ep->in ? USB_DIR_IN : USB_DIR_OUT,
		.bmAttributes = USB_ENDPOINT_XFER_BULK,
		.wMaxPacketSize = cpu_to_le16(64),
	};
	/* picks a free endpoint and puts its address in */
	ep->ep = usb_ep_autoconfig(gadget, &ep->fs);
	if (!ep->ep)
		return -ENODEV;
	ep->hs = ep->fs;
	ep->hs.wMaxPacketSize = cpu_to_le16(512);
	ep->ss = ep->fs;
	ep->ss.wMaxPacketSize = cpu_to_le16(1024);
	ep->comp = (struct usb_ss_ep_comp_descriptor) {
		.bLength = USB_DT_SS_EP_COMP_SIZE,
		.bDescriptorType = USB_DT_SS_ENDPOINT_COMP,
		.bMaxBurst = burst,
	};
	return 0;
}

/* The descriptors of one speed, NULL-terminated. */
static void cen_usb_list(struct cen_usb *usb, struct usb_descriptor_header **list,
			 enum usb_device_speed speed)
{
	u32 i, n = 0;

	list[n++] = (struct usb_descriptor_header *)&usb->alt[0];
	for (i = 0; i < usb->nr_eps; i++) {
		struct cen_usb_ep *ep = &usb->eps[i];

		if (speed == USB_SPEED_FULL) {
			list[n++] = (struct usb_descriptor_header *)&ep->fs;
		} else if (speed == USB_SPEED_HIGH) {
			list[n++] = (struct usb_descriptor_header *)&ep->hs;
		} else {
			list[n++] = (struct usb_descriptor_header *)&ep->ss;
			list[n++] = (struct usb_descriptor_header *)&ep->comp;
		}
	}
	if (usb->has_idle_alt)
		list[n++] = (struct usb_descriptor_header *)&usb->alt[1];
	list[n] = NULL;
}

static int cen_usb_assign(struct cen_usb *usb)
{
	struct usb_descriptor_header **lists;
	int ret;

	lists = kcalloc(3 * CEN_USB_HEADERS, sizeof(*lists), GFP_KERNEL);
	if (!lists)
		return -ENOMEM;
	cen_usb_list(usb, lists, USB_SPEED_FULL);
	cen_usb_list(usb, lists + CEN_USB_HEADERS, USB_SPEED_HIGH);
	cen_usb_list(usb, lists + 2 * CEN_USB_HEADERS, USB_SPEED_SUPER);
	/* copies what it keeps */
	ret = usb_assign_descriptors(&usb->function, lists, lists + CEN_USB_HEADERS,
				     lists + 2 * CEN_USB_HEADERS, lists + 2 * CEN_USB_HEADERS);
	kfree(lists);
	return ret;
}

int cen_usb_describe(struct cen_usb *usb, struct usb_configuration *c)
{
	struct usb_string strings[] = { { .s = usb->opts->string }, { } };
	struct usb_gadget_strings table = { .language = 0x0409, .strings = strings };
	struct usb_gadget_strings *tables[] = { &table, NULL };
	struct usb_string *attached;
	u32 i;
	int ret;

	ret = usb_interface_id(c, &usb->function);
	if (ret < 0)
		return ret;
	usb->interface = ret;
	/* copies the tables, not the text: that is opts', which stays longer */
	attached = usb_gstrings_attach(c->cdev, tables, 1);
	if (IS_ERR(attached))
		return PTR_ERR(attached);
	for (i = 0; i < usb->nr_eps; i++) {
		ret = cen_usb_describe_endpoint(&usb->eps[i], c->cdev->gadget,
						usb->opts->maxburst);
		if (ret)
			return ret;
	}
	usb->has_idle_alt = gadget_is_altset_supported(c->cdev->gadget);
	cen_usb_describe_interface(usb, 0, usb->nr_eps, attached[0].id);
	cen_usb_describe_interface(usb, 1, 0, attached[0].id);
	return cen_usb_assign(usb);
}
