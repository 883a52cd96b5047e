// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/pgtable.h>
pmd_t cen_probe(pmd_t *pmd);
pmd_t cen_probe(pmd_t *pmd) { return pmdp_get_lockless(pmd); }
