// SPDX-License-Identifier: GPL-2.0
/* fit.c: would memory that exists serve a device that comes late? */
#include "oracle.h"

#define NR_PIECES	6

static struct cen_reason list[32];

/* Check memory of @nr pieces in @banks; the first reason is left in list[0]. */
static int fit(const struct cen_limits *limits, u64 banks, const struct oracle_piece *pieces,
	       u32 nr, u32 *nr_reasons)
{
	struct cen_reasons why = { .list = list, .room = COUNT(list) };
	struct cen_constraints c = unit_constraints(limits);
	struct cen_fit f;
	u32 i;
	int ret;

	memset(list, 0, sizeof(list));
	cen_fit_begin(&f, &c, PAGE, banks, 7, &why);
	for (i = 0; i < nr; i++)
		cen_fit_chunk(&f, pieces[i].first * PAGE,
			      (pieces[i].first + pieces[i].pages) * PAGE - 1);
	ret = cen_fit_end(&f);
	*nr_reasons = why.count;
	return ret;
}

/**
 * struct fit_case - one reason, and what has to be said
 * @name: the test's
 * @limits: the device
 * @pieces: the memory
 * @banks: its banks
 * @code: CEN_WHY_NONE: it fits
 * @wanted: as told
 * @offered: as told
 */
struct fit_case {
	const char *name;
	struct cen_limits limits;
	struct oracle_piece pieces[NR_PIECES];
	u64 banks;
	u32 code;
	u64 wanted;
	u64 offered;
};

static struct fit_case cases[] = {
	{ "anything_fits_a_device_without_limits", { 0 }, { { 3, 1 }, { 9, 4 } }, .code = 0 },
	{ "memory_below_the_limit_fits", { .addr_max = 16 * PAGE - 1 }, { { 0, 16 } }, .code = 0 },
	{ "memory_beyond_the_limit_does_not", { .addr_max = BITS(16) }, { { 15, 2 } },
	  .code = CEN_WHY_ADDR, .wanted = 16, .offered = 17 },
	{ "every_chunk_counts", { .addr_max = BITS(16) }, { { 0, 1 }, { 2, 1 }, { 40, 1 } },
	  .code = CEN_WHY_ADDR, .wanted = 16, .offered = 18 },
	{ "neighbours_are_one_segment", { .max_segs = 1 }, { { 8, 2 }, { 10, 2 }, { 12, 1 } },
	  .code = 0 },
	{ "pieces_apart_are_not", { .max_segs = 1 }, { { 8, 2 }, { 11, 3 } },
	  .code = CEN_WHY_CONTIG, .wanted = 5 * PAGE, .offered = 2 * PAGE },
	{ "neighbours_the_wrong_way_round_are_not", { .max_segs = 1 }, { { 10, 2 }, { 8, 2 } },
	  .code = CEN_WHY_CONTIG, .wanted = 4 * PAGE, .offered = 2 * PAGE },
	{ "segments_can_be_too_few_for_the_size", { .max_segs = 2, .seg_size = 4 * PAGE },
	  { { 0, 9 } }, .code = CEN_WHY_SEGS, .wanted = 9 * PAGE, .offered = 8 * PAGE },
	{ "segments_can_be_just_enough", { .max_segs = 3, .seg_size = 4 * PAGE }, { { 0, 9 } },
	  .code = 0 },
	{ "a_boundary_may_be_missed_by_luck", { .max_segs = 1, .seg_boundary = BITS(16) },
	  { { 17, 15 } }, .code = 0 },
	{ "a_boundary_may_be_hit", { .max_segs = 1, .seg_boundary = BITS(16) }, { { 18, 15 } },
	  .code = CEN_WHY_ALIGN, .wanted = 16 * PAGE, .offered = 2 * PAGE },
	{ "a_segment_too_small_for_a_page", { .seg_size = 2048 }, { { 0, 1 } },
	  .code = CEN_WHY_SEG_SIZE, .wanted = PAGE, .offered = 0 },
	{ "alignment_holds", { .align = 4 * PAGE }, { { 4, 3 }, { 8, 1 } }, .code = 0 },
	{ "alignment_is_of_every_piece", { .align = 4 * PAGE }, { { 4, 3 }, { 10, 1 } },
	  .code = CEN_WHY_ALIGN, .wanted = 4 * PAGE, .offered = 2 * PAGE },
	{ "one_common_bank_is_enough", { .banks = 0x6 }, { { 0, 1 } }, .banks = 0xc, .code = 0 },
	{ "no_common_bank", { .banks = 0x6 }, { { 0, 1 } }, .banks = 0x9, .code = CEN_WHY_BANK,
	  .wanted = 0x6, .offered = 0x9 },
	{ "no_bank_is_asked_for", { 0 }, { { 0, 1 } }, .banks = 0, .code = 0 },
	{ "an_iommu_takes_scattered_high_pages",
	  { .addr_max = BITS(16), .max_segs = 1, .flags = CEN_LIMIT_IOMMU },
	  { { 40, 1 }, { 3, 5 }, { 60, 2 } }, .code = 0 },
	{ "an_iova_window_can_be_too_small", { .addr_max = BITS(14), .flags = CEN_LIMIT_IOMMU },
	  { { 40, 5 } }, .code = CEN_WHY_IOVA, .wanted = 5 * PAGE, .offered = 4 * PAGE },
	{ "iova_segments_can_be_too_few",
	  { .max_segs = 2, .seg_size = 2 * PAGE, .flags = CEN_LIMIT_IOMMU }, { { 40, 5 } },
	  .code = CEN_WHY_SEGS, .wanted = 5 * PAGE, .offered = 4 * PAGE },
};

