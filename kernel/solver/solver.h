/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The constraint solver: device limits in, a plan or an explained refusal out.
 *
 * Pure C over the plain structs of the uAPI. It allocates nothing, keeps no
 * state and knows no kernel; the same source is compiled into cenalloc.ko, into
 * libcen and into the host tests. solver_deps.h names all it needs from outside.
 * Nothing here sleeps or locks: every function may be called from any context.
 *
 *   cen_constraints_from_limits()   one device's limits, normalised
 *   cen_merged_init() / _add()      the meet over a set of devices
 *   cen_solve()                     merged constraints + heaps + size → plan/refusal
 *   cen_fit_*()                     would memory that exists serve a device?
 *
 * The merge is a meet-semilattice: commutative, associative and idempotent. It
 * keeps every distinct demand with the lowest index of a device that makes it, so
 * that explanations do not depend on the order either. docs/solver.md tells the
 * algebra and why a plan is sound.
 *
 * What a heap promises
 * ====================
 *
 * A plan (chunk C, alignment A, window W) holds for every storage of S bytes that a
 * heap may build under these rules, and the solver relies on nothing else:
 *
 *  1. every chunk lies in W and starts at a multiple of A;
 *  2. every chunk but the last is a multiple of C bytes long;
 *  3. the last chunk holds what is left, in one piece. It may be shorter than C.
 *
 * A is a power of two; C is one too and >= A, or is the whole buffer.
 */
#ifndef _CEN_SOLVER_H
#define _CEN_SOLVER_H

#include "solver_deps.h"
#include "../../include/linux/cenalloc_props.h"

/* Address windows a single device may have, and a merge of CEN_MAX_DEVICES. */
#define CEN_DEVICE_WINDOWS	4
#define CEN_MERGED_WINDOWS	(CEN_MAX_DEVICES * (CEN_DEVICE_WINDOWS - 1) + 1)

/* Smallest page size cen_solve() takes: it keeps segment counts far from overflow. */
#define CEN_PAGE_MIN		512

/**
 * struct cen_constraints - normalised constraints of one device
 *
 * All limits explicit: "none" is the weakest value (U64_MAX, 1 for @align).
 *
 * @windows: sorted, disjoint, non-adjacent. For a device behind a translating
 *	IOMMU this is the whole address space: its window limits IOVAs.
 * @seg_size: largest segment; for an IOMMU device of the IOVA segment
 * @seg_boundary: boundary mask, 2^n - 1
 * @align: power of two, >= 1
 * @banks: acceptable banks, U64_MAX: no demand
 * @iova_size: bytes that fit the IOVA window; U64_MAX without an IOMMU
 * @iova_granule: bytes an IOMMU maps at least, a power of two; 1 without an IOMMU.
 *	Chunks must be multiples of it for the IOVA to be gapless.
 * @nr_windows: 1 … CEN_DEVICE_WINDOWS, or 0 for "reaches nothing"
 * @max_segs: >= 1
 * @flags: CEN_LIMIT_*
 */
struct cen_constraints {
	struct cen_window windows[CEN_DEVICE_WINDOWS];
	u64 seg_size;
	u64 seg_boundary;
	u64 align;
	u64 banks;
	u64 iova_size;
	u64 iova_granule;
	u32 nr_windows;
	u32 max_segs;
	u32 flags;
};

/**
 * struct cen_demand - a distinct set of constraints in a merge
 * @c: the constraints
 * @device: lowest index among the devices that have exactly these
 * @segs_first: no demand before this one has the same segment limits (count, size,
 *	boundary, alignment, IOMMU or not): the others need not be counted again
 *
 * Segment count, size and boundary of one device belong together: one device's
 * small segments do not combine with another's small count. So the merge keeps
 * the demands, not minima over them.
 */
struct cen_demand {
	struct cen_constraints c;
	u32 device;
	u32 segs_first;
};

/**
 * struct cen_merged - the meet over a set of devices
 * @windows: what all devices can reach: sorted, disjoint, non-adjacent
 * @demands: sorted by device index
 * @align: strongest alignment of a device that sees memory
 * @banks: banks that all devices accept
 * @iova_size: smallest IOVA window
 * @iova_granule: largest IOMMU granule
 * @boundaries: bit n: a device that sees memory has a segment boundary of 2^n bytes
 * @nr_windows: number of @windows; 0: the devices have no address in common
 * @nr_demands: number of @demands
 * @flags: OR of CEN_LIMIT_NONCOHERENT, CEN_LIMIT_IOMMU
 *
 * Large (12 KiB): allocate it, do not put it on a kernel stack. The arrays hold
 * nothing beyond their counts; cen_merged_init() does not clear them.
 */
