/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_CONTIG_H
#define _CEN_CONTIG_H

#include <linux/types.h>

struct cen_alloc_request;
struct device;
struct page;

/*
 * contig_range.c: a range of memory inside the request's window, cleared with @move by
 * moving away what is in it. -ENOMEM: nothing suitable; -EINTR: fatal signal.
 * The pages are single ones with a reference each, not zeroed.
 */
struct page *cen_range_alloc(const struct cen_alloc_request *req, unsigned long nr_pages,
			     bool move);
/* How many pages at most that could give in one piece, as far as can be seen. */
unsigned long cen_range_longest(const struct cen_alloc_request *req);

/*
 * contig_cma.c: a piece of the contiguous memory area of the request's device, or of
 * the default one. Not zeroed. *priv is for cen_cma_free().
 */
int cen_cma_init(void);
void cen_cma_exit(void);
struct page *cen_cma_alloc(const struct cen_alloc_request *req, unsigned long nr_pages,
			   void **priv);
void cen_cma_free(struct page *page, unsigned long nr_pages, void *priv);

#endif /* _CEN_CONTIG_H */
