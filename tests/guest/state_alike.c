// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers without devices that are alike: the second goes where the first went without the
 * solver being asked. Nobody can tell, but by the time it takes.
 */
#include "common.h"

/* What EXPLAIN, which always asks, says of the empty buffer is what COMMIT does. */
static struct cen_plan commit_as_explained(int fd)
{
	struct cen_plan plan;
	struct t_why why;

	assert_ok(fd);
	assert_ok(t_explain(fd, 0, NULL, 0, &why));
	assert_int_equal(why.error, 0);
	assert_ok(t_commit_plan(fd, &plan));
	assert_memory_equal(&plan, &why.plan, sizeof(plan));
	assert_int_equal(must_info(fd).state, CEN_BUFFER_BACKED);
	close(fd);
	return plan;
}

static void test_same_plan(void **state)
{
	static const uint64_t pages[] = { 1, 2, 3, 16, 17, 31, 256 };
	static const uint64_t aligns[] = { 0, 16 * KIB };
	size_t i, j;
	int round;

	(void)state;
	for (round = 0; round < 3; round++)
		for (i = 0; i < ARRAY_SIZE(pages); i++)
			for (j = 0; j < ARRAY_SIZE(aligns); j++)
				commit_as_explained(t_create(pages[i] * PAGE, aligns[j], 0, 0));
}

/* Sizes of one order, one after the other. */
static void test_other_size(void **state)
{
	struct cen_plan plan;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		plan = commit_as_explained(must_create((4 + i) * PAGE));
		assert_int_equal(plan.max_segs, 4 + i);
	}
}

static void test_other_heaps(void **state)
{
	uint32_t contiguous = t_heap_index("contiguous");
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		assert_int_not_equal(commit_as_explained(must_create(PAGE)).heap, contiguous);
		assert_int_equal(commit_as_explained(t_create(PAGE, 0, 0, 1U << contiguous)).heap,
				 contiguous);
	}
}

/* One that has devices is not like those that have none. */
static void test_devices(void **state)
{
	struct cen_device low = t_anonymous("low", (struct cen_limits) { .addr_max = 4 * GIB - 1 });
	struct cen_plan plan;
	int fd;

	(void)state;
	commit_as_explained(must_create(PAGE));
	fd = must_create(PAGE);
	assert_ok(t_declare(fd, &low, 1));
	assert_ok(t_commit_plan(fd, &plan));
	assert_true(plan.addr_bits <= 32);
	close(fd);
	commit_as_explained(must_create(PAGE));
}

/* What a heap can give changes: the next buffer sees it. */
static void test_changed_heap(void **state)
{
	const uint64_t align = 16 * MIB;	/* beyond what the page allocator has */
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		must_set_param("contig_mib", "64");
		commit_as_explained(t_create(PAGE, align, 0, 0));
		commit_as_explained(t_create(PAGE, align, 0, 0));
		must_set_param("contig_mib", "4");
		assert_errno(t_create(PAGE, align, CEN_CREATE_COMMIT, 0), ENODEV);
	}
}

static void test_quota(void **state)
{
	int first = must_create(MIB), second, third;

	(void)state;
	assert_ok(t_commit(first));
	must_set_param("quota_mib", "2");
	second = must_create(MIB);
	third = must_create(MIB);
	assert_ok(t_commit(second));
	assert_errno(t_commit(third), EDQUOT);
	assert_int_equal(must_info(third).last_error, -EDQUOT);
	assert_u64_equal(t_used(), 2 * MIB);
	close(first);
	assert_ok(t_commit(third));
}

static const struct CMUnitTest tests[] = {
	t_test(test_same_plan),
	t_test(test_other_size),
	t_test(test_other_heaps),
	t_test(test_devices),
	t_test(test_changed_heap),
	t_test(test_quota),
};

T_MAIN(tests, 0)
