// SPDX-License-Identifier: GPL-2.0
/* limits.c: what is valid, what is tighter, and the normal form. */
#include "unit.h"

static void check_accepts(void **state)
{
	static const struct cen_limits good[] = {
		{ 0 },
		{ .addr_max = 1 },
		{ .addr_max = U64_MAX, .seg_size = U64_MAX, .seg_boundary = U64_MAX,
		  .align = 1ULL << 63, .banks = U64_MAX, .max_segs = U32_MAX },
		{ .seg_boundary = 0xffffffff, .seg_size = 65536 },
		{ .seg_boundary = 1, .align = 1 },
		{ .flags = CEN_LIMIT_NONCOHERENT | CEN_LIMIT_IOMMU },
	};
	u32 i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_int_equal(cen_limits_check(&good[i]), 0);
}

static void check_refuses_alignment(void **state)
{
	struct cen_limits limits = { .align = 3 * 4096 };

	(void)state;
	assert_int_equal(cen_limits_check(&limits), -EINVAL);
	limits.align = U64_MAX;
	assert_int_equal(cen_limits_check(&limits), -EINVAL);
}

static void check_refuses_boundary(void **state)
{
	struct cen_limits limits = { .seg_boundary = 0x10000 };

	(void)state;
	assert_int_equal(cen_limits_check(&limits), -EINVAL);
	limits.seg_boundary = 0xfffe;
	assert_int_equal(cen_limits_check(&limits), -EINVAL);
	limits.seg_boundary = U64_MAX - 1;
	assert_int_equal(cen_limits_check(&limits), -EINVAL);
}

static void check_refuses_flags(void **state)
{
	struct cen_limits limits = { .flags = 1U << 2 };

	(void)state;
	assert_int_equal(cen_limits_check(&limits), -EINVAL);
	limits.flags = 1U << 31;
	assert_int_equal(cen_limits_check(&limits), -EINVAL);
}

static void tighten_each_field(void **state)
{
	struct cen_limits to = {
		.addr_max = 0xffffffff, .seg_size = 4096, .seg_boundary = 0xffff, .align = 64,
		.banks = 0x6, .max_segs = 8, .flags = CEN_LIMIT_NONCOHERENT,
	};
	const struct cen_limits by = {
		.addr_max = 0xfffffff, .seg_size = 8192, .seg_boundary = 0xfff, .align = 16,
		.banks = 0xc, .max_segs = 9, .flags = CEN_LIMIT_IOMMU,
	};

	(void)state;
	assert_int_equal(cen_limits_tighten(&to, &by), 0);
	assert_int_equal(to.addr_max, 0xfffffff);
	assert_int_equal(to.seg_size, 4096);
	assert_int_equal(to.seg_boundary, 0xfff);
	assert_int_equal(to.align, 64);
	assert_int_equal(to.banks, 0x4);
	assert_int_equal(to.max_segs, 8);
	assert_int_equal(to.flags, CEN_LIMIT_NONCOHERENT | CEN_LIMIT_IOMMU);
}

static void tighten_zero_is_none(void **state)
{
	const struct cen_limits full = {
		.addr_max = 1, .seg_size = 2, .seg_boundary = 3, .align = 4, .banks = 5,
		.max_segs = 6, .flags = CEN_LIMIT_NONCOHERENT,
	};
	const struct cen_limits none = { 0 };
	struct cen_limits to = full;

	(void)state;
	assert_int_equal(cen_limits_tighten(&to, &none), 0);
	assert_memory_equal(&to, &full, sizeof(to));
	to = none;
	assert_int_equal(cen_limits_tighten(&to, &full), 0);
	assert_memory_equal(&to, &full, sizeof(to));
}

/* "No bank" would read as "any bank": the one mistake that must not happen here. */
static void tighten_keeps_banks_apart(void **state)
{
	struct cen_limits to = { .banks = 0x1 };
	const struct cen_limits by = { .banks = 0x2 };

	(void)state;
	assert_int_equal(cen_limits_tighten(&to, &by), -EINVAL);
	assert_int_equal(to.banks, 0x1);
}

static struct cen_limits random_limits(struct rng *rng)
{
	struct cen_limits limits = {
		.addr_max = rng_below(rng, 4),
		.seg_size = rng_below(rng, 4),
		.seg_boundary = BITS(rng_below(rng, 4)),
		.align = rng_one_in(rng, 2) ? 0 : 1ULL << rng_below(rng, 4),
		.banks = rng_below(rng, 2) ? 0xf : 0x8 | rng_below(rng, 8),
		.max_segs = rng_below(rng, 4),
		.flags = rng_below(rng, 4),
	};

	return limits;
}

static struct cen_limits tightened(struct cen_limits a, struct cen_limits b)
{
	assert_int_equal(cen_limits_tighten(&a, &b), 0);
	return a;
}

static void tighten_laws(void **state)
{
	struct rng rng = { unit_seed() };
	u64 i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		struct cen_limits a = random_limits(&rng), b = random_limits(&rng);
		struct cen_limits c = random_limits(&rng), x, y;

		x = tightened(a, b);
		y = tightened(b, a);
		assert_memory_equal(&x, &y, sizeof(x));
		x = tightened(tightened(a, b), c);
		y = tightened(a, tightened(b, c));
		assert_memory_equal(&x, &y, sizeof(x));
		x = tightened(a, a);
		assert_memory_equal(&x, &a, sizeof(x));
	}
}

