// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Why a heap will not do.
 *
 * Runs only after a refusal, so it may look at everything again. For every limit that
 * fails it names the device that asks for most; the lowest index wins a tie. What it
 * writes crosses to user space: bits, sizes, masks and errnos, never an address.
 */
#include "internal.h"

void cen_reason_add(struct cen_reasons *why, u32 code, u32 device, u32 other, u32 heap,
		    u64 wanted, u64 offered)
{
	if (!why)
		return;
	if (why->list && why->count < why->room) {
		struct cen_reason *r = &why->list[why->count];

		memset(r, 0, sizeof(*r));
		r->code = code;
		r->device = device;
		r->other = other;
		r->heap = heap;
		r->wanted = wanted;
		r->offered = offered;
	}
	why->count++;
}

/* Rounded down, so that it is less than what memory beyond @last needs. */
u32 cen_reached_bits(u64 last)
{
	return last == U64_MAX ? 64 : cen_fls(last + 1) - 1;
}

static u64 cen_demand_top(const struct cen_demand *d)
{
	return d->c.windows[d->c.nr_windows - 1].last;
}

/* The device that reaches least far up; NULL when there is none without an IOMMU. */
static const struct cen_demand *cen_lowest_top(const struct cen_merged *m)
{
	const struct cen_demand *low = NULL;
	u32 i;

	for (i = 0; i < m->nr_demands; i++) {
		const struct cen_demand *d = &m->demands[i];

		if (cen_sees_memory(&d->c) && (!low || cen_demand_top(d) < cen_demand_top(low)))
			low = d;
	}
	return low;
}

/* Does @d's own reach rule out all that @heap can be confined to? */
static bool cen_demand_bars(const struct cen_demand *d, const struct cen_heap_props *heap)
{
	struct cen_window w;
	u32 i;

	if (heap->arbitrary) {
		for (i = 0; i < d->c.nr_windows; i++) {
			if (cen_window_meet(&d->c.windows[i], &heap->reach[0], &w))
				return false;
		}
		return true;
	}
	for (i = 0; i < cen_heap_nr_reach(heap); i++) {
		if (cen_window_within(&heap->reach[i], d->c.windows, d->c.nr_windows))
			return false;
	}
	return true;
}

/* The choice whose memory needs the fewest address bits. */
static const struct cen_window *cen_heap_lowest(const struct cen_heap_props *heap)
{
	const struct cen_window *low = &heap->reach[0];
	u32 i;

	for (i = 1; i < cen_heap_nr_reach(heap); i++) {
		if (heap->reach[i].last < low->last)
			low = &heap->reach[i];
	}
	return low;
}

/* No choice of @heap lies inside what all devices reach. */
static void cen_explain_reach(const struct cen_merged *m, const struct cen_heap_props *heap,
			      u32 index, const struct cen_request *req, struct cen_reasons *why)
{
	const struct cen_demand *low = cen_lowest_top(m), *who = NULL;
	const struct cen_window *least = cen_heap_lowest(heap);
	u64 need = least->last;
	u32 i;

	if (heap->arbitrary) /* it need not go up to its end */
		need = cen_min(need, least->first > U64_MAX - (req->size - 1) ?
				     U64_MAX : least->first + req->size - 1);

	if (low && cen_demand_top(low) < need) {
		cen_reason_add(why, CEN_WHY_ADDR, low->device, CEN_NO_INDEX, index,
			       cen_reached_bits(cen_demand_top(low)), cen_addr_bits(need));
		return;
	}
	for (i = 0; !who && i < m->nr_demands; i++) {
		if (cen_demand_bars(&m->demands[i], heap))
			who = &m->demands[i];
	}
	/* only together: name one that bars the choice with the lowest memory */
	for (i = 0; !who && i < m->nr_demands; i++) {
		const struct cen_constraints *c = &m->demands[i].c;

		if (!cen_window_within(least, c->windows, c->nr_windows))
			who = &m->demands[i];
	}
	cen_reason_add(why, CEN_WHY_WINDOW, who ? who->device : CEN_NO_INDEX, CEN_NO_INDEX, index,
		       who ? cen_reached_bits(cen_demand_top(who)) : 64, cen_addr_bits(need));
}

/* Who wants an alignment of @align? The program itself is CEN_NO_INDEX. */
static u32 cen_who_aligns(const struct cen_merged *m, u64 align)
{
	u32 i;

	for (i = 0; i < m->nr_demands; i++) {
		const struct cen_constraints *c = &m->demands[i].c;

		if ((cen_sees_memory(c) ? c->align : c->iova_granule) == align)
			return m->demands[i].device;
	}
	return CEN_NO_INDEX;
}

static const struct cen_demand *cen_demand_of_segs(const struct cen_merged *m, u32 device)
{
	u32 i;

	for (i = 0; i < m->nr_demands; i++) {
		if (m->demands[i].device == device && m->demands[i].segs_first)
			return &m->demands[i];
	}
	return NULL;
}

/*
 * All that is wrong with taking the buffer from window @w of @heap, the window itself
 * apart. Returns the number of reasons.
 */
static u32 cen_explain_choice(const struct cen_merged *m, const struct cen_heap_props *heap,
			      u32 index, const struct cen_request *req,
			      const struct cen_window *w, u32 who_window,
			      struct cen_reasons *why)
{
	u64 base = cen_shape_base_align(m, req);
	u32 nr = 0, who_align = CEN_NO_INDEX;
	struct cen_shape shape;
	u64 align = base, room;

