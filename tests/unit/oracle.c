// SPDX-License-Identifier: GPL-2.0
#include "oracle.h"

static u64 limit_or_none(u64 limit)
{
	return limit ? limit : U64_MAX;
}

static bool behind_iommu(const struct oracle_device *d)
{
	return d->limits.flags & CEN_LIMIT_IOMMU;
}

static bool device_reaches(const struct oracle_device *d, u64 first, u64 last)
{
	u32 i;

	if (last > limit_or_none(d->limits.addr_max))
		return false;
	if (!d->nr_windows)
		return true;
	for (i = 0; i < d->nr_windows; i++) {
		if (d->windows[i].first <= first && last <= d->windows[i].last)
			return true;
	}
	return false;
}

/* Costs are for pieces that a heap places anywhere on the grid of an alignment. */
static void device_costs(struct oracle_device *d)
{
	u64 boundary = limit_or_none(d->limits.seg_boundary);
	u32 a, len, segs;
	u64 at, end;

	memset(d->cost, 0, sizeof(d->cost));
	for (a = 0; a < ORACLE_ALIGNS; a++) {
		u64 step = 1ULL << a;

		/* positions repeat with the boundary, but never leave the grid */
		end = boundary < ORACLE_PAGES * PAGE ? boundary / PAGE + 1 : 1;
		for (len = 1; len <= ORACLE_SIZE; len++) {
			d->cost[0][a][len] = oracle_segments(d, 0, len, false);
			for (at = 0; at < end; at += step) {
				segs = oracle_segments(d, at, len, true);
				if (segs > d->cost[1][a][len])
					d->cost[1][a][len] = segs;
			}
		}
	}
}

void oracle_device_init(struct oracle_device *d)
{
	u32 i;

	for (i = 0; i < ORACLE_ATOMS; i++)
		d->reach[i] = device_reaches(d, i * ORACLE_ATOM, (i + 1) * ORACLE_ATOM - 1);
	d->reach[ORACLE_BEYOND] = device_reaches(d, ORACLE_ATOMS * ORACLE_ATOM, U64_MAX);
	device_costs(d);
}

u32 oracle_segments(const struct oracle_device *d, u64 first, u64 pages, bool boundary)
{
	u64 mask = limit_or_none(d->limits.seg_boundary);
	u64 size = limit_or_none(d->limits.seg_size);
	u64 align = d->limits.align ? d->limits.align : 1;
	u32 best[ORACLE_PAGES + 1] = { 0 };
	u64 i, j;

	if (boundary && mask < PAGE - 1)
		return ORACLE_NEVER;
	for (j = 1; j <= pages; j++) {
		best[j] = ORACLE_NEVER;
		for (i = 0; i < j; i++) {
			u64 start = (first + i) * PAGE, last = (first + j) * PAGE - 1;

			if (last - start >= size)
				continue;
			if (boundary && (start & ~mask) != (last & ~mask))
				continue;
			if (start % align)
				continue;
			if (best[i] + 1 < best[j])
				best[j] = best[i] + 1;
		}
	}
	return best[pages] < ORACLE_NEVER ? best[pages] : ORACLE_NEVER;
}

u32 oracle_iova_segments(const struct oracle_device *d, u64 pages)
{
	u64 mask = limit_or_none(d->limits.seg_boundary);
	u64 size = limit_or_none(d->limits.seg_size);
	u64 unit = d->limits.align > PAGE ? d->limits.align : PAGE;
	u64 block = U64_MAX, part = U64_MAX, i, in_block, longest;
	u32 segs = 0;

	if (mask != U64_MAX && size > mask + 1)
		size = mask + 1;
	longest = size / unit * unit;
	if (!longest)
		return pages * PAGE <= size ? 1 : ORACLE_NEVER;
	for (i = 0; i < pages; i++) {
		u64 b = mask == U64_MAX ? 0 : i * PAGE / (mask + 1);

		in_block = i * PAGE - (mask == U64_MAX ? 0 : b * (mask + 1));
		if (b != block || in_block / longest != part)
			segs++;
		block = b;
		part = in_block / longest;
	}
	return segs;
}

