// SPDX-License-Identifier: GPL-2.0
/* segment.c: how contiguous memory is cut. */
#include "oracle.h"

#include "internal.h"

static void usable_segment(void **state)
{
	(void)state;
	assert_int_equal(cen_segment_usable(65536, 0xffffffff, 1, PAGE), 65536);
	assert_int_equal(cen_segment_usable(65535, U64_MAX, 1, PAGE), 61440);
	assert_int_equal(cen_segment_usable(U64_MAX, 0xffff, 1, PAGE), 65536);
	assert_int_equal(cen_segment_usable(100 * KIB, U64_MAX, 32 * KIB, PAGE), 96 * KIB);
	assert_int_equal(cen_segment_usable(4095, U64_MAX, 1, PAGE), 0);
	assert_int_equal(cen_segment_usable(U64_MAX, 0x7ff, 1, PAGE), 0);
	assert_int_equal(cen_segment_usable(32 * KIB, U64_MAX, 64 * KIB, PAGE), 0);
	assert_int_equal(cen_segment_usable(U64_MAX, U64_MAX, 1, PAGE), U64_MAX - PAGE + 1);
}

static void segments_of_a_piece(void **state)
{
	(void)state;
	assert_int_equal(cen_segments_for(MIB, U64_MAX, U64_MAX, 1, PAGE), 1);
	assert_int_equal(cen_segments_for(MIB, 65536, 0xffffffff, 1, PAGE), 16);
	assert_int_equal(cen_segments_for(MIB, 65535, U64_MAX, 1, PAGE), 18);
	/* 12 KiB segments in 32 KiB blocks: 12 + 12 + 8 */
	assert_int_equal(cen_segments_for(64 * KIB, 12 * KIB, 0x7fff, 1, PAGE), 6);
	assert_int_equal(cen_segments_for(0, 65536, U64_MAX, 1, PAGE), 0);
	assert_int_equal(cen_segments_for(8192, 4095, U64_MAX, 1, PAGE), 0);
	/* one segment may be longer than its alignment, or than one that others follow */
	assert_int_equal(cen_segments_for(48 * KIB, 56 * KIB, U64_MAX, 32 * KIB, PAGE), 1);
	assert_int_equal(cen_segments_for(64 * KIB, 56 * KIB, U64_MAX, 32 * KIB, PAGE), 2);
	assert_int_equal(cen_segments_for(16 * KIB, 32 * KIB, U64_MAX, 64 * KIB, PAGE), 1);
	assert_int_equal(cen_segments_for(U64_MAX - PAGE + 1, PAGE, U64_MAX, 1, PAGE),
			 U64_MAX / PAGE);
	assert_int_equal(cen_segments_for(1ULL << 63, U64_MAX, BITS(62), 1, PAGE), 2);
}

static void bits_of_addresses(void **state)
{
	(void)state;
	assert_int_equal(cen_addr_bits(0), 0);
	assert_int_equal(cen_addr_bits(1), 1);
	assert_int_equal(cen_addr_bits(0xfffffff), 28);
	assert_int_equal(cen_addr_bits(0x10000000), 29);
	assert_int_equal(cen_addr_bits(U64_MAX), 64);
	assert_int_equal(cen_reached_bits(0xfffffff), 28);
	assert_int_equal(cen_reached_bits(0xffffffe), 27);
	assert_int_equal(cen_reached_bits(U64_MAX), 64);
}

/* A device that says anything about segments, but nothing about addresses. */
static void random_device(struct rng *rng, struct oracle_device *d)
{
	memset(d, 0, sizeof(*d));
	if (!rng_one_in(rng, 4))
		d->limits.seg_size = PAGE * rng_below(rng, 14) + (rng_one_in(rng, 3) ? 2047 : 0);
	if (!rng_one_in(rng, 3))
		d->limits.seg_boundary = BITS(11 + rng_below(rng, 8));
	if (rng_one_in(rng, 2))
		d->limits.align = 1ULL << rng_below(rng, 18);
	if (rng_one_in(rng, 4))
		d->limits.flags |= CEN_LIMIT_IOMMU;
}

