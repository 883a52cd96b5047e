// SPDX-License-Identifier: GPL-2.0
/* solve.c: plans, one row per kind of constraint. */
#include "unit.h"

#define MAX_DEVICES	4

/* A PC with 6 GiB: the page allocator, its lowest zone, a contiguous heap, a bank. */
enum { SYSTEM, CONTIG, LOW, BANK, NR_HEAPS };

static const struct cen_heap_props pc[NR_HEAPS] = {
	[SYSTEM] = {
		.reach = { { 0, 6 * GIB - 1 }, { 0, 4 * GIB - 1 } }, .nr_reach = 2,
		.chunk_max = 4 * MIB, .align_max = 4 * MIB, .capacity = U64_MAX, .priority = 0,
	},
	[CONTIG] = {
		.reach = { { 0, 6 * GIB - 1 } }, .nr_reach = 1, .arbitrary = 1,
		.chunk_max = 2 * GIB, .align_max = 2 * GIB, .capacity = U64_MAX, .priority = 100,
	},
	[LOW] = {
		.reach = { { 0, 16 * MIB - 1 } }, .nr_reach = 1,
		.chunk_max = 4 * MIB, .align_max = 4 * MIB, .capacity = 16 * MIB, .priority = 200,
	},
	[BANK] = {
		.reach = { { 5 * GIB, 5 * GIB + 64 * MIB - 1 } }, .nr_reach = 1, .arbitrary = 1,
		.chunk_max = 64 * MIB, .align_max = GIB, .capacity = 64 * MIB, .banks = 0x4,
		.priority = 300,
	},
};

#define H(n)		(1U << (n))

/**
 * struct plan_case - devices, and the plan they must get
 * @name: the test's
 * @devices: an entry that is all zero ends the list
 * @size: of the buffer
 * @align: what the program wants
 * @heap_mask: heaps that may serve
 * @heap: … and the rest of the plan
 */
struct plan_case {
	const char *name;
	struct cen_limits devices[MAX_DEVICES];
	u64 size;
	u64 align;
	u32 heap_mask;
	u32 heap;
	u64 chunk;
	u64 plan_align;
	u32 bits;
	u32 segs;
	u32 flags;
	u32 heaps;
};

#define PCI_DEFAULTS	.seg_size = 65536, .seg_boundary = BITS(32)
#define ALL		(H(SYSTEM) | H(CONTIG) | H(LOW) | H(BANK))
#define CONTIGUOUS	CEN_PLAN_CONTIGUOUS

static struct plan_case cases[] = {
	{ "no_device_takes_single_pages", { { 0 } }, MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 256,
	  .heaps = ALL },
	{ "one_page_is_contiguous", { { 0 } }, PAGE,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = ALL },

	/* address limits */
	{ "a_32_bit_device", { { .addr_max = BITS(32) } }, MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 32, .segs = 256,
	  .heaps = H(SYSTEM) | H(CONTIG) | H(LOW) },
	{ "a_28_bit_device_takes_any_window_before_the_lowest_zone",
	  { { .addr_max = BITS(28) } }, MIB,
	  .heap = CONTIG, .chunk = PAGE, .plan_align = PAGE, .bits = 28, .segs = 256,
	  .heaps = H(CONTIG) | H(LOW) },
	{ "the_narrowest_of_several", { { .addr_max = BITS(32) }, { .addr_max = BITS(24) },
	    { .addr_max = BITS(40) } }, MIB,
	  .heap = CONTIG, .chunk = PAGE, .plan_align = PAGE, .bits = 24, .segs = 256,
	  .heaps = H(CONTIG) | H(LOW) },
	{ "a_limit_above_the_memory_is_none", { { .addr_max = BITS(33) } }, MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 256,
	  .heaps = ALL },

	/* contiguity */
	{ "one_segment_is_one_chunk", { { .max_segs = 1 } }, 640 * 480 * 2,
	  .heap = SYSTEM, .chunk = 640 * 480 * 2, .plan_align = PAGE, .bits = 33, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = ALL },
	{ "one_segment_larger_than_the_page_allocator_has", { { .max_segs = 1 } }, 16 * MIB,
	  .heap = CONTIG, .chunk = 16 * MIB, .plan_align = PAGE, .bits = 33, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = H(CONTIG) | H(BANK) },
	{ "camera_and_edu", { { .max_segs = 1, .addr_max = BITS(32) }, { .addr_max = BITS(28) } },
	  640 * 480 * 2,
	  .heap = CONTIG, .chunk = 640 * 480 * 2, .plan_align = PAGE, .bits = 28, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = H(CONTIG) | H(LOW) },