static bool iova_has_room(const struct oracle_device *d, u64 bytes)
{
	u64 run = 0, best = 0;
	u32 i;

	for (i = 0; i < ORACLE_ATOMS; i++) {
		run = d->reach[i] ? run + ORACLE_ATOM : 0;
		best = run > best ? run : best;
	}
	return d->reach[ORACLE_BEYOND] || best >= bytes;
}

bool oracle_iova_serves(const struct oracle_device *d, u64 pages)
{
	u32 segs = oracle_iova_segments(d, pages);
	u64 natural = PAGE;

	while (natural < pages * PAGE || natural < d->granule)
		natural *= 2;
	return iova_has_room(d, pages * PAGE) && d->limits.align <= natural &&
	       segs < ORACLE_NEVER && segs <= (d->limits.max_segs ? d->limits.max_segs : U32_MAX);
}

static bool iommu_serves(const struct oracle_device *d, const struct oracle_piece *pieces, u32 nr)
{
	u64 granule = d->granule ? d->granule : 1;
	u64 pages = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		if (pieces[i].first * PAGE % granule)
			return false;
		if (i + 1 < nr && pieces[i].pages * PAGE % granule)
			return false;
		pages += pieces[i].pages;
	}
	return oracle_iova_serves(d, pages);
}

static bool piece_reached(const struct oracle_device *d, const struct oracle_piece *p)
{
	u64 i;

	for (i = p->first * 4; i < (p->first + p->pages) * 4; i++) {
		if (!d->reach[i])
			return false;
	}
	return true;
}

bool oracle_serves(const struct oracle_device *d, const struct oracle_piece *pieces, u32 nr)
{
	u32 max_segs = d->limits.max_segs ? d->limits.max_segs : U32_MAX;
	u64 align = d->limits.align ? d->limits.align : 1;
	u32 i, segs, sum = 0;

	if (behind_iommu(d))
		return iommu_serves(d, pieces, nr);
	for (i = 0; i < nr;) {
		struct oracle_piece run = pieces[i];

		while (++i < nr && pieces[i].first == run.first + run.pages)
			run.pages += pieces[i].pages;
		if (!piece_reached(d, &run) || run.first * PAGE % align)
			return false;
		segs = oracle_segments(d, run.first, run.pages, true);
		if (segs == ORACLE_NEVER)
			return false;
		sum += segs;
	}
	return sum <= max_segs;
}

void oracle_common(const struct oracle_device *devices, u32 nr, bool common[ORACLE_ATOMS + 1])
{
	u32 i, j;

	for (i = 0; i <= ORACLE_ATOMS; i++) {
		common[i] = true;
		for (j = 0; j < nr; j++)
			common[i] &= behind_iommu(&devices[j]) || devices[j].reach[i];
	}
}

static bool crosses(const struct oracle_device *d, const struct oracle_window *w)
{
	u64 mask = limit_or_none(d->limits.seg_boundary);

	return (w->first & ~mask) != (w->last & ~mask);
}

static u32 log2_pages(u64 bytes)
{
	u32 n = 0;

	while (PAGE << n < bytes)
		n++;
	return n;
}

/* Every storage: the first chunk is any multiple of @chunk, then the same for the rest. */
static u32 worst_storage(const u32 *cost, u64 pages, u64 chunk)
{
	u32 worst[ORACLE_SIZE + 1] = { 0 };
	u64 rest, k;

	for (rest = 1; rest <= pages; rest++) {
		worst[rest] = cost[rest];
		for (k = chunk; k < rest; k += chunk) {
			if (cost[k] + worst[rest - k] > worst[rest])
				worst[rest] = cost[k] + worst[rest - k];
		}
	}
	return worst[pages];
}

bool oracle_plan_holds(const struct oracle_device *devices, u32 nr, const struct cen_request *req,
		       const struct oracle_window *w, u64 chunk, u64 align)
{
	u32 a = log2_pages(align), i;

	if (a >= ORACLE_ALIGNS)
		a = ORACLE_ALIGNS - 1;
	for (i = 0; i < nr; i++) {
		const struct oracle_device *d = &devices[i];
		u32 max_segs = d->limits.max_segs ? d->limits.max_segs : U32_MAX;
		u32 segs;

		if (behind_iommu(d)) {
			if (!oracle_iova_serves(d, req->size / PAGE) ||
			    (d->granule && align % d->granule) ||
			    (d->granule && chunk < req->size && chunk % d->granule))
				return false;
			continue;
		}
		if (d->limits.align && align % d->limits.align)
			return false;
		segs = worst_storage(d->cost[crosses(d, w)][a], req->size / PAGE, chunk / PAGE);
		if (segs >= ORACLE_NEVER || segs > max_segs)
			return false;
	}
	return true;
}

