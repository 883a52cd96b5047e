// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: limits, merge, solve and fit on any bytes.
 *
 * The unit tests know what is right on a small machine; this knows only what must hold on any:
 * no overflow, no endless loop, the laws of the merge, a plan that its own devices accept, a
 * refusal that gives reasons which can be true.
 */
#include <stdio.h>
#include <stdlib.h>

#include "solver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_DEVICES	12
#define MAX_HEAPS	6
#define MAX_CHUNKS	32
#define ROOM		128

#define CHECK(what) do {							\
	if (!(what)) {								\
		fprintf(stderr, "%s:%d: %s\n", __func__, __LINE__, #what);	\
		abort();							\
	}									\
} while (0)

/* ------------------------------------------------------------ bytes into problems */

struct input {
	const uint8_t *data;
	size_t left;
};

static u32 take_byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

/*
 * Random 64-bit values meet nothing in common. So mostly powers of two, more or less one, or
 * a page; sometimes all eight bytes.
 */
static u64 take_value(struct input *in)
{
	u32 how = take_byte(in);
	u64 value = (u64)1 << (how & 63);
	u32 i;

	switch (how >> 6) {
	case 0:
		return value;
	case 1:
		return value - 1;
	case 2:
		return value + ((u64)take_byte(in) << 12);
	}
	if (how & 1)
		return take_byte(in);
	for (i = 0, value = 0; i < 8; i++)
		value = value << 8 | take_byte(in);
	return value;
}

/* @valid: what cen_limits_check() would let through, more often than not */
static void take_limits(struct input *in, struct cen_limits *limits)
{
	u32 which = take_byte(in);

	memset(limits, 0, sizeof(*limits));
	if (which & 1)
		limits->addr_max = take_value(in);
	if (which & 2)
		limits->seg_size = take_value(in);
	if (which & 4)
		limits->seg_boundary = ((u64)2 << (take_byte(in) & 63)) - 1;
	if (which & 8)
		limits->align = (u64)1 << (take_byte(in) & 63);
	if (which & 16)
		limits->banks = take_byte(in);
	if (which & 32)
		limits->max_segs = take_byte(in) & 1 ? take_byte(in) : (u32)take_value(in);
	if (which & 64)
		limits->flags = take_byte(in) & CEN_LIMIT_FLAGS;
	if (which & 128) {
		u32 spoil = take_byte(in);

		if (spoil & 1)
			limits->align = take_value(in);
		if (spoil & 2)
			limits->seg_boundary = take_value(in);
		if (spoil & 4)
			limits->flags = take_byte(in);
	}
}

static void take_window(struct input *in, struct cen_window *w)
{
	w->first = take_byte(in) & 1 ? 0 : take_value(in);
	w->last = take_value(in);
	if (w->last <= U64_MAX - w->first)
		w->last += w->first;
}

static void take_heap(struct input *in, struct cen_heap_props *heap)
{
	u32 i, how = take_byte(in);

	memset(heap, 0, sizeof(*heap));
	heap->nr_reach = how & 7;	/* more than there may be, too */
	for (i = 0; i < heap->nr_reach && i < CEN_HEAP_REACH; i++)
		take_window(in, &heap->reach[i]);
	heap->arbitrary = how >> 3 & 1;
	heap->chunk_max = take_value(in) & ~(u64)4095;
	heap->align_max = how & 16 ? take_value(in) : heap->chunk_max;
	heap->capacity = how & 32 ? take_value(in) : U64_MAX;
	heap->banks = how & 64 ? take_byte(in) : 0;
	heap->disabled = how & 128 ? take_byte(in) & 31 : 0;
	heap->priority = take_byte(in) & 3;
}

/* ------------------------------------------------------------ what must hold */

static struct cen_constraints constraints[MAX_DEVICES];
static struct cen_heap_props heaps[MAX_HEAPS];
static struct cen_merged merged, other;
static struct cen_solution solution, again;
static struct cen_reason list[ROOM], other_list[ROOM];

static void check_tighten(const struct cen_limits *a, const struct cen_limits *b)
{
	struct cen_limits x = *a, y = *b;
	int ret = cen_limits_tighten(&x, b);

	CHECK(ret == cen_limits_tighten(&y, a));
	if (!ret)
		CHECK(!memcmp(&x, &y, sizeof(x)));
	if (!cen_limits_check(a) && !cen_limits_check(b))
		CHECK(!cen_limits_check(&x));
	y = x;
	CHECK(!cen_limits_tighten(&y, &x) && !memcmp(&x, &y, sizeof(x)));
}

static void check_windows(const struct cen_window *w, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		CHECK(w[i].first <= w[i].last);
		if (i)
			CHECK(w[i - 1].last < w[i].first && w[i].first - w[i - 1].last > 1);
	}
}

