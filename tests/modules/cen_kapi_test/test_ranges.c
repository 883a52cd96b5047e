// SPDX-License-Identifier: GPL-2.0
/*
 * dma-ranges: a device on a bus whose first GiB is the fifth of memory, and on one
 * whose addresses it cannot emit.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swiotlb.h>

#include "../../../kernel/compat/compat.h"
#include "kapi.h"

#define KAPI_RANGE_MEMORY	(4ULL * SZ_1G)

/* As the device tree code does it; the driver core frees it when the driver unbinds. */
static bool kapi_set_range(struct device *dev, u64 bus)
{
	struct bus_dma_region *map = kcalloc(2, sizeof(*map), GFP_KERNEL);

	if (!map)
		return false;
	map->cpu_start = KAPI_RANGE_MEMORY;
	map->dma_start = bus;
	map->size = SZ_1G;
#ifdef CEN_HAVE_REGION_OFFSET
	/* Older kernels translate by the difference, which they keep beside both. */
	map->offset = map->cpu_start - map->dma_start;
#endif
	dev->dma_range_map = map;
	return true;
}

/* Binding again leaves the device without a range. */
static void kapi_clear_range(struct device *dev)
{
	device_release_driver(dev);
	kapi_errno(device_attach(dev), 1, "ranges: the driver binds again");
}

static void kapi_test_shifted(struct device *dev)
{
	struct dma_buf *dmabuf = cen_buffer_create(SZ_64K, 0, 0);
	struct dma_buf_attachment *attach;
	struct cen_plan plan = {};
	struct iosys_map map;
	struct sg_table *sgt;

	if (!kapi_errptr(dmabuf, 0, "ranges: a buffer"))
		return;
	attach = dma_buf_attach(dmabuf, dev);
	if (!kapi_errptr(attach, 0, "ranges: attach"))
		goto release;
	kapi_errno(cen_buffer_commit(dmabuf, &plan), 0, "ranges: the plan");
	kapi_equal(plan.addr_bits, 33, "ranges: memory needs more bits than the device has");
	if (!kapi_errno(dma_buf_vmap_unlocked(dmabuf, &map), 0, "ranges: vmap"))
		goto detach;
	memset(map.vaddr, 0x44, SZ_64K);
	dma_buf_vunmap_unlocked(dmabuf, &map);
	/* Bounce buffers are not in the bus's range, so what is bounced cannot be mapped. */
	if (is_swiotlb_force_bounce(dev)) {
		kapi_ok(true, "ranges: map # SKIP everything is bounced");
		goto detach;
	}
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (!kapi_errptr(sgt, 0, "ranges: map"))
		goto detach;
	kapi_ok(sg_dma_address(sgt->sgl) + sg_dma_len(sgt->sgl) <= SZ_1G,
		"ranges: within the bus's GiB");
	kapi_ok(!memchr_inv(phys_to_virt(dma_to_phys(dev, sg_dma_address(sgt->sgl))), 0x44,
			    sg_dma_len(sgt->sgl)), "ranges: where the CPU wrote");
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
detach:
	dma_buf_detach(dmabuf, attach);
release:
	kapi_release(dmabuf);
}

static void kapi_test_unreachable(struct device *dev)
{
	const struct cen_limits narrow = { .addr_max = DMA_BIT_MASK(28) };
	struct dma_buf *dmabuf = cen_buffer_create(SZ_64K, 0, 0);

	if (!kapi_errptr(dmabuf, 0, "ranges: another buffer"))
		return;
	kapi_errno(cen_buffer_declare(dmabuf, dev, &narrow), -EINVAL,
		   "ranges: the bus begins where the device ends");
	kapi_release(dmabuf);
}

/* An offset of 64 KiB leaves no alignment above that, whatever is done in memory. */
static void kapi_test_misaligned(struct device *dev)
{
	struct cen_limits limits = { .align = SZ_128K };
	struct dma_buf *dmabuf = cen_buffer_create(SZ_64K, 0, 0);

	if (!kapi_errptr(dmabuf, 0, "ranges: yet another buffer"))
		return;
	kapi_errno(cen_buffer_declare(dmabuf, dev, &limits), -EINVAL,
		   "ranges: alignment that the bus does not keep");
	limits.align = SZ_64K;
	kapi_errno(cen_buffer_declare(dmabuf, dev, &limits), 0,
		   "ranges: alignment that it does keep");
	kapi_release(dmabuf);
}

void kapi_test_ranges(void)
{
	struct device *dev = kapi_dev(KAPI_RANGES);

	if (!pfn_valid(PHYS_PFN(KAPI_RANGE_MEMORY + SZ_1G) - 1)) {
		kapi_ok(true, "ranges # SKIP no memory there");
		return;
	}
	if (!kapi_ok(kapi_set_range(dev, 0), "ranges: the first GiB of the bus"))
		return;
	kapi_test_shifted(dev);
	kapi_clear_range(dev);
	if (!kapi_ok(kapi_set_range(dev, SZ_1G), "ranges: the second GiB of the bus"))
		return;
	kapi_test_unreachable(dev);
	kapi_clear_range(dev);
	if (!kapi_ok(kapi_set_range(dev, SZ_64K), "ranges: a bus with an odd offset"))
		return;
	kapi_test_misaligned(dev);
	kapi_clear_range(dev);
}
