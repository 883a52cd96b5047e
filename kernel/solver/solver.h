/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The constraint solver: device limits in, a plan or an explained refusal out.
 *
 * Pure C over the plain structs of the uAPI. It allocates nothing, keeps no
 * state and knows no kernel; the same source is compiled into cenalloc.ko, into
 * libcen and into the host tests. solver_deps.h names all it needs from outside.
 *
 *   cen_constraints_from_limits()   one device's limits, normalised
 *   cen_merged_init() / _add()      the meet over a set of devices
 *   cen_solve()                     merged constraints + heaps + size → plan/refusal
 *
 * The merge is a meet-semilattice: commutative, associative and idempotent in
 * every field of struct cen_constraints; cen_merged additionally remembers which
 * device set which limit, the lowest index winning a tie, so that explanations
 * do not depend on the order either.
 */
#ifndef _CEN_SOLVER_H
#define _CEN_SOLVER_H

#include "solver_deps.h"

/* Address windows a single device may have, and a merge of CEN_MAX_DEVICES. */
#define CEN_DEVICE_WINDOWS	4
#define CEN_MERGED_WINDOWS	(CEN_MAX_DEVICES * (CEN_DEVICE_WINDOWS - 1) + 1)

/**
 * struct cen_window - an address window of memory, both ends inclusive
 * @first: lowest address
 * @last: highest address, >= @first
 *
 * In terms of the CPU's physical addresses: the caller has already undone the
 * device's dma-ranges offsets. Windows never leave the machine they are for:
 * they are solver-internal and in no uAPI struct.
 */
struct cen_window {
	u64 first;
	u64 last;
};

/**
 * struct cen_constraints - normalised constraints of one device
 *
 * All limits explicit: "none" is the weakest value (U64_MAX, 1 for @align).
 *
 * @windows: sorted, disjoint, non-adjacent. For a device behind a translating
 *	IOMMU this is the whole address space: its window limits IOVAs.
 * @nr_windows: 1 … CEN_DEVICE_WINDOWS, or 0 for "reaches nothing"
 * @seg_size: largest segment; for an IOMMU device of the IOVA segment
 * @seg_boundary: boundary mask, 2^n - 1
 * @align: power of two, >= 1
 * @banks: acceptable banks
 * @iova_size: bytes that fit the IOVA window; U64_MAX without an IOMMU
 * @iova_granule: bytes an IOMMU maps at least; 1 without an IOMMU. Chunks must be
 *	multiples of it for the IOVA to be gapless.
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
 * struct cen_segs - how many segments of which size a device takes
 *
 * Segment count, size and boundary of one device belong together (one device's
 * small segments do not combine with another's small count), so the merge keeps
 * the distinct triples instead of three minima.
 */
struct cen_segs {
	u64 seg_size;
	u64 seg_boundary;
	u32 max_segs;
	u32 device;		/* lowest index among the devices that have this triple */
	u32 iommu;		/* 1: counts IOVA segments, not memory chunks */
};

/**
 * struct cen_merged - the meet over a set of devices
 *
 * Large (some KiB): allocate it, do not put it on a kernel stack.
 */
struct cen_merged {
	struct cen_window windows[CEN_MERGED_WINDOWS];
	struct cen_segs segs[CEN_MAX_DEVICES];
	u64 align;
	u64 banks;
	u64 iova_size;
	u64 iova_granule;
	u32 nr_windows;
	u32 nr_segs;
	u32 flags;		/* OR of CEN_LIMIT_NONCOHERENT, CEN_LIMIT_IOMMU */
	u32 nr_devices;
	/* whose limit it is: CEN_NO_INDEX when nobody limits it */
	u32 who_low;		/* raised the lowest address */
	u32 who_high;		/* lowered the highest address */
	u32 who_empty_a, who_empty_b; /* the pair whose windows do not meet */
	u32 who_align;
	u32 who_banks_a, who_banks_b; /* first device to limit; the one that emptied it */
	u32 who_iova;
	u32 who_invalid;	/* device with self-contradicting limits */
};

/**
 * struct cen_heap_props - what a heap can give
 * @reach: windows of memory the heap can be confined to, each a choice on its own
 *	(e.g. zone DMA, zone DMA32, everything); sorted by preference, best first.
 *	@reach[i].first/.last bound the memory that choice may return.
 * @nr_reach: number of @reach
 * @chunk_max: largest contiguous piece, bytes, a multiple of the page size
 * @align_max: strongest alignment it can give
 * @capacity: bytes, U64_MAX when only memory limits it
 * @banks: banks its memory lies in; every byte lies in all of them; 0 = in no named bank
 * @arbitrary: the heap takes any window, not only those of @reach: it allocates
 *	with an address range (alloc_contig_range(), DMA API of a device)
 * @priority: lower is tried first; ties by index
 * @disabled: positive errno when it cannot be used now, else 0
 */
