// SPDX-License-Identifier: GPL-2.0
#include <linux/shrinker.h>
struct shrinker *cen_probe(void);
struct shrinker *cen_probe(void) { return shrinker_alloc(0, "probe"); }
