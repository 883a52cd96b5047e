/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_ZERO_H
#define _CEN_ZERO_H

#include <linux/types.h>

struct page;

/*
 * Zero @nr_pages adjacent pages. May sleep. @cold: they will not be used at once by
 * this CPU, so they had better not push others' data out of its cache.
 */
void cen_zero_pages(struct page *page, unsigned long nr_pages, bool cold);

#endif /* _CEN_ZERO_H */
