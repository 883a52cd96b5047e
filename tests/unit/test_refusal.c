// SPDX-License-Identifier: GPL-2.0
/* Refusals: every reason code, with the device, the heap and the figures it must name. */
#include "unit.h"

#define MAX_DEVICES	4
#define MAX_HEAPS	3
#define MAX_REASONS	8
#define NONE		CEN_NO_INDEX

/* a device with windows of its own, for what limits alone cannot say */
struct device {
	struct cen_limits limits;
	struct cen_window windows[CEN_DEVICE_WINDOWS];
	u32 nr_windows;
};

/**
 * struct refusal_case - devices and heaps that do not go together
 * @name: the test's
 * @devices: @nr_devices of them
 * @heaps: @nr_heaps of them
 * @req: the buffer; the page size is filled in
 * @error: the verdict
 * @reasons: all that must be told, in this order; an all-zero one ends them
 */
struct refusal_case {
	const char *name;
	struct device devices[MAX_DEVICES];
	u32 nr_devices;
	struct cen_heap_props heaps[MAX_HEAPS];
	u32 nr_heaps;
	struct cen_request req;
	int error;
	struct cen_reason reasons[MAX_REASONS];
};

/* what a heap offers, weakest first; each row changes what it is about */
#define PAGES	.reach = { { 0, 6 * GIB - 1 }, { 0, 4 * GIB - 1 } }, .nr_reach = 2, \
		.chunk_max = 4 * MIB, .align_max = 4 * MIB, .capacity = U64_MAX
#define RANGES	.reach = { { 0, 6 * GIB - 1 } }, .nr_reach = 1, .arbitrary = 1, \
		.chunk_max = GIB, .align_max = GIB, .capacity = U64_MAX
#define HIGH	.reach = { { 5 * GIB, 5 * GIB + 64 * MIB - 1 } }, .nr_reach = 1, \
		.chunk_max = 64 * MIB, .align_max = GIB, .capacity = 64 * MIB