static void one_case(void **state)
{
	const struct fit_case *c = *state;
	u32 nr = 0, nr_reasons;
	int ret;

	while (nr < NR_PIECES && c->pieces[nr].pages)
		nr++;
	ret = fit(&c->limits, c->banks, c->pieces, nr, &nr_reasons);
	if (!c->code) {
		assert_int_equal(ret, 0);
		assert_int_equal(nr_reasons, 0);
		return;
	}
	assert_int_equal(ret, -EINVAL);
	assert_int_equal(nr_reasons, 1);
	assert_int_equal(list[0].code, c->code);
	assert_int_equal(list[0].device, 7);
	assert_int_equal(list[0].other, CEN_NO_INDEX);
	assert_int_equal(list[0].heap, CEN_NO_INDEX);
	assert_int_equal(list[0].wanted, c->wanted);
	assert_int_equal(list[0].offered, c->offered);
}

static void below_a_window_is_no_address_limit(void **state)
{
	const struct cen_window w = { 8 * PAGE, 16 * PAGE - 1 };
	struct cen_reasons why = { .list = list, .room = COUNT(list) };
	const struct cen_limits limits = { 0 };
	struct cen_constraints c;
	struct cen_fit f;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, &w, 1, 1), 0);
	cen_fit_begin(&f, &c, PAGE, 0, 0, &why);
	cen_fit_chunk(&f, 4 * PAGE, 5 * PAGE - 1);
	assert_int_equal(cen_fit_end(&f), -EINVAL);
	assert_int_equal(why.count, 1);
	assert_int_equal(list[0].code, CEN_WHY_WINDOW);
}

static void a_granule_is_kept(void **state)
{
	const struct cen_limits limits = { .flags = CEN_LIMIT_IOMMU };
	struct cen_reasons why = { .list = list, .room = COUNT(list) };
	struct cen_constraints c;
	struct cen_fit f;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, NULL, 0, 4 * PAGE), 0);
	cen_fit_begin(&f, &c, PAGE, 0, 0, &why);
	cen_fit_chunk(&f, 4 * PAGE, 12 * PAGE - 1);
	cen_fit_chunk(&f, 32 * PAGE, 33 * PAGE - 1);
	assert_int_equal(cen_fit_end(&f), 0);

	/* a chunk in the middle that ends inside a granule leaves a gap */
	cen_fit_begin(&f, &c, PAGE, 0, 0, &why);
	cen_fit_chunk(&f, 4 * PAGE, 5 * PAGE - 1);
	cen_fit_chunk(&f, 32 * PAGE, 36 * PAGE - 1);
	assert_int_equal(cen_fit_end(&f), -EINVAL);
	assert_int_equal(list[0].code, CEN_WHY_ALIGN);
	assert_int_equal(list[0].wanted, 4 * PAGE);
	assert_int_equal(list[0].offered, PAGE);
}