	/* segment counts: sizes that are and are not a power of two */
	{ "four_segments_of_any_size", { { .max_segs = 4 } }, MIB,
	  .heap = SYSTEM, .chunk = 256 * KIB, .plan_align = PAGE, .bits = 33, .segs = 4,
	  .heaps = ALL },
	{ "three_segments_round_the_chunk_up", { { .max_segs = 3 } }, MIB,
	  .heap = SYSTEM, .chunk = 512 * KIB, .plan_align = PAGE, .bits = 33, .segs = 2,
	  .heaps = ALL },
	{ "the_rest_is_a_segment_too", { { .max_segs = 4 } }, MIB + PAGE,
	  .heap = SYSTEM, .chunk = 512 * KIB, .plan_align = PAGE, .bits = 33, .segs = 3,
	  .heaps = ALL },
	{ "sixteen_segments_of_64_kib_hold_a_mebibyte",
	  { { .max_segs = 16, .seg_size = 65536 } }, MIB,
	  .heap = SYSTEM, .chunk = 64 * KIB, .plan_align = PAGE, .bits = 33, .segs = 16,
	  .heaps = ALL },
	{ "segments_that_do_not_divide_the_chunk_cost_more",
	  { { .max_segs = 24, .seg_size = 48 * KIB } }, MIB,
	  /* 64 KiB chunks would be 48 + 16 each: 32 segments; 128: 48 + 48 + 32: 24 */
	  .heap = SYSTEM, .chunk = 128 * KIB, .plan_align = PAGE, .bits = 33, .segs = 24,
	  .heaps = ALL },
	{ "count_and_size_belong_to_one_device",
	  /* together they would be 4 segments of 4 KiB, which holds nothing */
	  { { .max_segs = 4 }, { .seg_size = PAGE } }, MIB,
	  .heap = SYSTEM, .chunk = 256 * KIB, .plan_align = PAGE, .bits = 33, .segs = 256,
	  .heaps = ALL },
	{ "the_chunk_is_the_largest_that_any_device_needs",
	  { { .max_segs = 16 }, { .max_segs = 2 }, { .max_segs = 64 } }, MIB,
	  .heap = SYSTEM, .chunk = 512 * KIB, .plan_align = PAGE, .bits = 33, .segs = 2,
	  .heaps = ALL },

	/* what every PCI device says by default must not be in the way */
	{ "pci_defaults_only_cut", { { PCI_DEFAULTS } }, 16 * MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 4096,
	  .heaps = H(SYSTEM) | H(CONTIG) | H(LOW) | H(BANK) },
	{ "pci_defaults_beside_a_contiguous_device", { { PCI_DEFAULTS }, { .max_segs = 1 } }, MIB,
	  .heap = SYSTEM, .chunk = MIB, .plan_align = PAGE, .bits = 33, .segs = 17,
	  .flags = CONTIGUOUS, .heaps = ALL },

	/* boundaries */
	{ "a_boundary_inside_the_chunk_only_cuts", { { .seg_boundary = 0xffff } }, MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 256,
	  .heaps = ALL },
	{ "one_segment_must_not_cross_4_gib",
	  { { .max_segs = 1, .seg_boundary = BITS(32) } }, 5 * PAGE,
	  .heap = SYSTEM, .chunk = 5 * PAGE, .plan_align = 8 * PAGE, .bits = 33, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = ALL },
	{ "a_window_below_4_gib_cannot_cross_4_gib",
	  { { .max_segs = 1, .seg_boundary = BITS(32), .addr_max = BITS(32) } }, 5 * PAGE,
	  .heap = SYSTEM, .chunk = 5 * PAGE, .plan_align = PAGE, .bits = 32, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = H(SYSTEM) | H(CONTIG) | H(LOW) },
	{ "boundary_and_count_make_chunks_aligned",
	  { { .max_segs = 16, .seg_boundary = 0xffff } }, MIB,
	  .heap = SYSTEM, .chunk = 64 * KIB, .plan_align = 64 * KIB, .bits = 33, .segs = 16,
	  .heaps = ALL },
	{ "a_segment_to_spare_does_not_make_up_for_alignment",
	  { { .max_segs = 17, .seg_boundary = 0xffff } }, MIB,
	  .heap = SYSTEM, .chunk = 64 * KIB, .plan_align = 64 * KIB, .bits = 33, .segs = 16,
	  .heaps = ALL },

