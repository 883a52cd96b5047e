/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_DEVICE_H
#define _CEN_DEVICE_H

#include <linux/types.h>

#include "../solver/solver.h"

struct device;

/**
 * struct cen_facts - what is known of a device, all sources merged
 * @limits: for people and the uAPI
 * @constraints: the same, normalised, with the windows, for the solver
 * @sources: CEN_FROM_*
 */
struct cen_facts {
	struct cen_limits limits;
	struct cen_constraints constraints;
	u32 sources;
};

/*
 * Find a device by "bus:name". Returns a device with a reference to put_device(),
 * ERR_PTR(-ENOENT) when there is none, ERR_PTR(-EINVAL) when the name is malformed or the
 * bus unknown. May sleep.
 */
struct device *cen_device_find(const char *name);

/* Write "bus:name" of @dev; a device on no bus we can look up is "?:name". */
void cen_device_name(struct device *dev, char name[CEN_NAME_LEN]);

/*
 * Collect @dev's facts: struct device, then cen_device_limit(), then firmware properties,
 * then the administrator's rules, then @extra (may be NULL), each tightening. Returns 0, or
 * -EINVAL when they contradict (facts->constraints then reaches nothing).
 */
int cen_device_facts(struct device *dev, const struct cen_limits *extra,
		     struct cen_facts *facts);

/* The same for a device that is only limits (CEN_DEVICE_ANONYMOUS). */
int cen_device_facts_anonymous(const struct cen_limits *limits, struct cen_facts *facts);

/* uAPI: fill @info for @info->name. */
int cen_device_get_info(struct cen_device_info *info);

/* Is @dev behind a translating IOMMU (not merely mapped, not pass-through)? */
bool cen_device_translated(struct device *dev);

/*
 * Would streaming DMA of [first, last] by @dev bounce? True as well when swiotlb is forced.
 * Never true behind a translating IOMMU (unless the kernel bounces there: untrusted devices).
 */
bool cen_device_would_bounce(struct device *dev, u64 first, u64 last);

/* rules.c: the administrator's rules, /sys/kernel/config/cenalloc/devices/<bus:name>/ */
int cen_rules_init(void);
void cen_rules_exit(void);
/* Copy the limits of the rule for @name. false when there is none. */
bool cen_rule_get(const char *name, struct cen_limits *limits);

void cen_device_exit(void);	/* forget all driver limits */

#endif /* _CEN_DEVICE_H */