static struct refusal_case cases[] = {
	/* -ENODEV: the devices agree, no heap does */
	{ "address_bits", .nr_devices = 2,
	  .devices = { { { .addr_max = BITS(32) } }, { { .addr_max = BITS(28) } } },
	  .nr_heaps = 2, .heaps = { { PAGES }, { HIGH } }, .req = { .size = MIB },
	  .error = -ENODEV,
	  .reasons = { { CEN_WHY_ADDR, 1, NONE, 0, 28, 32 },
		       { CEN_WHY_ADDR, 1, NONE, 1, 28, 33 } } },
	{ "address_bits_lowest_index_wins_a_tie", .nr_devices = 3,
	  .devices = { { { 0 } }, { { .addr_max = BITS(28) } },
		       { { .addr_max = BITS(28), .max_segs = 900 } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_ADDR, 1, NONE, 0, 28, 32 } } },
	{ "address_bits_of_an_odd_limit_are_those_reached_in_full", .nr_devices = 1,
	  .devices = { { { .addr_max = 0xfffffffe } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_ADDR, 0, NONE, 0, 31, 32 } } },
	{ "address_bits_of_a_heap_that_takes_any_window", .nr_devices = 1,
	  .devices = { { { .addr_max = BITS(32) } } },
	  .nr_heaps = 1,
	  .heaps = { { .reach = { { 5 * GIB, 6 * GIB - 1 } }, .nr_reach = 1, .arbitrary = 1,
		       .chunk_max = GIB, .align_max = GIB, .capacity = GIB } },
	  .req = { .size = MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_ADDR, 0, NONE, 0, 32, 33 } } },
	{ "a_window_that_no_choice_lies_in", .nr_devices = 2,
	  .devices = { { { 0 } }, { { 0 }, { { 2 * GIB, 8 * GIB - 1 } }, 1 } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_WINDOW, 1, NONE, 0, 33, 32 } } },
	{ "windows_that_only_together_leave_no_choice", .nr_devices = 2,
	  /* the first leaves the low half of the memory, the second the rest */
	  .devices = { { { 0 }, { { 0, 3 * GIB - 1 }, { 4 * GIB, 9 * GIB } }, 2 },
		       { { 0 }, { { 0, 5 * GIB - 1 } }, 1 } },
	  .nr_heaps = 1,
	  .heaps = { { .reach = { { 0, 4 * GIB - 1 }, { 4 * GIB, 6 * GIB - 1 } }, .nr_reach = 2,
		       .chunk_max = MIB, .align_max = MIB, .capacity = GIB } },
	  .req = { .size = MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_WINDOW, 0, NONE, 0, 33, 32 } } },
	{ "contiguous_bytes", .nr_devices = 2,
	  .devices = { { { 0 } }, { { .max_segs = 1 } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 16 * MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_CONTIG, 1, NONE, 0, 16 * MIB, 4 * MIB } } },
	{ "contiguous_bytes_for_a_few_segments", .nr_devices = 2,
	  .devices = { { { .max_segs = 4 } }, { { .max_segs = 3 } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 24 * MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_CONTIG, 0, NONE, 0, 8 * MIB, 4 * MIB } } },
	{ "segments_that_waste_the_rest_of_a_boundary", .nr_devices = 1,
	  /* 12 KiB segments, 32 KiB blocks: three hold 32 KiB, four 44 */
	  .devices = { { { .max_segs = 4, .seg_size = 12 * KIB, .seg_boundary = 0x7fff } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 48 * KIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_SEGS, 0, NONE, 0, 48 * KIB, 44 * KIB } } },
	{ "segments_that_hold_less_when_they_are_aligned", .nr_devices = 2,
	  /* 12 KiB at a time, but for the second only the last */
	  .devices = { { { .max_segs = 10, .seg_size = 12 * KIB } },
		       { { .max_segs = 10, .seg_size = 12 * KIB, .align = 8 * KIB } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 96 * KIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_SEGS, 1, NONE, 0, 96 * KIB, 84 * KIB } } },
	{ "alignment_of_a_device", .nr_devices = 2,
	  .devices = { { { .align = 64 * KIB } }, { { .align = 8 * MIB } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_ALIGN, 1, NONE, 0, 8 * MIB, 4 * MIB } } },
	{ "alignment_of_the_program", .nr_devices = 1,
	  .devices = { { { .align = 64 * KIB } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB, .align = 8 * MIB },
	  .error = -ENODEV,
	  .reasons = { { CEN_WHY_ALIGN, NONE, NONE, 0, 8 * MIB, 4 * MIB } } },
	{ "alignment_that_a_boundary_asks_for", .nr_devices = 2,
	  .devices = { { { 0 } }, { { .max_segs = 1, .seg_boundary = BITS(32) } } },
	  .nr_heaps = 1,
	  .heaps = { { .reach = { { 0, 6 * GIB - 1 } }, .nr_reach = 1, .chunk_max = GIB,
		       .align_max = MIB, .capacity = U64_MAX } },
	  .req = { .size = 3 * MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_ALIGN, 1, NONE, 0, 4 * MIB, MIB } } },
	{ "alignment_and_contiguity", .nr_devices = 1,
	  .devices = { { { .align = 8 * MIB } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 16 * MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_CONTIG, 0, NONE, 0, 8 * MIB, 4 * MIB },
		       { CEN_WHY_ALIGN, 0, NONE, 0, 8 * MIB, 4 * MIB } } },
	{ "bank_of_another_heap", .nr_devices = 2,
	  .devices = { { { 0 } }, { { .banks = 0x6 } } },
	  .nr_heaps = 2, .heaps = { { PAGES }, { PAGES, .banks = 0x8 } }, .req = { .size = MIB },
	  .error = -ENODEV,
	  .reasons = { { CEN_WHY_BANK, 1, NONE, 0, 0x6, 0 },
		       { CEN_WHY_BANK, 1, NONE, 1, 0x6, 0x8 } } },
	{ "capacity", .nr_devices = 1, .devices = { { { 0 } } },
	  .nr_heaps = 1, .heaps = { { HIGH } }, .req = { .size = 65 * MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_SIZE, NONE, NONE, 0, 65 * MIB, 64 * MIB } } },
	{ "capacity_of_the_preferred_choice",
	  .nr_heaps = 1,
	  .heaps = { { .reach = { { 0, 8 * MIB - 1 }, { 0, 4 * MIB - 1 } }, .nr_reach = 2,
		       .chunk_max = MIB, .align_max = MIB, .capacity = U64_MAX } },
	  .req = { .size = 9 * MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_SIZE, NONE, NONE, 0, 9 * MIB, 8 * MIB } } },
	{ "capacity_of_the_window_a_device_leaves", .nr_devices = 2,
	  .devices = { { { 0 } }, { { .addr_max = BITS(28) } } },
	  .nr_heaps = 1, .heaps = { { RANGES } }, .req = { .size = 257 * MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_SIZE, 1, NONE, 0, 257 * MIB, 256 * MIB } } },
	{ "not_the_heap_asked_for", .nr_devices = 1, .devices = { { { .banks = 1 } } },
	  .nr_heaps = 2, .heaps = { { PAGES, .banks = 1 }, { PAGES } },
	  .req = { .size = MIB, .heap_mask = 0x2 }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_HEAP_FLAGS, NONE, NONE, 0, 0x2, 0x1 },
		       { CEN_WHY_BANK, 0, NONE, 1, 1, 0 } } },
	{ "disabled", .nr_heaps = 3,
	  .heaps = { { PAGES, .disabled = ENOMEM }, { .chunk_max = PAGE },
		     { PAGES, .disabled = ENODEV } },
	  .req = { .size = MIB }, .error = -ENODEV,
	  .reasons = { { CEN_WHY_DISABLED, NONE, NONE, 0, 0, ENOMEM },
		       { CEN_WHY_DISABLED, NONE, NONE, 1, 0, ENXIO } } },
	{ "the_whole_chain", .nr_devices = 3,
	  .devices = { { { .addr_max = BITS(28) } }, { { .max_segs = 1 } }, { { .banks = 1 } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 8 * GIB, .align = 8 * MIB },
	  .error = -ENODEV,
	  .reasons = { { CEN_WHY_ADDR, 0, NONE, 0, 28, 32 },
		       { CEN_WHY_CONTIG, 1, NONE, 0, 8 * GIB, 4 * MIB },
		       { CEN_WHY_ALIGN, NONE, NONE, 0, 8 * MIB, 4 * MIB },
		       { CEN_WHY_SIZE, NONE, NONE, 0, 8 * GIB, 4 * GIB },
		       { CEN_WHY_BANK, 2, NONE, 0, 1, 0 } } },
	{ "no_heap_at_all", .req = { .size = MIB }, .error = -ENODEV },

	/* -EINVAL: the devices contradict each other, or themselves */
	{ "windows_of_two_devices", .nr_devices = 3,
	  .devices = { { { .addr_max = BITS(32) } }, { { .addr_max = BITS(40) } },
		       { { 0 }, { { 4 * GIB, 8 * GIB - 1 } }, 1 } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_WINDOW, 0, 2, NONE, 32, 33 } } },
	{ "windows_of_three_devices", .nr_devices = 3,
	  /* each two meet, all three do not */
	  .devices = { { { 0 }, { { 0, GIB - 1 }, { 2 * GIB, 3 * GIB - 1 } }, 2 },
		       { { 0 }, { { 0, 2 * GIB - 1 } }, 1 },
		       { { 0 }, { { GIB, 3 * GIB - 1 } }, 1 } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_WINDOW, 1, 0, NONE, 31, 32 } } },
	{ "banks_of_two_devices", .nr_devices = 3,
	  .devices = { { { .banks = 0x3 } }, { { .banks = 0x2 } }, { { .banks = 0x5 } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_BANK, 2, 1, NONE, 0x5, 0x2 } } },
	{ "banks_of_three_devices", .nr_devices = 4,
	  .devices = { { { 0 } }, { { .banks = 0x3 } }, { { .banks = 0x6 } },
		       { { .banks = 0x5 } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_BANK, 3, 1, NONE, 0x5, 0x2 } } },
	{ "segments_that_hold_too_little", .nr_devices = 2,
	  .devices = { { { 0 } }, { { .max_segs = 1, .seg_size = 65536 } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_SEGS, 1, NONE, NONE, MIB, 65536 } } },
	{ "segments_that_a_boundary_makes_small", .nr_devices = 1,
	  .devices = { { { .max_segs = 4, .seg_boundary = 0xffff } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_SEGS, 0, NONE, NONE, MIB, 4 * 65536 } } },
	{ "segments_smaller_than_a_page", .nr_devices = 2,
	  .devices = { { { .seg_size = 2048 } }, { { .seg_boundary = 0x1ff } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_SEG_SIZE, 0, NONE, NONE, PAGE, 2048 },
		       { CEN_WHY_SEG_SIZE, 1, NONE, NONE, PAGE, 512 } } },
	{ "segments_smaller_than_their_alignment", .nr_devices = 1,
	  .devices = { { { .seg_size = 65536, .align = MIB } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 128 * KIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_SEG_SIZE, 0, NONE, NONE, 128 * KIB, 65536 } } },
	{ "iova_window", .nr_devices = 1,
	  .devices = { { { .addr_max = BITS(20), .flags = CEN_LIMIT_IOMMU } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 2 * MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_IOVA, 0, NONE, NONE, 2 * MIB, MIB } } },
	{ "iova_segments", .nr_devices = 1,
	  .devices = { { { .max_segs = 15, .seg_size = 65536, .flags = CEN_LIMIT_IOMMU } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_SEGS, 0, NONE, NONE, MIB, 15 * 65536 } } },
	{ "iova_alignment", .nr_devices = 1,
	  .devices = { { { .align = 4 * MIB, .flags = CEN_LIMIT_IOMMU } } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 640 * KIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_ALIGN, 0, NONE, NONE, 4 * MIB, MIB } } },
	{ "limits_that_contradict_themselves", .nr_devices = 2,
	  .devices = { { { 0 } }, { { .addr_max = 0xfff }, { { 0x1000, 0x1fff } }, 1 } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_INVALID, 1, NONE, NONE, 0, 0 } } },
	{ "every_contradiction_is_told", .nr_devices = 4,
	  .devices = { { { .seg_size = 512 } },
		       { { .addr_max = BITS(20), .flags = CEN_LIMIT_IOMMU, .banks = 1 } },
		       { { .addr_max = BITS(20), .banks = 2 } },
		       { { 0 }, { { GIB, 2 * GIB } }, 1 } },
	  .nr_heaps = 1, .heaps = { { PAGES } }, .req = { .size = 2 * MIB }, .error = -EINVAL,
	  .reasons = { { CEN_WHY_SEG_SIZE, 0, NONE, NONE, PAGE, 512 },
		       { CEN_WHY_IOVA, 1, NONE, NONE, 2 * MIB, MIB },
		       { CEN_WHY_WINDOW, 2, 3, NONE, 20, 31 },
		       { CEN_WHY_BANK, 2, 1, NONE, 2, 1 } } },
};