	/* alignment */
	{ "a_device_aligns_every_chunk", { { .align = 64 * KIB } }, MIB,
	  .heap = SYSTEM, .chunk = 64 * KIB, .plan_align = 64 * KIB, .bits = 33, .segs = 16,
	  .heaps = ALL },
	{ "the_program_aligns_every_chunk", { { 0 } }, MIB, .align = 2 * MIB,
	  .heap = SYSTEM, .chunk = MIB, .plan_align = 2 * MIB, .bits = 33, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = ALL },
	{ "less_than_a_page_is_no_alignment", { { .align = 64 } }, MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 256,
	  .heaps = ALL },
	{ "an_alignment_only_one_heap_has", { { .align = GIB } }, 8 * MIB,
	  .heap = CONTIG, .chunk = 8 * MIB, .plan_align = GIB, .bits = 33, .segs = 1,
	  .flags = CONTIGUOUS, .heaps = H(CONTIG) | H(BANK) },

	/* banks */
	{ "a_bank_is_asked_for", { { .banks = 0xc } }, MIB,
	  .heap = BANK, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 256,
	  .heaps = H(BANK) },
	{ "devices_agree_on_a_bank", { { .banks = 0xc }, { .banks = 0x6 } }, MIB,
	  .heap = BANK, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 256,
	  .heaps = H(BANK) },

	/* capacity */
	{ "a_buffer_larger_than_some_heaps", { { 0 } }, 65 * MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 65 * 256,
	  .heaps = H(SYSTEM) | H(CONTIG) },
	{ "a_buffer_as_large_as_the_window", { { .addr_max = BITS(28) } }, 256 * MIB,
	  .heap = CONTIG, .chunk = PAGE, .plan_align = PAGE, .bits = 28, .segs = 65536,
	  .heaps = H(CONTIG) },

	/* the caller's choice */
	{ "only_the_heaps_asked_for", { { 0 } }, MIB, .heap_mask = H(LOW) | H(BANK) | H(9),
	  .heap = LOW, .chunk = PAGE, .plan_align = PAGE, .bits = 24, .segs = 256,
	  .heaps = H(LOW) | H(BANK) },

	/* behind an IOMMU */
	{ "an_iommu_frees_the_address",
	  { { .addr_max = BITS(28), .max_segs = 1, .flags = CEN_LIMIT_IOMMU } }, 16 * MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 1,
	  .heaps = H(SYSTEM) | H(CONTIG) | H(LOW) | H(BANK) },
	{ "an_iommu_frees_only_its_own_device",
	  { { .max_segs = 1, .flags = CEN_LIMIT_IOMMU }, { .addr_max = BITS(32) } }, MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 32, .segs = 256,
	  .heaps = H(SYSTEM) | H(CONTIG) | H(LOW) },
	{ "iova_segments_are_counted_by_size",
	  { { .max_segs = 16, .seg_size = 65536, .flags = CEN_LIMIT_IOMMU } }, MIB,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 16,
	  .heaps = ALL },

	/* flags */
	{ "a_non_coherent_device_asks_for_syncs", { { .flags = CEN_LIMIT_NONCOHERENT } }, PAGE,
	  .heap = SYSTEM, .chunk = PAGE, .plan_align = PAGE, .bits = 33, .segs = 1,
	  .flags = CONTIGUOUS | CEN_PLAN_SYNC, .heaps = ALL },
};

static struct cen_merged merged;
static struct cen_solution solution;

static bool said_anything(const struct cen_limits *limits)
{
	static const struct cen_limits nothing;

	return memcmp(limits, &nothing, sizeof(nothing));
}

static void merge(const struct cen_limits *devices, u32 nr)
{
	u32 i;

	cen_merged_init(&merged);
	for (i = 0; i < nr; i++) {
		struct cen_constraints c = unit_constraints(&devices[i]);

		assert_int_equal(cen_merged_add(&merged, &c, i), 0);
	}
}

static void one_plan(void **state)
{
	const struct plan_case *c = *state;
	const struct cen_request req = { .size = c->size, .align = c->align, .page = PAGE,
					 .heap_mask = c->heap_mask };
	struct cen_reason list[16];
	struct cen_reasons why = { .list = list, .room = COUNT(list) };
	const struct cen_plan *plan = &solution.plan;
	u32 nr = 0;

	while (nr < MAX_DEVICES && said_anything(&c->devices[nr]))
		nr++;
	merge(c->devices, nr);
	if (cen_solve(&merged, pc, NR_HEAPS, &req, &solution, &why))
		unit_print_reasons(&why);
	assert_int_equal(solution.error, 0);
	assert_int_equal(why.count, 0);
	assert_int_equal(plan->heap, c->heap);
	assert_int_equal(plan->chunk, c->chunk);
	assert_int_equal(plan->align, c->plan_align);
	assert_int_equal(plan->addr_bits, c->bits);
	assert_int_equal(plan->max_segs, c->segs);
	assert_int_equal(plan->cache_mode, CEN_CACHE_CACHED);
	assert_int_equal(plan->flags, c->flags);
	assert_int_equal(plan->heaps, c->heaps);
	assert_int_equal(solution.order[0], plan->heap);
	assert_int_equal(solution.order_chunk[0], plan->chunk);
	assert_int_equal(solution.order_align[0], plan->align);
}

