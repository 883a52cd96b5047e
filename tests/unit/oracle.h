/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The solver's second opinion: a machine of 64 pages, looked at piece by piece.
 *
 * Nothing here uses the solver's formulas or its normal forms. Reach is a bitmap of
 * quarter pages. Segments are found by trying all partitions. Chunks and alignments are
 * tried all. What a heap may do within a plan is enumerated, chunk by chunk.
 */
#ifndef _CEN_TESTS_ORACLE_H
#define _CEN_TESTS_ORACLE_H

#include "unit.h"

#define ORACLE_PAGES	64
#define ORACLE_ATOM	1024ULL	/* windows end on multiples of this */
#define ORACLE_ATOMS	(ORACLE_PAGES * 4)
#define ORACLE_BEYOND	ORACLE_ATOMS	/* one more: all that lies above the machine */
#define ORACLE_SIZE	12	/* largest buffer, pages */
#define ORACLE_ALIGNS	7	/* alignments 1 … 64 pages */
#define ORACLE_DEVICES	5
#define ORACLE_HEAPS	4
#define ORACLE_NEVER	1000000U

/**
 * struct oracle_device - a device as it was stated, and what follows from it
 * @limits: as stated
 * @windows: as stated, unsorted
 * @nr_windows: 0: none stated
 * @granule: of its IOMMU
 * @reach: quarter pages it reaches, in memory or in I/O virtual addresses
 * @cost: most segments of a piece at a multiple of an alignment, by [does the window
 *	cross a boundary][log2 of the alignment in pages][length in pages]
 */
struct oracle_device {
	struct cen_limits limits;
	struct cen_window windows[CEN_DEVICE_WINDOWS];
	u32 nr_windows;
	u64 granule;
	bool reach[ORACLE_ATOMS + 1];
	u32 cost[2][ORACLE_ALIGNS][ORACLE_SIZE + 1];
};

/* A contiguous piece of memory. */
struct oracle_piece {
	u64 first;	/* page */
	u64 pages;
};

/* Fill in what follows from limits, windows and granule. */
void oracle_device_init(struct oracle_device *d);

/* Fewest segments of one piece; ORACLE_NEVER when there is no way to cut it. */
u32 oracle_segments(const struct oracle_device *d, u64 first, u64 pages, bool boundary);

/* Segments of a buffer of @pages in I/O virtual addresses */
u32 oracle_iova_segments(const struct oracle_device *d, u64 pages);

/* Does the device by itself take I/O virtual memory of @pages, whatever the memory? */
bool oracle_iova_serves(const struct oracle_device *d, u64 pages);

/* Can @d use memory that consists of these pieces, in this order? */
bool oracle_serves(const struct oracle_device *d, const struct oracle_piece *pieces, u32 nr);

/* Addresses that all of them reach; atoms of those behind an IOMMU do not count. */
void oracle_common(const struct oracle_device *devices, u32 nr, bool common[ORACLE_ATOMS + 1]);

/**
 * struct oracle_window - where a heap would take the memory from
 * @first: address
 * @last: address
 */
struct oracle_window {
	u64 first;
	u64 last;
};

/*
 * Smallest chunk (bytes) with which all devices can use whatever a heap builds in @w from
 * chunks of at most @chunk_max, aligned at most to @align_max; 0: none.
 */
u64 oracle_chunk(const struct oracle_device *devices, u32 nr, const struct cen_request *req,
		 const struct oracle_window *w, u64 chunk_max, u64 align_max);

/* Would every storage that a heap may build with this chunk, alignment and window do? */
bool oracle_plan_holds(const struct oracle_device *devices, u32 nr, const struct cen_request *req,
		       const struct oracle_window *w, u64 chunk, u64 align);

/*
 * The choices a heap has for these devices, best first; at most @room. For an arbitrary
 * heap these are all windows, in no order.
 */
u32 oracle_windows(const bool common[ORACLE_ATOMS + 1], const struct cen_heap_props *heap,
		   struct oracle_window *windows, u32 room);

/* All parts of @w that lie inside a block of 1, 2, 4 … pages: at most 2 * ORACLE_PAGES + 7. */
u32 oracle_blocks(const struct oracle_window *w, struct oracle_window *blocks, u32 room);

/*
 * Are the solver's segment counts exact for this? They are upper bounds where a heap cannot
 * align a chunk to its size and a device's segments are no power of two.
 */
bool oracle_exact(const struct oracle_device *devices, u32 nr, u64 chunk_max, u64 align_max);

#endif /* _CEN_TESTS_ORACLE_H */
