// SPDX-License-Identifier: GPL-2.0
/*
 * usb_f_cen: a USB gadget function whose bulk endpoints are ports. What the composite core
 * calls: bind, settings, suspend.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "usb.h"

static int cen_usb_set_alt(struct usb_function *f, unsigned int interface, unsigned int alt)
{
	struct cen_usb *usb = cen_usb_from(f);
	u32 i;
	int ret;

	if (interface != usb->interface || alt > usb->has_idle_alt)
		return -EINVAL;
	for (i = 0; i < usb->nr_eps; i++)
		cen_usb_ep_disable(&usb->eps[i]);
	usb->current_alt = alt;
	if (alt)
		return 0;
	for (i = 0; i < usb->nr_eps; i++) {
		ret = cen_usb_ep_enable(&usb->eps[i]);
		if (ret)
			goto err_disable;
	}
	return 0;

err_disable:
	while (i--)
		cen_usb_ep_disable(&usb->eps[i]);
	return ret;
}

static int cen_usb_get_alt(struct usb_function *f, unsigned int interface)
{
	return cen_usb_from(f)->current_alt;
}

static void cen_usb_disable(struct usb_function *f)
{
	struct cen_usb *usb = cen_usb_from(f);
	u32 i;

	for (i = 0; i < usb->nr_eps; i++)
		cen_usb_ep_disable(&usb->eps[i]);
}

static void cen_usb_suspend(struct usb_function *f)
{
	struct cen_usb *usb = cen_usb_from(f);
	u32 i;

	for (i = 0; i < usb->nr_eps; i++)
		cen_usb_ep_suspend(&usb->eps[i], true);
}

static void cen_usb_resume(struct usb_function *f)
{
	struct cen_usb *usb = cen_usb_from(f);
	u32 i;

	for (i = 0; i < usb->nr_eps; i++)
		cen_usb_ep_suspend(&usb->eps[i], false);
}

static int cen_usb_register(struct cen_usb *usb, struct usb_gadget *gadget)
{
	char name[CEN_PORT_NAME_LEN + 1];	/* a number may have three digits to gcc */
	u32 i;
	int ret;

	for (i = 0; i < usb->nr_eps; i++) {
		struct cen_usb_ep *ep = &usb->eps[i];

		snprintf(name, sizeof(name), "usb-%s-%s%u", usb->opts->name,
			 ep->in ? "in" : "out", (u8)(ep->in ? i : i - usb->opts->in));
		ret = cen_usb_ep_register(ep, gadget, name);
		if (ret)
			goto err_unregister;
	}
	return 0;

err_unregister:
	while (i--)
		cen_usb_ep_unregister(&usb->eps[i]);
	return ret;
}

static int cen_usb_bind(struct usb_configuration *c, struct usb_function *f)
{
	struct cen_usb *usb = cen_usb_from(f);
	struct usb_gadget *gadget = c->cdev->gadget;
	int ret;

	if (usb->opts->zlp && !gadget_is_zlp_supported(gadget))
		return -EOPNOTSUPP;
	ret = cen_usb_describe(usb, c);
	if (ret)
		return ret;
	ret = cen_usb_register(usb, gadget);
	if (ret) {
		usb_free_all_descriptors(f);
		return ret;
	}
	mutex_lock(&usb->opts->mutex);
	usb->opts->usb = usb;
	mutex_unlock(&usb->opts->mutex);
	return 0;
}

/* The endpoints were disabled before: nothing flies any more, but things may be held. */
static void cen_usb_unbind(struct usb_configuration *c, struct usb_function *f)
{
	struct cen_usb *usb = cen_usb_from(f);
	u32 i;

	mutex_lock(&usb->opts->mutex);
	usb->opts->usb = NULL;
	mutex_unlock(&usb->opts->mutex);
	for (i = usb->nr_eps; i--;)
		cen_usb_ep_unregister(&usb->eps[i]);
	usb_free_all_descriptors(f);
}

static void cen_usb_free(struct usb_function *f)
{
	struct cen_usb *usb = cen_usb_from(f);

	mutex_lock(&usb->opts->mutex);
	usb->opts->users--;
	mutex_unlock(&usb->opts->mutex);
	kfree(usb);
}

static struct usb_function *cen_usb_alloc(struct usb_function_instance *instance)
{
	struct cen_usb_opts *opts = cen_usb_opts_from(instance);
	struct cen_usb *usb;
	u32 i, nr;

	mutex_lock(&opts->mutex);
	nr = opts->in + opts->out;
	if (!nr || opts->users) {
		mutex_unlock(&opts->mutex);
		/* port names are the instance's: one function of it */
		return ERR_PTR(nr ? -EBUSY : -EINVAL);
	}
	usb = kzalloc(struct_size(usb, eps, nr), GFP_KERNEL);
	if (!usb) {
		mutex_unlock(&opts->mutex);
		return ERR_PTR(-ENOMEM);
	}
	opts->users++;
	usb->opts = opts;
	usb->nr_eps = nr;
	for (i = 0; i < nr; i++) {
		usb->eps[i].usb = usb;
		usb->eps[i].in = i < opts->in;
		usb->eps[i].nr_jobs = opts->depth;
		usb->eps[i].zlp = opts->zlp && usb->eps[i].in;
	}
	mutex_unlock(&opts->mutex);

	usb->function.name = "cen";
	usb->function.bind = cen_usb_bind;
	usb->function.unbind = cen_usb_unbind;
	usb->function.set_alt = cen_usb_set_alt;
	usb->function.get_alt = cen_usb_get_alt;
	usb->function.disable = cen_usb_disable;
	usb->function.suspend = cen_usb_suspend;
	usb->function.resume = cen_usb_resume;
	usb->function.free_func = cen_usb_free;
	return &usb->function;
}

DECLARE_USB_FUNCTION_INIT(cen, cen_usb_opts_new, cen_usb_alloc);

CEN_IMPORT_NS(CENALLOC);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("A USB gadget function whose endpoints stream dma-bufs");
MODULE_LICENSE("GPL");