static void check_constraints(const struct cen_constraints *c, int ret)
{
	CHECK(ret == 0 || ret == -EINVAL || ret == -E2BIG);
	CHECK(!ret == !!c->nr_windows);
	CHECK(c->nr_windows <= CEN_DEVICE_WINDOWS);
	CHECK(c->max_segs && c->seg_size && c->banks);
	CHECK(c->align && !(c->align & (c->align - 1)));
	CHECK(!(c->seg_boundary & (c->seg_boundary + 1)));
	CHECK(c->iova_granule && !(c->iova_granule & (c->iova_granule - 1)));
	check_windows(c->windows, c->nr_windows);
}

static bool within(const struct cen_window *w, const struct cen_window *in, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (in[i].first <= w->first && w->last <= in[i].last)
			return true;
	}
	return false;
}

/* Does every device take memory that consists of @nr chunks from @at on, up or down? */
static void check_storage(u32 nr_devices, const struct cen_request *req, u64 at, u64 chunk,
			  u64 banks, bool down)
{
	u64 nr = chunk >= req->size ? 1 : (req->size - 1) / chunk + 1;
	struct cen_fit fit;
	u32 i;
	u64 j;

	if (nr > MAX_CHUNKS)
		return;
	for (i = 0; i < nr_devices; i++) {
		cen_fit_begin(&fit, &constraints[i], req->page, banks, i, NULL);
		for (j = 0; j < nr; j++) {
			/* backwards no chunk is the neighbour of the next */
			u64 first = at + (down ? nr - 1 - j : j) * chunk;
			u64 length = j + 1 < nr ? chunk : req->size - j * chunk;

			cen_fit_chunk(&fit, first, first + length - 1);
		}
		/* banks are agreed on in common, and the heap need not lie in all of one's own */
		CHECK(!cen_fit_end(&fit));
	}
}

static void check_choice(u32 n, u32 nr_devices, const struct cen_request *req)
{
	const struct cen_window *w = &solution.order_window[n];
	u32 h = solution.order[n], i;
	const struct cen_heap_props *heap = &heaps[h];
	u64 chunk = solution.order_chunk[n], align = solution.order_align[n], at;

	CHECK(!heap->disabled && heap->capacity >= req->size);
	CHECK(!req->heap_mask || req->heap_mask >> h & 1);
	CHECK(solution.plan.heaps >> h & 1);
	CHECK(align >= req->page && !(align & (align - 1)) && align <= heap->align_max);
	CHECK(align >= req->align && align >= merged.align && align >= merged.iova_granule);
	CHECK(chunk >= req->page && chunk <= heap->chunk_max && chunk <= req->size);
	CHECK(chunk == req->size || (chunk >= align && !(chunk & (chunk - 1))));
	CHECK(w->first <= w->last && solution.order_reach[n] < heap->nr_reach);
	CHECK(within(w, &heap->reach[solution.order_reach[n]], 1));
	CHECK(heap->arbitrary || (w->first == heap->reach[solution.order_reach[n]].first &&
				  w->last == heap->reach[solution.order_reach[n]].last));
	CHECK(merged.banks == U64_MAX || merged.banks & heap->banks);
	for (i = 0; i < nr_devices; i++) {
		CHECK(constraints[i].flags & CEN_LIMIT_IOMMU ||
		      within(w, constraints[i].windows, constraints[i].nr_windows));
	}
	if (n) {
		u32 before = solution.order[n - 1];

		CHECK(heaps[before].priority < heap->priority ||
		      (heaps[before].priority == heap->priority && before < h));
	}

	at = w->first + (-w->first & (align - 1));
	CHECK(at >= w->first && at <= w->last && w->last - at >= req->size - 1);
	check_storage(nr_devices, req, at, chunk, heap->banks, false);
	check_storage(nr_devices, req, at, req->size, heap->banks, false);
	/* the last, short chunk lies highest, so whole chunks end where it would */
	if (chunk < req->size && !(req->size & (chunk - 1)))
		check_storage(nr_devices, req, at, chunk, heap->banks, true);
}