static struct cen_merged merged;
static struct cen_solution solution;

static void merge(const struct refusal_case *c, bool backwards)
{
	u32 i, at;

	cen_merged_init(&merged);
	for (i = 0; i < c->nr_devices; i++) {
		struct cen_constraints constraints;
		const struct device *d;

		at = backwards ? c->nr_devices - 1 - i : i;
		d = &c->devices[at];
		cen_constraints_from_limits(&constraints, &d->limits,
					    d->nr_windows ? d->windows : NULL, d->nr_windows, PAGE);
		assert_int_equal(cen_merged_add(&merged, &constraints, at), 0);
	}
}

static void expect(const struct refusal_case *c, const struct cen_reasons *why)
{
	u32 i, nr = 0;

	while (nr < MAX_REASONS && c->reasons[nr].code)
		nr++;
	if (why->count != nr || memcmp(why->list, c->reasons, nr * sizeof(c->reasons[0])))
		unit_print_reasons(why);
	assert_int_equal(why->count, nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(why->list[i].code, c->reasons[i].code);
		assert_int_equal(why->list[i].device, c->reasons[i].device);
		assert_int_equal(why->list[i].other, c->reasons[i].other);
		assert_int_equal(why->list[i].heap, c->reasons[i].heap);
		assert_int_equal(why->list[i].wanted, c->reasons[i].wanted);
		assert_int_equal(why->list[i].offered, c->reasons[i].offered);
	}
}

