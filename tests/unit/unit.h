/* SPDX-License-Identifier: GPL-2.0 */
/* What the solver's tests share: a random sequence that can be repeated, and builders. */
#ifndef _CEN_TESTS_UNIT_H
#define _CEN_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "solver.h"

#include <cmocka.h>

#define PAGE	4096ULL
#define KIB	1024ULL
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)
#define BITS(n)	((n) == 64 ? U64_MAX : (1ULL << (n)) - 1)
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* splitmix64 */
struct rng {
	u64 state;
};

u64 rng_next(struct rng *rng);
/* uniform in [0, n) */
u64 rng_below(struct rng *rng, u64 n);
/* true once in @n times */
bool rng_one_in(struct rng *rng, u64 n);

/*
 * How many cases and from which seed: CEN_TEST_CASES and CEN_TEST_SEED, or these. Sanitised
 * builds run a tenth. The seed is printed, so that what failed can be repeated.
 */
u64 unit_cases(u64 cases);
u64 unit_seed(void);

struct cen_constraints unit_constraints(const struct cen_limits *limits);
void unit_print_reasons(const struct cen_reasons *why);

/* Run @nr tests whose names and states were made at run time. */
int unit_run(const char *group, const struct CMUnitTest *tests, size_t nr);

#endif /* _CEN_TESTS_UNIT_H */
