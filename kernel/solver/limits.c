// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Limits as people and firmware state them, and their normal form. */
#include "internal.h"

static bool cen_is_mask(u64 boundary)
{
	return !(boundary & (boundary + 1));
}

/**
 * cen_limits_check() - check limits that came from outside
 * @limits: from user space, a rule or firmware
 *
 * Context: Any context.
 * Return: 0; -EINVAL when the alignment is no power of two, the boundary no mask
 * of low bits, or a flag unknown.
 */
int cen_limits_check(const struct cen_limits *limits)
{
	if (limits->align && !cen_is_pow2(limits->align))
		return -EINVAL;
	if (!cen_is_mask(limits->seg_boundary))
		return -EINVAL;
	if (limits->flags & ~CEN_LIMIT_FLAGS)
		return -EINVAL;
	return 0;
}

/* The smaller of two upper bounds of which 0 means "none". */
static u64 cen_tighter(u64 a, u64 b)
{
	if (!a || !b)
		return a | b;
	return cen_min(a, b);
}

/**
 * cen_limits_tighten() - tighten limits by more limits
 * @to: limits to tighten
 * @by: what to tighten them by
 *
 * Field by field; 0 means "no limit" in both. Flags are ORed. CEN_LIMIT_IOMMU
 * loosens, since it takes the windows off memory: a caller that knows the device
 * clears it in limits from sources it does not trust to know.
 *
 * Context: Any context.
 * Return: 0; -EINVAL when no bank is left. "No bank" cannot be told from "any
 * bank" in struct cen_limits, so @to keeps the banks it had.
 */
int cen_limits_tighten(struct cen_limits *to, const struct cen_limits *by)
{
	to->addr_max = cen_tighter(to->addr_max, by->addr_max);
	to->seg_size = cen_tighter(to->seg_size, by->seg_size);
	to->seg_boundary = cen_tighter(to->seg_boundary, by->seg_boundary);
	to->align = cen_max(to->align, by->align);
	to->max_segs = (u32)cen_tighter(to->max_segs, by->max_segs);
	to->flags |= by->flags;
	if (to->banks && by->banks) {
		if (!(to->banks & by->banks))
			return -EINVAL;
		to->banks &= by->banks;
	} else {
		to->banks |= by->banks;
	}
	return 0;
}

static u64 cen_largest_window(const struct cen_window *windows, u32 nr)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		bytes = cen_max(bytes, cen_window_bytes(&windows[i]));
	return bytes;
}

/**
 * cen_constraints_from_limits() - normalise one device's limits
 * @to: the constraints
 * @limits: the device's limits
 * @windows: what the device can address, in any order, overlapping or not; or NULL
 *	for [0, limits->addr_max]. Without an IOMMU these are CPU physical addresses,
 *	otherwise I/O virtual ones.
 * @nr_windows: number of @windows
 * @iova_granule: smallest page of the device's translating IOMMU; 0 or 1 without
 *
 * @windows are cut at limits->addr_max. Where bus addresses are not CPU addresses
 * (dma-ranges) the two cannot be compared: there the caller cuts each range before
 * it translates it, and passes a copy of @limits without addr_max. Such a caller
 * also lowers seg_boundary and align to what the offset preserves: a boundary of
 * the bus is one of memory only if the offset is a multiple of it.
 *
 * Context: Any context.
 * Return: 0; -EINVAL when the limits are invalid or leave nothing (@to reaches
 * nothing then, and may be merged: everything with it is refused and names this
 * device); -E2BIG when more than CEN_DEVICE_WINDOWS windows remain.
 */
int cen_constraints_from_limits(struct cen_constraints *to, const struct cen_limits *limits,
				const struct cen_window *windows, u32 nr_windows,
				u64 iova_granule)
{
	const struct cen_window all = { .first = 0, .last = U64_MAX };
	int nr;

	memset(to, 0, sizeof(*to));
	to->seg_size = limits->seg_size ? limits->seg_size : U64_MAX;
	to->seg_boundary = limits->seg_boundary ? limits->seg_boundary : U64_MAX;
	to->align = limits->align ? limits->align : 1;
	to->banks = limits->banks ? limits->banks : U64_MAX;
	to->max_segs = limits->max_segs ? limits->max_segs : U32_MAX;
	to->flags = limits->flags & CEN_LIMIT_FLAGS;
	to->iova_size = U64_MAX;
	to->iova_granule = 1;
	if (cen_limits_check(limits)) {
		/* keep even the refused form well-formed */
		to->seg_boundary = U64_MAX;
		to->align = 1;
		return -EINVAL;
	}

	if (!windows) {
		windows = &all;
		nr_windows = 1;
	}
	nr = cen_windows_normalise(to->windows, CEN_DEVICE_WINDOWS, windows, nr_windows,
				   limits->addr_max ? limits->addr_max : U64_MAX);
	if (nr < 0)
		memset(to->windows, 0, sizeof(to->windows));
	if (nr <= 0)
		return nr ? nr : -EINVAL;

	if (!cen_sees_memory(to)) {
		if (iova_granule > 1 && !cen_is_pow2(iova_granule)) {
			memset(to->windows, 0, sizeof(to->windows));
			return -EINVAL;
		}
		to->iova_size = cen_largest_window(to->windows, nr);
		to->iova_granule = cen_max(iova_granule, 1);
		memset(to->windows, 0, sizeof(to->windows));
		to->windows[0] = all;
		nr = 1;
	}
	to->nr_windows = nr;
	return 0;
}