static void check_reasons(const struct cen_reasons *why, u32 nr_devices, u32 nr_heaps)
{
	u32 i, heap = 0;

	for (i = 0; i < why->count && i < why->room; i++) {
		const struct cen_reason *r = &why->list[i];

		CHECK(r->code > CEN_WHY_NONE && r->code <= CEN_WHY_DISABLED);
		CHECK(r->device == CEN_NO_INDEX || r->device < nr_devices);
		CHECK(r->other == CEN_NO_INDEX || r->other < nr_devices);
		CHECK((r->heap == CEN_NO_INDEX) == (solution.error == -EINVAL));
		CHECK(r->heap == CEN_NO_INDEX || (r->heap < nr_heaps && r->heap >= heap));
		heap = r->heap;
		switch (r->code) {
		case CEN_WHY_ADDR:
			CHECK(r->wanted < r->offered && r->offered <= 64);
			break;
		case CEN_WHY_WINDOW:
			CHECK(r->wanted <= 64 && r->offered <= 64);
			break;
		case CEN_WHY_BANK:
		case CEN_WHY_HEAP_FLAGS:
			CHECK(!(r->wanted & r->offered));
			break;
		case CEN_WHY_INVALID:
			CHECK(!constraints[r->device].nr_windows);
			break;
		case CEN_WHY_DISABLED:
			CHECK(r->offered);
			break;
		default:
			CHECK(r->wanted > r->offered);
		}
	}
}

static void check_every_heap_has_a_reason(const struct cen_reasons *why, u32 nr_heaps)
{
	u32 h, i;

	if (why->count > why->room)
		return;
	for (h = 0; h < nr_heaps; h++) {
		for (i = 0; i < why->count && why->list[i].heap != h; i++)
			;
		CHECK((i < why->count) == (heaps[h].disabled != ENODEV));
	}
}

static u32 take_devices(struct input *in)
{
	u32 i, j, nr = take_byte(in) % (MAX_DEVICES + 1);
	struct cen_window windows[6];
	struct cen_limits limits, before;

	memset(&before, 0, sizeof(before));
	for (i = 0; i < nr; i++) {
		u32 nr_windows = take_byte(in) % 12;
		int ret;

		take_limits(in, &limits);
		check_tighten(&limits, &before);
		before = limits;
		if (nr_windows > 6)
			nr_windows = 0;
		for (j = 0; j < nr_windows; j++)
			take_window(in, &windows[j]);
		ret = cen_constraints_from_limits(&constraints[i], &limits,
						  nr_windows ? windows : NULL, nr_windows,
						  take_byte(in) & 1 ? 4096 : 16384);
		check_constraints(&constraints[i], ret);
	}
	return nr;
}

static void merge(u32 nr)
{
	u32 i;

	cen_merged_init(&merged);
	cen_merged_init(&other);
	for (i = 0; i < nr; i++)
		CHECK(!cen_merged_add(&merged, &constraints[i], i));
	for (i = nr; i-- > 0;) {
		CHECK(!cen_merged_add(&other, &constraints[i], i));
		CHECK(!cen_merged_add(&other, &constraints[nr - 1], nr - 1));
	}
	CHECK(cen_merged_equal(&merged, &other));
	check_windows(merged.windows, merged.nr_windows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct cen_reasons why = { .list = list, .room = ROOM };
	struct cen_reasons too = { .list = other_list, .room = ROOM };
	struct cen_request req = { .page = 4096 };
	u32 i, nr_devices, nr_heaps, how = take_byte(&in);

	req.size = how & 1 ? take_value(&in) & ~(u64)4095 : (u64)(1 + take_byte(&in)) << 12;
	req.align = how & 2 ? (u64)1 << (take_byte(&in) & 63) : 0;
	req.heap_mask = how & 4 ? take_byte(&in) : 0;
	if (how & 8)
		req.page = take_value(&in);
	nr_devices = take_devices(&in);
	nr_heaps = take_byte(&in) % (MAX_HEAPS + 1);
	for (i = 0; i < nr_heaps; i++)
		take_heap(&in, &heaps[i]);

	merge(nr_devices);
	memset(&solution, 0, sizeof(solution));
	memset(&again, 0, sizeof(again));
	cen_solve(&merged, heaps, nr_heaps, &req, &solution, &why);
	cen_solve(&other, heaps, nr_heaps, &req, &again, &too);
	CHECK(!memcmp(&solution, &again, sizeof(solution)));
	CHECK(why.count == too.count);
	CHECK(!memcmp(list, other_list, sizeof(list[0]) * (why.count < ROOM ? why.count : ROOM)));

	CHECK(solution.error == 0 || solution.error == -EINVAL || solution.error == -ENODEV);
	if (!solution.error) {
		CHECK(solution.nr_order && !why.count);
		CHECK(__builtin_popcount(solution.plan.heaps) == (int)solution.nr_order);
		for (i = 0; i < solution.nr_order; i++)
			check_choice(i, nr_devices, &req);
		return 0;
	}
	CHECK(!solution.nr_order && !solution.plan.heaps);
	check_reasons(&why, nr_devices, nr_heaps);
	if (solution.error == -ENODEV)
		check_every_heap_has_a_reason(&why, nr_heaps);
	return 0;
}