static void one_refusal(void **state)
{
	const struct refusal_case *c = *state;
	struct cen_request req = c->req;
	struct cen_reason list[MAX_REASONS + 4];
	u32 backwards;

	req.page = PAGE;
	for (backwards = 0; backwards < 2; backwards++) {
		struct cen_reasons why = { .list = list, .room = COUNT(list) };

		merge(c, backwards);
		assert_int_equal(cen_solve(&merged, c->heaps, c->nr_heaps, &req, &solution, &why),
				 c->error);
		assert_int_equal(solution.error, c->error);
		assert_int_equal(solution.nr_order, 0);
		assert_int_equal(solution.plan.heap, CEN_NO_INDEX);
		assert_int_equal(solution.plan.heaps, 0);
		expect(c, &why);
	}
}

/* More reasons than room: counted, not written. No room, no list: only the verdict. */
static void reasons_never_overrun(void **state)
{
	const struct cen_limits limits = { .banks = 1 };
	struct cen_constraints c = unit_constraints(&limits);
	struct cen_heap_props heaps[CEN_MAX_HEAPS];
	const struct cen_request req = { .size = 16 * MIB, .page = PAGE };
	struct cen_reason list[6] = { { 0 } };
	struct cen_reasons why = { .list = list, .room = 5 };
	u32 i;

	(void)state;
	for (i = 0; i < CEN_MAX_HEAPS; i++)
		heaps[i] = (struct cen_heap_props) { HIGH };
	cen_merged_init(&merged);
	assert_int_equal(cen_merged_add(&merged, &c, 0), 0);
	assert_int_equal(cen_solve(&merged, heaps, CEN_MAX_HEAPS, &req, &solution, &why), -ENODEV);
	assert_int_equal(why.count, CEN_MAX_HEAPS);
	for (i = 0; i < 5; i++)
		assert_int_equal(list[i].heap, i);
	assert_int_equal(list[5].code, CEN_WHY_NONE);

	why = (struct cen_reasons) { .list = NULL, .room = 5 };
	assert_int_equal(cen_solve(&merged, heaps, CEN_MAX_HEAPS, &req, &solution, &why), -ENODEV);
	assert_int_equal(why.count, CEN_MAX_HEAPS);
	assert_int_equal(cen_solve(&merged, heaps, CEN_MAX_HEAPS, &req, &solution, NULL), -ENODEV);
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(reasons_never_overrun),
	};
	struct CMUnitTest tests[COUNT(cases) + COUNT(more)];
	u32 i;

	for (i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { .name = cases[i].name, .test_func = one_refusal,
						 .initial_state = &cases[i] };
	memcpy(&tests[i], more, sizeof(more));
	return unit_run("refusal", tests, COUNT(tests));
}
