// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a device: struct device first, then what its driver, the
 * firmware and the administrator say, each tightening what came before.
 */
#include <linux/cenalloc.h>
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/mem_encrypt.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/swiotlb.h>

#include "../compat/compat.h"
#include "device.h"

/*
 * The domain that translates for @dev, or NULL. device_iommu_mapped() is true in
 * pass-through as well, where bus addresses are memory addresses.
 */
static struct iommu_domain *cen_translating_domain(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && domain->type & __IOMMU_DOMAIN_PAGING ? domain : NULL;
}

static u64 cen_domain_granule(const struct iommu_domain *domain)
{
	return domain->pgsize_bitmap ? 1UL << __ffs(domain->pgsize_bitmap) : PAGE_SIZE;
}

bool cen_device_translated(struct device *dev)
{
	return cen_translating_domain(dev);
}

/* A device without a DMA mask moves data with the CPU: its driver uses vmap. */
static bool cen_device_does_dma(struct device *dev)
{
	return dev->dma_mask && *dev->dma_mask;
}

/* The largest 2^n - 1 that is not above @mask: a boundary that is at least as tight. */
static u64 cen_round_boundary(u64 mask)
{
	return mask & (mask + 1) ? BIT_ULL(fls64(mask) - 1) - 1 : mask;
}

/* What struct device says, with the segment size kept apart: see cen_device_facts(). */
static void cen_limits_from_device(struct device *dev, struct cen_limits *limits, u64 *seg_size)
{
	struct iommu_domain *domain = cen_translating_domain(dev);
	unsigned long boundary = dma_get_seg_boundary(dev);
	u64 min_align = dma_get_min_align_mask(dev);

	*limits = (struct cen_limits) {
		.addr_max = min_not_zero(*dev->dma_mask, dev->bus_dma_limit),
	};
	*seg_size = dma_get_max_seg_size(dev);
	if (boundary != ULONG_MAX)
		limits->seg_boundary = cen_round_boundary(boundary);
	if (min_align)
		limits->align = BIT_ULL(fls64(min_align));
	if (!dev_is_dma_coherent(dev))
		limits->flags |= CEN_LIMIT_NONCOHERENT;
	if (domain) {
		limits->flags |= CEN_LIMIT_IOMMU;
		if (domain->geometry.force_aperture)
			limits->addr_max = min_t(u64, limits->addr_max,
						 domain->geometry.aperture_end);
	}
}

/*
 * The bit that memory encryption adds to bus addresses. Where everything is
 * bounced anyway, the bounce buffers are decrypted and go without it.
 */
static u64 cen_encryption_bit(struct device *dev)
{
	return is_swiotlb_force_bounce(dev) ? 0 : __sme_set(0ULL);
}

/* Does @b start no later than right behind @a? */
static bool cen_window_reaches(const struct cen_window *a, const struct cen_window *b)
{
	return a->last == U64_MAX || b->first <= a->last + 1;
}

/* Keep the largest windows when there are more than the solver takes: any subset is safe. */
static u32 cen_window_keep(struct cen_window *windows, u32 nr, struct cen_window fresh)
{
	u32 i, smallest = 0;

	for (i = 0; i < nr; i++) {
		/* overlapping or adjacent: one window */
		if (cen_window_reaches(&fresh, &windows[i]) &&
		    cen_window_reaches(&windows[i], &fresh)) {
			windows[i].first = min(windows[i].first, fresh.first);
			windows[i].last = max(windows[i].last, fresh.last);
			return nr;
		}
		if (windows[i].last - windows[i].first <
		    windows[smallest].last - windows[smallest].first)
			smallest = i;
	}
	if (nr < CEN_DEVICE_WINDOWS)
		windows[nr++] = fresh;
	else if (fresh.last - fresh.first > windows[smallest].last - windows[smallest].first)
		windows[smallest] = fresh;
	return nr;
}

/*
 * Where in memory (CPU physical addresses) a device without an IOMMU reaches, given
 * @limits in terms of its bus. None is an answer: nowhere. On return @limits is in
 * terms of memory, as far as the windows do not say it.
 */
static u32 cen_device_windows(struct device *dev, struct cen_limits *limits,
			      struct cen_window *windows)
{
	const struct bus_dma_region *map = dev->dma_range_map;
	u64 encrypted = cen_encryption_bit(dev);
	u64 bus_max = limits->addr_max;
	u32 nr = 0;

	limits->addr_max = 0;
	if (bus_max < encrypted)
		return 0;
	bus_max -= encrypted;
	if (!map) {
		windows[0] = (struct cen_window) { .first = 0, .last = bus_max };
		return 1;
	}
	for (; map->size; map++) {
		u64 offset = map->dma_start - map->cpu_start;
		u64 kept = offset & -offset;	/* address bits below this one are the same */
		u64 span = map->size - 1;

		if (map->dma_start > bus_max)
			continue;
		/* Memory that is aligned would not be on the bus. */
		if (kept && limits->align > kept)
			continue;
		/* A segment within a smaller power of two is within the larger on either side. */
		if (kept && limits->seg_boundary >= kept)
			limits->seg_boundary = kept - 1;
		span = min(span, bus_max - map->dma_start);
		nr = cen_window_keep(windows, nr, (struct cen_window) {
			.first = map->cpu_start,
			.last = map->cpu_start + span,
		});
	}
	return nr;
}

