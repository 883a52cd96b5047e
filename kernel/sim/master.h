/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_SIM_MASTER_H
#define _CEN_SIM_MASTER_H

#include <linux/types.h>

struct device;

/*
 * A virtual bus master. It reaches memory only by bus addresses, as hardware does: through
 * its IOMMU when it has one, and never beyond its DMA mask. What the CPU did not sync into
 * a bounce buffer it does not see. With NULL instead of memory it only looks whether it
 * would get there.
 *
 * Return 0, or -EFAULT for an address out of its reach or that leads nowhere.
 * Context: may be atomic.
 */
int cen_sim_read(struct device *dev, dma_addr_t addr, void *to, size_t length);
int cen_sim_write(struct device *dev, dma_addr_t addr, const void *from, size_t length);

#endif /* _CEN_SIM_MASTER_H */
