/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_POOL_H
#define _CEN_POOL_H

#include <linux/log2.h>
#include <linux/mmzone.h>
#include <linux/types.h>

struct page;

/* MAX_ORDER meant two things over time and has two names; this is the same everywhere. */
#define CEN_PAGE_ORDER_MAX	ilog2(MAX_ORDER_NR_PAGES)

/**
 * enum cen_zone - what memory is asked for
 * @CEN_ZONE_ANY: all the kernel allocates from
 * @CEN_ZONE_DMA32: below 4 GiB, or what the architecture says
 * @CEN_ZONE_DMA: the lowest
 *
 * Pooled memory comes back for the same wish it was allocated for, so that low
 * memory is not spent on those who do not need it.
 */
enum cen_zone {
	CEN_ZONE_ANY,
	CEN_ZONE_DMA32,
	CEN_ZONE_DMA,
	/* private: */
	CEN_NR_ZONES
};

int cen_pool_init(void);
void cen_pool_exit(void);

/*
 * Take a zeroed chunk of 2^@order pages, NULL when there is none. @last: the page allocator
 * has none either. May sleep (the chunk may have to be zeroed first).
 */
struct page *cen_pool_take(enum cen_zone zone, unsigned int order, bool last);
/*
 * Give a chunk of 2^@order pages (not split, charged to nobody) whatever it contains. False: the pool is full, the caller keeps it.
 */
bool cen_pool_put(enum cen_zone zone, unsigned int order, struct page *page);
/* Give everything back to the page allocator. */
void cen_pool_drain(void);
u64 cen_pool_bytes(enum cen_zone zone);

#endif /* _CEN_POOL_H */