static void nothing_reached_is_invalid(void **state)
{
	struct cen_reasons why = { .list = list, .room = COUNT(list) };
	const struct cen_limits limits = { .align = 3 };
	struct cen_constraints c;
	struct cen_fit f;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, NULL, 0, 1), -EINVAL);
	cen_fit_begin(&f, &c, PAGE, 0, 4, &why);
	cen_fit_chunk(&f, 0, PAGE - 1);
	assert_int_equal(cen_fit_end(&f), -EINVAL);
	assert_int_equal(why.count, 1);
	assert_int_equal(list[0].code, CEN_WHY_INVALID);
	assert_int_equal(list[0].device, 4);
}

static void reasons_are_told_once_and_never_overrun(void **state)
{
	const struct cen_limits limits = { .addr_max = BITS(14), .align = 8 * PAGE, .max_segs = 1,
					   .banks = 1 };
	struct cen_constraints c = unit_constraints(&limits);
	struct cen_reason room[3] = { { 0 } };
	struct cen_reasons why = { .list = room, .room = 2 };
	struct cen_fit f;
	u32 i;

	(void)state;
	cen_fit_begin(&f, &c, PAGE, 2, 0, &why);
	for (i = 5; i < 60; i += 3)
		cen_fit_chunk(&f, i * PAGE, (i + 1) * PAGE - 1);
	assert_int_equal(cen_fit_end(&f), -EINVAL);
	/* bank, address, alignment, contiguity */
	assert_int_equal(why.count, 4);
	assert_int_equal(room[0].code, CEN_WHY_BANK);
	assert_int_equal(room[1].code, CEN_WHY_ADDR);
	assert_int_equal(room[2].code, CEN_WHY_NONE);

	/* and nobody has to listen */
	cen_fit_begin(&f, &c, PAGE, 2, 0, NULL);
	cen_fit_chunk(&f, 0, PAGE - 1);
	assert_int_equal(cen_fit_end(&f), -EINVAL);
}

/* The last address and the first are no neighbours. */
static void the_end_of_the_address_space(void **state)
{
	struct cen_limits limits = { .max_segs = 2, .seg_boundary = BITS(16) };
	struct cen_reasons why = { .list = list, .room = COUNT(list) };
	struct cen_constraints c = unit_constraints(&limits);
	struct cen_fit f;

	(void)state;
	cen_fit_begin(&f, &c, PAGE, 0, 0, NULL);
	cen_fit_chunk(&f, U64_MAX - 16 * PAGE + 1, U64_MAX);
	cen_fit_chunk(&f, 0, PAGE - 1);
	assert_int_equal(cen_fit_end(&f), 0);

	limits = (struct cen_limits) { .max_segs = 1 };
	c = unit_constraints(&limits);
	cen_fit_begin(&f, &c, PAGE, 0, 0, &why);
	cen_fit_chunk(&f, U64_MAX - 16 * PAGE + 1, U64_MAX);
	cen_fit_chunk(&f, 0, PAGE - 1);
	assert_int_equal(cen_fit_end(&f), -EINVAL);
	assert_int_equal(list[0].code, CEN_WHY_CONTIG);
}

static void random_case(struct rng *rng, struct oracle_device *d)
{
	memset(d, 0, sizeof(*d));
	if (rng_one_in(rng, 2))
		d->limits.seg_size = PAGE * rng_below(rng, 9) + (rng_one_in(rng, 3) ? 1500 : 0);
	if (rng_one_in(rng, 2))
		d->limits.seg_boundary = BITS(11 + rng_below(rng, 8));
	if (rng_one_in(rng, 3))
		d->limits.align = 1ULL << rng_below(rng, 16);
	if (rng_one_in(rng, 2))
		d->limits.max_segs = 1 + rng_below(rng, 6);
	if (rng_one_in(rng, 3))
		d->limits.addr_max = (40 * 4 + rng_below(rng, 24 * 4)) * ORACLE_ATOM - 1;
	if (rng_one_in(rng, 4)) {
		d->limits.flags = CEN_LIMIT_IOMMU;
		d->granule = PAGE << rng_below(rng, 3);
	}
	d->nr_windows = rng_below(rng, 3);
	if (d->nr_windows) {
		u64 split = (20 * 4 + rng_below(rng, 20 * 4)) * ORACLE_ATOM;

		d->windows[0] = (struct cen_window) { split, ORACLE_PAGES * PAGE - 1 };
		d->windows[1].last = split - 1 - rng_below(rng, 3) * ORACLE_ATOM;
	}
	oracle_device_init(d);
}

