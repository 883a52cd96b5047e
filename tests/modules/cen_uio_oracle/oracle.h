/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CUO_ORACLE_H
#define _CUO_ORACLE_H

#include <linux/types.h>

#include "cen_uio_oracle.h"

struct iommu_domain;
struct sg_table;

/**
 * struct cuo_target - the buffer whose addresses are looked for
 * @memory: its memory, in addresses of the CPU
 * @domain: of the device that maps it, when that is another view; or NULL
 */
struct cuo_target {
	struct sg_table *memory;
	struct iommu_domain *domain;
};

void cuo_search(const struct cuo_target *target, const u8 *data, size_t length,
		struct cuo_search *arg);
/* Returns false when there is no room. */
bool cuo_plant(const struct cuo_target *target, u8 *data, size_t length,
	       const struct cuo_search *arg);

#endif /* _CUO_ORACLE_H */
