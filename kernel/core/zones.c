// SPDX-License-Identifier: GPL-2.0
/*
 * What the page allocator can be asked for: which addresses the zones cover on
 * this machine. Their limits differ between architectures and, on some, between
 * boards, so they are read from the zones themselves.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/seqlock.h>
#include <linux/sizes.h>

#include "zones.h"

/* A lowest zone of that size is no more precious than other memory. */
#define CEN_DMA_AMPLE	SZ_128M

/*
 * The zone that a wish is served from first; the page allocator goes on to lower
 * ones. Not ZONE_MOVABLE: buffers do not move.
 */
static int cen_zone_top(enum cen_zone zone)
{
	switch (zone) {
	case CEN_ZONE_ANY:
		return ZONE_MOVABLE - 1;
	case CEN_ZONE_DMA32:
#ifdef CONFIG_ZONE_DMA32
		return ZONE_DMA32;
#else
		return -1;
#endif
	case CEN_ZONE_DMA:
#ifdef CONFIG_ZONE_DMA
		return ZONE_DMA;
#else
		return -1;
#endif
	default:
		return -1;
	}
}

gfp_t cen_zone_gfp(enum cen_zone zone)
{
	switch (zone) {
	case CEN_ZONE_DMA32:
		return GFP_USER | __GFP_DMA32;
	case CEN_ZONE_DMA:
		return GFP_USER | __GFP_DMA;
	default:
		return GFP_HIGHUSER;
	}
}

/*
 * The facts, which are asked for several times with every allocation, as of @total pages of
 * memory: they change when memory is added, removed or ballooned.
 */
static struct {
	seqlock_t lock;		/* of the rest */
	unsigned long total;
	atomic64_t changes;
	struct cen_zone_facts facts[CEN_NR_ZONES];
	u64 largest;
} cen_zones = {
	.lock = __SEQLOCK_UNLOCKED(cen_zones.lock),
};

static void cen_zone_read(enum cen_zone zone, struct cen_zone_facts *facts)
{
	u64 first = U64_MAX, end = 0;
	int nid, i;

	facts->pages = 0;
	for_each_online_node(nid) {
		for (i = 0; i <= cen_zone_top(zone); i++) {
			struct zone *z = &NODE_DATA(nid)->node_zones[i];

			if (!managed_zone(z))
				continue;
			first = min_t(u64, first, z->zone_start_pfn);
			end = max_t(u64, end, zone_end_pfn(z));
			facts->pages += zone_managed_pages(z);
		}
	}
	facts->window.first = first << PAGE_SHIFT;
	facts->window.last = (end << PAGE_SHIFT) - 1;
}

static void cen_zones_read(unsigned long total)
{
	int nid, i;

	write_seqlock(&cen_zones.lock);
	for (i = 0; i < CEN_NR_ZONES; i++)
		cen_zone_read(i, &cen_zones.facts[i]);
	cen_zones.largest = 0;
	for_each_online_node(nid) {
		struct zone *zones = NODE_DATA(nid)->node_zones;

		for (i = 0; i < ZONE_MOVABLE; i++)
			cen_zones.largest = max_t(u64, cen_zones.largest,
						  zone_managed_pages(&zones[i]));
	}
	cen_zones.total = total;
	atomic64_inc(&cen_zones.changes);
	write_sequnlock(&cen_zones.lock);
}

static void cen_zones_refresh(void)
{
	unsigned long total = totalram_pages();

	if (unlikely(READ_ONCE(cen_zones.total) != total))
		cen_zones_read(total);
}

bool cen_zone_facts(enum cen_zone zone, struct cen_zone_facts *facts)
{
	unsigned int seq;

	cen_zones_refresh();
	do {
		seq = read_seqbegin(&cen_zones.lock);
		*facts = cen_zones.facts[zone];
	} while (read_seqretry(&cen_zones.lock, seq));
	return facts->pages;
}

u64 cen_zones_changes(void)
{
	cen_zones_refresh();
	return atomic64_read_acquire(&cen_zones.changes);
}

u64 cen_zone_largest(void)
{
	unsigned int seq;
	u64 pages;

	cen_zones_refresh();
	do {
		seq = read_seqbegin(&cen_zones.lock);
		pages = cen_zones.largest;
	} while (read_seqretry(&cen_zones.lock, seq));
	return pages;
}

bool cen_zone_scarce(void)
{
	struct cen_zone_facts facts;

	return cen_zone_facts(CEN_ZONE_DMA, &facts) && facts.pages << PAGE_SHIFT < CEN_DMA_AMPLE;
}
