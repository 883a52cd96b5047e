// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-direct.h>
u64 cen_probe(const struct bus_dma_region *map);
u64 cen_probe(const struct bus_dma_region *map) { return map->offset; }
