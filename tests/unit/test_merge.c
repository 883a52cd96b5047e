// SPDX-License-Identifier: GPL-2.0
/* merge.c: the meet of windows, and that order and repetition do not matter. */
#include "oracle.h"

static struct cen_merged one, two;

static void add(struct cen_merged *m, const struct cen_limits *limits, u32 index)
{
	struct cen_constraints c = unit_constraints(limits);

	assert_int_equal(cen_merged_add(m, &c, index), 0);
}

static void nothing_limits_nothing(void **state)
{
	struct cen_limits limits;

	(void)state;
	cen_merged_init(&one);
	assert_int_equal(one.nr_windows, 1);
	assert_int_equal(one.windows[0].first, 0);
	assert_int_equal(one.windows[0].last, U64_MAX);
	cen_merged_limits(&one, &limits);
	assert_memory_equal(&limits, &(struct cen_limits) { 0 }, sizeof(limits));
}

static void each_field_takes_the_tighter(void **state)
{
	const struct cen_limits a = { .addr_max = BITS(32), .seg_size = 65536, .align = 64,
				      .banks = 0x3, .max_segs = 9, .seg_boundary = BITS(32) };
	const struct cen_limits b = { .addr_max = BITS(28), .seg_size = 8192, .align = 8192,
				      .banks = 0x6, .max_segs = 12, .seg_boundary = BITS(16),
				      .flags = CEN_LIMIT_NONCOHERENT };
	struct cen_limits limits;

	(void)state;
	cen_merged_init(&one);
	add(&one, &a, 0);
	add(&one, &b, 1);
	cen_merged_limits(&one, &limits);
	assert_int_equal(limits.addr_max, BITS(28));
	assert_int_equal(limits.seg_size, 8192);
	assert_int_equal(limits.seg_boundary, BITS(16));
	assert_int_equal(limits.align, 8192);
	assert_int_equal(limits.banks, 0x2);
	assert_int_equal(limits.max_segs, 9);
	assert_int_equal(limits.flags, CEN_LIMIT_NONCOHERENT);
	assert_int_equal(one.align, 8192);
	assert_int_equal(one.banks, 0x2);
}

static void an_iommu_hides_memory_limits(void **state)
{
	const struct cen_limits a = { .addr_max = BITS(28), .align = 65536,
				      .flags = CEN_LIMIT_IOMMU };

	(void)state;
	cen_merged_init(&one);
	add(&one, &a, 0);
	assert_int_equal(one.nr_windows, 1);
	assert_int_equal(one.windows[0].last, U64_MAX);
	assert_int_equal(one.align, 1);
	assert_int_equal(one.iova_size, 256 * MIB);
	assert_int_equal(one.iova_granule, PAGE);
}

static void same_segments_are_counted_once(void **state)
{
	const struct cen_limits a = { .addr_max = BITS(32), .seg_size = 65536, .max_segs = 4 };
	const struct cen_limits b = { .addr_max = BITS(28), .seg_size = 65536, .max_segs = 4 };
	const struct cen_limits c = { .addr_max = BITS(28), .seg_size = 65536, .max_segs = 5 };

	(void)state;
	cen_merged_init(&one);
	add(&one, &a, 3);
	add(&one, &b, 1);
	add(&one, &c, 2);
	assert_int_equal(one.nr_demands, 3);
	assert_int_equal(one.demands[0].device, 1);
	assert_int_equal(one.demands[0].segs_first, 1);
	assert_int_equal(one.demands[1].device, 2);
	assert_int_equal(one.demands[1].segs_first, 1);
	assert_int_equal(one.demands[2].device, 3);
	assert_int_equal(one.demands[2].segs_first, 0);
}

