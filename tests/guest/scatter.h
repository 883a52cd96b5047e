/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is somebody's, with holes in it: what has to make room for a large piece is moved,
 * and must stay what it was.
 */
#ifndef TEST_SCATTER_H
#define TEST_SCATTER_H

#include "common.h"

struct t_scattered {
	char *at;
	uint64_t size;
};

/* Takes all memory that is available but @spare, and gives half of each 64 KiB back. */
struct t_scattered must_scatter(uint64_t spare);
/* What was kept holds what it held; it is given back, too. */
void must_be_intact(const struct t_scattered *memory);

#endif
