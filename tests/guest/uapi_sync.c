// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_SYNC: arguments, and the fences it waits for.
 */
#include <pthread.h>
#include <time.h>

#include "common.h"

static void test_directions(void **state)
{
	int fd = must_create(4 * PAGE);
	uint32_t rw;

	(void)state;
	for (rw = CEN_SYNC_READ; rw <= (CEN_SYNC_READ | CEN_SYNC_WRITE); rw++) {
		assert_ok(t_sync(fd, 0, 4 * PAGE, CEN_SYNC_START | rw));
		assert_ok(t_sync(fd, 0, 4 * PAGE, CEN_SYNC_END | rw));
	}
}

static void test_parts(void **state)
{
	int fd = must_create(4 * PAGE);

	(void)state;
	assert_ok(t_commit(fd));
	assert_ok(t_sync(fd, 0, 1, CEN_SYNC_READ));
	assert_ok(t_sync(fd, 4 * PAGE - 1, 1, CEN_SYNC_READ));
	assert_ok(t_sync(fd, 100, 2 * PAGE, CEN_SYNC_WRITE | CEN_SYNC_END));
}

static void test_no_direction(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	assert_errno(t_sync(fd, 0, PAGE, CEN_SYNC_START), EINVAL);
	assert_errno(t_sync(fd, 0, PAGE, CEN_SYNC_END), EINVAL);
}

static void test_unknown_flags(void **state)
{
	(void)state;
	assert_errno(t_sync(must_create(PAGE), 0, PAGE, CEN_SYNC_READ | (1U << 3)), EINVAL);
}

static void test_ranges(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	assert_errno(t_sync(fd, 0, 0, CEN_SYNC_READ), EINVAL);
	assert_errno(t_sync(fd, 0, PAGE + 1, CEN_SYNC_READ), EINVAL);
	assert_errno(t_sync(fd, PAGE, 1, CEN_SYNC_READ), EINVAL);
	assert_errno(t_sync(fd, 1, PAGE, CEN_SYNC_READ), EINVAL);
	assert_errno(t_sync(fd, UINT64_MAX, 2, CEN_SYNC_READ), EINVAL);
	assert_errno(t_sync(fd, 1, UINT64_MAX, CEN_SYNC_READ), EINVAL);
	assert_errno(t_sync(fd, UINT64_MAX, UINT64_MAX, CEN_SYNC_END | CEN_SYNC_READ), EINVAL);
}

struct waiter {
	pthread_t thread;
	int fd;
	uint32_t flags;
	int ret;
	volatile bool done;
};

static void *wait_in_sync(void *arg)
{
	struct waiter *w = arg;

	w->ret = t_sync(w->fd, 0, PAGE, w->flags);
	w->done = true;
	return NULL;
}

static void nap(void)
{
	const struct timespec time = { .tv_nsec = 100 * 1000 * 1000 };

	nanosleep(&time, NULL);
}

/* @flags wait for the fence @write until it is signalled, or not at all. */
static void one_fence(bool write, uint32_t flags, bool waits)
{
	struct waiter w = { .fd = must_create(PAGE), .flags = flags };
	int fence = t_fence(w.fd, write);

	assert_ok(fence);
	assert_int_equal(pthread_create(&w.thread, NULL, wait_in_sync, &w), 0);
	nap();
	if (waits)
		assert_false(w.done);
	else
		assert_int_equal(pthread_join(w.thread, NULL), 0);
	assert_ok(t_signal(fence, 0));
	if (waits)
		assert_int_equal(pthread_join(w.thread, NULL), 0);
	assert_true(w.done);
	assert_ok(w.ret);
}

static void test_reader_waits_for_writer(void **state)
{
	(void)state;
	one_fence(true, CEN_SYNC_START | CEN_SYNC_READ, true);
}

static void test_writer_waits_for_writer(void **state)
{
	(void)state;
	one_fence(true, CEN_SYNC_START | CEN_SYNC_WRITE, true);
}

static void test_writer_waits_for_reader(void **state)
{
	(void)state;
	one_fence(false, CEN_SYNC_START | CEN_SYNC_WRITE, true);
}

static void test_reader_passes_reader(void **state)
{
	(void)state;
	one_fence(false, CEN_SYNC_START | CEN_SYNC_READ, false);
}

static void test_end_waits_for_nobody(void **state)
{
	(void)state;
	one_fence(true, CEN_SYNC_END | CEN_SYNC_WRITE, false);
}

static const struct CMUnitTest tests[] = {
	t_test(test_directions),
	t_test(test_parts),
	t_test(test_no_direction),
	t_test(test_unknown_flags),
	t_test(test_ranges),
	t_test(test_reader_waits_for_writer),
	t_test(test_writer_waits_for_writer),
	t_test(test_writer_waits_for_reader),
	t_test(test_reader_passes_reader),
	t_test(test_end_waits_for_nobody),
};

T_MAIN(tests, T_IMPORTER)
