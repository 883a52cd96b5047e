// SPDX-License-Identifier: GPL-2.0
/*
 * The pool of zeroed chunks: what is kept, how much, how long, and who makes it go.
 */
#include "common.h"

static uint64_t pooled(void)
{
	struct cen_heap_info info;

	assert_ok(t_heap_info(t_heap_index("system"), &info));
	return info.pooled;
}

static void back_and_close(uint64_t size, uint32_t flags)
{
	int fd = t_create(size, 0, flags, 0);

	assert_ok(fd);
	assert_ok(t_commit(fd));
	close(fd);
}

/* At most @most within @seconds. */
static void assert_shrinks(uint64_t most, unsigned int seconds)
{
	unsigned int tries;

	for (tries = 0; tries < seconds * 20 && pooled() > most; tries++)
		usleep(50000);
	if (pooled() > most)
		fail_msg("%llu bytes are still pooled after %u s", (unsigned long long)pooled(),
			 seconds);
}

/* What is being zeroed at the moment is in nobody's reach. */
#define IN_HAND		(4 * MIB)
/* By so much it grows so as to have something zeroed next time. */
#define GROWTH		(8 * MIB + IN_HAND)

static void empty_the_pool(void)
{
	must_set_param("pool_mib", "0");
	assert_shrinks(0, 2);
	must_set_param("pool_mib", "256");
}

static void test_keeps_what_is_closed(void **state)
{
	int i;

	(void)state;
	empty_the_pool();
	back_and_close(16 * MIB, 0);
	assert_u64_equal(pooled(), 16 * MIB);
	/* and takes it from there */
	for (i = 0; i < 20; i++)
		back_and_close(16 * MIB, 0);
	assert_in_range(pooled(), 16 * MIB, 16 * MIB + GROWTH);
}

static void test_limit(void **state)
{
	(void)state;
	must_set_param("pool_mib", "8");
	back_and_close(64 * MIB, 0);
	assert_true(pooled() <= 8 * MIB);
	assert_true(pooled() > 0);
}

static void test_lower_limit_takes_effect_at_once(void **state)
{
	(void)state;
	empty_the_pool();
	back_and_close(64 * MIB, 0);
	assert_u64_equal(pooled(), 64 * MIB);
	must_set_param("pool_mib", "20");
	assert_true(pooled() <= 20 * MIB + IN_HAND);
	assert_shrinks(20 * MIB, 2);
	must_set_param("pool_mib", "0");
	assert_true(pooled() <= IN_HAND);
	assert_shrinks(0, 2);
}

static void test_no_pool(void **state)
{
	(void)state;
	must_set_param("pool_mib", "0");
	back_and_close(16 * MIB, 0);
	back_and_close(PAGE, 0);
	assert_u64_equal(pooled(), 0);
}

static void test_idle_memory_goes(void **state)
{
	(void)state;
	empty_the_pool();
	must_set_param("pool_idle", "1");
	back_and_close(64 * MIB, 0);
	assert_true(pooled() > 0);
	/* half of it each second, in whole chunks of 4 MiB */
	assert_shrinks(0, 20);
}

static void test_idle_never(void **state)
{
	(void)state;
	empty_the_pool();
	must_set_param("pool_idle", "0");
	back_and_close(16 * MIB, 0);
	sleep(3);
	assert_u64_equal(pooled(), 16 * MIB);
}

/* What is in use again and again is not idle. */
static void test_busy_memory_stays(void **state)
{
	/* between two uses a slow machine may take a second by itself */
	bool slow = t_slow() > 1;
	int i;

	(void)state;
	empty_the_pool();
	must_set_param("pool_idle", slow ? "3" : "1");
	for (i = 0; i < (slow ? 80 : 40); i++) {
		back_and_close(16 * MIB, 0);
		usleep(100000);
	}
	assert_in_range(pooled(), 16 * MIB, 16 * MIB + GROWTH);
}

static void test_reclaim_takes_it(void **state)
{
	(void)state;
	empty_the_pool();
	must_set_param("pool_idle", "0");
	back_and_close(64 * MIB, 0);
	assert_u64_equal(pooled(), 64 * MIB);
	/* every shrinker is asked for all it has */
	assert_ok(t_write_file("/proc/sys/vm/drop_caches", "2"));
	assert_true(pooled() <= IN_HAND);
}

/* Charged memory is fresh, and goes back to who charged it. */
static void test_charged_memory_is_not_pooled(void **state)
{
	(void)state;
	empty_the_pool();
	back_and_close(16 * MIB, CEN_CREATE_ACCOUNT);
	assert_u64_equal(pooled(), 0);
	back_and_close(16 * MIB, 0);
	assert_u64_equal(pooled(), 16 * MIB);
	back_and_close(16 * MIB, CEN_CREATE_ACCOUNT);
	assert_u64_equal(pooled(), 16 * MIB);
}

/* A pool full of high memory is nothing for a device that cannot reach it. */
static void test_low_memory_is_apart(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = 0xffffffff });
	int round, fd;

	(void)state;
	empty_the_pool();
	fd = must_create(64 * MIB);
	assert_ok(t_commit(fd));
	if (must_info(fd).addr_bits <= 32)
		t_skip("this machine has low memory only");
	close(fd);
	for (round = 0; round < 3; round++) {
		fd = must_create(16 * MIB);
		assert_ok(t_declare(fd, &device, 1));
		assert_ok(t_commit(fd));
		assert_true(must_info(fd).addr_bits <= 32);
		close(fd);
	}
	/* both kinds, each for its own */
	assert_in_range(pooled(), 80 * MIB, 80 * MIB + GROWTH);
}

static void test_bad_parameters(void **state)
{
	static const char *const bad[] = { "-1", "x", " ", "1.5", "99999999999" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_true(t_write_file("/sys/module/cenalloc/parameters/pool_mib", bad[i]) < 0);
		assert_true(t_write_file("/sys/module/cenalloc/parameters/pool_idle", bad[i]) < 0);
	}
}

static const struct CMUnitTest tests[] = {
	t_test(test_keeps_what_is_closed),
	t_test(test_limit),
	t_test(test_lower_limit_takes_effect_at_once),
	t_test(test_no_pool),
	t_test(test_idle_memory_goes),
	t_test(test_idle_never),
	t_test(test_busy_memory_stays),
	t_test(test_reclaim_takes_it),
	t_test(test_charged_memory_is_not_pooled),
	t_test(test_low_memory_is_apart),
	t_test(test_bad_parameters),
};

T_MAIN(tests, 0)