static void normal_of_nothing_limits_nothing(void **state)
{
	struct cen_limits limits = { 0 };
	struct cen_constraints c = unit_constraints(&limits);

	(void)state;
	assert_int_equal(c.nr_windows, 1);
	assert_int_equal(c.windows[0].first, 0);
	assert_int_equal(c.windows[0].last, U64_MAX);
	assert_int_equal(c.seg_size, U64_MAX);
	assert_int_equal(c.seg_boundary, U64_MAX);
	assert_int_equal(c.align, 1);
	assert_int_equal(c.banks, U64_MAX);
	assert_int_equal(c.iova_size, U64_MAX);
	assert_int_equal(c.iova_granule, 1);
	assert_int_equal(c.max_segs, U32_MAX);
}

static void normal_of_an_iommu_frees_memory(void **state)
{
	const struct cen_limits limits = { .addr_max = BITS(28), .flags = CEN_LIMIT_IOMMU };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, NULL, 0, 16384), 0);
	assert_int_equal(c.nr_windows, 1);
	assert_int_equal(c.windows[0].last, U64_MAX);
	assert_int_equal(c.iova_size, 256 * MIB);
	assert_int_equal(c.iova_granule, 16384);
}

static void normal_takes_the_largest_iova_window(void **state)
{
	const struct cen_window windows[] = { { 0, 0xfff }, { 0x10000, 0x1ffff },
					      { 0x30000, U64_MAX } };
	const struct cen_limits limits = { .addr_max = 0x37fff, .flags = CEN_LIMIT_IOMMU };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 3, 4096), 0);
	assert_int_equal(c.iova_size, 0x10000);
}

static void normal_sorts_and_joins_windows(void **state)
{
	const struct cen_window windows[] = {
		{ 0x8000, 0x8fff },	/* joins the next by touching it */
		{ 0x9000, 0x9fff },
		{ 0x100, 0x1ff },
		{ 0x180, 0x2ff },	/* overlaps */
		{ 0x110, 0x120 },	/* inside */
		{ 0x500, 0x4ff },	/* empty */
		{ 0x20000, U64_MAX },	/* cut */
		{ 0x30000, U64_MAX },	/* cut off */
	};
	const struct cen_limits limits = { .addr_max = 0x2ffff };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, COUNT(windows), 1), 0);
	assert_int_equal(c.nr_windows, 3);
	assert_int_equal(c.windows[0].first, 0x100);
	assert_int_equal(c.windows[0].last, 0x2ff);
	assert_int_equal(c.windows[1].first, 0x8000);
	assert_int_equal(c.windows[1].last, 0x9fff);
	assert_int_equal(c.windows[2].first, 0x20000);
	assert_int_equal(c.windows[2].last, 0x2ffff);
}

static void normal_joins_more_than_fit(void **state)
{
	struct cen_window windows[40];
	const struct cen_limits limits = { 0 };
	struct cen_constraints c;
	u32 i;

	(void)state;
	/* 0, 2, 4 … then the gaps, so that only the last one makes them one window */
	for (i = 0; i < 40; i++) {
		u64 at = i < 20 ? 2 * i : 2 * (i - 20) + 1;

		windows[i] = (struct cen_window) { at * PAGE, at * PAGE + PAGE - 1 };
	}
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 40, 1), 0);
	assert_int_equal(c.nr_windows, 1);
	assert_int_equal(c.windows[0].last, 40 * PAGE - 1);
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 20, 1), -E2BIG);
	assert_int_equal(c.nr_windows, 0);
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 4, 1), 0);
	assert_int_equal(c.nr_windows, 4);
}

static void normal_reaches_the_last_address(void **state)
{
	const struct cen_window windows[] = { { U64_MAX, U64_MAX }, { 0, 0 },
					      { U64_MAX - 5, U64_MAX - 1 } };
	const struct cen_limits limits = { 0 };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 3, 1), 0);
	assert_int_equal(c.nr_windows, 2);
	assert_int_equal(c.windows[0].last, 0);
	assert_int_equal(c.windows[1].first, U64_MAX - 5);
	assert_int_equal(c.windows[1].last, U64_MAX);
}

static void normal_of_nothing_left(void **state)
{
	const struct cen_window windows[] = { { 0x1000, 0x1fff } };
	struct cen_limits limits = { .addr_max = 0xfff };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 1, 1), -EINVAL);
	assert_int_equal(c.nr_windows, 0);
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 0, 1), -EINVAL);
	assert_int_equal(c.nr_windows, 0);
	limits.flags = CEN_LIMIT_IOMMU;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, windows, 1, 4096), -EINVAL);
	assert_int_equal(c.nr_windows, 0);
}

static void normal_of_invalid_limits(void **state)
{
	struct cen_limits limits = { .align = 3 };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, NULL, 0, 1), -EINVAL);
	assert_int_equal(c.nr_windows, 0);
	limits = (struct cen_limits) { .flags = CEN_LIMIT_IOMMU };
	assert_int_equal(cen_constraints_from_limits(&c, &limits, NULL, 0, 3), -EINVAL);
	assert_int_equal(c.nr_windows, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_accepts),
		cmocka_unit_test(check_refuses_alignment),
		cmocka_unit_test(check_refuses_boundary),
		cmocka_unit_test(check_refuses_flags),
		cmocka_unit_test(tighten_each_field),
		cmocka_unit_test(tighten_zero_is_none),
		cmocka_unit_test(tighten_keeps_banks_apart),
		cmocka_unit_test(tighten_laws),
		cmocka_unit_test(normal_of_nothing_limits_nothing),
		cmocka_unit_test(normal_of_an_iommu_frees_memory),
		cmocka_unit_test(normal_takes_the_largest_iova_window),
		cmocka_unit_test(normal_sorts_and_joins_windows),
		cmocka_unit_test(normal_joins_more_than_fit),
		cmocka_unit_test(normal_reaches_the_last_address),
		cmocka_unit_test(normal_of_nothing_left),
		cmocka_unit_test(normal_of_invalid_limits),
	};

	return unit_run("limits", tests, COUNT(tests));
}
