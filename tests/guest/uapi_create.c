// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_CREATE.
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include "common.h"

static void test_size_is_rounded_up(void **state)
{
	struct cen_create arg = { .size = PAGE + 1 };

	(void)state;
	assert_ok(t_call(CEN_IOC_CREATE, &arg));
	assert_u64_equal(arg.size, 2 * PAGE);
	assert_u64_equal(lseek(arg.fd, 0, SEEK_END), 2 * PAGE);
}

static void test_costs_no_memory(void **state)
{
	struct cen_info info;

	(void)state;
	info = must_info(must_create(16 * MIB));
	assert_int_equal(info.state, CEN_BUFFER_EMPTY);
	assert_u64_equal(info.size, 16 * MIB);
	assert_int_equal(info.chunks, 0);
	assert_int_equal(info.addr_bits, 0);
	assert_string_equal(info.heap_name, "");
	assert_u64_equal(t_used(), 0);
}

static void test_fd_is_close_on_exec_and_rw(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
}

static void test_size_zero(void **state)
{
	(void)state;
	assert_errno(t_create(0, 0, 0, 0), EINVAL);
}

/* The largest sizes must not come out small when they are rounded up. */
static void test_size_overflows(void **state)
{
	(void)state;
	assert_errno(t_create(UINT64_MAX, 0, 0, 0), EINVAL);
	assert_errno(t_create(UINT64_MAX - PAGE + 2, 0, 0, 0), EINVAL);
	assert_errno(t_create((uint64_t)INT64_MAX, 0, 0, 0), EINVAL);
	assert_errno(t_create(PAGE << 32, 0, 0, 0), EINVAL);
}

static void test_size_over_quota(void **state)
{
	(void)state;
	assert_errno(t_create(1UL << 40, 0, 0, 0), EDQUOT);
}

static void test_align_not_power_of_two(void **state)
{
	(void)state;
	assert_errno(t_create(PAGE, 3 * PAGE, 0, 0), EINVAL);
	assert_errno(t_create(PAGE, UINT64_MAX, 0, 0), EINVAL);
}

static void test_small_align(void **state)
{
	(void)state;
	assert_ok(t_create(PAGE, 1, 0, 0));
	assert_ok(t_create(PAGE, 64, 0, 0));
}

/* An alignment is kept by every chunk. */
static void test_align_is_planned(void **state)
{
	struct cen_plan plan;
	int fd = t_create(3 * MIB, MIB, 0, 0);

	(void)state;
	assert_ok(fd);
	assert_ok(t_commit_plan(fd, &plan));
	assert_true(plan.align >= MIB);
	assert_true(plan.align % MIB == 0);
}

/* No heap aligns to that: found when it is asked for, not when the buffer is made. */
static void test_align_too_large(void **state)
{
	struct t_why why;
	int fd = t_create(PAGE, 1ULL << 62, 0, 0);

	(void)state;
	assert_ok(fd);
	assert_errno(t_commit(fd), ENODEV);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENODEV);
	assert_non_null(t_reason(&why, CEN_WHY_ALIGN, NULL));
}

static void test_unknown_flags(void **state)
{
	(void)state;
	assert_errno(t_create(PAGE, 0, 1U << 2, 0), EINVAL);
	assert_errno(t_create(PAGE, 0, 1U << 31, 0), EINVAL);
}

static void test_commit_at_once(void **state)
{
	int fd = t_create(2 * MIB, 0, CEN_CREATE_COMMIT, 0);

	(void)state;
	assert_ok(fd);
	assert_int_equal(must_info(fd).state, CEN_BUFFER_BACKED);
	assert_u64_equal(t_used(), 2 * MIB);
}

/* It fails as COMMIT does, and there is no buffer then. */
static void test_commit_at_once_refused(void **state)
{
	int fd = must_create(MIB), before, after;

	(void)state;
	assert_ok(t_commit(fd));
	before = dup(t_cen);
	close(before);
	assert_errno(t_create(PAGE, 1ULL << 62, CEN_CREATE_COMMIT, 0), ENODEV);
	must_set_param("quota_mib", "2");
	assert_errno(t_create(2 * MIB, 0, CEN_CREATE_COMMIT, 0), EDQUOT);
	assert_int_equal(t_buffers(), 1);
	after = dup(t_cen);
	assert_int_equal(before, after);
}

