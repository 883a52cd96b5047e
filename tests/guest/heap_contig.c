// SPDX-License-Identifier: GPL-2.0
/*
 * The contiguous heap: one large piece below a limit that no zone stands for.
 */
#include "common.h"

static struct cen_device one_segment(uint64_t addr_max)
{
	return t_anonymous("one-segment",
			   (struct cen_limits) { .addr_max = addr_max, .max_segs = 1 });
}

static int backed(uint64_t size, const struct cen_device *device)
{
	int fd = must_create(size);

	assert_ok(t_declare(fd, device, 1));
	assert_ok(t_commit(fd));
	return fd;
}

static void assert_piece(int fd, uint32_t bits)
{
	struct cen_info info = must_info(fd);

	assert_int_equal(info.chunks, 1);
	assert_in_range(info.addr_bits, 1, bits);
	assert_string_equal(info.heap_name, "contiguous");
	assert_int_equal(info.plan.flags & CEN_PLAN_CONTIGUOUS, CEN_PLAN_CONTIGUOUS);
}

static void assert_zero_then_fill(int fd, size_t size)
{
	void *at = must_map(fd, size);

	assert_u64_equal(t_not_zero(at, size), size);
	memset(at, 0x99, size);
	must_unmap(at, size);
}

static void test_large_piece_below_28_bits(void **state)
{
	/* where bounce buffers are forced, they and the kernel fill most of the window */
	const uint64_t size = t_swiotlb_forced() ? 16 * MIB : 64 * MIB;
	struct cen_device device = one_segment(T_LOW_LAST);
	int round, fd;

	(void)state;
	for (round = 0; round < 2; round++) {
		fd = backed(size, &device);
		assert_piece(fd, T_LOW_BITS);
		assert_zero_then_fill(fd, size);
		close(fd);
	}
}

static void test_odd_sizes(void **state)
{
	static const uint64_t sizes[] = { PAGE, 3 * PAGE, 300 * PAGE, 2025 * PAGE, 17 * MIB + PAGE };
	struct cen_device device = one_segment(T_LOW_LAST);
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fd = backed(sizes[i], &device);
		assert_piece(fd, T_LOW_BITS);
		assert_zero_then_fill(fd, sizes[i]);
		close(fd);
	}
}

/* Segments without number: still below the limit, as few as there are. */
static void test_window_without_contiguity(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	int fd = backed(96 * MIB, &device);

	(void)state;
	assert_in_range(must_info(fd).addr_bits, 1, T_LOW_BITS);
	assert_zero_then_fill(fd, 96 * MIB);
	close(fd);
}

static void test_beyond_the_page_allocator(void **state)
{
	struct cen_device device = one_segment(0);
	int fd = backed(200 * MIB, &device);

	(void)state;
	assert_piece(fd, 64);
	close(fd);
}

static void test_more_than_the_window(void **state)
{
	struct cen_device device = one_segment(T_LOW_LAST);
	int fd = must_create(300 * MIB);

	(void)state;
	assert_errno(t_declare(fd, &device, 1), ENODEV);
	close(fd);
}

/* In the window the kernel itself lives: all of it cannot be had. Nothing is left behind. */
static void test_all_of_the_window(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	uint64_t used = t_used();
	int fd = must_create(256 * MIB);

	(void)state;
	if (!t_declare(fd, &device, 1))
		assert_in_range(must_lack_memory(fd, "contiguous", CEN_WHY_MEMORY), MIB,
				256 * MIB - PAGE);
	close(fd);
	assert_u64_equal(t_used(), used);
}

/* A cleared range is charged to nobody, so that is not what the caller gets. */
static void test_charged(void **state)
{
	struct cen_device device = one_segment(0);
	int fd = t_create(32 * MIB, 0, CEN_CREATE_ACCOUNT, 0);

	(void)state;
	assert_ok(fd);
	assert_ok(t_declare(fd, &device, 1));
	/* what could be had without being charged does not count */
	assert_u64_equal(must_lack_memory(fd, "contiguous", CEN_WHY_PIECE), 0);
	close(fd);
}

static const struct CMUnitTest tests[] = {
	t_test(test_large_piece_below_28_bits),
	t_test(test_odd_sizes),
	t_test(test_window_without_contiguity),
	t_test(test_beyond_the_page_allocator),
	t_test(test_more_than_the_window),
	t_test(test_all_of_the_window),
	t_test(test_charged),
};

T_MAIN(tests, 0)