struct cen_merged {
	struct cen_window windows[CEN_MERGED_WINDOWS];
	struct cen_demand demands[CEN_MAX_DEVICES];
	u64 align;
	u64 banks;
	u64 iova_size;
	u64 iova_granule;
	u64 boundaries;
	u32 nr_windows;
	u32 nr_demands;
	u32 flags;
};

#define CEN_HEAP_REACH		4	/* choices a heap may offer */

/**
 * struct cen_request - the buffer
 * @size: bytes, > 0, a multiple of @page
 * @align: what the program itself asked for; 0 or a power of two
 * @page: page size, a power of two, >= CEN_PAGE_MIN
 * @heap_mask: heaps that may serve, 0 = any
 */
struct cen_request {
	u64 size;
	u64 align;
	u64 page;
	u32 heap_mask;
};

/**
 * struct cen_solution - the verdict
 * @error: 0, -EINVAL (the devices contradict each other) or -ENODEV (no heap)
 * @nr_order: heaps that would do
 * @plan: valid when @error is 0; made for @order[0]
 * @order: the heaps that would do, best first
 * @order_reach: for each of them, the index into the heap's reach[] that its window
 *	came from
 * @order_window: for each of them, the memory window it is to be confined to
 * @order_chunk: for each of them, the smallest chunk. Chunk and alignment belong to
 *	a window: where a window crosses no segment boundary less will do. Use those
 *	of the heap that is asked, not @plan's, when falling back.
 * @order_align: for each of them, the alignment of every chunk
 *
 * 1.3 KiB: allocate it.
 */
struct cen_solution {
	int error;
	u32 nr_order;
	struct cen_plan plan;
	u32 order[CEN_MAX_HEAPS];
	u32 order_reach[CEN_MAX_HEAPS];
	struct cen_window order_window[CEN_MAX_HEAPS];
	u64 order_chunk[CEN_MAX_HEAPS];
	u64 order_align[CEN_MAX_HEAPS];
};

/**
 * struct cen_reasons - where a refusal is written
 * @list: room, may be NULL
 * @room: entries in @list
 * @count: reasons there are; may exceed @room. The caller sets it to 0 to begin.
 */
struct cen_reasons {
	struct cen_reason *list;
	u32 room;
	u32 count;
};

/* limits.c */

int cen_limits_check(const struct cen_limits *limits);
int cen_limits_tighten(struct cen_limits *to, const struct cen_limits *by);
int cen_constraints_from_limits(struct cen_constraints *to, const struct cen_limits *limits,
				const struct cen_window *windows, u32 nr_windows,
				u64 iova_granule);

/* merge.c */

void cen_merged_init(struct cen_merged *m);
int cen_merged_add(struct cen_merged *m, const struct cen_constraints *c, u32 index);
int cen_merged_equal(const struct cen_merged *a, const struct cen_merged *b);
void cen_merged_limits(const struct cen_merged *m, struct cen_limits *limits);

/* solve.c */

int cen_solve(const struct cen_merged *m, const struct cen_heap_props *heaps, u32 nr_heaps,
	      const struct cen_request *req, struct cen_solution *solution,
	      struct cen_reasons *why);

/* fit.c */

/*
 * struct cen_fit - checks memory that exists against one device: begin, every chunk in
 * buffer order, end. Adjacent chunks count as one. Callers look at nothing inside.
 */
struct cen_fit {
	const struct cen_constraints *c;
	struct cen_reasons *why;
	struct cen_window run;	/* the open run of adjacent chunks */
	u64 page;
	u64 size;		/* bytes so far */
	u64 segs;		/* segments of the closed runs */
	u64 run_min;		/* shortest closed run */
	u64 start_align;	/* weakest alignment of a run's start */
	u32 have_run;
	u32 device;
	u32 told;		/* mask of reason codes already given */
	int error;
};

void cen_fit_begin(struct cen_fit *f, const struct cen_constraints *c, u64 page, u64 banks,
		   u32 device, struct cen_reasons *why);
void cen_fit_chunk(struct cen_fit *f, u64 first, u64 last);
int cen_fit_end(struct cen_fit *f);

/* segment.c */

u64 cen_segment_usable(u64 seg_size, u64 seg_boundary, u64 align, u64 page);
u64 cen_segments_for(u64 size, u64 seg_size, u64 seg_boundary, u64 align, u64 page);
u64 cen_segment_next(const struct cen_constraints *c, u64 page, u64 address, u64 length);
u32 cen_addr_bits(u64 last);

#endif /* _CEN_SOLVER_H */