static void the_same_demand_keeps_the_lowest_index(void **state)
{
	const struct cen_limits a = { .addr_max = BITS(32), .max_segs = 1 };

	(void)state;
	cen_merged_init(&one);
	add(&one, &a, 5);
	add(&one, &a, 2);
	add(&one, &a, 7);
	assert_int_equal(one.nr_demands, 1);
	assert_int_equal(one.demands[0].device, 2);
	assert_int_equal(one.demands[0].segs_first, 1);
}

/* 64 devices with 4 windows each: the most windows there can be. */
static void the_most_windows_fit(void **state)
{
	struct cen_constraints c;
	const struct cen_limits limits = { 0 };
	u32 i, j;

	(void)state;
	cen_merged_init(&one);
	for (i = 0; i < CEN_MAX_DEVICES; i++) {
		struct cen_window w[CEN_DEVICE_WINDOWS];
		u64 first = 0;

		/* three holes of a byte each, elsewhere in every device */
		for (j = 0; j < CEN_DEVICE_WINDOWS; j++) {
			w[j].first = first;
			w[j].last = j + 1 < CEN_DEVICE_WINDOWS ? (i * 3 + j + 1) * PAGE : U64_MAX;
			first = w[j].last + 2;
		}
		assert_int_equal(cen_constraints_from_limits(&c, &limits, w, 4, 1), 0);
		assert_int_equal(c.nr_windows, 4);
		assert_int_equal(cen_merged_add(&one, &c, i), 0);
	}
	assert_int_equal(one.nr_windows, CEN_MERGED_WINDOWS);
	for (i = 0; i < CEN_MERGED_WINDOWS; i++)
		assert_int_equal(one.windows[i].first, i ? i * PAGE + 2 : 0);

	/* one demand more is one too many; one that is known is not */
	assert_int_equal(cen_merged_add(&one, &c, 3), 0);
	c.max_segs = 17;
	two = one;
	assert_int_equal(cen_merged_add(&one, &c, 64), -E2BIG);
	assert_true(cen_merged_equal(&one, &two));
}

static void random_constraints(struct rng *rng, struct cen_constraints *c,
			       bool reach[ORACLE_ATOMS])
{
	struct cen_window w[CEN_DEVICE_WINDOWS];
	struct cen_limits limits = { 0 };
	u32 i, nr = 1 + rng_below(rng, CEN_DEVICE_WINDOWS);
	u64 at;

	for (i = 0; i < nr; i++) {
		w[i].first = rng_below(rng, ORACLE_ATOMS) * ORACLE_ATOM;
		w[i].last = w[i].first + (1 + rng_below(rng, ORACLE_ATOMS)) * ORACLE_ATOM - 1;
	}
	if (rng_one_in(rng, 2))
		limits.addr_max = (1 + rng_below(rng, ORACLE_ATOMS)) * ORACLE_ATOM - 1;
	limits.max_segs = rng_below(rng, 3);
	limits.seg_size = PAGE * rng_below(rng, 3);
	limits.align = rng_one_in(rng, 2) ? PAGE << rng_below(rng, 3) : 0;
	limits.banks = rng_one_in(rng, 2) ? 1 + rng_below(rng, 15) : 0;
	limits.flags = rng_one_in(rng, 5) ? CEN_LIMIT_IOMMU : 0;
	cen_constraints_from_limits(c, &limits, w, nr, PAGE);

	for (at = 0; at < ORACLE_ATOMS; at++) {
		u64 first = at * ORACLE_ATOM, last = first + ORACLE_ATOM - 1;

		reach[at] = false;
		for (i = 0; i < nr; i++)
			reach[at] |= w[i].first <= first && last <= w[i].last &&
				     (!limits.addr_max || last <= limits.addr_max);
		reach[at] |= limits.flags & CEN_LIMIT_IOMMU && c->nr_windows;
	}
}

static void windows_are_normal(const struct cen_merged *m)
{
	u32 i;

	for (i = 0; i < m->nr_windows; i++) {
		assert_true(m->windows[i].first <= m->windows[i].last);
		if (i)
			assert_true(m->windows[i - 1].last + 1 < m->windows[i].first);
	}
}