static void counts_are_minimal(void **state)
{
	struct rng rng = { unit_seed() };
	u64 cases = unit_cases(100000);
	struct oracle_device d;
	struct cen_cut cut;
	u64 i;

	(void)state;
	for (i = 0; i < cases; i++) {
		u64 pages = 1 + rng_below(&rng, 20);
		u64 first = rng_below(&rng, 40);
		u64 unit, count;
		u32 expect;

		random_device(&rng, &d);
		unit = d.limits.align > PAGE ? d.limits.align / PAGE : 1;
		first = first / unit * unit;
		cen_cut_init(&cut, d.limits.seg_size ? d.limits.seg_size : U64_MAX,
			     d.limits.seg_boundary ? d.limits.seg_boundary : U64_MAX,
			     d.limits.align ? d.limits.align : 1, PAGE);
		expect = oracle_segments(&d, first, pages, true);
		count = cen_cut_at(&cut, first * PAGE, (first + pages) * PAGE - 1);
		assert_int_equal(count == U64_MAX ? ORACLE_NEVER : count, expect);

		expect = oracle_segments(&d, 0, pages, true);
		count = cen_cut_count(&cut, pages * PAGE);
		assert_int_equal(count == U64_MAX ? ORACLE_NEVER : count, expect);
	}
}

/* What cen_segment_next() cuts is valid, and as few as were promised. */
static void cutting_keeps_the_count(void **state)
{
	struct rng rng = { unit_seed() };
	u64 cases = unit_cases(100000);
	struct oracle_device d;
	struct cen_constraints c;
	u64 i;

	(void)state;
	for (i = 0; i < cases; i++) {
		u64 pages = 1 + rng_below(&rng, 20), at, end, length, unit;
		u32 expect, count = 0;

		random_device(&rng, &d);
		c = unit_constraints(&d.limits);
		unit = c.align > PAGE ? c.align : PAGE;
		at = rng_below(&rng, 40) * PAGE / unit * unit;
		if (d.limits.flags & CEN_LIMIT_IOMMU)
			at = 0;
		end = at + pages * PAGE;
		expect = d.limits.flags & CEN_LIMIT_IOMMU ? oracle_iova_segments(&d, pages) :
			 oracle_segments(&d, at / PAGE, pages, true);
		for (; at < end; at += length) {
			length = cen_segment_next(&c, PAGE, at, end - at);
			if (!length)
				break;
			count++;
			assert_true(length <= end - at && length <= c.seg_size);
			assert_int_equal(at % c.align, 0);
			assert_int_equal(at & ~c.seg_boundary, (at + length - 1) & ~c.seg_boundary);
		}
		if (expect == ORACLE_NEVER)
			assert_true(at < end);
		else
			assert_int_equal(count, expect);
	}
}

/* The bound over all positions: never below the truth, and monotonic. */
static void worst_case_bounds(void **state)
{
	struct rng rng = { unit_seed() };
	u64 cases = unit_cases(20000);
	struct oracle_device d;
	struct cen_cut cut;
	u64 i, a, len;

	(void)state;
	for (i = 0; i < cases; i++) {
		u64 before[ORACLE_SIZE + 1], now[ORACLE_SIZE + 1], part;

		random_device(&rng, &d);
		d.limits.flags = 0;
		oracle_device_init(&d);
		cen_cut_init(&cut, d.limits.seg_size ? d.limits.seg_size : U64_MAX,
			     d.limits.seg_boundary ? d.limits.seg_boundary : U64_MAX,
			     d.limits.align ? d.limits.align : 1, PAGE);
		memset(before, 0xff, sizeof(before));
		for (a = 0; a < ORACLE_ALIGNS; a++) {
			if (PAGE << a < d.limits.align)
				continue;
			for (len = 1; len <= ORACLE_SIZE; len++) {
				u64 worst = cen_cut_worst(&cut, len * PAGE, PAGE << a);
				u64 truth = d.cost[1][a][len];

				assert_true(worst == U64_MAX || worst >= truth);
				assert_true(truth == ORACLE_NEVER || worst <= truth + 1);
				if (cut.last == cut.step && cen_is_pow2(cut.step))
					assert_int_equal(worst, truth);
				assert_true(worst <= before[len]);
				before[len] = worst;
				now[len] = worst;
			}
			/* a chunk twice as long never counts more than two */
			for (part = 1ULL << a; part < ORACLE_SIZE; part *= 2) {
				for (len = part + 1; len <= 2 * part && len <= ORACLE_SIZE; len++) {
					u64 rest = now[len - part];

					assert_true(now[part] == U64_MAX || rest == U64_MAX ||
						    now[len] <= now[part] + rest);
				}
			}
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(usable_segment),
		cmocka_unit_test(segments_of_a_piece),
		cmocka_unit_test(bits_of_addresses),
		cmocka_unit_test(counts_are_minimal),
		cmocka_unit_test(cutting_keeps_the_count),
		cmocka_unit_test(worst_case_bounds),
	};

	return unit_run("segments", tests, COUNT(tests));
}