static bool has_room(const struct oracle_window *w, u64 size, u64 align)
{
	u64 at;

	for (at = 0; at <= w->last; at += align) {
		if (at >= w->first && w->last - at >= size - 1)
			return true;
	}
	return false;
}

u64 oracle_chunk(const struct oracle_device *devices, u32 nr, const struct cen_request *req,
		 const struct oracle_window *w, u64 chunk_max, u64 align_max)
{
	u64 align, chunk, best = 0;

	for (align = PAGE; align <= align_max && align <= PAGE << (ORACLE_ALIGNS - 1); align *= 2) {
		if (align < req->align || !has_room(w, req->size, align))
			continue;
		for (chunk = align;; chunk *= 2) {
			if (chunk > req->size)
				chunk = req->size;
			if (chunk <= chunk_max && (!best || chunk < best) &&
			    oracle_plan_holds(devices, nr, req, w, chunk, align))
				best = chunk;
			if (chunk == req->size)
				break;
		}
	}
	return best;
}

static bool atoms_within(const bool *common, u64 first, u64 last)
{
	u64 i;

	for (i = first / ORACLE_ATOM; i <= last / ORACLE_ATOM; i++) {
		if (!common[i < ORACLE_BEYOND ? i : ORACLE_BEYOND])
			return false;
		if (i >= ORACLE_BEYOND)
			break;
	}
	return true;
}

u32 oracle_blocks(const struct oracle_window *w, struct oracle_window *blocks, u32 room)
{
	u64 size, at;
	u32 nr = 0;

	for (size = PAGE; size < ORACLE_PAGES * PAGE; size *= 2) {
		for (at = 0; at <= w->last; at += size) {
			u64 first = at > w->first ? at : w->first;
			u64 last = at + size - 1 < w->last ? at + size - 1 : w->last;

			if (first > last)
				continue;
			assert_true(nr < room);
			blocks[nr].first = first;
			blocks[nr++].last = last;
		}
	}
	return nr;
}

u32 oracle_windows(const bool common[ORACLE_ATOMS + 1], const struct cen_heap_props *heap,
		   struct oracle_window *windows, u32 room)
{
	u64 first = heap->reach[0].first / ORACLE_ATOM, last = heap->reach[0].last / ORACLE_ATOM;
	u32 i, nr = 0;
	u64 at, end;

	if (!heap->arbitrary) {
		for (i = 0; i < heap->nr_reach; i++) {
			if (!atoms_within(common, heap->reach[i].first, heap->reach[i].last))
				continue;
			windows[nr].first = heap->reach[i].first;
			windows[nr++].last = heap->reach[i].last;
		}
		return nr;
	}
	for (at = first; at <= last; at = end + 1) {
		end = at;
		if (!common[at])
			continue;
		while (end < last && common[end + 1])
			end++;
		assert_true(nr < room);
		windows[nr].first = at * ORACLE_ATOM;
		windows[nr++].last = (end + 1) * ORACLE_ATOM - 1;
	}
	return nr;
}

bool oracle_exact(const struct oracle_device *devices, u32 nr, u64 chunk_max, u64 align_max)
{
	u64 up = PAGE, down = 1;
	u32 i;

	while (up < chunk_max && up < ORACLE_PAGES * PAGE)
		up *= 2;
	while (down <= align_max / 2)
		down *= 2;
	if (down >= up)
		return true;
	for (i = 0; i < nr; i++) {
		const struct oracle_device *d = &devices[i];
		u64 size = limit_or_none(d->limits.seg_size);

		if (behind_iommu(d) || !d->limits.seg_boundary)
			continue;
		if (size > d->limits.seg_boundary)
			size = d->limits.seg_boundary + 1;
		size = size / PAGE * PAGE;
		if (size & (size - 1) || size < d->limits.align)
			return false;
	}
	return true;
}
