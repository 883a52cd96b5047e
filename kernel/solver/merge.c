// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The meet of the constraints of a set of devices. */
#include "internal.h"

/**
 * cen_merged_init() - begin with no device: nothing is limited
 * @m: the merge
 *
 * Context: Any context.
 */
void cen_merged_init(struct cen_merged *m)
{
	m->windows[0].first = 0;
	m->windows[0].last = U64_MAX;
	m->nr_windows = 1;
	m->nr_demands = 0;
	m->align = 1;
	m->banks = U64_MAX;
	m->iova_size = U64_MAX;
	m->iova_granule = 1;
	m->boundaries = 0;
	m->flags = 0;
}

/*
 * Intersect in place. n and k windows meet in at most n + k - 1; the set is first moved up
 * by k - 1 entries, so that writing never overtakes reading.
 */
static int cen_merged_meet_windows(struct cen_merged *m, const struct cen_constraints *c)
{
	struct cen_window *in, *to = m->windows;
	struct cen_window a;
	u32 i = 0, j = 0, n = m->nr_windows;

	if (!n)
		return 0;
	if (!c->nr_windows) {
		m->nr_windows = 0;
		return 0;
	}
	if (n + c->nr_windows - 1 > CEN_MERGED_WINDOWS)
		return -E2BIG;
	in = m->windows + c->nr_windows - 1;
	memmove(in, m->windows, n * sizeof(*in));
	while (i < n && j < c->nr_windows) {
		a = in[i];
		if (cen_window_meet(&a, &c->windows[j], to))
			to++;
		if (a.last < c->windows[j].last)
			i++;
		else
			j++;
	}
	m->nr_windows = to - m->windows;
	return 0;
}

static int cen_compare(u64 a, u64 b)
{
	return a < b ? -1 : a > b;
}

/* The order is arbitrary, but total: it keeps demands of one index apart. */
static int cen_constraints_compare(const struct cen_constraints *a,
				   const struct cen_constraints *b)
{
	int ret = cen_compare(a->seg_size, b->seg_size);
	u32 i;

	ret = ret ? ret : cen_compare(a->seg_boundary, b->seg_boundary);
	ret = ret ? ret : cen_compare(a->align, b->align);
	ret = ret ? ret : cen_compare(a->max_segs, b->max_segs);
	ret = ret ? ret : cen_compare(a->flags, b->flags);
	ret = ret ? ret : cen_compare(a->banks, b->banks);
	ret = ret ? ret : cen_compare(a->iova_size, b->iova_size);
	ret = ret ? ret : cen_compare(a->iova_granule, b->iova_granule);
	ret = ret ? ret : cen_compare(a->nr_windows, b->nr_windows);
	for (i = 0; !ret && i < a->nr_windows; i++) {
		ret = cen_compare(a->windows[i].first, b->windows[i].first);
		ret = ret ? ret : cen_compare(a->windows[i].last, b->windows[i].last);
	}
	return ret;
}

static bool cen_same_segs(const struct cen_constraints *a, const struct cen_constraints *b)
{
	return a->seg_size == b->seg_size && a->seg_boundary == b->seg_boundary &&
	       a->align == b->align && a->max_segs == b->max_segs &&
	       cen_sees_memory(a) == cen_sees_memory(b);
}

static void cen_merged_remove(struct cen_merged *m, u32 at)
{
	m->nr_demands--;
	memmove(&m->demands[at], &m->demands[at + 1],
		(m->nr_demands - at) * sizeof(m->demands[0]));
}

static void cen_merged_insert(struct cen_merged *m, const struct cen_constraints *c, u32 index)
{
	struct cen_demand *d;
	u32 i, at = m->nr_demands;

	while (at && (m->demands[at - 1].device > index ||
		      (m->demands[at - 1].device == index &&
		       cen_constraints_compare(&m->demands[at - 1].c, c) > 0)))
		at--;
	d = &m->demands[at];
	memmove(d + 1, d, (m->nr_demands - at) * sizeof(*d));
	m->nr_demands++;
	d->c = *c;
	d->device = index;

	d->segs_first = 1;
	for (i = 0; i < at; i++) {
		if (m->demands[i].segs_first && cen_same_segs(&m->demands[i].c, c)) {
			d->segs_first = 0;
			return;
		}
	}
	for (i = at + 1; i < m->nr_demands; i++) {
		if (cen_same_segs(&m->demands[i].c, c))
			m->demands[i].segs_first = 0;
	}
}

