// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody reads what somebody else has written: memory is zero, new or used before.
 */
#include "common.h"

static uint64_t pooled(void)
{
	struct cen_heap_info info;

	assert_ok(t_heap_info(t_heap_index("system"), &info));
	return info.pooled;
}

/* Backed, looked at through the CPU, filled, given back. */
static void use_and_close(uint64_t size, const struct cen_device *device, uint32_t heap_mask)
{
	int fd = t_create(size, 0, 0, heap_mask);
	char *at;

	assert_ok(fd);
	if (device)
		assert_ok(t_declare(fd, device, 1));
	assert_ok(t_commit(fd));
	at = must_map(fd, size);
	assert_u64_equal(t_not_zero(at, size), size);
	memset(at, 0xa5, size);
	must_unmap(at, size);
	close(fd);
}

static const uint64_t sizes[] = {
	PAGE, 2 * PAGE, 3 * PAGE, 7 * PAGE, 16 * PAGE, 64 * KIB + PAGE, 256 * KIB, 700 * KIB,
	MIB, 2 * MIB, 3 * MIB + PAGE, 4 * MIB, 9 * MIB,
};

/* Straight after one another: what is taken has hardly been given back. */
static void test_reused_at_once(void **state)
{
	unsigned int round;
	size_t i;

	(void)state;
	for (round = 0; round < 12 / t_slow() + 3; round++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			use_and_close(sizes[i], NULL, 0);
}

static void test_comes_from_the_pool(void **state)
{
	(void)state;
	use_and_close(4 * MIB, NULL, 0);
	/* otherwise the test above proves nothing */
	assert_true(pooled() > 0);
}

/* Time to be zeroed in the background, partly. */
static void test_reused_after_a_moment(void **state)
{
	int round;

	(void)state;
	for (round = 0; round < 8; round++) {
		use_and_close(16 * MIB, NULL, 0);
		usleep(round * 7000);
		use_and_close(sizes[round], NULL, 0);
	}
}

static void test_random_sizes(void **state)
{
	uint64_t rng = t_seed(20250101);
	unsigned int round;

	(void)state;
	for (round = 0; round < 200 / t_slow(); round++) {
		uint64_t pages = 1 + t_random(&rng) % (1ULL << (t_random(&rng) % 11));

		use_and_close(pages * PAGE, NULL, 0);
	}
}

/* Many at once, so that chunks wander between sizes. */
static void test_many_at_once(void **state)
{
	int fds[48], n, round;
	char *at;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (n = 0; n < 48; n++) {
			fds[n] = must_create((n + 1) * 5 * PAGE);
			at = must_map(fds[n], (n + 1) * 5 * PAGE);
			assert_u64_equal(t_not_zero(at, (n + 1) * 5 * PAGE), (n + 1) * 5 * PAGE);
			memset(at, 0x5a, (n + 1) * 5 * PAGE);
			must_unmap(at, (n + 1) * 5 * PAGE);
		}
		for (n = 0; n < 48; n++)
			close(fds[n]);
	}
}

static void test_low_memory(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 2; round++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			use_and_close(sizes[i], &device, 0);
}

static void test_32_bits(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = 0xffffffff });
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 3; round++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			use_and_close(sizes[i], &device, 0);
}

static void test_contiguous(void **state)
{
	uint32_t mask = 1U << t_heap_index("contiguous");
	size_t i;
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			use_and_close(sizes[i], NULL, mask);
		use_and_close(40 * MIB, NULL, mask);
	}
}

/* Every other heap there is (banks). */
static void test_other_heaps(void **state)
{
	struct cen_heap_info info;
	uint32_t heap;
	int round;

	(void)state;
	for (heap = 0; heap < CEN_MAX_HEAPS; heap++) {
		if (t_heap_info(heap, &info) || (info.capacity && info.capacity < MIB))
			continue;
		for (round = 0; round < 3; round++)
			use_and_close(256 * KIB, NULL, 1U << heap);
	}
}

/* A move copies what there is, and the rest of the last page or chunk is zero. */
static void test_moved(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	const size_t size = 3 * MIB + PAGE;
	int round, fd;
	char *at;

	(void)state;
	for (round = 0; round < 4; round++) {
		use_and_close(size, &device, 0);
		fd = must_create(size);
		at = must_map(fd, size);
		at[0] = 1;
		assert_ok(t_declare(fd, &device, 1));
		assert_int_equal(at[0], 1);
		at[0] = 0;
		assert_u64_equal(t_not_zero(at, size), size);
		memset(at, 0xff, size);
		must_unmap(at, size);
		close(fd);
	}
}

static const struct CMUnitTest tests[] = {
	t_test(test_reused_at_once),
	t_test(test_comes_from_the_pool),
	t_test(test_reused_after_a_moment),
	t_test(test_random_sizes),
	t_test(test_many_at_once),
	t_test(test_low_memory),
	t_test(test_32_bits),
	t_test(test_contiguous),
	t_test(test_other_heaps),
	t_test(test_moved),
};

T_MAIN(tests, 0)