static void order_is_by_priority_then_index(void **state)
{
	struct cen_heap_props heaps[6];
	const struct cen_request req = { .size = PAGE, .page = PAGE };
	static const u32 priority[6] = { 5, 3, 9, 3, 0, 5 };
	static const u32 expect[6] = { 4, 1, 3, 0, 5, 2 };
	u32 i;

	(void)state;
	for (i = 0; i < 6; i++) {
		heaps[i] = pc[SYSTEM];
		heaps[i].priority = priority[i];
	}
	merge(NULL, 0);
	assert_int_equal(cen_solve(&merged, heaps, 6, &req, &solution, NULL), 0);
	assert_int_equal(solution.nr_order, 6);
	assert_memory_equal(solution.order, expect, sizeof(expect));
}

static void the_best_reach_that_fits_is_taken(void **state)
{
	const struct cen_request req = { .size = PAGE, .page = PAGE };
	const struct cen_limits narrow = { .addr_max = BITS(32) };

	(void)state;
	merge(NULL, 0);
	assert_int_equal(cen_solve(&merged, pc, NR_HEAPS, &req, &solution, NULL), 0);
	assert_int_equal(solution.order_reach[0], 0);
	assert_int_equal(solution.order_window[0].last, 6 * GIB - 1);
	merge(&narrow, 1);
	assert_int_equal(cen_solve(&merged, pc, NR_HEAPS, &req, &solution, NULL), 0);
	assert_int_equal(solution.order_reach[0], 1);
	assert_int_equal(solution.order_window[0].last, 4 * GIB - 1);
}

static void an_arbitrary_heap_takes_the_roomiest_window(void **state)
{
	const struct cen_window w[] = { { MIB, 2 * MIB - 1 }, { 4 * MIB, 9 * MIB - 1 },
					{ 5 * GIB, 5 * GIB + MIB - 1 } };
	const struct cen_request req = { .size = MIB, .page = PAGE };
	const struct cen_limits limits = { 0 };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, w, COUNT(w), 1), 0);
	cen_merged_init(&merged);
	assert_int_equal(cen_merged_add(&merged, &c, 0), 0);
	assert_int_equal(cen_solve(&merged, pc, NR_HEAPS, &req, &solution, NULL), 0);
	assert_int_equal(solution.plan.heap, CONTIG);
	assert_int_equal(solution.order_window[0].first, 4 * MIB);
	assert_int_equal(solution.order_window[0].last, 9 * MIB - 1);
	/* the bank keeps to what it has in common with the third */
	assert_int_equal(solution.nr_order, 2);
	assert_int_equal(solution.order[1], BANK);
	assert_int_equal(solution.order_window[1].first, 5 * GIB);
	assert_int_equal(solution.order_window[1].last, 5 * GIB + MIB - 1);
}

/* 12 KiB in one segment inside a boundary of 16 KiB, with no alignment to be had. */
static void narrowed(u64 first, u64 last, u64 expect_first, u64 expect_last)
{
	const struct cen_limits limits = { .max_segs = 1, .seg_boundary = 0x3fff };
	const struct cen_request req = { .size = 3 * PAGE, .page = PAGE };
	const struct cen_heap_props heap = {
		.reach = { { first, last } }, .nr_reach = 1, .arbitrary = 1, .chunk_max = MIB,
		.align_max = PAGE, .capacity = U64_MAX,
	};

	merge(&limits, 1);
	assert_int_equal(cen_solve(&merged, &heap, 1, &req, &solution, NULL), 0);
	assert_int_equal(solution.plan.align, PAGE);
	assert_int_equal(solution.order_window[0].first, expect_first);
	assert_int_equal(solution.order_window[0].last, expect_last);
}

