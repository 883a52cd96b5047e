/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a heap can give. Shared between those that provide heaps and the solver,
 * which is compiled for user space too: plain C, u32 and u64 are the includer's.
 */
#ifndef _LINUX_CENALLOC_PROPS_H
#define _LINUX_CENALLOC_PROPS_H

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

#define CEN_HEAP_REACH	4

/**
 * struct cen_heap_props - what a heap can give
 * @reach: windows of memory the heap can be confined to, each a choice on its own
 *	(e.g. zone DMA, zone DMA32, everything); sorted by preference, best first.
 *	@reach[i].first/.last bound the memory that choice may return.
 * @chunk_max: largest contiguous piece, bytes, a multiple of the page size
 * @align_max: strongest alignment it can give
 * @capacity: bytes, U64_MAX when only memory limits it
 * @banks: banks its memory lies in; every byte lies in all of them; 0 = in no named bank
 * @nr_reach: number of @reach; 0: the heap has no memory
 * @priority: lower is tried first; ties by index
 * @arbitrary: the heap takes any window inside @reach[0], not only those of @reach: it
 *	allocates with an address range (alloc_contig_range(), DMA API of a device)
 * @disabled: positive errno when it cannot be used now, else 0. ENODEV means that
 *	there is no heap at this index: it is not mentioned in explanations.
 */
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

#endif /* _LINUX_CENALLOC_PROPS_H */