/* The windows of a merge are what all devices reach, atom by atom. */
static void windows_meet_as_sets(void **state)
{
	struct rng rng = { unit_seed() };
	u64 cases = unit_cases(50000), n;
	bool all[ORACLE_ATOMS], reach[ORACLE_ATOMS];
	struct cen_constraints c;

	(void)state;
	for (n = 0; n < cases; n++) {
		u32 i, nr = rng_below(&rng, 5);
		u64 at;

		memset(all, true, sizeof(all));
		cen_merged_init(&one);
		for (i = 0; i < nr; i++) {
			random_constraints(&rng, &c, reach);
			assert_int_equal(cen_merged_add(&one, &c, i), 0);
			for (at = 0; at < ORACLE_ATOMS; at++)
				all[at] &= reach[at];
		}
		windows_are_normal(&one);
		for (at = 0; at < ORACLE_ATOMS; at++) {
			bool inside = false;

			for (i = 0; i < one.nr_windows; i++)
				inside |= one.windows[i].first <= at * ORACLE_ATOM &&
					  at * ORACLE_ATOM <= one.windows[i].last;
			assert_int_equal(inside, all[at]);
		}
	}
}

/* Commutative, associative, idempotent: any sequence that names the same pairs. */
static void order_and_repetition_do_not_matter(void **state)
{
	struct rng rng = { unit_seed() };
	u64 cases = unit_cases(50000), n;
	bool reach[ORACLE_ATOMS];

	(void)state;
	for (n = 0; n < cases; n++) {
		struct cen_constraints c[8];
		u32 index[8], i, nr = 1 + rng_below(&rng, 8);
		bool added[8] = { false };
		u32 left = nr;

		for (i = 0; i < nr; i++) {
			random_constraints(&rng, &c[i], reach);
			index[i] = rng_below(&rng, 6);
			if (i && rng_one_in(&rng, 4))
				c[i] = c[rng_below(&rng, i)];
		}
		cen_merged_init(&one);
		for (i = 0; i < nr; i++)
			assert_int_equal(cen_merged_add(&one, &c[i], index[i]), 0);
		cen_merged_init(&two);
		while (left) {
			i = rng_below(&rng, nr);
			assert_int_equal(cen_merged_add(&two, &c[i], index[i]), 0);
			left -= !added[i];
			added[i] = true;
		}
		assert_true(cen_merged_equal(&one, &two));
	}
}

static void equal_sees_every_difference(void **state)
{
	static const struct cen_limits others[] = {
		{ .addr_max = BITS(31) }, { .seg_size = 4096 }, { .seg_boundary = BITS(16) },
		{ .align = 8192 }, { .banks = 1 }, { .max_segs = 3 },
		{ .flags = CEN_LIMIT_NONCOHERENT }, { .flags = CEN_LIMIT_IOMMU },
	};
	const struct cen_limits none = { 0 };
	u32 i;

	(void)state;
	for (i = 0; i < COUNT(others); i++) {
		cen_merged_init(&one);
		add(&one, &none, 0);
		cen_merged_init(&two);
		add(&two, &others[i], 0);
		assert_false(cen_merged_equal(&one, &two));
	}
	cen_merged_init(&two);
	add(&two, &none, 1);
	assert_false(cen_merged_equal(&one, &two));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_limits_nothing),
		cmocka_unit_test(each_field_takes_the_tighter),
		cmocka_unit_test(an_iommu_hides_memory_limits),
		cmocka_unit_test(same_segments_are_counted_once),
		cmocka_unit_test(the_same_demand_keeps_the_lowest_index),
		cmocka_unit_test(the_most_windows_fit),
		cmocka_unit_test(windows_meet_as_sets),
		cmocka_unit_test(order_and_repetition_do_not_matter),
		cmocka_unit_test(equal_sees_every_difference),
	};

	return unit_run("merge", tests, COUNT(tests));
}
