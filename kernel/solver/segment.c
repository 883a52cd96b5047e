// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * How contiguous memory falls into segments.
 *
 * A device takes segments of at most seg_size bytes that do not cross a multiple of
 * boundary + 1 and start aligned; memory comes in pages. Cutting greedily, that is at
 * the last place allowed, gives the fewest segments: any cut of a piece into fewer would
 * have to contain a longer one. Nothing here walks the segments: all counts are closed
 * formulas.
 */
#include "internal.h"

void cen_cut_init(struct cen_cut *cut, u64 seg_size, u64 seg_boundary, u64 align, u64 page)
{
	u64 unit = cen_max(align, page);

	cut->boundary = seg_boundary;
	cut->last = seg_size;
	if (seg_boundary != U64_MAX)
		cut->last = cen_min(cut->last, seg_boundary + 1);
	cut->last &= ~(page - 1);
	cut->step = cut->last & ~(unit - 1);
}

/* Here cuts are at fixed offsets: whether a piece is the last one cannot be seen. */
void cen_cut_iova(struct cen_cut *cut, const struct cen_constraints *c, u64 page)
{
	cen_cut_init(cut, c->seg_size, c->seg_boundary, c->align, page);
	if (cut->step)
		cut->last = cut->step;
}

/* Segments of @size bytes that cross no boundary. */
static u64 cen_cut_straight(const struct cen_cut *cut, u64 size)
{
	if (!size)
		return 0;
	if (size <= cut->last)
		return 1;
	if (!cut->step)
		return U64_MAX;
	return 1 + cen_div_up(size - cut->last, cut->step);
}

u64 cen_cut_count(const struct cen_cut *cut, u64 size)
{
	u64 blocks;

	if (cut->boundary == U64_MAX || size <= cut->last || !cut->step)
		return cen_cut_straight(cut, size);
	blocks = size >> cen_fls(cut->boundary);
	if (!blocks)
		return cen_cut_straight(cut, size);
	return blocks * cen_cut_straight(cut, cut->boundary + 1) +
		cen_cut_straight(cut, size & cut->boundary);
}

/*
 * A piece that may start anywhere on a grid finer than the boundary can be split by one
 * boundary more than a piece that starts on one; that costs at most one segment.
 * Exact when segments are cut at a power of two. Otherwise an upper bound, which still never
 * grows with the alignment, nor from two chunks to one twice as long.
 */
u64 cen_cut_worst(const struct cen_cut *cut, u64 size, u64 align)
{
	u64 count = cen_cut_count(cut, size);
	u64 tail, parts;

	if (cut->boundary == U64_MAX || align > cut->boundary || size <= align ||
	    count == U64_MAX)
		return count;
	if (cut->last == cut->step && cen_is_pow2(cut->step)) {
		tail = ((size - 1) & (cut->step - 1)) + 1;
		return tail > align ? count + 1 : count;
	}
	/* no boundary lies between two neighbours of the grid */
	parts = cen_mul_sat(size >> (cen_fls(align) - 1), cen_cut_straight(cut, align));
	parts += cen_cut_straight(cut, size & (align - 1));
	return cen_min(count + 1, parts);
}

u64 cen_cut_chunks(const struct cen_cut *cut, u64 size, u64 chunk, u64 align)
{
	u64 each, rest;

	if (chunk >= size)
		return cen_cut_worst(cut, size, align);
	each = cen_cut_worst(cut, chunk, align);
	rest = cen_cut_worst(cut, size & (chunk - 1), align);
	if (each == U64_MAX || rest == U64_MAX)
		return U64_MAX;
	return (size >> (cen_fls(chunk) - 1)) * each + rest;
}

u64 cen_cut_at(const struct cen_cut *cut, u64 first, u64 last)
{
	u64 size = last - first + 1;
	u64 head, count;

	if (cut->boundary == U64_MAX)
		return cen_cut_straight(cut, size);
	/* up to the next boundary, counted from 0 to stay clear of overflow */
	head = cut->boundary - (first & cut->boundary);
	if (size - 1 <= head)
		return cen_cut_straight(cut, size);
	if (!cut->step)
		return U64_MAX;
	count = cen_cut_straight(cut, head + 1);
	return count == U64_MAX ? count : count + cen_cut_count(cut, size - head - 1);
}

