// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

u64 rng_next(struct rng *rng)
{
	u64 z = rng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

u64 rng_below(struct rng *rng, u64 n)
{
	return rng_next(rng) % n;
}

bool rng_one_in(struct rng *rng, u64 n)
{
	return rng_below(rng, n) == 0;
}

u64 unit_cases(u64 cases)
{
	const char *said = getenv("CEN_TEST_CASES");

	if (said)
		return strtoull(said, NULL, 0);
#ifdef __SANITIZE_ADDRESS__
	cases /= 10;
#endif
	return cases;
}

u64 unit_seed(void)
{
	const char *said = getenv("CEN_TEST_SEED");
	u64 seed = said ? strtoull(said, NULL, 0) : 1;

	printf("# CEN_TEST_SEED=%llu\n", seed);
	return seed;
}

struct cen_constraints unit_constraints(const struct cen_limits *limits)
{
	struct cen_constraints c;

	u64 granule = limits->flags & CEN_LIMIT_IOMMU ? PAGE : 1;

	assert_int_equal(cen_constraints_from_limits(&c, limits, NULL, 0, granule), 0);
	return c;
}

void unit_print_reasons(const struct cen_reasons *why)
{
	u32 i;

	for (i = 0; i < why->count && i < why->room; i++) {
		const struct cen_reason *r = &why->list[i];

		printf("# code %u device %d other %d heap %d wanted %#llx offered %#llx\n", r->code,
		       (int)r->device, (int)r->other, (int)r->heap,
		       r->wanted, r->offered);
	}
}

int unit_run(const char *group, const struct CMUnitTest *tests, size_t nr)
{
	return _cmocka_run_group_tests(group, tests, nr, NULL, NULL);
}
