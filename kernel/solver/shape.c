// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The smallest chunk and the weakest alignment with which every device gets by on the
 * segments it has.
 *
 * The number of segments never grows when chunks get longer or better aligned. So both are
 * found by walking up from the least: each device starts where the one before it
 * stopped, and all of them together take at most 64 + 64 steps.
 */
#include "internal.h"

u64 cen_shape_base_align(const struct cen_merged *m, const struct cen_request *req)
{
	return cen_max(cen_max(req->page, req->align), cen_max(m->align, m->iova_granule));
}

void cen_cut_in_window(struct cen_cut *cut, const struct cen_constraints *c,
		       const struct cen_window *w, u64 page)
{
	u64 boundary = c->seg_boundary;

	if ((w->first | boundary) == (w->last | boundary))
		boundary = U64_MAX;
	cen_cut_init(cut, c->seg_size, boundary, c->align, page);
}

/*
 * Must the segments of @d be counted to know what chunks it can use? Not if it takes as
 * many as there are pages, nor behind an IOMMU, which makes one piece of any memory.
 */
static bool cen_demand_counts(const struct cen_demand *d, u64 pages)
{
	return d->segs_first && d->c.max_segs < pages && cen_sees_memory(&d->c);
}

/**
 * cen_shape_find() - the chunks that all devices can use
 * @shape: the result
 * @m: the devices; each takes its own segments on its own (cen_merged_agrees())
 * @req: the buffer
 * @w: the window all chunks will lie in
 * @align_max: strongest alignment that can be had, a power of two; no less than
 *	cen_shape_base_align()
 *
 * @shape may ask for a longer chunk than a heap has. It is up to the caller to compare.
 *
 * Context: Any context.
 */
void cen_shape_find(struct cen_shape *shape, const struct cen_merged *m,
		    const struct cen_request *req, const struct cen_window *w, u64 align_max)
{
	u64 base = cen_shape_base_align(m, req);
	u64 pages = req->size >> (cen_fls(req->page) - 1);
	struct cen_cut cut;
	u64 chunk = base, align = base;
	u32 i;

	shape->who_chunk = CEN_NO_INDEX;
	shape->who_align = CEN_NO_INDEX;
	shape->possible = false;

	for (i = 0; i < m->nr_demands; i++) {
		const struct cen_demand *d = &m->demands[i];
		u64 least;

		if (!cen_demand_counts(d, pages))
			continue;
		cen_cut_in_window(&cut, &d->c, w, req->page);
		/* there cannot be more chunks than segments */
		least = cen_pow2_up(cen_div_up(req->size, d->c.max_segs));
		if (chunk < least) {
			chunk = least;
			shape->who_chunk = d->device;
		}
		/* an alignment beyond the chunk is no gain, so the strongest can stand for all */
		while (cen_cut_chunks(&cut, req->size, chunk, align_max) > d->c.max_segs) {
			if (chunk >= req->size) {
				shape->who_chunk = d->device;
				return;
			}
			chunk = chunk > U64_MAX / 2 ? U64_MAX : chunk << 1;
			shape->who_chunk = d->device;
		}
	}

	for (i = 0; i < m->nr_demands; i++) {
		const struct cen_demand *d = &m->demands[i];

		if (!cen_demand_counts(d, pages))
			continue;
		cen_cut_in_window(&cut, &d->c, w, req->page);
		while (cen_cut_chunks(&cut, req->size, chunk, align) > d->c.max_segs) {
			if (align > align_max / 2) {
				shape->who_chunk = d->device;
				return;
			}
			align <<= 1;
			shape->who_align = d->device;
		}
	}

	shape->chunk = cen_min(chunk, req->size);
	shape->align = align;
	shape->possible = true;
}
