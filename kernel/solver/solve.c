// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Merged constraints and heaps in, a plan or a refusal out. */
#include "internal.h"

static bool cen_request_valid(const struct cen_request *req)
{
	return req->page >= CEN_PAGE_MIN && cen_is_pow2(req->page) &&
	       req->size && !(req->size & (req->page - 1)) &&
	       (!req->align || cen_is_pow2(req->align));
}

/* Keep the order by priority, then index; heaps are looked at by rising index. */
static void cen_solution_insert(struct cen_solution *s, const struct cen_heap_props *heaps,
				u32 index, const struct cen_choice *choice)
{
	u32 i = s->nr_order++;

	for (; i && heaps[s->order[i - 1]].priority > heaps[index].priority; i--) {
		s->order[i] = s->order[i - 1];
		s->order_reach[i] = s->order_reach[i - 1];
		s->order_window[i] = s->order_window[i - 1];
		s->order_chunk[i] = s->order_chunk[i - 1];
		s->order_align[i] = s->order_align[i - 1];
	}
	s->order[i] = index;
	s->order_reach[i] = choice->reach;
	s->order_window[i] = choice->window;
	s->order_chunk[i] = choice->shape.chunk;
	s->order_align[i] = choice->shape.align;
}

/* The most segments @d sees when a heap builds @chunk sized chunks at @align in @w. */
static u64 cen_demand_segs(const struct cen_demand *d, const struct cen_request *req,
			   const struct cen_window *w, u64 chunk, u64 align)
{
	struct cen_cut cut;

	if (!cen_sees_memory(&d->c)) {
		cen_cut_iova(&cut, &d->c, req->page);
		return cen_cut_count(&cut, req->size);
	}
	cen_cut_in_window(&cut, &d->c, w, req->page);
	return cen_cut_chunks(&cut, req->size, chunk, align);
}

/* The most segments any device sees, whichever of the heaps serves in the end. */
static u32 cen_plan_segs(const struct cen_merged *m, const struct cen_request *req,
			 const struct cen_solution *s)
{
	u64 most = 0;
	u32 h, i;

	for (h = 0; h < s->nr_order; h++) {
		if (!m->nr_demands)
			most = cen_max(most, cen_div_up(req->size, s->order_chunk[h]));
		for (i = 0; i < m->nr_demands; i++) {
			if (m->demands[i].segs_first)
				most = cen_max(most, cen_demand_segs(&m->demands[i], req,
								     &s->order_window[h],
								     s->order_chunk[h],
								     s->order_align[h]));
		}
	}
	return (u32)cen_min(most, U32_MAX);
}

static void cen_plan_fill(const struct cen_merged *m, const struct cen_request *req,
			  struct cen_solution *s)
{
	struct cen_plan *plan = &s->plan;
	u32 i;

	plan->chunk = s->order_chunk[0];
	plan->align = s->order_align[0];
	plan->heap = s->order[0];
	plan->addr_bits = cen_addr_bits(s->order_window[0].last);
	plan->max_segs = cen_plan_segs(m, req, s);
	plan->cache_mode = CEN_CACHE_CACHED;
	if (m->flags & CEN_LIMIT_NONCOHERENT)
		plan->flags |= CEN_PLAN_SYNC;
	if (plan->chunk >= req->size)
		plan->flags |= CEN_PLAN_CONTIGUOUS;
	for (i = 0; i < s->nr_order; i++)
		plan->heaps |= 1U << s->order[i];
}

/**
 * cen_solve() - plan or refuse
 * @m: the merged constraints
 * @heaps: properties of the heaps
 * @nr_heaps: number of @heaps, at most CEN_MAX_HEAPS
 * @req: the buffer
 * @solution: the verdict
 * @why: on a refusal, the reasons are added here; may be NULL
 *
 * A plan says that the heap could do it, not that it has memory left.
 *
 * A refusal with -EINVAL carries one reason per contradiction, with no heap named. One with
 * -ENODEV carries for every heap every limit that rules it out, heaps by rising index.
 *
 * O(devices + heaps · distinct segment limits).
 *
 * Context: Any context.
 * Return: @solution->error: 0; -EINVAL when the request is invalid (no reasons) or
 * the devices contradict each other; -ENODEV when no heap will do.
 */
int cen_solve(const struct cen_merged *m, const struct cen_heap_props *heaps, u32 nr_heaps,
	      const struct cen_request *req, struct cen_solution *solution,
	      struct cen_reasons *why)
{
	struct cen_choice choice;
	u32 i;

	/* not the arrays: clearing more than 1 KiB takes longer than all the rest */
	memset(&solution->plan, 0, sizeof(solution->plan));
	solution->nr_order = 0;
	solution->plan.heap = CEN_NO_INDEX;
	if (!cen_request_valid(req) || nr_heaps > CEN_MAX_HEAPS) {
		solution->error = -EINVAL;
		return solution->error;
	}
	solution->error = cen_merged_agrees(m, req, why);
	if (solution->error)
		return solution->error;

	for (i = 0; i < nr_heaps; i++) {
		if (!cen_heap_excluded(&heaps[i], i, req) &&
		    cen_heap_choose(m, &heaps[i], req, &choice))
			cen_solution_insert(solution, heaps, i, &choice);
	}
	if (!solution->nr_order) {
		for (i = 0; i < nr_heaps; i++)
			cen_explain_heap(m, &heaps[i], i, req, why);
		solution->error = -ENODEV;
		return solution->error;
	}
	cen_plan_fill(m, req, solution);
	return 0;
}
