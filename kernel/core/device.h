/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_DEVICE_H
#define _CEN_DEVICE_H

#include <linux/bits.h>
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

/* device.c: devices by name */

/* Does @name, NUL-terminated, look like "bus:name" and fit CEN_NAME_LEN? */
bool cen_device_name_valid(const char *name);

/*
 * Find a device by "bus:name". Returns a device with a reference to put_device(),
 * ERR_PTR(-ENOENT) when there is none, ERR_PTR(-EINVAL) when the name is malformed or the
 * bus cannot be searched. May sleep.
 */
struct device *cen_device_find(const char *name);

/*
 * Write "bus:name" of @dev. The bus need not be one that cen_device_find() searches.
 * A device on no bus, or with too long a name, is "?:" and the end of its name: only
 * such names may not be unique.
 */
void cen_device_name(struct device *dev, char name[CEN_NAME_LEN]);

/* facts.c: what is known of a device */

/*
 * Collect @dev's facts: struct device, then cen_device_limit(), then firmware properties,
 * then the administrator's rules, then @extra (may be NULL), each tightening. Returns 0, or
 * -EINVAL when they contradict (facts->constraints then reaches nothing).
 */
int cen_device_facts(struct device *dev, const struct cen_limits *extra,
		     struct cen_facts *facts);

/* The same for a device that is only limits (CEN_DEVICE_ANONYMOUS). */
int cen_device_facts_anonymous(const struct cen_limits *limits, struct cen_facts *facts);

/* uAPI: fill @info for @info->name. Takes device_lock(). */
int cen_device_get_info(struct cen_device_info *info);

/* Is @dev behind a translating IOMMU (not merely mapped, not pass-through)? */
bool cen_device_translated(struct device *dev);

/*
 * Would streaming DMA of [first, last] by @dev bounce? True as well when swiotlb is forced.
 * Never true behind a translating IOMMU (unless the kernel bounces there: untrusted devices).
 */
bool cen_device_would_bounce(struct device *dev, u64 first, u64 last);
/* The longest segment that a bounce buffer can stand in for. */
u64 cen_device_bounce_max(struct device *dev);
/* A sync by bus address must not cross a multiple of this, a power of two. Context: any. */
u64 cen_device_sync_step(struct device *dev);

/* limits.c: what drivers said with cen_device_limit() */
typedef void (*cen_limits_fn)(const char *name, const struct cen_limits *limits, void *arg);

/* Copy what the driver of @dev said. false when it said nothing. */
bool cen_driver_limits_get(struct device *dev, struct cen_limits *limits);
/* Call @fn for each device, under the registry's lock. */
void cen_driver_limits_each(cen_limits_fn fn, void *arg);
void cen_device_exit(void);	/* forget all driver limits */

/* firmware.c: 1 and @limits; 0 when firmware says nothing; -EINVAL when it is malformed */
int cen_firmware_limits(struct device *dev, struct cen_limits *limits);

/* rules.c: the administrator's rules, /sys/kernel/config/cenalloc/devices/<bus:name>/ */
int cen_rules_init(void);
void cen_rules_exit(void);
/* Copy the limits of the rule for @name. false when there is none. */
bool cen_rule_get(struct device *dev, struct cen_limits *limits);
/* Call @fn for each rule, under the lock of the rules. */
void cen_rules_each(cen_limits_fn fn, void *arg);

/* The highest address of @bits bits, 1 … 64. */
static inline u64 cen_addr_max(unsigned int bits)
{
	return GENMASK_ULL(bits - 1, 0);
}

#endif /* _CEN_DEVICE_H */
