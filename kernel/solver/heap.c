// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Would one heap do? */
#include "internal.h"

u64 cen_window_room(const struct cen_window *w, u64 align)
{
	struct cen_window rest = *w;
	u64 pad = -w->first & (align - 1);

	if (pad > w->last - w->first)
		return 0;
	rest.first += pad;
	return cen_window_bytes(&rest);
}

u32 cen_heap_nr_reach(const struct cen_heap_props *heap)
{
	return heap->nr_reach < CEN_HEAP_REACH ? heap->nr_reach : CEN_HEAP_REACH;
}

bool cen_heap_excluded(const struct cen_heap_props *heap, u32 index,
		       const struct cen_request *req)
{
	return heap->disabled || !cen_heap_nr_reach(heap) ||
	       (req->heap_mask && !(req->heap_mask & (1U << index)));
}

/* All of a heap's memory lies in all of its banks: one common bank is enough. */
bool cen_heap_banks_do(const struct cen_merged *m, const struct cen_heap_props *heap)
{
	return m->banks == U64_MAX || (m->banks & heap->banks);
}

/* Does the buffer fit @w, taken from @heap? */
static bool cen_heap_fits(const struct cen_merged *m, const struct cen_heap_props *heap,
			  const struct cen_request *req, const struct cen_window *w,
			  struct cen_shape *shape)
{
	u64 base = cen_shape_base_align(m, req);
	u64 align_max = cen_pow2_down(heap->align_max);

	/* what is cheap comes first: an arbitrary heap tries many windows */
	if (align_max < base || cen_window_room(w, base) < req->size)
		return false;
	/* a tight window has no room for strong alignments, longer chunks may do without */
	while (cen_window_room(w, align_max) < req->size)
		align_max >>= 1;
	cen_shape_find(shape, m, req, w, align_max);
	return shape->possible && shape->chunk <= heap->chunk_max;
}

/**
 * struct cen_search - the best window of an arbitrary heap so far
 * @m: the devices
 * @heap: the heap
 * @req: the buffer
 * @choice: the window and its shape, when there is one
 * @found: there is one
 */
struct cen_search {
	const struct cen_merged *m;
	const struct cen_heap_props *heap;
	const struct cen_request *req;
	struct cen_choice *choice;
	bool found;
};

/* Take [first, last] if it will do and is roomier than what there is. */
static void cen_search_try(struct cen_search *s, u64 first, u64 last)
{
	const struct cen_window w = { .first = first, .last = last };
	struct cen_shape shape;

	if (first > last)
		return;
	if (s->found && cen_window_bytes(&w) <= cen_window_bytes(&s->choice->window))
		return;
	if (!cen_heap_fits(s->m, s->heap, s->req, &w, &shape))
		return;
	s->choice->window = w;
	s->choice->shape = shape;
	s->choice->reach = 0;
	s->found = true;
}

/*
 * Inside one block of a boundary, that boundary and all larger ones do not matter. The
 * parts of @w that lie in one block: what is left of the last, the highest whole one, what
 * is left of the first.
 */
static void cen_search_blocks(struct cen_search *s, const struct cen_window *w, u64 mask)
{
	u64 low = w->first | mask;	/* where the first block ends */
	u64 high = w->last & ~mask;	/* where the last one begins */

	if (low >= w->last)
		return;		/* one block holds all of @w */
	/* of two as roomy the higher is taken: low memory is for those who need it */
	cen_search_try(s, high, w->last);
	if (high - 1 > low)
		cen_search_try(s, high - 1 - mask, high - 1);
	cen_search_try(s, w->first, low);
}

/*
 * Any window inside reach[0] will do: the roomiest of those the devices leave; if boundaries
 * that cross them rule out all, the roomiest that lies between boundaries.
 */
static bool cen_heap_choose_arbitrary(const struct cen_merged *m,
				      const struct cen_heap_props *heap,
				      const struct cen_request *req, struct cen_choice *choice)
{
	struct cen_search s = { .m = m, .heap = heap, .req = req, .choice = choice };
	struct cen_window w;
	u32 i, n;

	for (i = m->nr_windows; i-- > 0;) {
		if (cen_window_meet(&m->windows[i], &heap->reach[0], &w))
			cen_search_try(&s, w.first, w.last);
	}
	for (i = m->nr_windows; !s.found && i-- > 0;) {
		if (!cen_window_meet(&m->windows[i], &heap->reach[0], &w) ||
		    cen_window_bytes(&w) < req->size)
			continue;
		for (n = 0; n < 64; n++) {
			if (m->boundaries >> n & 1 && ((u64)1 << n) >= req->size)
				cen_search_blocks(&s, &w, ((u64)1 << n) - 1);
		}
	}
	return s.found;
}

bool cen_heap_choose(const struct cen_merged *m, const struct cen_heap_props *heap,
		     const struct cen_request *req, struct cen_choice *choice)
{
	u32 r;

	if (heap->capacity < req->size || !cen_heap_banks_do(m, heap))
		return false;
	if (heap->arbitrary)
		return cen_heap_choose_arbitrary(m, heap, req, choice);
	for (r = 0; r < cen_heap_nr_reach(heap); r++) {
		const struct cen_window *w = &heap->reach[r];

		if (w->first > w->last || !cen_window_within(w, m->windows, m->nr_windows))
			continue;
		if (!cen_heap_fits(m, heap, req, w, &choice->shape))
			continue;
		choice->window = *w;
		choice->reach = r;
		return true;
	}
	return false;
}
