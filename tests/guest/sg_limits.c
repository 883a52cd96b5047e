// SPDX-License-Identifier: GPL-2.0
/*
 * The sg_table a device is handed obeys that device's limits, whatever the others need.
 */
#include "common.h"

static const uint64_t sizes[] = {
	PAGE, 2 * PAGE, 3 * PAGE, 15 * PAGE, 64 * KIB, 68 * KIB, 100 * KIB, 252 * KIB, 256 * KIB,
	260 * KIB, MIB, MIB + PAGE, 3 * MIB - PAGE, 4 * MIB, 4 * MIB + PAGE, 9 * MIB, 33 * MIB,
};

/*
 * With swiotlb=force no segment is larger than 256 KiB, so that few of them hold little, and
 * all that is mapped at one time must fit 64 MiB in pieces.
 */
static bool too_large(uint64_t size, bool few_segments, unsigned int maps)
{
	return t_swiotlb_forced() && size > (few_segments ? 64 * KIB : 33 * MIB / maps);
}

static void bounces_are_refused_here(void)
{
	if (t_swiotlb_forced() && !t_bounce_sync())
		t_skip("nothing can be mapped: everything would bounce");
}

/* Declared, mapped and transferred through for every size. */
static void all_sizes(struct cti_limits limits)
{
	char in[64], out[64];
	size_t i;

	bounces_are_refused_here();
	if (t_swiotlb_forced() && limits.align > PAGE)
		t_skip("a bounce buffer is aligned to a page");
	must_limit(limits);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct cen_device device = t_dev(limits.device);
		int fd, id;

		if (too_large(sizes[i], limits.max_segs, 1))
			continue;
		fd = must_create(sizes[i]);
		if (t_declare(fd, &device, 1) == -EINVAL) {
			/* more than its segments hold: the solver's tests know better */
			assert_true(limits.max_segs && limits.seg_size &&
				    limits.max_segs * limits.seg_size < sizes[i] + MIB);
			close(fd);
			continue;
		}
		id = must_attach(fd, limits.device);
		must_dma_map(id, CTI_BIDIRECTIONAL);
		t_fill(in, sizeof(in), i);
		assert_ok(t_dma_write(id, sizes[i] - sizeof(in), in, sizeof(in)));
		assert_ok(t_dma_read(id, sizes[i] - sizeof(in), out, sizeof(out)));
		assert_memory_equal(in, out, sizeof(in));
		assert_ok(t_release(id));
		close(fd);
	}
}

#define LIMITS_TEST(name, ...)						\
	static void test_##name(void **state)				\
	{								\
		(void)state;						\
		all_sizes((struct cti_limits) { __VA_ARGS__ });		\
	}

LIMITS_TEST(no_limits, .device = 0)
LIMITS_TEST(segment_of_a_page, .seg_size = PAGE)
LIMITS_TEST(segment_64k, .seg_size = 64 * KIB)
LIMITS_TEST(segment_odd, .seg_size = 100000)
LIMITS_TEST(boundary_4k, .seg_boundary = 4 * KIB - 1)
LIMITS_TEST(boundary_64k, .seg_boundary = 64 * KIB - 1)
LIMITS_TEST(boundary_1m, .seg_boundary = MIB - 1)
LIMITS_TEST(boundary_4g, .seg_boundary = 0xffffffff)
LIMITS_TEST(size_and_boundary, .seg_size = 48 * KIB, .seg_boundary = 64 * KIB - 1)
LIMITS_TEST(one_segment, .max_segs = 1)
LIMITS_TEST(two_segments, .max_segs = 2)
LIMITS_TEST(few_segments_and_boundary, .max_segs = 9, .seg_boundary = 4 * MIB - 1)
LIMITS_TEST(few_segments_of_a_size, .max_segs = 16, .seg_size = 3 * MIB)
LIMITS_TEST(align_64k, .align = 64 * KIB)
LIMITS_TEST(align_and_odd_segment, .align = 16 * KIB, .seg_size = 72 * KIB)
LIMITS_TEST(bits_32, .addr_bits = 32)
LIMITS_TEST(bits_30, .addr_bits = T_LOW_BITS + 2)
LIMITS_TEST(bits_28, .addr_bits = T_LOW_BITS)
LIMITS_TEST(bits_28_one_segment, .addr_bits = T_LOW_BITS, .max_segs = 1)
LIMITS_TEST(bits_32_segments, .addr_bits = 32, .max_segs = 64, .seg_size = MIB,
	    .seg_boundary = MIB - 1)