/**
 * cen_merged_add() - add a device
 * @m: the merge
 * @c: the device's constraints, from cen_constraints_from_limits()
 * @index: what explanations call it
 *
 * The order of calls does not change the result. Adding a device twice changes
 * nothing; adding it with other constraints means both.
 *
 * Context: Any context.
 * Return: 0; -E2BIG beyond CEN_MAX_DEVICES different demands (@m is unchanged).
 */
int cen_merged_add(struct cen_merged *m, const struct cen_constraints *c, u32 index)
{
	u32 i;
	int ret;

	for (i = 0; i < m->nr_demands; i++) {
		if (cen_constraints_compare(&m->demands[i].c, c))
			continue;
		if (m->demands[i].device <= index)
			return 0;
		/*
		 * It stays the same demand under a lower index. Nobody later can have
		 * relied on it to be counted first who does not follow it now as well.
		 */
		cen_merged_remove(m, i);
		cen_merged_insert(m, c, index);
		return 0;
	}
	if (m->nr_demands == CEN_MAX_DEVICES)
		return -E2BIG;
	ret = cen_merged_meet_windows(m, c);
	if (ret)
		return ret;
	cen_merged_insert(m, c, index);

	m->flags |= c->flags;
	m->banks &= c->banks;
	m->iova_size = cen_min(m->iova_size, c->iova_size);
	m->iova_granule = cen_max(m->iova_granule, c->iova_granule);
	/* an IOMMU device's segments lie in I/O virtual addresses */
	if (cen_sees_memory(c)) {
		m->align = cen_max(m->align, c->align);
		if (c->seg_boundary != U64_MAX)
			m->boundaries |= (u64)1 << cen_fls(c->seg_boundary);
	}
	return 0;
}

/**
 * cen_merged_equal() - do two merges limit the same and blame the same?
 * @a: a merge
 * @b: a merge
 *
 * Context: Any context.
 * Return: 1 or 0.
 */
int cen_merged_equal(const struct cen_merged *a, const struct cen_merged *b)
{
	u32 i;

	if (a->nr_demands != b->nr_demands || a->nr_windows != b->nr_windows ||
	    a->align != b->align || a->banks != b->banks || a->flags != b->flags ||
	    a->iova_size != b->iova_size || a->iova_granule != b->iova_granule ||
	    a->boundaries != b->boundaries)
		return 0;
	for (i = 0; i < a->nr_windows; i++) {
		if (a->windows[i].first != b->windows[i].first ||
		    a->windows[i].last != b->windows[i].last)
			return 0;
	}
	for (i = 0; i < a->nr_demands; i++) {
		if (a->demands[i].device != b->demands[i].device ||
		    a->demands[i].segs_first != b->demands[i].segs_first ||
		    cen_constraints_compare(&a->demands[i].c, &b->demands[i].c))
			return 0;
	}
	return 1;
}

/**
 * cen_merged_limits() - the tightest value of every limit, for people
 * @m: the merge
 * @limits: the result; 0: nobody limits it
 *
 * This is less than the merge knows (windows with holes, which count goes with which
 * size): show it, do not solve with it.
 *
 * Context: Any context.
 */
void cen_merged_limits(const struct cen_merged *m, struct cen_limits *limits)
{
	u64 seg_size = U64_MAX, boundary = U64_MAX;
	u32 i, max_segs = U32_MAX;
	u64 top;

	for (i = 0; i < m->nr_demands; i++) {
		seg_size = cen_min(seg_size, m->demands[i].c.seg_size);
		boundary = cen_min(boundary, m->demands[i].c.seg_boundary);
		max_segs = (u32)cen_min(max_segs, m->demands[i].c.max_segs);
	}
	memset(limits, 0, sizeof(*limits));
	top = m->nr_windows ? m->windows[m->nr_windows - 1].last : 0;
	limits->addr_max = top == U64_MAX ? 0 : top;
	limits->seg_size = seg_size == U64_MAX ? 0 : seg_size;
	limits->seg_boundary = boundary == U64_MAX ? 0 : boundary;
	limits->align = m->align > 1 ? m->align : 0;
	limits->banks = m->banks == U64_MAX ? 0 : m->banks;
	limits->max_segs = max_segs == U32_MAX ? 0 : max_segs;
	limits->flags = m->flags;
}