u64 cen_cut_holds(const struct cen_cut *cut, u32 max_segs)
{
	u64 blocks = 0, each, bytes;
	u64 segs = max_segs;

	if (!cut->step)
		return cut->last;
	if (cut->boundary != U64_MAX) {
		each = cen_cut_straight(cut, cut->boundary + 1);
		blocks = cen_div(segs, each);
		segs -= blocks * each;
	}
	bytes = cut->boundary == U64_MAX ? 0 : cen_mul_sat(blocks, cut->boundary + 1);
	if (segs) {
		u64 more = cen_mul_sat(segs - 1, cut->step);

		more = more > U64_MAX - cut->last ? U64_MAX : more + cut->last;
		bytes = bytes > U64_MAX - more ? U64_MAX : bytes + more;
	}
	return bytes;
}

/**
 * cen_segment_usable() - longest segment that another one can follow
 * @seg_size: largest segment
 * @seg_boundary: boundary mask, U64_MAX: none
 * @align: alignment of every segment's start, a power of two
 * @page: page size
 *
 * Context: Any context.
 * Return: bytes, a multiple of @align and @page; 0 when segments cannot follow one
 * another.
 */
u64 cen_segment_usable(u64 seg_size, u64 seg_boundary, u64 align, u64 page)
{
	struct cen_cut cut;

	cen_cut_init(&cut, seg_size, seg_boundary, align, page);
	return cut.step;
}

/**
 * cen_segments_for() - how many segments one contiguous piece needs
 * @size: bytes, whole pages
 * @seg_size: largest segment
 * @seg_boundary: boundary mask, U64_MAX: none
 * @align: alignment of every segment's start, a power of two
 * @page: page size
 *
 * The piece starts on a boundary, or is naturally aligned.
 *
 * Context: Any context.
 * Return: segments; 0 when impossible.
 */
u64 cen_segments_for(u64 size, u64 seg_size, u64 seg_boundary, u64 align, u64 page)
{
	struct cen_cut cut;
	u64 count;

	cen_cut_init(&cut, seg_size, seg_boundary, align, page);
	count = cen_cut_count(&cut, size);
	return count == U64_MAX ? 0 : count;
}

/**
 * cen_segment_next() - length of the first segment of a contiguous piece
 * @c: the device
 * @page: page size
 * @address: where the piece starts; for a device behind a translating IOMMU the
 *	offset in the buffer, since I/O virtual addresses follow that
 * @length: bytes of the piece, whole pages
 *
 * Cuts as the solver counts: calling it until a piece is used up gives as many
 * segments as the plan promised.
 *
 * Context: Any context.
 * Return: bytes, 1 … @length; 0 when the device cannot take the piece.
 */
u64 cen_segment_next(const struct cen_constraints *c, u64 page, u64 address, u64 length)
{
	struct cen_cut cut;
	u64 room = U64_MAX;	/* bytes up to the boundary */
	u64 step;

	cen_cut_init(&cut, c->seg_size, c->seg_boundary, c->align, page);
	if (cut.boundary != U64_MAX)
		room = cut.boundary - (address & cut.boundary) + 1;
	step = cut.step;
	if (!cen_sees_memory(c) && step) {
		/* cut where the IOVA segment ends that this piece starts or continues in */
		u64 in_block = cut.boundary == U64_MAX ? address : address & cut.boundary;

		step -= in_block - cen_div(in_block, step) * step;
		return cen_min(cen_min(length, room), step);
	}
	if (length <= cut.last && length <= room)
		return length;
	if (!step)
		return 0;
	return cen_min(cen_min(length, step), room);
}

/**
 * cen_addr_bits() - bits needed for addresses up to @last
 * @last: highest address
 *
 * Context: Any context.
 * Return: 0 … 64
 */
u32 cen_addr_bits(u64 last)
{
	return cen_fls(last);
}