static void test_padding(void **state)
{
	struct cen_create arg = { .size = PAGE, .pad = 1 };

	(void)state;
	assert_errno(t_call(CEN_IOC_CREATE, &arg), EINVAL);
}

/* What the caller left in an output field is of no interest. */
static void test_fd_is_output_only(void **state)
{
	struct cen_create arg = { .size = PAGE, .fd = 12345 };

	(void)state;
	assert_ok(t_call(CEN_IOC_CREATE, &arg));
	assert_int_not_equal(arg.fd, 12345);
}

static void test_heap_mask(void **state)
{
	struct cen_plan plan;
	int contiguous = t_heap_index("contiguous");
	int fd;

	(void)state;
	assert_ok(contiguous);
	fd = t_create(64 * KIB, 0, 0, 1U << contiguous);
	assert_ok(fd);
	assert_ok(t_commit_plan(fd, &plan));
	assert_int_equal(plan.heap, contiguous);
	assert_int_equal(plan.heaps, 1U << contiguous);
	assert_string_equal(must_info(fd).heap_name, "contiguous");
}

/* A mask of slots in which there is no heap. */
static void test_heap_mask_of_no_heap(void **state)
{
	struct cen_heap_info info;
	struct t_why why;
	uint32_t i;
	int fd;

	(void)state;
	for (i = CEN_MAX_HEAPS - 1; !t_heap_info(i, &info); i--)
		;
	fd = t_create(PAGE, 0, 0, 1U << i);
	assert_ok(fd);
	assert_errno(t_commit(fd), ENODEV);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENODEV);
	assert_non_null(t_reason(&why, CEN_WHY_HEAP_FLAGS, NULL));
}

static void test_no_descriptor_left(void **state)
{
	struct rlimit limit, none;
	int ret;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = t_cen + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	ret = t_create(PAGE, 0, 0, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_errno(ret, EMFILE);
	assert_int_equal(t_buffers(), 0);
}

/* Ids tell buffers apart for ever. */
static void test_ids_are_not_reused(void **state)
{
	uint64_t first, second;
	int fd = must_create(PAGE);

	(void)state;
	first = must_info(fd).id;
	close(fd);
	second = must_info(must_create(PAGE)).id;
	assert_true(first > 0);
	assert_true(second > first);
}

static void test_info_of_a_new_buffer(void **state)
{
	int fd = must_create(PAGE);
	struct cen_info info = must_info(fd);
	struct stat st;

	(void)state;
	assert_int_equal(fstat(fd, &st), 0);
	assert_u64_equal(info.inode, st.st_ino);
	assert_int_equal(info.uid, getuid());
	assert_int_equal(info.creator, getpid());
	assert_string_equal(info.comm, "uapi_create");
	assert_int_equal(info.maps | info.early_maps | info.vmaps | info.mmaps, 0);
	assert_int_equal(info.last_error, 0);
	assert_u64_equal(info.moves, 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_size_is_rounded_up),
	t_test(test_costs_no_memory),
	t_test(test_fd_is_close_on_exec_and_rw),
	t_test(test_size_zero),
	t_test(test_size_overflows),
	t_test(test_size_over_quota),
	t_test(test_align_not_power_of_two),
	t_test(test_small_align),
	t_test(test_align_is_planned),
	t_test(test_align_too_large),
	t_test(test_unknown_flags),
	t_test(test_commit_at_once),
	t_test(test_commit_at_once_refused),
	t_test(test_padding),
	t_test(test_fd_is_output_only),
	t_test(test_heap_mask),
	t_test(test_heap_mask_of_no_heap),
	t_test(test_no_descriptor_left),
	t_test(test_ids_are_not_reused),
	t_test(test_info_of_a_new_buffer),
};

T_MAIN(tests, 0)
