// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a platform device of QEMU's edu: its registers and its interrupt line, the
 * PCI device behind them stays without a driver. So the platform half of cen_uio
 * meets a real bus master. For tests.
 *
 *	modprobe cen_uio_platform		platform:cen_uio_edu
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

static struct pci_dev *edu;
static struct platform_device *device;

static struct platform_device *make_device(void)
{
	const struct resource resources[] = {
		{
			.start = pci_resource_start(edu, 0),
			.end = pci_resource_end(edu, 0),
			.flags = IORESOURCE_MEM,
			.name = "registers",
			/* inside the BAR, not around it */
			.parent = &edu->resource[0],
		},
		{
			.start = edu->irq,
			.end = edu->irq,
			.flags = IORESOURCE_IRQ,
			.name = "interrupt",
		},
	};
	const struct platform_device_info info = {
		.name = "cen_uio_edu",
		.id = PLATFORM_DEVID_NONE,
		.res = resources,
		.num_res = ARRAY_SIZE(resources),
		.dma_mask = DMA_BIT_MASK(32),
	};

	return platform_device_register_full(&info);
}

static int __init edu_platform_init(void)
{
	int ret;

	edu = pci_get_device(0x1234, 0x11e8, NULL);
	if (!edu)
		return -ENODEV;
	/* Somebody's already: registers cannot be shared. */
	if (edu->dev.driver) {
		ret = -EBUSY;
		goto err_put;
	}
	ret = pci_enable_device(edu);
	if (ret)
		goto err_put;
	pci_set_master(edu);
	pci_intx(edu, 1);
	device = make_device();
	if (IS_ERR(device)) {
		ret = PTR_ERR(device);
		goto err_disable;
	}
	return 0;

err_disable:
	pci_clear_master(edu);
	pci_disable_device(edu);
err_put:
	pci_dev_put(edu);
	return ret;
}

static void __exit edu_platform_exit(void)
{
	platform_device_unregister(device);
	pci_clear_master(edu);
	pci_disable_device(edu);
	pci_dev_put(edu);
}

module_init(edu_platform_init);
module_exit(edu_platform_exit);

MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("QEMU's edu as a platform device; for tests");
MODULE_LICENSE("GPL");