/* Two devices with different limits, mapped at the same time. */
static void test_two_devices(void **state)
{
	static const struct cti_limits pairs[][2] = {
		{ { .device = 0, .seg_size = 64 * KIB },
		  { .device = 1, .max_segs = 1 } },
		{ { .device = 0, .addr_bits = T_LOW_BITS, .seg_size = 128 * KIB },
		  { .device = 1, .seg_boundary = 32 * KIB - 1 } },
		{ { .device = 0, .seg_size = PAGE },
		  { .device = 1, .addr_bits = 32, .max_segs = 4 } },
		{ { .device = 0, .align = 128 * KIB },
		  { .device = 1, .seg_size = 20 * KIB, .seg_boundary = 64 * KIB - 1 } },
	};
	size_t i, s;

	(void)state;
	bounces_are_refused_here();
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct cen_device devices[] = { t_dev(0), t_dev(1) };

		must_limit(pairs[i][0]);
		must_limit(pairs[i][1]);
		for (s = 0; s < ARRAY_SIZE(sizes); s++) {
			struct cti_map first, second;
			char in[64], out[64];
			int fd, a, b;

			if (too_large(sizes[s], pairs[i][0].max_segs || pairs[i][1].max_segs, 2) ||
			    (t_swiotlb_forced() && pairs[i][0].align))
				continue;
			fd = must_create(sizes[s]);
			assert_ok(t_declare(fd, devices, 2));
			a = must_attach(fd, 0);
			b = must_attach(fd, 1);
			first = must_dma_map(a, CTI_FROM_DEVICE);
			second = must_dma_map(b, CTI_TO_DEVICE);
			if (pairs[i][1].max_segs == 1)
				assert_int_equal(second.segments, 1);
			assert_u64_equal(first.length, second.length);
			assert_int_equal(must_info(fd).early_maps, 0);
			if (!t_swiotlb_forced()) {
				t_fill(in, sizeof(in), s);
				assert_ok(t_dma_write(a, sizes[s] - 64, in, 64));
				assert_ok(t_dma_read(b, sizes[s] - 64, out, 64));
				assert_memory_equal(in, out, 64);
			}
			assert_ok(t_release(a));
			assert_ok(t_release(b));
			close(fd);
		}
	}
}

/* One segment that is shorter than the alignment of segments: nothing follows it. */
static void test_short_and_well_aligned(void **state)
{
	struct cen_device device = t_dev(0);
	int fd = must_create(32 * KIB);

	(void)state;
	if (t_swiotlb_forced())
		t_skip("a bounce buffer is aligned to a page");
	must_limit((struct cti_limits) { .device = 0, .align = 128 * KIB, .seg_size = 64 * KIB });
	assert_ok(t_declare(fd, &device, 1));
	assert_int_equal(must_dma_map(must_attach(fd, 0), CTI_BIDIRECTIONAL).segments, 1);
	/* and two of them are too much */
	fd = must_create(128 * KIB);
	assert_errno(t_declare(fd, &device, 1), EINVAL);
}

/* Every byte, where the device thinks it is. */
static void test_bytes_are_in_order(void **state)
{
	const size_t size = 6 * MIB + 5 * PAGE;
	int fd = must_create(size), id;
	char *at = must_map(fd, size), *copy = malloc(size);

	(void)state;
	bounces_are_refused_here();
	must_limit((struct cti_limits) { .device = 0, .seg_size = 40 * KIB,
					 .seg_boundary = 64 * KIB - 1 });
	t_fill(at, size, 5);
	id = must_attach(fd, 0);
	assert_true(must_dma_map(id, CTI_BIDIRECTIONAL).segments > 100);
	assert_ok(t_dma_read(id, 0, copy, size));
	assert_u64_equal(t_wrong(copy, size, 5), size);
	free(copy);
}

/* The table is kept for the next map, and is as good then. */
static void test_mapped_again_and_again(void **state)
{
	int fd = must_create(64 * KIB), id = must_attach(fd, 0), i;

	(void)state;
	bounces_are_refused_here();
	for (i = 0; i < 50; i++) {
		must_dma_map(id, i % 3);
		assert_ok(t_dma_unmap(id));
	}
	assert_int_equal(must_info(fd).maps, 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_no_limits),
	t_test(test_segment_of_a_page),
	t_test(test_segment_64k),
	t_test(test_segment_odd),
	t_test(test_boundary_4k),
	t_test(test_boundary_64k),
	t_test(test_boundary_1m),
	t_test(test_boundary_4g),
	t_test(test_size_and_boundary),
	t_test(test_one_segment),
	t_test(test_two_segments),
	t_test(test_few_segments_and_boundary),
	t_test(test_few_segments_of_a_size),
	t_test(test_align_64k),
	t_test(test_align_and_odd_segment),
	t_test(test_bits_32),
	t_test(test_bits_30),
	t_test(test_bits_28),
	t_test(test_bits_28_one_segment),
	t_test(test_bits_32_segments),
	t_test(test_two_devices),
	t_test(test_short_and_well_aligned),
	t_test(test_bytes_are_in_order),
	t_test(test_mapped_again_and_again),
};

T_MAIN(tests, T_IMPORTER)
