// SPDX-License-Identifier: GPL-2.0
/*
 * Platform devices that are nothing but their limits, and a driver that binds to
 * them: what an importing driver brings along.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/property.h>

#include "kapi.h"

static const struct property_entry kapi_firmware[] = {
	PROPERTY_ENTRY_U32("cenalloc,max-segments", 3),
	PROPERTY_ENTRY_U64("cenalloc,max-segment-size", SZ_2M),
	PROPERTY_ENTRY_U32("cenalloc,segment-boundary", SZ_16M - 1),
	PROPERTY_ENTRY_U32("cenalloc,alignment", SZ_64K),
	PROPERTY_ENTRY_U32("cenalloc,address-bits", 30),
	PROPERTY_ENTRY_U64("cenalloc,banks", BIT_ULL(40) | KAPI_BANK),
	PROPERTY_ENTRY_BOOL("cenalloc,non-coherent"),
	{ }
};

static const struct property_entry kapi_malformed[] = {
	PROPERTY_ENTRY_U32("cenalloc,alignment", 3),
	{ }
};

static const struct {
	u64 dma_mask;
	unsigned int seg_size;
	const struct property_entry *properties;
} kapi_kinds[KAPI_DEVICES] = {
	[KAPI_SILENT] = { .dma_mask = DMA_BIT_MASK(32) },
	[KAPI_NARROW] = { .dma_mask = DMA_BIT_MASK(32), .seg_size = SZ_4M },
	[KAPI_WIDE] = { .dma_mask = DMA_BIT_MASK(64), .seg_size = SZ_4M },
	[KAPI_FIRMWARE] = {
		.dma_mask = DMA_BIT_MASK(64),
		.seg_size = SZ_4M,
		.properties = kapi_firmware,
	},
	[KAPI_MALFORMED] = {
		.dma_mask = DMA_BIT_MASK(64),
		.seg_size = SZ_4M,
		.properties = kapi_malformed,
	},
	[KAPI_RANGES] = { .dma_mask = DMA_BIT_MASK(32), .seg_size = SZ_4M },
};

static struct platform_device *kapi_pdevs[KAPI_DEVICES];

static int kapi_probe(struct platform_device *pdev)
{
	unsigned int seg_size = kapi_kinds[pdev->id].seg_size;

	if (seg_size)
		dma_set_max_seg_size(&pdev->dev, seg_size);
	return 0;
}

static struct platform_driver kapi_driver = {
	.probe = kapi_probe,
	.driver = {
		.name = "cen_kapi",
	},
};

struct device *kapi_dev(enum kapi_device which)
{
	return &kapi_pdevs[which]->dev;
}

void kapi_devices_exit(void)
{
	int i;

	for (i = 0; i < KAPI_DEVICES; i++)
		platform_device_unregister(kapi_pdevs[i]);
	platform_driver_unregister(&kapi_driver);
}

int kapi_devices_init(void)
{
	int ret;
	int i;

	ret = platform_driver_register(&kapi_driver);
	if (ret)
		return ret;
	for (i = 0; i < KAPI_DEVICES; i++) {
		struct platform_device_info info = {
			.name = "cen_kapi",
			.id = i,
			.dma_mask = kapi_kinds[i].dma_mask,
			.properties = kapi_kinds[i].properties,
		};

		kapi_pdevs[i] = platform_device_register_full(&info);
		if (IS_ERR(kapi_pdevs[i])) {
			ret = PTR_ERR(kapi_pdevs[i]);
			kapi_pdevs[i] = NULL;
			kapi_devices_exit();
			return ret;
		}
	}
	return 0;
}
