// SPDX-License-Identifier: GPL-2.0
/*
 * cen_device_limit(), its devm variant, cen_device_unlimit(), cen_device_get_limits().
 */
#include <linux/dma-mapping.h>

#include "kapi.h"

static struct cen_limits kapi_limits_of(enum kapi_device which)
{
	struct cen_limits limits = {};

	kapi_errno(cen_device_get_limits(kapi_dev(which), &limits), 0, "limits can be read");
	return limits;
}

static void kapi_test_malformed(void)
{
	struct device *dev = kapi_dev(KAPI_WIDE);
	struct cen_limits limits = {};

	kapi_errno(cen_device_limit(NULL, &limits), -EINVAL, "limits of no device");
	kapi_errno(cen_device_limit(dev, NULL), -EINVAL, "no limits");
	kapi_errno(devm_cen_device_limit(NULL, &limits), -EINVAL, "devm: limits of no device");
	kapi_errno(cen_device_get_limits(NULL, &limits), -EINVAL, "read: no device");
	limits.align = 3;
	kapi_errno(cen_device_limit(dev, &limits), -EINVAL, "alignment of 3");
	kapi_errno(devm_cen_device_limit(dev, &limits), -EINVAL, "devm: alignment of 3");
	limits = (struct cen_limits) { .flags = CEN_LIMIT_IOMMU };
	kapi_errno(cen_device_limit(dev, &limits), -EINVAL, "a driver wishes for an IOMMU");
	limits = (struct cen_limits) { .flags = ~CEN_LIMIT_FLAGS };
	kapi_errno(cen_device_limit(dev, &limits), -EINVAL, "unknown flag");
	kapi_equal(kapi_limits_of(KAPI_WIDE).align, 0, "what was refused is not in force");
}

/* struct device alone */
static void kapi_test_facts(void)
{
	struct cen_limits limits = kapi_limits_of(KAPI_SILENT);

	kapi_equal(limits.addr_max, DMA_BIT_MASK(32), "the DMA mask is the window");
	kapi_equal(limits.seg_size, SZ_64K, "silence is 64 KiB segments");
	kapi_equal(limits.max_segs, 0, "struct device knows no segment count");
	limits = kapi_limits_of(KAPI_WIDE);
	kapi_equal(limits.addr_max, DMA_BIT_MASK(64), "a 64-bit mask");
	kapi_equal(limits.seg_size, SZ_4M, "the segment size the driver set");
}

static void kapi_test_replace(void)
{
	struct device *dev = kapi_dev(KAPI_SILENT);
	struct cen_limits limits = { .max_segs = 4, .align = SZ_64K };

	kapi_errno(cen_device_limit(dev, &limits), 0, "limits stated");
	limits = kapi_limits_of(KAPI_SILENT);
	kapi_equal(limits.max_segs, 4, "segments stated");
	kapi_equal(limits.align, SZ_64K, "alignment stated");
	kapi_equal(limits.seg_size, SZ_64K, "4 segments of 64 KiB");

	limits = (struct cen_limits) { .max_segs = 1 };
	kapi_errno(cen_device_limit(dev, &limits), 0, "limits stated again");
	limits = kapi_limits_of(KAPI_SILENT);
	kapi_equal(limits.max_segs, 1, "the later statement counts");
	kapi_equal(limits.align, 0, "the earlier one does not");
	kapi_equal(limits.seg_size, 0, "silence does not confine one segment to 64 KiB");

	limits = (struct cen_limits) { .max_segs = 1, .seg_size = SZ_32K };
	cen_device_limit(dev, &limits);
	kapi_equal(kapi_limits_of(KAPI_SILENT).seg_size, SZ_32K, "a size that was chosen does");

	limits = (struct cen_limits) { .addr_max = DMA_BIT_MASK(24) };
	cen_device_limit(dev, &limits);
	kapi_equal(kapi_limits_of(KAPI_SILENT).addr_max, DMA_BIT_MASK(24), "limits tighten");
	limits.addr_max = DMA_BIT_MASK(40);
	cen_device_limit(dev, &limits);
	kapi_equal(kapi_limits_of(KAPI_SILENT).addr_max, DMA_BIT_MASK(32), "and never loosen");

	cen_device_unlimit(dev);
	kapi_equal(kapi_limits_of(KAPI_SILENT).max_segs, 0, "limits withdrawn");
	cen_device_unlimit(dev);
	kapi_equal(kapi_limits_of(KAPI_SILENT).addr_max, DMA_BIT_MASK(32),
		   "withdrawing twice is harmless");
	kapi_equal(kapi_limits_of(KAPI_NARROW).max_segs, 0, "no other device was meant");
}

static void kapi_test_devm(void)
{
	struct device *dev = kapi_dev(KAPI_NARROW);
	struct cen_limits limits = { .max_segs = 7 };

	kapi_errno(devm_cen_device_limit(dev, &limits), 0, "devm: limits stated");
	kapi_equal(kapi_limits_of(KAPI_NARROW).max_segs, 7, "devm: they count");
	limits.max_segs = 5;
	kapi_errno(devm_cen_device_limit(dev, &limits), 0, "devm: limits stated again");
	kapi_equal(kapi_limits_of(KAPI_NARROW).max_segs, 5, "devm: the later ones count");

	device_release_driver(dev);
	kapi_ok(!dev->driver, "devm: the driver unbinds");
	kapi_equal(kapi_limits_of(KAPI_NARROW).max_segs, 0, "devm: and takes them along");
	kapi_errno(device_attach(dev), 1, "devm: the driver binds again");
	kapi_equal(kapi_limits_of(KAPI_NARROW).max_segs, 0, "devm: without them");
}

void kapi_test_limits(void)
{
	kapi_test_malformed();
	kapi_test_facts();
	kapi_test_replace();
	kapi_test_devm();
}
