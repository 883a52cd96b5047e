// SPDX-License-Identifier: GPL-2.0
/*
 * Test devices, whose limits are whatever a test wants.
 */
#include <linux/cenalloc.h>
#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "importer.h"

static struct platform_device *cti_pdevs[CTI_DEVICES];
/* What a test set last; read by tests that own the device, one at a time. */
static struct cti_limits cti_limits[CTI_DEVICES];

/*
 * Coherent unless a test says otherwise, and where the architecture knows the difference
 * (arm64) the DMA API does as well.
 */
static void cti_device_coherent(struct device *dev, bool coherent)
{
#if defined(CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE) || defined(CONFIG_ARCH_HAS_SYNC_DMA_FOR_CPU)
	dev->dma_coherent = coherent;
#endif
}

int cti_device_limits(const struct cti_limits *arg)
{
	struct cen_limits limits = {
		.align = arg->align,
		.banks = arg->banks,
		.max_segs = arg->max_segs,
		.flags = arg->flags & CTI_NONCOHERENT ? CEN_LIMIT_NONCOHERENT : 0,
	};
	struct device *dev;
	int ret = 0;

	if (arg->device >= CTI_DEVICES || arg->addr_bits > 64 || arg->seg_size > UINT_MAX ||
	    arg->flags & ~CTI_NONCOHERENT)
		return -EINVAL;
	if (arg->seg_boundary && !is_power_of_2(arg->seg_boundary + 1))
		return -EINVAL;

	dev = &cti_pdevs[arg->device]->dev;
	device_lock(dev);
	if (limits.align || limits.banks || limits.max_segs || limits.flags)
		ret = cen_device_limit(dev, &limits);
	else
		cen_device_unlimit(dev);
	if (!ret) {
		/* Set as it is: dma_set_mask() has an opinion on what makes sense. */
		*dev->dma_mask = DMA_BIT_MASK(arg->addr_bits ?: 64);
		dma_set_max_seg_size(dev, arg->seg_size ?: UINT_MAX);
		dma_set_seg_boundary(dev, arg->seg_boundary ?: ULONG_MAX);
		cti_device_coherent(dev, !(arg->flags & CTI_NONCOHERENT));
		cti_limits[arg->device] = *arg;
	}
	device_unlock(dev);
	return ret;
}

const struct cti_limits *cti_device_get_limits(const struct device *dev)
{
	int i;

	for (i = 0; i < CTI_DEVICES; i++)
		if (dev == &cti_pdevs[i]->dev)
			return &cti_limits[i];
	return NULL;
}

struct device *cti_device_find(const char *name)
{
	struct device *dev;
	size_t skip;

	skip = str_has_prefix(name, "platform:");
	if (skip) {
		dev = bus_find_device_by_name(&platform_bus_type, NULL, name + skip);
	} else {
		skip = str_has_prefix(name, "pci:");
		if (!skip)
			return ERR_PTR(-EINVAL);
		dev = bus_find_device_by_name(&pci_bus_type, NULL, name + skip);
	}
	return dev ?: ERR_PTR(-ENOENT);
}

int cti_device_seg_size(const struct cti_seg_size *arg)
{
	struct device *dev;

	if (strnlen(arg->name, CTI_NAME_LEN) == CTI_NAME_LEN || !arg->seg_size ||
	    arg->seg_size > UINT_MAX)
		return -EINVAL;
	dev = cti_device_find(arg->name);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	device_lock(dev);
	if (dev->dma_parms)
		dma_set_max_seg_size(dev, arg->seg_size);
	device_unlock(dev);
	put_device(dev);
	return 0;
}

/* A driver, so that the devices are what devices usually are: bound. */
static int cti_probe(struct platform_device *pdev)
{
	return 0;
}

static struct platform_driver cti_driver = {
	.probe = cti_probe,
	.driver = {
		.name = "cen_test",
		.suppress_bind_attrs = true,
	},
};

static void cti_devices_unregister(void)
{
	int i;

	for (i = CTI_DEVICES - 1; i >= 0; i--) {
		if (!cti_pdevs[i])
			continue;
		cen_device_unlimit(&cti_pdevs[i]->dev);
		platform_device_unregister(cti_pdevs[i]);
		cti_pdevs[i] = NULL;
	}
}

int cti_devices_init(void)
{
	int i, ret;

	for (i = 0; i < CTI_DEVICES; i++) {
		const struct cti_limits none = { .device = i };
		struct platform_device *pdev;

		pdev = platform_device_register_simple("cen_test", i, NULL, 0);
		if (IS_ERR(pdev)) {
			ret = PTR_ERR(pdev);
			goto err_unregister;
		}
		cti_pdevs[i] = pdev;
		ret = cti_device_limits(&none);
		if (ret)
			goto err_unregister;
	}
	ret = platform_driver_register(&cti_driver);
	if (ret)
		goto err_unregister;
	return 0;

err_unregister:
	cti_devices_unregister();
	return ret;
}

void cti_devices_exit(void)
{
	platform_driver_unregister(&cti_driver);
	cti_devices_unregister();
}
