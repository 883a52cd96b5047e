// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What user space can learn of a device without the module: a PCI device's DMA mask,
 * whether an IOMMU translates, and the administrator's rules.
 */
#include <limits.h>

#include "fallback.h"
#include "rules.h"

/* Do the domains of this group type translate? "identity" does not. */
static bool translated(const char *dir)
{
	char type[32];

	return !cen_sysfs_read(dir, "iommu_group/type", type, sizeof(type)) &&
	       !strncmp(type, "DMA", 3);
}

static void limits_from_sysfs(const char *dir, struct cen_device_info *info)
{
	char text[32];
	unsigned long bits;

	if (cen_sysfs_link(dir, "driver", info->driver, sizeof(info->driver)))
		info->driver[0] = '\0';
	/* The mask is the driver's word; without one it is only a default. */
	if (info->driver[0] && !cen_sysfs_read(dir, "dma_mask_bits", text, sizeof(text))) {
		bits = strtoul(text, NULL, 10);
		if (bits >= 1 && bits <= 64) {
			info->limits.addr_max = UINT64_MAX >> (64 - bits);
			info->sources |= CEN_FROM_DEVICE;
		}
	}
	if (translated(dir)) {
		info->limits.flags |= CEN_LIMIT_IOMMU;
		info->sources |= CEN_FROM_DEVICE;
	}
	info->windows = 1;
}

int cen_fallback_device_info(struct cen_ctx *ctx, struct cen_device_info *info)
{
	const struct cen_rules *rules = ctx->fallback->rules;
	char name[CEN_NAME_LEN], dir[PATH_MAX];
	int error;

	snprintf(name, sizeof(name), "%.*s", CEN_NAME_LEN - 1, info->name);
	error = cen_sysfs_device(&ctx->roots, name, dir, sizeof(dir));
	if (error)
		return error;
	memset(info, 0, sizeof(*info));
	memcpy(info->name, name, sizeof(info->name));
	limits_from_sysfs(dir, info);
	for (size_t i = 0; i < rules->count; i++) {
		if (strcmp(rules->items[i].name, name) != 0)
			continue;
		cen_limits_tighten(&info->limits, &rules->items[i].limits);
		info->sources |= CEN_FROM_ADMIN;
	}
	return 0;
}
