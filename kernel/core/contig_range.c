// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory anywhere: clearing a range of page frames.
 *
 * alloc_contig_range() moves away what is in a range, when all of it can be moved.
 * Which range that is must be found first: one inside the window, in one zone, with
 * nothing in it that is known to stay. It is a guess (pages come and go meanwhile),
 * so a few are tried: first those that are free already, which costs nobody
 * anything, then those that must be cleared.
 *
 * The search goes downwards from the highest address that will do: what lies lower is
 * what the more limited devices need. What is isolated is whole page blocks, however
 * little of them is wanted, and one that will not be isolated fails every range in it:
 * after a failure the search goes on in another block, and further away the more failed.
 * Only the last round tries one place after the other, and does so again: what held a page for
 * a moment (a fault, a CPU's list of pages) has let go of it by then.
 */
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "../compat/compat_mm.h"
#include "contig.h"
#include "heap.h"
#include "pool.h"
#include "zones.h"

/* So many ranges are tried before giving up, in each round, and in the last. */
#define CEN_RANGE_TRIES		32
#define CEN_RANGE_TRIES_LAST	256
/* So many failures double the distance to the next try. */
#define CEN_RANGE_PATIENCE	4
/* So often the last round is made, with a pause in between, while there are places to try. */
#define CEN_RANGE_ROUNDS	4
#define CEN_RANGE_PAUSE		msecs_to_jiffies(50)

/* Two that clear ranges at once only get in each other's way. */
static DEFINE_MUTEX(cen_range_lock);

/**
 * struct cen_range - a search
 * @req: what is wanted
 * @nr: pages
 * @align: pages
 * @zone: where the search is now
 * @move: accept pages that have to be moved away
 * @last: the last round
 * @tries: ranges left to try
 */
struct cen_range {
	const struct cen_alloc_request *req;
	unsigned long nr;
	unsigned long align;
	struct zone *zone;
	bool move;
	bool last;
	unsigned int tries;
};

/*
 * The order of the free block that @pfn lies in, -1 when it is not free. Only the
 * block's first page says so.
 */
static int cen_range_free_order(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i <= CEN_PAGE_ORDER_MAX; i++) {
		struct page *head = pfn_to_page(pfn & ~((1UL << i) - 1));
		unsigned long order;

		if (!PageBuddy(head))
			continue;
		order = READ_ONCE(page_private(head));
		return order >= i && order <= CEN_PAGE_ORDER_MAX ? order : -1;
	}
	return -1;
}

/*
 * The number of page frames from @pfn on that are no obstacle, 0 when this one is. No
 * locks: a wrong answer costs a failing try.
 */
static unsigned long cen_range_step(const struct cen_range *r, unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	int order;

	if (!page || page_zone(page) != r->zone || PageReserved(page) || PageHWPoison(page))
		return 0;
	if (page_count(page))
		return r->move && PageLRU(page);
	order = cen_range_free_order(pfn);
	if (order >= 0)
		return (1UL << order) - (pfn & ((1UL << order) - 1));
	/* on its way to or from the free lists */
	return r->move;
}

/* The lowest obstacle in [@first, @first + @r->nr), or the end when there is none. */
static unsigned long cen_range_obstacle(const struct cen_range *r, unsigned long first)
{
	unsigned long pfn = first, end = first + r->nr, step;

	while (pfn < end) {
		step = cen_range_step(r, pfn);
		if (!step)
			return pfn;
		pfn += step;
	}
	return end;
}

/* The highest place for the range that ends at @end or below and not below @low; or 0. */
static unsigned long cen_range_place(const struct cen_range *r, unsigned long low,
				     unsigned long end)
{
	unsigned long first;

	if (end < low || end - low < r->nr)
		return 0;
	first = round_down(end - r->nr, r->align);
	return first >= low ? first : 0;
}

/*
 * Something at @first would not go. Where the next range to try ends: it may overlap the
 * one that failed by half, but not its lowest block.
 */
static unsigned long cen_range_next(const struct cen_range *r, unsigned long first)
{
	unsigned long block = round_down(first, MAX_ORDER_NR_PAGES);
	unsigned int failed = CEN_RANGE_TRIES - r->tries;
	unsigned long away;

	if (r->last || r->nr > MAX_ORDER_NR_PAGES)
		return first + r->nr / 2;
	away = ((1UL << ((failed - 1) / CEN_RANGE_PATIENCE)) - 1) * MAX_ORDER_NR_PAGES;
	return block > away ? block - away : 0;
}

/* The part [*@low, *@end) of the zone that lies in the window; may be empty. */
static void cen_range_bounds(const struct cen_range *r, unsigned long *low, unsigned long *end)
{
	const struct cen_window *w = &r->req->window;

	*low = max_t(u64, r->zone->zone_start_pfn,
		     (w->first >> PAGE_SHIFT) + !!offset_in_page(w->first));
	/* page frame 0 is nobody's; it also stands for "none" here */
	*low = max(*low, 1UL);
	*end = zone_end_pfn(r->zone);
	if (w->last != U64_MAX)
		*end = min_t(u64, *end, (w->last + 1) >> PAGE_SHIFT);
}

