// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Contradictions: devices, or limits of one device, that no memory could satisfy for a
 * buffer of this size, whatever heaps there are.
 */
#include "internal.h"

/*
 * I/O virtual addresses are one piece, aligned to its size and cut at fixed offsets
 * (cen_segment_next()). An alignment beyond the size cannot be asked for.
 */
static int cen_iova_segs_agree(const struct cen_constraints *c, const struct cen_request *req,
			       u32 device, struct cen_reasons *why)
{
	u64 natural = cen_max(cen_pow2_up(req->size), c->iova_granule);
	struct cen_cut cut;

	if (c->align > natural) {
		cen_reason_add(why, CEN_WHY_ALIGN, device, CEN_NO_INDEX, CEN_NO_INDEX, c->align,
			       natural);
		return -EINVAL;
	}
	cen_cut_iova(&cut, c, req->page);
	if (cen_cut_count(&cut, req->size) > c->max_segs) {
		cen_reason_add(why, CEN_WHY_SEGS, device, CEN_NO_INDEX, CEN_NO_INDEX, req->size,
			       cen_cut_holds(&cut, c->max_segs));
		return -EINVAL;
	}
	return 0;
}

static int cen_memory_segs_agree(const struct cen_constraints *c, const struct cen_request *req,
				 u32 device, struct cen_reasons *why)
{
	struct cen_cut cut;

	cen_cut_init(&cut, c->seg_size, c->seg_boundary, c->align, req->page);
	if (c->max_segs >= cen_div_up(req->size, cut.last))
		return 0;
	cen_reason_add(why, CEN_WHY_SEGS, device, CEN_NO_INDEX, CEN_NO_INDEX, req->size,
		       cen_mul_sat(c->max_segs, cut.last));
	return -EINVAL;
}

/* Is there a segment this device could take at all? */
static int cen_seg_size_agrees(const struct cen_constraints *c, const struct cen_request *req,
			       u32 device, struct cen_reasons *why)
{
	struct cen_cut cut;
	u64 longest = c->seg_size;

	cen_cut_init(&cut, c->seg_size, c->seg_boundary, c->align, req->page);
	if (cut.step || (cut.last && req->size <= cut.last))
		return 0;
	if (c->seg_boundary != U64_MAX)
		longest = cen_min(longest, c->seg_boundary + 1);
	/* one page at least; more than one segment only in units of the alignment */
	cen_reason_add(why, CEN_WHY_SEG_SIZE, device, CEN_NO_INDEX, CEN_NO_INDEX,
		       cut.last ? cen_min(c->align, req->size) : req->page, longest);
	return -EINVAL;
}

int cen_device_agrees(const struct cen_constraints *c, const struct cen_request *req,
		      u32 device, bool segs, struct cen_reasons *why)
{
	int ret;

	if (!c->nr_windows) {
		cen_reason_add(why, CEN_WHY_INVALID, device, CEN_NO_INDEX, CEN_NO_INDEX, 0, 0);
		return -EINVAL;
	}
	if (c->iova_size < req->size) {
		cen_reason_add(why, CEN_WHY_IOVA, device, CEN_NO_INDEX, CEN_NO_INDEX, req->size,
			       c->iova_size);
		return -EINVAL;
	}
	if (!segs)
		return 0;
	ret = cen_seg_size_agrees(c, req, device, why);
	if (ret)
		return ret;
	return cen_sees_memory(c) ? cen_memory_segs_agree(c, req, device, why) :
				    cen_iova_segs_agree(c, req, device, why);
}

/*
 * Name two devices whose windows keep the set from meeting. Looks for the lowest common
 * address: every device pushes it up to its own next window, until all are content or
 * one has nothing left. That one, and the one that pushed last, are the pair. Devices join
 * one after another, so the pair is found among as few of the first devices as possible.
 */
static void cen_explain_windows(const struct cen_merged *m, struct cen_reasons *why)
{
	u32 pusher = CEN_NO_INDEX;
	u64 at = 0;
	u32 i, n;

	for (n = 1; n <= m->nr_demands; n++) {
		i = 0;
		while (i < n) {
			const struct cen_demand *d = &m->demands[i];
			u64 next = at;

			if (!cen_window_next(d->c.windows, d->c.nr_windows, &next)) {
				u64 last = d->c.nr_windows ?
					d->c.windows[d->c.nr_windows - 1].last : 0;

				cen_reason_add(why, CEN_WHY_WINDOW, d->device, pusher,
					       CEN_NO_INDEX, cen_reached_bits(last),
					       cen_addr_bits(at));
				return;
			}
			if (next == at) {
				i++;
				continue;
			}
			at = next;
			pusher = d->device;
			i = 0;
		}
	}
}

/*
 * Name two devices with no bank in common. When it takes more than two to empty the set: the
 * one that left none, against what those before it left, and the first of them.
 */
static void cen_explain_banks(const struct cen_merged *m, struct cen_reasons *why)
{
	u32 i, j, other = CEN_NO_INDEX;
	u64 left = U64_MAX;

	for (i = 0; i < m->nr_demands && (left & m->demands[i].c.banks); i++) {
		left &= m->demands[i].c.banks;
		if (left != U64_MAX && other == CEN_NO_INDEX)
			other = m->demands[i].device;
	}
	if (i == m->nr_demands)
		return;
	for (j = 0; j < i; j++) {
		if (!(m->demands[j].c.banks & m->demands[i].c.banks)) {
			other = m->demands[j].device;
			left = m->demands[j].c.banks;
			break;
		}
	}
	cen_reason_add(why, CEN_WHY_BANK, m->demands[i].device, other, CEN_NO_INDEX,
		       m->demands[i].c.banks, left);
}

int cen_merged_agrees(const struct cen_merged *m, const struct cen_request *req,
		      struct cen_reasons *why)
{
	bool reaches = true;
	int ret = 0;
	u32 i;

	for (i = 0; i < m->nr_demands; i++) {
		const struct cen_demand *d = &m->demands[i];

		if (cen_device_agrees(&d->c, req, d->device, d->segs_first, why))
			ret = -EINVAL;
		if (!d->c.nr_windows)
			reaches = false;
	}
	if (!m->nr_windows) {
		ret = -EINVAL;
		if (reaches)
			cen_explain_windows(m, why);
	}
	if (!m->banks) {
		ret = -EINVAL;
		cen_explain_banks(m, why);
	}
	return ret;
}
