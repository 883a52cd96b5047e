// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_COMMIT, and the plan it carries out.
 */
#include "common.h"

static void test_backs(void **state)
{
	struct cen_plan plan;
	struct cen_info info;
	int fd = must_create(3 * MIB);

	(void)state;
	assert_ok(t_commit_plan(fd, &plan));
	info = must_info(fd);
	assert_int_equal(info.state, CEN_BUFFER_BACKED);
	assert_true(info.chunks >= 1);
	assert_true(info.addr_bits > 0);
	assert_true(info.addr_bits <= plan.addr_bits);
	assert_memory_equal(&info.plan, &plan, sizeof(plan));
	assert_u64_equal(t_used(), 3 * MIB);
	close(fd);
	assert_u64_equal(t_used(), 0);
}

static void test_again_is_no_error(void **state)
{
	struct cen_plan first, second;
	int fd = must_create(PAGE);

	(void)state;
	assert_ok(t_commit_plan(fd, &first));
	assert_ok(t_commit_plan(fd, &second));
	assert_memory_equal(&first, &second, sizeof(first));
	assert_u64_equal(t_used(), PAGE);
}

static void test_flags(void **state)
{
	struct cen_commit arg = { .fd = must_create(PAGE), .flags = 1 };

	(void)state;
	assert_errno(t_call(CEN_IOC_COMMIT, &arg), EINVAL);
	assert_int_equal(must_info(arg.fd).state, CEN_BUFFER_EMPTY);
}

static void test_plan_of_no_devices(void **state)
{
	struct cen_plan plan;
	int fd = must_create(PAGE);

	(void)state;
	assert_ok(t_commit_plan(fd, &plan));
	assert_string_equal(must_info(fd).heap_name, "system");
	assert_int_equal(plan.flags & CEN_PLAN_SYNC, 0);
	assert_int_equal(plan.cache_mode, CEN_CACHE_CACHED);
	assert_true(plan.heaps & (1U << plan.heap));
	assert_u64_equal(plan.chunk, PAGE);
}

static void one_device(uint64_t size, struct cen_limits limits, struct cen_plan *plan, int *fd)
{
	struct cen_device device = t_anonymous("dev", limits);

	*fd = must_create(size);
	assert_ok(t_declare(*fd, &device, 1));
	assert_ok(t_commit_plan(*fd, plan));
}

static void test_32_bits(void **state)
{
	struct cen_plan plan;
	int fd;

	(void)state;
	one_device(8 * MIB, (struct cen_limits) { .addr_max = 0xffffffff }, &plan, &fd);
	assert_int_equal(plan.addr_bits, 32);
	assert_true(must_info(fd).addr_bits <= 32);
}

/* No zone ends there: memory is found all the same. */
static void test_28_bits(void **state)
{
	struct cen_plan plan;
	int fd;

	(void)state;
	one_device(8 * MIB, (struct cen_limits) { .addr_max = T_LOW_LAST }, &plan, &fd);
	assert_true(plan.addr_bits <= T_LOW_BITS);
	assert_true(must_info(fd).addr_bits <= T_LOW_BITS);
	assert_string_equal(must_info(fd).heap_name, "contiguous");
}

static void test_24_bits(void **state)
{
	struct cen_plan plan;
	int fd;

	(void)state;
	one_device(256 * KIB, (struct cen_limits) { .addr_max = T_TIGHT_LAST }, &plan, &fd);
	assert_true(must_info(fd).addr_bits <= T_TIGHT_BITS);
}

static void test_contiguous(void **state)
{
	static const uint64_t sizes[] = { PAGE, 64 * KIB, 100 * KIB, MIB, 4 * MIB, 5 * MIB + PAGE,
					  16 * MIB, 64 * MIB };
	struct cen_plan plan;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		one_device(sizes[i], (struct cen_limits) { .max_segs = 1 }, &plan, &fd);
		assert_true(plan.flags & CEN_PLAN_CONTIGUOUS);
		assert_int_equal(plan.max_segs, 1);
		assert_int_equal(must_info(fd).chunks, 1);
		close(fd);
	}
}

static void test_align(void **state)
{
	struct cen_plan plan;
	int fd;

	(void)state;
	one_device(3 * MIB, (struct cen_limits) { .align = 512 * KIB }, &plan, &fd);
	assert_true(plan.align >= 512 * KIB);
	assert_true(plan.chunk >= 512 * KIB);
}

static void test_noncoherent(void **state)
{
	struct cen_plan plan;
	int fd;

	(void)state;
	one_device(PAGE, (struct cen_limits) { .flags = CEN_LIMIT_NONCOHERENT }, &plan, &fd);
	assert_true(plan.flags & CEN_PLAN_SYNC);
}

/* More than there is: refused by the allocator, not by the plan. */
static void test_no_memory(void **state)
{
	struct cen_device device =
		t_anonymous("isa", (struct cen_limits) { .addr_max = T_TIGHT_LAST });
	int fds[64], n, ret = 0;

	(void)state;
	for (n = 0; n < 64 && !ret; n++) {
		fds[n] = must_create(MIB);
		assert_ok(t_declare(fds[n], &device, 1));
		ret = t_commit(fds[n]);
	}
	assert_errno(ret, ENOMEM);
	must_lack_memory(fds[n - 1], "contiguous", CEN_WHY_MEMORY);
	/* and when there is memory again, it works */
	close(fds[0]);
	close(fds[1]);
	assert_ok(t_commit(fds[n - 1]));
}

static const struct CMUnitTest tests[] = {
	t_test(test_backs),
	t_test(test_again_is_no_error),
	t_test(test_flags),
	t_test(test_plan_of_no_devices),
	t_test(test_32_bits),
	t_test(test_28_bits),
	t_test(test_24_bits),
	t_test(test_contiguous),
	t_test(test_align),
	t_test(test_noncoherent),
	t_test(test_no_memory),
};

T_MAIN(tests, 0)
