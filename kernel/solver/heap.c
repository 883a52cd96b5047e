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
	/* cheap tests first: an arbitrary heap tries many windows */
	if (cen_window_bytes(w) < req->size)
		return false;
	cen_shape_find(shape, m, req, w, heap->align_max);
	return shape->possible && shape->chunk <= heap->chunk_max &&
	       shape->align <= heap->align_max &&
	       cen_window_room(w, shape->align) >= req->size;
}

/* Any window inside reach[0] will do: take the roomiest that does. */
static bool cen_heap_choose_arbitrary(const struct cen_merged *m,
				      const struct cen_heap_props *heap,
				      const struct cen_request *req, struct cen_choice *choice)
{
	struct cen_shape shape;
	struct cen_window w;
	bool found = false;
	u32 i;

	choice->reach = 0;
	for (i = m->nr_windows; i-- > 0;) {
		if (!cen_window_meet(&m->windows[i], &heap->reach[0], &w))
			continue;
		if (found && cen_window_bytes(&w) <= cen_window_bytes(&choice->window))
			continue;
		if (!cen_heap_fits(m, heap, req, &w, &shape))
			continue;
		choice->window = w;
		choice->shape = shape;
		found = true;
	}
	return found;
}

bool cen_heap_choose(const struct cen_merged *m, const struct cen_heap_props *heap,
		     const struct cen_request *req, struct cen_choice *choice)
{
	u32 r;

	if (heap->capacity < req->size || heap->chunk_max < req->page ||
	    heap->align_max < cen_shape_base_align(m, req) || !cen_heap_banks_do(m, heap))
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