static void an_arbitrary_heap_keeps_between_boundaries(void **state)
{
	(void)state;
	/* the highest whole block, the end of the first, the start of the last */
	narrowed(0, 0x13fff, 0x10000, 0x13fff);
	narrowed(0x1000, 0xbfff, 0x8000, 0xbfff);
	narrowed(0x1000, 0xafff, 0x4000, 0x7fff);
	narrowed(0x1000, 0x5fff, 0x1000, 0x3fff);
	narrowed(0x2000, 0x6fff, 0x4000, 0x6fff);
	/* nothing to narrow */
	narrowed(0x4000, 0x7fff, 0x4000, 0x7fff);
}

/* Each heap's own chunk and alignment: the bank lies between two multiples of 4 GiB. */
static void a_fallback_has_its_own_alignment(void **state)
{
	const struct cen_limits camera = { .max_segs = 1, .seg_boundary = BITS(32) };
	const struct cen_request req = { .size = 5 * PAGE, .page = PAGE };

	(void)state;
	merge(&camera, 1);
	assert_int_equal(cen_solve(&merged, pc, NR_HEAPS, &req, &solution, NULL), 0);
	assert_int_equal(solution.nr_order, 4);
	assert_int_equal(solution.order[0], SYSTEM);
	assert_int_equal(solution.order_align[0], 8 * PAGE);
	assert_int_equal(solution.order[3], BANK);
	assert_int_equal(solution.order_align[3], PAGE);
}

static void an_iommu_granule_aligns_chunks(void **state)
{
	const struct cen_limits limits = { .flags = CEN_LIMIT_IOMMU };
	const struct cen_request req = { .size = 5 * PAGE, .page = PAGE };
	struct cen_constraints c;

	(void)state;
	assert_int_equal(cen_constraints_from_limits(&c, &limits, NULL, 0, 4 * PAGE), 0);
	cen_merged_init(&merged);
	assert_int_equal(cen_merged_add(&merged, &c, 0), 0);
	assert_int_equal(cen_solve(&merged, pc, NR_HEAPS, &req, &solution, NULL), 0);
	assert_int_equal(solution.plan.chunk, 4 * PAGE);
	assert_int_equal(solution.plan.align, 4 * PAGE);
}

static void the_index_of_a_heap_is_its_slot(void **state)
{
	struct cen_heap_props heaps[CEN_MAX_HEAPS];
	const struct cen_request req = { .size = PAGE, .page = PAGE };
	u32 i;

	(void)state;
	memset(heaps, 0, sizeof(heaps));
	for (i = 0; i < CEN_MAX_HEAPS; i++)
		heaps[i].disabled = ENODEV;
	heaps[31] = pc[SYSTEM];
	merge(NULL, 0);
	assert_int_equal(cen_solve(&merged, heaps, CEN_MAX_HEAPS, &req, &solution, NULL), 0);
	assert_int_equal(solution.plan.heap, 31);
	assert_int_equal(solution.plan.heaps, 1U << 31);
}

static void an_invalid_request_is_refused(void **state)
{
	static const struct cen_request bad[] = {
		{ .size = 0, .page = PAGE },
		{ .size = PAGE + 1, .page = PAGE },
		{ .size = PAGE, .page = 0 },
		{ .size = PAGE, .page = 3 * 512 },
		{ .size = 256, .page = 256 },
		{ .size = PAGE, .page = PAGE, .align = 3 },
	};
	struct cen_reasons why = { 0 };
	u32 i;

	(void)state;
	merge(NULL, 0);
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(cen_solve(&merged, pc, NR_HEAPS, &bad[i], &solution, &why),
				 -EINVAL);
		assert_int_equal(why.count, 0);
	}
	assert_int_equal(cen_solve(&merged, pc, CEN_MAX_HEAPS + 1,
				   &(struct cen_request) { .size = PAGE, .page = PAGE },
				   &solution, &why), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(order_is_by_priority_then_index),
		cmocka_unit_test(the_best_reach_that_fits_is_taken),
		cmocka_unit_test(an_arbitrary_heap_takes_the_roomiest_window),
		cmocka_unit_test(an_arbitrary_heap_keeps_between_boundaries),
		cmocka_unit_test(a_fallback_has_its_own_alignment),
		cmocka_unit_test(an_iommu_granule_aligns_chunks),
		cmocka_unit_test(the_index_of_a_heap_is_its_slot),
		cmocka_unit_test(an_invalid_request_is_refused),
	};
	struct CMUnitTest tests[COUNT(cases) + COUNT(more)];
	u32 i;

	for (i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { .name = cases[i].name, .test_func = one_plan,
						 .initial_state = &cases[i] };
	memcpy(&tests[i], more, sizeof(more));
	return unit_run("solve", tests, COUNT(tests));
}
