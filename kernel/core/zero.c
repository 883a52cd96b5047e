// SPDX-License-Identifier: GPL-2.0
/*
 * Clearing memory in bulk.
 *
 * A few pages that are about to be used: clear_page() leaves them in the cache. Large
 * chunks do not fit it anyway, and what is cleared ahead of time is used by another
 * CPU, later: that would only push out what others work with. There the stores go
 * past the cache, where the architecture has such.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "zero.h"

/* From here on the cache is bypassed. */
#define CEN_STREAM_PAGES	(SZ_256K >> PAGE_SHIFT)
/* How much is cleared between two chances to be scheduled away. */
#define CEN_ZERO_BATCH		(SZ_256K >> PAGE_SHIFT)

#ifdef CONFIG_X86_64
static bool cen_stream_zero(struct page *page, unsigned long bytes)
{
	unsigned long *at = page_address(page);
	unsigned long *end = at + bytes / sizeof(*at);

	for (; at < end; at += 8)
		asm volatile("movnti %1, 0(%0)\n\t"
			     "movnti %1, 8(%0)\n\t"
			     "movnti %1, 16(%0)\n\t"
			     "movnti %1, 24(%0)\n\t"
			     "movnti %1, 32(%0)\n\t"
			     "movnti %1, 40(%0)\n\t"
			     "movnti %1, 48(%0)\n\t"
			     "movnti %1, 56(%0)"
			     : : "r" (at), "r" (0UL) : "memory");
	/* ordered before whatever hands the memory on */
	asm volatile("sfence" : : : "memory");
	return true;
}
#else
static bool cen_stream_zero(struct page *page, unsigned long bytes)
{
	return false;
}
#endif

void cen_zero_pages(struct page *page, unsigned long nr_pages, bool cold)
{
	bool stream = cold || nr_pages >= CEN_STREAM_PAGES;

	while (nr_pages) {
		unsigned long i, batch = min_t(unsigned long, nr_pages, CEN_ZERO_BATCH);

		if (!stream || !cen_stream_zero(page, batch << PAGE_SHIFT))
			for (i = 0; i < batch; i++)
				clear_highpage(page + i);
		page += batch;
		nr_pages -= batch;
		cond_resched();
	}
}