/* Pieces anywhere, often neighbours, never overlapping. */
static u32 random_pieces(struct rng *rng, struct oracle_piece *pieces)
{
	bool taken[ORACLE_PAGES + 8] = { false };
	u32 i, nr = 0, want = 1 + rng_below(rng, NR_PIECES);

	while (nr < want) {
		struct oracle_piece p = { rng_below(rng, ORACLE_PAGES), 1 + rng_below(rng, 5) };
		bool clash = false;

		if (nr && rng_one_in(rng, 3))
			p.first = pieces[nr - 1].first + pieces[nr - 1].pages;
		else if (rng_one_in(rng, 2))
			p.first &= ~3ULL;
		if (p.first + p.pages > ORACLE_PAGES) {
			want--;
			continue;
		}
		for (i = 0; i < p.pages; i++)
			clash |= taken[p.first + i];
		if (clash) {
			want--;
			continue;
		}
		for (i = 0; i < p.pages; i++)
			taken[p.first + i] = true;
		pieces[nr++] = p;
	}
	return nr;
}

static void agrees_with_the_oracle(void **state)
{
	struct rng rng = { unit_seed() };
	u64 n, nr_cases = unit_cases(100000), good = 0, bad = 0;
	struct oracle_device d;

	(void)state;
	for (n = 0; n < nr_cases; n++) {
		struct cen_reasons why = { .list = list, .room = COUNT(list) };
		struct oracle_piece pieces[NR_PIECES];
		struct cen_constraints c;
		struct cen_fit f;
		bool serves;
		u32 i, nr;
		int ret;

		random_case(&rng, &d);
		nr = random_pieces(&rng, pieces);
		if (!nr)
			continue;
		assert_int_equal(cen_constraints_from_limits(&c, &d.limits,
							     d.nr_windows ? d.windows : NULL,
							     d.nr_windows, d.granule), 0);
		cen_fit_begin(&f, &c, PAGE, 0, 0, &why);
		for (i = 0; i < nr; i++)
			cen_fit_chunk(&f, pieces[i].first * PAGE,
				      (pieces[i].first + pieces[i].pages) * PAGE - 1);
		ret = cen_fit_end(&f);
		serves = oracle_serves(&d, pieces, nr);
		if (serves == !!ret)
			unit_print_reasons(&why);
		assert_int_equal(!ret, serves);
		assert_int_equal(!ret, !why.count);
		for (i = 0; i < why.count; i++) {
			const struct cen_reason *r = &list[i];

			if (r->code == CEN_WHY_IOVA || r->code == CEN_WHY_SEGS)
				assert_true(r->wanted > r->offered);
			if (r->code == CEN_WHY_ALIGN || r->code == CEN_WHY_CONTIG)
				assert_true(r->wanted > r->offered);
			if (r->code == CEN_WHY_ADDR)
				assert_true(r->wanted < r->offered);
		}
		good += serves;
		bad += !serves;
	}
	/* the generator must not have gone stale */
	assert_true(good > nr_cases / 10 && bad > nr_cases / 10);
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(below_a_window_is_no_address_limit),
		cmocka_unit_test(a_granule_is_kept),
		cmocka_unit_test(nothing_reached_is_invalid),
		cmocka_unit_test(reasons_are_told_once_and_never_overrun),
		cmocka_unit_test(the_end_of_the_address_space),
		cmocka_unit_test(agrees_with_the_oracle),
	};
	struct CMUnitTest tests[COUNT(cases) + COUNT(more)];
	u32 i;

	for (i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { .name = cases[i].name, .test_func = one_case,
						 .initial_state = &cases[i] };
	memcpy(&tests[i], more, sizeof(more));
	return unit_run("fit", tests, COUNT(tests));
}
