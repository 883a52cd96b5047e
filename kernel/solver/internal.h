/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the solver's files share among themselves. */
#ifndef _CEN_SOLVER_INTERNAL_H
#define _CEN_SOLVER_INTERNAL_H

#include "solver.h"

static inline u64 cen_min(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u64 cen_max(u64 a, u64 b)
{
	return a > b ? a : b;
}

static inline bool cen_is_pow2(u64 x)
{
	return x && !(x & (x - 1));
}

/* Largest power of two that is <= @x; 0 for 0. */
static inline u64 cen_pow2_down(u64 x)
{
	return x ? (u64)1 << (cen_fls(x) - 1) : 0;
}

/* Smallest power of two that is >= @x, 2^63 when there is none; 1 for 0. */
static inline u64 cen_pow2_up(u64 x)
{
	if (x <= 1)
		return 1;
	return x > (u64)1 << 63 ? (u64)1 << 63 : (u64)1 << cen_fls(x - 1);
}

static inline u64 cen_div_up(u64 a, u64 b)
{
	return a ? cen_div(a - 1, b) + 1 : 0;
}

/* a * b, U64_MAX when that is too much */
static inline u64 cen_mul_sat(u64 a, u64 b)
{
	return a && b > cen_div(U64_MAX, a) ? U64_MAX : a * b;
}

static inline bool cen_sees_memory(const struct cen_constraints *c)
{
	return !(c->flags & CEN_LIMIT_IOMMU);
}

/* window.c */

/* Bytes in [first, last]; U64_MAX for all of the address space. */
u64 cen_window_bytes(const struct cen_window *w);
bool cen_window_within(const struct cen_window *w, const struct cen_window *in, u32 nr);
bool cen_window_meet(const struct cen_window *a, const struct cen_window *b,
		     struct cen_window *to);
/* Lowest address >= *at inside the windows; false when there is none. */
bool cen_window_next(const struct cen_window *w, u32 nr, u64 *at);
int cen_windows_normalise(struct cen_window *to, u32 room, const struct cen_window *from,
			  u32 nr, u64 max);

/* segment.c */

/**
 * struct cen_cut - how a device cuts contiguous memory into segments
 * @boundary: mask no segment may cross, U64_MAX: none
 * @last: longest segment that nothing of the same piece follows
 * @step: longest segment that another one may follow, so that this one starts
 *	aligned too; 0: none may follow
 */
struct cen_cut {
	u64 boundary;
	u64 last;
	u64 step;
};

void cen_cut_init(struct cen_cut *cut, u64 seg_size, u64 seg_boundary, u64 align, u64 page);
/* The same for @c's I/O virtual addresses */
void cen_cut_iova(struct cen_cut *cut, const struct cen_constraints *c, u64 page);
/* Segments of a piece of @size bytes that starts on a boundary. U64_MAX: impossible. */
u64 cen_cut_count(const struct cen_cut *cut, u64 size);
/* The same for a piece at any multiple of @align: the most it can be. */
u64 cen_cut_worst(const struct cen_cut *cut, u64 size, u64 align);
/* The same for @size bytes in chunks of @chunk at any multiples of @align. */
u64 cen_cut_chunks(const struct cen_cut *cut, u64 size, u64 chunk, u64 align);
/* The same for the piece [first, last] */
u64 cen_cut_at(const struct cen_cut *cut, u64 first, u64 last);
/* Bytes that @max_segs segments hold, cut from one piece that starts on a boundary. */
u64 cen_cut_holds(const struct cen_cut *cut, u32 max_segs);

/* shape.c */

/**
 * struct cen_shape - what the chunks must look like in one window
 * @chunk: smallest chunk
 * @align: alignment of every chunk
 * @who_chunk: device that asked for @chunk, CEN_NO_INDEX for the buffer's alignment
 * @who_align: device that asked for @align
 * @possible: false: no chunk would do, @who_chunk takes too few segments
 */
struct cen_shape {
	u64 chunk;
	u64 align;
	u32 who_chunk;
	u32 who_align;
	bool possible;
};

void cen_shape_find(struct cen_shape *shape, const struct cen_merged *m,
		    const struct cen_request *req, const struct cen_window *w, u64 align_max);
/* How @d cuts memory inside @w: a boundary that @w does not cross is none. */
void cen_cut_in_window(struct cen_cut *cut, const struct cen_constraints *c,
		       const struct cen_window *w, u64 page);
/* Alignment every chunk needs whatever the segment counts. */
u64 cen_shape_base_align(const struct cen_merged *m, const struct cen_request *req);

/* agree.c: what no memory could ever satisfy. 0 or -EINVAL with the reasons in @why. */
int cen_merged_agrees(const struct cen_merged *m, const struct cen_request *req,
		      struct cen_reasons *why);
/* The same for one device; @segs: count its segments too. */
int cen_device_agrees(const struct cen_constraints *c, const struct cen_request *req,
		      u32 device, bool segs, struct cen_reasons *why);

/* heap.c */

/* One way to take memory from a heap. */
struct cen_choice {
	struct cen_window window;
	struct cen_shape shape;
	u32 reach;
};

/* Bytes that fit @w when they start at a multiple of @align. */
u64 cen_window_room(const struct cen_window *w, u64 align);
bool cen_heap_excluded(const struct cen_heap_props *heap, u32 index,
		       const struct cen_request *req);
bool cen_heap_banks_do(const struct cen_merged *m, const struct cen_heap_props *heap);
u32 cen_heap_nr_reach(const struct cen_heap_props *heap);
/* Would @heap do? The best of its choices is written to @choice. */
bool cen_heap_choose(const struct cen_merged *m, const struct cen_heap_props *heap,
		     const struct cen_request *req, struct cen_choice *choice);

/* explain.c */
void cen_reason_add(struct cen_reasons *why, u32 code, u32 device, u32 other, u32 heap,
		    u64 wanted, u64 offered);
/* How many address bits a device reaches in full whose highest address is @last. */
u32 cen_reached_bits(u64 last);
/* Tell all that rules out heap @index, which cen_heap_choose() refused. */
void cen_explain_heap(const struct cen_merged *m, const struct cen_heap_props *heap, u32 index,
		      const struct cen_request *req, struct cen_reasons *why);

#endif /* _CEN_SOLVER_INTERNAL_H */