#define CEN_HEAP_REACH	4
struct cen_heap_props {
	struct cen_window reach[CEN_HEAP_REACH];
	u64 chunk_max;
	u64 align_max;
	u64 capacity;
	u64 banks;
	u32 nr_reach;
	u32 priority;
	u32 arbitrary;
	u32 disabled;
};

/**
 * struct cen_request - the buffer
 * @size: bytes, a multiple of @page
 * @align: what the program itself asked for; 0 or a power of two
 * @page: page size
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
 * @plan: valid when @error is 0
 * @window: the memory window the chosen heap is to be confined to
 * @reach: index into the heap's reach[] that @window came from
 * @order: heaps that would do, best first; @nr_order of them (@plan.heap is the first)
 * @order_window: for each of them, its window; @order_reach its reach index
 */
struct cen_solution {
	int error;
	u32 nr_order;
	struct cen_plan plan;
	u32 order[CEN_MAX_HEAPS];
	u32 order_reach[CEN_MAX_HEAPS];
	struct cen_window order_window[CEN_MAX_HEAPS];
};

/**
 * struct cen_reasons - where a refusal is written
 * @list: room, may be NULL
 * @room: entries in @list
 * @count: reasons there are; may exceed @room
 */
struct cen_reasons {
	struct cen_reason *list;
	u32 room;
	u32 count;
};

/* Check limits as they came from user space, a rule or firmware. 0 or -EINVAL. */
int cen_limits_check(const struct cen_limits *limits);

/* Tighten @to by @by, field by field ("0 = no limit" in both). Flags are ORed. */
void cen_limits_tighten(struct cen_limits *to, const struct cen_limits *by);

/*
 * Normalise. @windows may be NULL: then [0, limits->addr_max]. Windows may come in any
 * order and overlap; they are cut at addr_max (of the device's own bus addresses, which the
 * caller has translated), sorted and coalesced. More than CEN_DEVICE_WINDOWS: -E2BIG.
 * Returns 0; or -EINVAL with *@to reaching nothing.
 */
int cen_constraints_from_limits(struct cen_constraints *to, const struct cen_limits *limits,
				const struct cen_window *windows, u32 nr_windows,
				u64 iova_granule);

/* The meet of two devices' constraints, without culprits. Fields only. */
void cen_merged_init(struct cen_merged *m);
/* Add device @index. The order of calls does not change the result. 0 or -E2BIG. */
int cen_merged_add(struct cen_merged *m, const struct cen_constraints *c, u32 index);
/* Do two merges limit the same? (For tests and caches; culprits are compared too.) */
int cen_merged_equal(const struct cen_merged *a, const struct cen_merged *b);

/*
 * Plan or refuse. @heaps[0 … nr_heaps) with nr_heaps <= CEN_MAX_HEAPS. @why may be NULL.
 * Returns solution->error. O(devices + heaps · distinct segment triples).
 */
int cen_solve(const struct cen_merged *m, const struct cen_heap_props *heaps, u32 nr_heaps,
	      const struct cen_request *req, struct cen_solution *solution,
	      struct cen_reasons *why);

/*
 * Would memory consisting of chunks (each physically contiguous, [first, last] given)
 * serve a device? Used for late attaches. cen_fit_begin() … cen_fit_chunk() for each chunk in
 * order … cen_fit_end(): 0, or -EINVAL and reasons appended to @why (for @device).
 * Adjacent chunks count as one.
 */
struct cen_fit {
	const struct cen_constraints *c;
	u64 page;
	u64 size;		/* so far */
	u64 segs;		/* whole segments so far, without the open run */
	struct cen_window run;	/* the open run of adjacent chunks */
	u32 have_run;
	u32 device;
	struct cen_reasons *why;
	int error;
};
void cen_fit_begin(struct cen_fit *f, const struct cen_constraints *c, u64 page, u64 banks,
		   u32 device, struct cen_reasons *why);
void cen_fit_chunk(struct cen_fit *f, u64 first, u64 last);
int cen_fit_end(struct cen_fit *f);

/*
 * The size of the largest segment a device takes when segments are cut at page (or @align)
 * granularity, and how many of them @size bytes in one aligned chunk need. 0 when impossible.
 */
u64 cen_segment_usable(u64 seg_size, u64 seg_boundary, u64 align, u64 page);
u64 cen_segments_for(u64 size, u64 seg_size, u64 seg_boundary, u64 align, u64 page);

/* Bits needed for addresses up to @last. */
u32 cen_addr_bits(u64 last);

#endif /* _CEN_SOLVER_H */
