// SPDX-License-Identifier: GPL-2.0
/*
 * Knows where buffers are and answers only whether some bytes tell it. For tests.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "../../../kernel/compat/compat.h"
#include "oracle.h"

/* A device that sees memory as the CPU does: through it buffers are looked up. */
static struct platform_device *cuo_device;

static int cuo_look(const struct cuo_target *target, struct cuo_search *arg)
{
	u8 *data;

	if (!arg->length || arg->length > SZ_4M)
		return -EINVAL;
	data = vmemdup_user(u64_to_user_ptr(arg->data), arg->length);
	if (IS_ERR(data))
		return PTR_ERR(data);
	if (!cuo_plant(target, data, arg->length, arg)) {
		kvfree(data);
		return -EINVAL;
	}
	cuo_search(target, data, arg->length, arg);
	kvfree(data);
	return 0;
}

static int cuo_look_at_buffer(struct dma_buf *dmabuf, struct cuo_target *target,
			      struct cuo_search *arg)
{
	struct dma_buf_attachment *attach;
	int ret;

	attach = dma_buf_attach(dmabuf, &cuo_device->dev);
	if (IS_ERR(attach))
		return PTR_ERR(attach);
	target->memory = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (IS_ERR(target->memory)) {
		ret = PTR_ERR(target->memory);
	} else {
		ret = cuo_look(target, arg);
		dma_buf_unmap_attachment_unlocked(attach, target->memory, DMA_BIDIRECTIONAL);
	}
	dma_buf_detach(dmabuf, attach);
	return ret;
}

static long cuo_ioctl(struct file *filp, unsigned int cmd, unsigned long uptr)
{
	void __user *user = (void __user *)uptr;
	struct cuo_target target = {};
	struct cuo_search arg;
	struct iommu_domain *domain;
	struct dma_buf *dmabuf;
	struct device *dev;
	int ret;

	if (cmd != CUO_IOC_SEARCH)
		return -ENOTTY;
	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	arg.device[sizeof(arg.device) - 1] = '\0';
	dev = bus_find_device_by_name(&pci_bus_type, NULL, arg.device);
	if (!dev)
		return -ENODEV;
	domain = iommu_get_domain_for_dev(dev);
	if (domain && domain->type & __IOMMU_DOMAIN_PAGING)
		target.domain = domain;

	dmabuf = dma_buf_get(arg.fd);
	if (IS_ERR(dmabuf)) {
		ret = PTR_ERR(dmabuf);
	} else {
		ret = cuo_look_at_buffer(dmabuf, &target, &arg);
		dma_buf_put(dmabuf);
	}
	put_device(dev);
	if (!ret && copy_to_user(user, &arg, sizeof(arg)))
		ret = -EFAULT;
	return ret;
}

static const struct file_operations cuo_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = cuo_ioctl,
};

static struct miscdevice cuo_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cen_uio_oracle",
	.fops = &cuo_fops,
	.mode = 0600,
};

static int __init cuo_init(void)
{
	int ret;

	cuo_device = platform_device_register_simple("cen_uio_oracle", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(cuo_device))
		return PTR_ERR(cuo_device);
	ret = dma_coerce_mask_and_coherent(&cuo_device->dev, DMA_BIT_MASK(64));
	if (!ret)
		ret = misc_register(&cuo_misc);
	if (ret)
		platform_device_unregister(cuo_device);
	return ret;
}

static void __exit cuo_exit(void)
{
	misc_deregister(&cuo_misc);
	platform_device_unregister(cuo_device);
}

module_init(cuo_init);
module_exit(cuo_exit);

CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("tells whether some bytes give an address away; for tests");
MODULE_LICENSE("GPL");
