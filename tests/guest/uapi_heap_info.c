// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_HEAP_INFO.
 */
#include "common.h"

static void test_built_in_heaps(void **state)
{
	struct cen_heap_info info;

	(void)state;
	assert_ok(t_heap_info(t_heap_index("system"), &info));
	assert_true(info.chunk_max >= 4 * MIB);
	assert_int_equal(info.flags & CEN_HEAP_POOLED, CEN_HEAP_POOLED);
	assert_ok(t_heap_info(t_heap_index("contiguous"), &info));
	assert_true(info.chunk_max > 4 * MIB);
}

static void test_no_heap_in_slot(void **state)
{
	struct cen_heap_info info;

	(void)state;
	assert_errno(t_heap_info(CEN_MAX_HEAPS - 1, &info), ENOENT);
}

static void test_no_such_slot(void **state)
{
	struct cen_heap_info info;

	(void)state;
	assert_errno(t_heap_info(CEN_MAX_HEAPS, &info), EINVAL);
	assert_errno(t_heap_info(UINT32_MAX, &info), EINVAL);
}

static void test_flags(void **state)
{
	struct cen_heap_info info = { .flags = 1 };

	(void)state;
	assert_errno(t_call(CEN_IOC_HEAP_INFO, &info), EINVAL);
}

static void test_used_follows_buffers(void **state)
{
	struct cen_heap_info info;
	int fd = must_create(5 * PAGE), heap;

	(void)state;
	assert_ok(t_commit(fd));
	heap = must_info(fd).plan.heap;
	assert_ok(t_heap_info(heap, &info));
	assert_u64_equal(info.used, 5 * PAGE);
	close(fd);
	assert_ok(t_heap_info(heap, &info));
	assert_u64_equal(info.used, 0);
}

/* Names are unique and priorities say who is tried first. */
static void test_order(void **state)
{
	struct cen_heap_info system, contiguous;

	(void)state;
	assert_ok(t_heap_info(t_heap_index("system"), &system));
	assert_ok(t_heap_info(t_heap_index("contiguous"), &contiguous));
	assert_true(system.priority < contiguous.priority);
}

static const struct CMUnitTest tests[] = {
	t_test(test_built_in_heaps),
	t_test(test_no_heap_in_slot),
	t_test(test_no_such_slot),
	t_test(test_flags),
	t_test(test_used_follows_buffers),
	t_test(test_order),
};

T_MAIN(tests, 0)
