/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel differences of memory management, see compat.h.
 */
#ifndef _CEN_COMPAT_MM_H
#define _CEN_COMPAT_MM_H

#include "compat_config.h"

#include <linux/gfp.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

typedef unsigned long (*cen_compat_shrink_fn)(struct shrinker *, struct shrink_control *);

/* Since 6.7 the core allocates shrinkers. */
#ifdef CEN_HAVE_SHRINKER_ALLOC
static inline struct shrinker *cen_compat_shrinker_register(const char *name,
							    cen_compat_shrink_fn count,
							    cen_compat_shrink_fn scan)
{
	struct shrinker *shrinker = shrinker_alloc(0, "%s", name);

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker_register(shrinker);
	return shrinker;
}

static inline void cen_compat_shrinker_unregister(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}
#else
static inline struct shrinker *cen_compat_shrinker_register(const char *name,
							    cen_compat_shrink_fn count,
							    cen_compat_shrink_fn scan)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->seeks = DEFAULT_SEEKS;
	if (register_shrinker(shrinker, "%s", name)) {
		kfree(shrinker);
		return NULL;
	}
	return shrinker;
}

static inline void cen_compat_shrinker_unregister(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#endif

/*
 * Clear a range of page frames for ourselves: order-0 pages, one reference each. The
 * third argument was a migrate type and became flags.
 */
#ifdef CONFIG_CONTIG_ALLOC
static inline int cen_compat_alloc_contig(unsigned long first, unsigned long end)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;

#ifdef CEN_HAVE_ACR_FLAGS
	return alloc_contig_range(first, end, ACR_FLAGS_NONE, gfp);
#else
	return alloc_contig_range(first, end, MIGRATE_MOVABLE, gfp);
#endif
}
#else
static inline int cen_compat_alloc_contig(unsigned long first, unsigned long end)
{
	return -ENOMEM;
}
#endif

/* Memory that the reserve_mem= boot parameter set aside, by its name. */
static inline bool cen_compat_reserved_mem(const char *name, phys_addr_t *start,
					   phys_addr_t *size)
{
#ifdef CEN_HAVE_RESERVE_MEM
	return reserve_mem_find_by_name(name, start, size);
#else
	return false;
#endif
}

#endif /* _CEN_COMPAT_MM_H */