	/* what it would take if any alignment could be had */
	cen_shape_find(&shape, m, req, w, (u64)1 << 63);
	if (!shape.possible) {
		const struct cen_demand *d = cen_demand_of_segs(m, shape.who_chunk);
		struct cen_cut cut;

		if (d) {
			cen_cut_in_window(&cut, &d->c, w, req->page);
			cen_reason_add(why, CEN_WHY_SEGS, d->device, CEN_NO_INDEX, index, req->size,
				       cen_cut_holds(&cut, d->c.max_segs));
			nr++;
		}
	} else {
		if (shape.chunk > heap->chunk_max) {
			u32 who = shape.who_chunk;

			if (who == CEN_NO_INDEX)
				who = cen_who_aligns(m, base);
			cen_reason_add(why, CEN_WHY_CONTIG, who, CEN_NO_INDEX, index,
				       shape.chunk, heap->chunk_max);
			nr++;
		} else if (shape.align > base) {
			align = shape.align;
			who_align = shape.who_align;
		}
	}
	if (align > heap->align_max) {
		if (align == base)
			who_align = cen_who_aligns(m, base);
		cen_reason_add(why, CEN_WHY_ALIGN, who_align, CEN_NO_INDEX, index, align,
			       heap->align_max);
		nr++;
	}
	room = cen_window_room(w, align);
	if (heap->capacity < req->size || room < req->size) {
		cen_reason_add(why, CEN_WHY_SIZE,
			       room < heap->capacity ? who_window : CEN_NO_INDEX, CEN_NO_INDEX,
			       index, req->size, cen_min(heap->capacity, room));
		nr++;
	}
	return nr;
}

/* The window inside @heap that the devices leave; the roomiest, as cen_heap_choose(). */
static bool cen_heap_roomiest(const struct cen_merged *m, const struct cen_heap_props *heap,
			      struct cen_window *to)
{
	struct cen_window w;
	bool found = false;
	u32 i;

	for (i = m->nr_windows; i-- > 0;) {
		if (!cen_window_meet(&m->windows[i], &heap->reach[0], &w))
			continue;
		if (!found || cen_window_bytes(&w) > cen_window_bytes(to))
			*to = w;
		found = true;
	}
	return found;
}

/* Of the choices inside the devices' windows the one with the fewest faults. */
static bool cen_heap_nearest(const struct cen_merged *m, const struct cen_heap_props *heap,
			     u32 index, const struct cen_request *req, struct cen_window *to)
{
	u32 r, faults, fewest = U32_MAX;

	for (r = 0; r < cen_heap_nr_reach(heap); r++) {
		const struct cen_window *w = &heap->reach[r];

		if (w->first > w->last || !cen_window_within(w, m->windows, m->nr_windows))
			continue;
		faults = cen_explain_choice(m, heap, index, req, w, CEN_NO_INDEX, NULL);
		if (faults < fewest) {
			fewest = faults;
			*to = *w;
		}
	}
	return fewest != U32_MAX;
}

static u32 cen_who_wants_banks(const struct cen_merged *m, u64 banks)
{
	u32 i;

	for (i = 0; i < m->nr_demands; i++) {
		if (m->demands[i].c.banks != U64_MAX && !(m->demands[i].c.banks & banks))
			return m->demands[i].device;
	}
	/* each has a bank here, but they have none in common */
	for (i = 0; i < m->nr_demands; i++) {
		if (m->demands[i].c.banks != U64_MAX)
			return m->demands[i].device;
	}
	return CEN_NO_INDEX;
}

void cen_explain_heap(const struct cen_merged *m, const struct cen_heap_props *heap, u32 index,
		      const struct cen_request *req, struct cen_reasons *why)
{
	const struct cen_demand *low = cen_lowest_top(m);
	u32 who_window = CEN_NO_INDEX;
	struct cen_window w;

	if (heap->disabled == ENODEV)
		return;
	if (heap->disabled || !cen_heap_nr_reach(heap)) {
		cen_reason_add(why, CEN_WHY_DISABLED, CEN_NO_INDEX, CEN_NO_INDEX, index, 0,
			       heap->disabled ? heap->disabled : ENXIO);
		return;
	}
	if (cen_heap_excluded(heap, index, req)) {
		cen_reason_add(why, CEN_WHY_HEAP_FLAGS, CEN_NO_INDEX, CEN_NO_INDEX, index,
			       req->heap_mask, 1U << index);
		return;
	}

	if (heap->arbitrary ? !cen_heap_roomiest(m, heap, &w) :
			      !cen_heap_nearest(m, heap, index, req, &w)) {
		cen_explain_reach(m, heap, index, req, why);
		w = *cen_heap_lowest(heap);
	} else if (heap->arbitrary && low && cen_window_bytes(&w) <
		   cen_window_bytes(&heap->reach[0])) {
		who_window = low->device;
	}
	if (w.first <= w.last)
		cen_explain_choice(m, heap, index, req, &w, who_window, why);
	if (!cen_heap_banks_do(m, heap))
		cen_reason_add(why, CEN_WHY_BANK, cen_who_wants_banks(m, heap->banks), CEN_NO_INDEX,
			       index, m->banks, heap->banks);
}
