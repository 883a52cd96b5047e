/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_ZONES_H
#define _CEN_ZONES_H

#include <linux/gfp_types.h>
#include <linux/types.h>

#include "../solver/solver.h"
#include "pool.h"

/**
 * struct cen_zone_facts - memory that the page allocator gives for a wish
 * @window: addresses
 * @pages: how much there is
 */
struct cen_zone_facts {
	struct cen_window window;
	u64 pages;
};

/* What this machine has, as of now. False: no memory of that kind. */
bool cen_zone_facts(enum cen_zone zone, struct cen_zone_facts *facts);
/* How often that has changed. */
u64 cen_zones_changes(void);
/* Pages of the largest single zone: nothing contiguous lies in two. */
u64 cen_zone_largest(void);
/* Is the lowest zone so small that it is kept for those who can use nothing else? */
bool cen_zone_scarce(void);
/* How to ask the page allocator for it. */
gfp_t cen_zone_gfp(enum cen_zone zone);

#endif /* _CEN_ZONES_H */