/* Limits to constraints, for a device whose windows only struct device knows. */
static int cen_constraints_of_device(struct device *dev, struct cen_facts *facts)
{
	struct cen_window windows[CEN_DEVICE_WINDOWS];
	struct cen_limits limits = facts->limits;
	struct iommu_domain *domain;
	u32 nr;

	if (!cen_device_does_dma(dev))
		return cen_constraints_from_limits(&facts->constraints, &limits, NULL, 0, 1);

	domain = cen_translating_domain(dev);
	if (domain)
		return cen_constraints_from_limits(&facts->constraints, &limits, NULL, 0,
						   cen_domain_granule(domain));

	nr = cen_device_windows(dev, &limits, windows);
	return cen_constraints_from_limits(&facts->constraints, &limits, windows, nr, 1);
}

/* Add a source. What contradicts the others is kept in *@bad for the end. */
static void cen_facts_add(struct cen_facts *facts, const struct cen_limits *limits, u32 source,
			  int *bad)
{
	if (cen_limits_tighten(&facts->limits, limits))
		*bad = -EINVAL;
	facts->sources |= source;
}

int cen_device_facts(struct device *dev, const struct cen_limits *extra,
		     struct cen_facts *facts)
{
	const struct cen_limits *limits = &facts->limits;
	struct cen_limits more;
	u64 seg_size = 0;
	int ret, bad = 0;

	memset(facts, 0, sizeof(*facts));

	if (cen_device_does_dma(dev)) {
		cen_limits_from_device(dev, &more, &seg_size);
		cen_facts_add(facts, &more, CEN_FROM_DEVICE, &bad);
	}
	if (cen_driver_limits_get(dev, &more))
		cen_facts_add(facts, &more, CEN_FROM_DRIVER, &bad);
	ret = cen_firmware_limits(dev, &more);
	if (ret > 0)
		cen_facts_add(facts, &more, CEN_FROM_FIRMWARE, &bad);
	else if (ret < 0)
		bad = ret;
	if (cen_rule_get(dev, &more))
		cen_facts_add(facts, &more, CEN_FROM_ADMIN, &bad);
	if (extra) {
		/* Nobody can wish an IOMMU into being: it would loosen what is known. */
		if (extra->flags & CEN_LIMIT_IOMMU && !(limits->flags & CEN_LIMIT_IOMMU))
			bad = -EINVAL;
		more = *extra;
		more.flags &= ~CEN_LIMIT_IOMMU;
		cen_facts_add(facts, &more, 0, &bad);
	}

	/*
	 * 64 KiB is what struct device says when nobody chose a segment size (and what
	 * the PCI core writes into every device). Taken at its word it would confine a
	 * device that needs contiguous memory to 64 KiB buffers, so there it gives way,
	 * as it does to a size that somebody did choose.
	 */
	if (seg_size == SZ_64K && (limits->seg_size || limits->max_segs == 1))
		seg_size = 0;
	if (seg_size)
		cen_facts_add(facts, &(struct cen_limits) { .seg_size = seg_size }, 0, &bad);

	ret = cen_constraints_of_device(dev, facts);
	if (bad)
		facts->constraints.nr_windows = 0;
	return bad ?: ret;
}

int cen_device_facts_anonymous(const struct cen_limits *limits, struct cen_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->limits = *limits;
	return cen_constraints_from_limits(&facts->constraints, limits, NULL, 0,
					   limits->flags & CEN_LIMIT_IOMMU ? PAGE_SIZE : 1);
}

/**
 * cen_device_get_limits - what cenalloc knows of a device
 * @dev: the device; its driver must stay bound during the call
 * @limits: filled with the limits of all sources, merged
 *
 * Context: Process context. May sleep. Takes no lock that a driver could hold.
 * Return: 0, or -EINVAL when the sources contradict each other.
 */
int cen_device_get_limits(struct device *dev, struct cen_limits *limits)
{
	struct cen_facts facts;
	int ret;

	might_sleep();
	if (!dev || !limits)
		return -EINVAL;
	ret = cen_device_facts(dev, NULL, &facts);
	*limits = facts.limits;
	return ret;
}
CEN_EXPORT(cen_device_get_limits);

/* What bounces goes in pieces of so many bytes at most; larger ones are mapped by nobody. */
u64 cen_device_bounce_max(struct device *dev)
{
	return round_down(dma_max_mapping_size(dev), PAGE_SIZE);
}

/*
 * An IOMMU makes one segment of pages that lie apart, but a sync looks up its first address
 * only, and takes what lies behind that in memory for the rest.
 */
u64 cen_device_sync_step(struct device *dev)
{
	struct iommu_domain *domain;

	if (dev_is_dma_coherent(dev))
		return BIT_ULL(63);
	domain = cen_translating_domain(dev);
	return domain ? cen_domain_granule(domain) : BIT_ULL(63);
}

bool cen_device_would_bounce(struct device *dev, u64 first, u64 last)
{
	struct iommu_domain *domain;
	dma_addr_t dma_first, dma_last;

	if (!cen_device_does_dma(dev))
		return false;

	domain = cen_translating_domain(dev);
	if (domain) {
		/* What an untrusted device must not see beside the buffer is bounced. */
		return dev_is_pci(dev) && to_pci_dev(dev)->untrusted &&
		       (first | (last + 1)) & (cen_domain_granule(domain) - 1);
	}
	if (is_swiotlb_force_bounce(dev))
		return true;

	dma_first = phys_to_dma(dev, first);
	dma_last = phys_to_dma(dev, last);
	if (dma_first == DMA_MAPPING_ERROR || dma_last == DMA_MAPPING_ERROR)
		return true;
	/*
	 * The DMA API translates the start of a segment only: one that spans two
	 * dma-ranges would end up elsewhere.
	 */
	if (dma_last - dma_first != last - first)
		return true;
	return dma_last > min_not_zero(*dev->dma_mask, dev->bus_dma_limit);
}
