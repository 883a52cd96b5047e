// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Sets of address windows: sorted, disjoint, non-adjacent intervals, ends inclusive. */
#include "internal.h"

u64 cen_window_bytes(const struct cen_window *w)
{
	u64 span = w->last - w->first;

	return span == U64_MAX ? U64_MAX : span + 1;
}

/* A set is normalised, so an interval lies inside it when one member holds it. */
bool cen_window_within(const struct cen_window *w, const struct cen_window *in, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (w->first >= in[i].first && w->last <= in[i].last)
			return true;
	}
	return false;
}

bool cen_window_meet(const struct cen_window *a, const struct cen_window *b,
		     struct cen_window *to)
{
	u64 first = cen_max(a->first, b->first);
	u64 last = cen_min(a->last, b->last);

	if (first > last)
		return false;
	to->first = first;
	to->last = last;
	return true;
}

bool cen_window_next(const struct cen_window *w, u32 nr, u64 *at)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		if (w[i].last >= *at) {
			*at = cen_max(*at, w[i].first);
			return true;
		}
	}
	return false;
}

/* The lowest start of a window at or above @from, cut at @max. */
static bool cen_windows_lowest(const struct cen_window *w, u32 nr, u64 from, u64 max, u64 *lowest)
{
	bool found = false;
	u32 i;

	for (i = 0; i < nr; i++) {
		if (w[i].first > w[i].last || w[i].first > max || w[i].first < from)
			continue;
		if (!found || w[i].first < *lowest)
			*lowest = w[i].first;
		found = true;
	}
	return found;
}

/**
 * cen_windows_normalise() - bring windows into the form all others rely on
 * @to: the result
 * @room: entries in @to
 * @from: windows in any order; they may overlap; empty ones are ignored
 * @nr: number of @from
 * @max: addresses above it are cut off
 *
 * Quadratic in @nr, but needs no memory to sort in.
 *
 * Context: Any context.
 * Return: number of windows in @to, or -E2BIG when @room is too small.
 */
int cen_windows_normalise(struct cen_window *to, u32 room, const struct cen_window *from,
			  u32 nr, u64 max)
{
	u32 i, n = 0;
	u64 first = 0, last;
	bool grown;

	while (cen_windows_lowest(from, nr, first, max, &first)) {
		last = first;
		do {
			grown = false;
			for (i = 0; i < nr; i++) {
				u64 end = cen_min(from[i].last, max);

				/* starts inside or right behind, and ends beyond */
				if (from[i].first <= end && end > last &&
				    (from[i].first <= last || from[i].first == last + 1)) {
					last = end;
					grown = true;
				}
			}
		} while (grown);
		if (n == room)
			return -E2BIG;
		to[n].first = first;
		to[n].last = last;
		n++;
		if (last == U64_MAX)
			break;
		first = last + 1;
	}
	return n;
}
