/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_ZERO_H
#define _CEN_ZERO_H

struct page;

/* Zero @nr_pages adjacent pages. May sleep. */
void cen_zero_pages(struct page *page, unsigned long nr_pages);

#endif /* _CEN_ZERO_H */
