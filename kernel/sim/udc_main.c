// SPDX-License-Identifier: GPL-2.0
/*
 * cen_sim_udc: a USB device controller that is not there. For tests and demos.
 *
 * Its DMA limits are module parameters; what its host does is told through debugfs (udc_files.c).
 */
#include <linux/cenalloc.h>
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "udc.h"

#define CEN_UDC_MAX	4

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "number of controllers, 1 … 4");
static unsigned int dma_bits = 32;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "width of their DMA addresses");
static unsigned int max_segs;
module_param(max_segs, uint, 0444);
MODULE_PARM_DESC(max_segs, "most segments of a request, 0: any number");
static unsigned int seg_size;
module_param(seg_size, uint, 0444);
MODULE_PARM_DESC(seg_size, "largest segment in bytes, 0: 64 KiB");
static bool sg = true;
module_param(sg, bool, 0444);
MODULE_PARM_DESC(sg, "take scatter-gather lists");
static char *speed = "super";
module_param(speed, charp, 0444);
MODULE_PARM_DESC(speed, "full, high or super");

static struct cen_udc *cen_udcs[CEN_UDC_MAX];
static struct dentry *cen_udc_debugfs;

static int cen_udc_limits(struct device *dev)
{
	struct cen_limits limits = { .max_segs = max_segs };
	int ret;

	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits));
	if (ret)
		return ret;
	if (seg_size)
		dma_set_max_seg_size(dev, seg_size);
	return max_segs ? cen_device_limit(dev, &limits) : 0;
}

static void cen_udc_release(struct device *dev)
{
	kfree(cen_udc_from(dev_to_usb_gadget(dev)));
}

static struct cen_udc *cen_udc_create(int id, enum usb_device_speed max_speed)
{
	struct cen_udc *udc = kzalloc(sizeof(*udc), GFP_KERNEL);
	struct platform_device *pdev;
	int ret;

	if (!udc)
		return ERR_PTR(-ENOMEM);
	mutex_init(&udc->bus);
	spin_lock_init(&udc->lock);
	INIT_LIST_HEAD(&udc->ended);
	init_waitqueue_head(&udc->wait);
	INIT_WORK(&udc->attach, cen_udc_attach_work);
	udc->plugged = true;
	udc->max_segs = max_segs;
	udc->seg_size = seg_size;
	cen_udc_gadget_init(udc, max_speed, sg);

	pdev = platform_device_register_simple("cen_sim_udc", id, NULL, 0);
	if (IS_ERR(pdev)) {
		kfree(udc);
		return ERR_CAST(pdev);
	}
	udc->pdev = pdev;
	/* from here on cen_udc_release() frees */
	usb_initialize_gadget(&pdev->dev, &udc->gadget, cen_udc_release);
	ret = cen_udc_limits(&pdev->dev);
	if (ret)
		goto err_put;
	ret = cen_udc_bus_start(udc);
	if (ret)
		goto err_limit;
	ret = usb_add_gadget(&udc->gadget);
	if (ret)
		goto err_bus;
	cen_udc_files_add(udc, cen_udc_debugfs);
	return udc;

err_bus:
	cen_udc_bus_stop(udc);
err_limit:
	cen_device_unlimit(&pdev->dev);
err_put:
	usb_put_gadget(&udc->gadget);
	platform_device_unregister(pdev);
	return ERR_PTR(ret);
}

static void cen_udc_destroy(struct cen_udc *udc)
{
	struct platform_device *pdev = udc->pdev;

	/* those who wait in a file go first: removing files waits for them */
	spin_lock_irq(&udc->lock);
	udc->gone = true;
	spin_unlock_irq(&udc->lock);
	wake_up_all(&udc->wait);
	debugfs_remove_recursive(udc->debugfs);

	/* unbinds the gadget driver */
	usb_del_gadget(&udc->gadget);
	cancel_work_sync(&udc->attach);
	cen_udc_bus_stop(udc);
	usb_put_gadget(&udc->gadget);
	cen_device_unlimit(&pdev->dev);
	platform_device_unregister(pdev);
}

static int __init cen_sim_udc_init(void)
{
	enum usb_device_speed max_speed;
	unsigned int i;
	int ret;

	if (!strcmp(speed, "full"))
		max_speed = USB_SPEED_FULL;
	else if (!strcmp(speed, "high"))
		max_speed = USB_SPEED_HIGH;
	else if (!strcmp(speed, "super"))
		max_speed = USB_SPEED_SUPER;
	else
		return -EINVAL;
	if (!devices || devices > CEN_UDC_MAX || !dma_bits || dma_bits > 64)
		return -EINVAL;
	cen_udc_debugfs = debugfs_create_dir("cen_sim_udc", NULL);
	for (i = 0; i < devices; i++) {
		cen_udcs[i] = cen_udc_create(i, max_speed);
		if (IS_ERR(cen_udcs[i])) {
			ret = PTR_ERR(cen_udcs[i]);
			goto err_destroy;
		}
	}
	return 0;

err_destroy:
	while (i--)
		cen_udc_destroy(cen_udcs[i]);
	debugfs_remove_recursive(cen_udc_debugfs);
	return ret;
}

static void __exit cen_sim_udc_exit(void)
{
	unsigned int i = devices;

	while (i--)
		cen_udc_destroy(cen_udcs[i]);
	debugfs_remove_recursive(cen_udc_debugfs);
}

module_init(cen_sim_udc_init);
module_exit(cen_sim_udc_exit);

CEN_IMPORT_NS(CENALLOC);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("A USB device controller that is not there, for tests and demos of cenalloc");
MODULE_LICENSE("GPL");
