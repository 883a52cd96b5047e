/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random devices and heaps on a machine of 64 pages, and what the oracle says of them.
 */
#ifndef _CEN_TESTS_MACHINE_H
#define _CEN_TESTS_MACHINE_H

#include "oracle.h"

struct machine {
	struct oracle_device devices[ORACLE_DEVICES];
	struct cen_constraints constraints[ORACLE_DEVICES];
	u32 nr_devices;
	struct cen_heap_props heaps[ORACLE_HEAPS];
	u32 nr_heaps;
	struct cen_request req;
	bool common[ORACLE_ATOMS + 1];
	u64 banks;
};

void machine_random(struct rng *rng, struct machine *m);

/* What failed, to be read beside the seed. */
void machine_describe(const struct machine *m);

/* Disabled, too small, not asked for, or of the wrong banks. */
bool machine_heap_is_out(const struct machine *m, u32 h);

#define MACHINE_ANY_CHUNK	1 /* feasible, with a chunk that depends on a choice of windows */

/* Smallest chunk that would do in the best choice of heap @h; 0: none will. */
u64 machine_chunk(const struct machine *m, u32 h);

/* Is there memory anywhere that these devices could use, had a heap all of it? */
bool machine_possible(const struct machine *m);

#endif /* _CEN_TESTS_MACHINE_H */