static struct page *cen_range_search_zone(struct cen_range *r)
{
	unsigned long low, end, first, obstacle;
	int ret;

	cen_range_bounds(r, &low, &end);
	for (first = cen_range_place(r, low, end); first; first = cen_range_place(r, low, end)) {
		if (fatal_signal_pending(current))
			return ERR_PTR(-EINTR);
		cond_resched();

		obstacle = cen_range_obstacle(r, first);
		if (obstacle < first + r->nr) {
			end = obstacle;
			continue;
		}
		if (!r->tries)
			return ERR_PTR(-EBUSY);
		r->tries--;
		ret = cen_compat_alloc_contig(first, first + r->nr);
		if (!ret)
			return pfn_to_page(first);
		if (ret == -EINTR)
			return ERR_PTR(ret);
		end = cen_range_next(r, first);
	}
	return NULL;
}

/* ERR_PTR: -EBUSY when there were places, and none could be had; -ENOMEM; -EINTR. */
static struct page *cen_range_search(const struct cen_alloc_request *req, unsigned long nr,
				     unsigned long align, bool move, bool last)
{
	const unsigned int tries = last ? CEN_RANGE_TRIES_LAST : CEN_RANGE_TRIES;
	struct cen_range r = {
		.req = req,
		.nr = nr,
		.align = align,
		.move = move,
		.last = last,
		.tries = tries,
	};
	struct page *page;
	int nid, i;

	/* lower zones only when the higher ones have nothing */
	for (i = ZONE_MOVABLE - 1; i >= 0; i--) {
		for_each_online_node(nid) {
			r.zone = &NODE_DATA(nid)->node_zones[i];
			if (zone_managed_pages(r.zone) < nr)
				continue;
			/* rather move something than take what some have nothing else but */
			if (!i && !move && cen_zone_scarce())
				continue;
			page = cen_range_search_zone(&r);
			if (page)
				return page;
		}
	}
	return ERR_PTR(r.tries < tries ? -EBUSY : -ENOMEM);
}

/* The last round: somewhere, whatever it takes. */
static struct page *cen_range_insist(const struct cen_alloc_request *req, unsigned long nr,
				     unsigned long align)
{
	struct page *page = ERR_PTR(-EBUSY);
	int round;

	/* our own reserve does not move, but it goes */
	cen_pool_drain();
	for (round = 0; page == ERR_PTR(-EBUSY) && round < CEN_RANGE_ROUNDS; round++) {
		if (round)
			schedule_timeout_killable(CEN_RANGE_PAUSE);
		page = cen_range_search(req, nr, align, true, true);
	}
	return page;
}

struct page *cen_range_alloc(const struct cen_alloc_request *req, unsigned long nr_pages,
			     bool move)
{
	unsigned long align = cen_request_align(req) >> PAGE_SHIFT;
	/* what page tables and IOMMUs map in one go */
	unsigned long nice = max(align, min_t(unsigned long, roundup_pow_of_two(nr_pages), PTRS_PER_PTE));
	struct page *page;

	if (!IS_ENABLED(CONFIG_CONTIG_ALLOC))
		return ERR_PTR(-ENOMEM);
	if (mutex_lock_killable(&cen_range_lock))
		return ERR_PTR(-EINTR);

	page = cen_range_search(req, nr_pages, nice, false, false);
	if (move && IS_ERR(page) && page != ERR_PTR(-EINTR))
		page = cen_range_search(req, nr_pages, nice, true, false);
	if (move && IS_ERR(page) && page != ERR_PTR(-EINTR))
		page = cen_range_insist(req, nr_pages, align);
	mutex_unlock(&cen_range_lock);
	return page == ERR_PTR(-EBUSY) ? ERR_PTR(-ENOMEM) : page;
}

static unsigned long cen_range_longest_in_zone(const struct cen_range *r)
{
	unsigned long low, end, pfn, first, step, longest = 0;

	cen_range_bounds(r, &low, &end);
	first = round_up(low, r->align);
	for (pfn = low; pfn < end && !fatal_signal_pending(current); pfn += step) {
		step = cen_range_step(r, pfn);
		if (!step) {
			step = 1;
			first = round_up(pfn + 1, r->align);
		} else if (min(pfn + step, end) > first) {
			longest = max(longest, min(pfn + step, end) - first);
		}
		if (!(pfn % PTRS_PER_PTE))
			cond_resched();
	}
	return longest;
}

unsigned long cen_range_longest(const struct cen_alloc_request *req)
{
	struct cen_range r = {
		.req = req,
		.align = cen_request_align(req) >> PAGE_SHIFT,
		.move = true,
	};
	unsigned long longest = 0;
	int nid, i;

	if (!IS_ENABLED(CONFIG_CONTIG_ALLOC))
		return 0;
	for (i = 0; i < ZONE_MOVABLE; i++) {
		for_each_online_node(nid) {
			r.zone = &NODE_DATA(nid)->node_zones[i];
			longest = max(longest, cen_range_longest_in_zone(&r));
		}
	}
	return longest;
}
