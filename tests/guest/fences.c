// SPDX-License-Identifier: GPL-2.0
/*
 * What the dma-buf core makes of a buffer's fences: poll(), sync_file, DMA_BUF_IOCTL_SYNC.
 */
#include <linux/dma-buf.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>

#include "common.h"

static short polled(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_true(poll(&p, 1, timeout_ms) >= 0);
	return p.revents;
}

static void test_idle(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	assert_int_equal(polled(fd, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
}

/* A writer bars readers and writers. */
static void test_poll_write_fence(void **state)
{
	int fd = must_create(PAGE), fence = t_fence(fd, true);

	(void)state;
	assert_ok(fence);
	assert_int_equal(polled(fd, POLLIN, 50), 0);
	assert_int_equal(polled(fd, POLLOUT, 50), 0);
	assert_ok(t_signal(fence, 0));
	assert_int_equal(polled(fd, POLLIN, 1000), POLLIN);
	assert_int_equal(polled(fd, POLLOUT, 1000), POLLOUT);
}

/* A reader bars writers only. */
static void test_poll_read_fence(void **state)
{
	int fd = must_create(PAGE), fence = t_fence(fd, false);

	(void)state;
	assert_ok(fence);
	assert_int_equal(polled(fd, POLLIN, 0), POLLIN);
	assert_int_equal(polled(fd, POLLOUT, 50), 0);
	assert_ok(t_signal(fence, 0));
	assert_int_equal(polled(fd, POLLOUT, 1000), POLLOUT);
}

/* An error is an end, too. */
static void test_failed_fence_ends_waiting(void **state)
{
	int fd = must_create(PAGE), fence = t_fence(fd, true);

	(void)state;
	assert_ok(t_signal(fence, -EIO));
	assert_int_equal(polled(fd, POLLIN, 1000), POLLIN);
}

/* The importer goes: its fences end. */
static void test_importer_goes_away(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	assert_ok(t_fence(fd, true));
	assert_int_equal(polled(fd, POLLIN, 0), 0);
	close(t_cti);
	assert_int_equal(polled(fd, POLLIN, 1000), POLLIN);
}

/* Closed while poll() waits for its fence: the fence's callback holds what it needs. */
static void test_closed_under_poll(void **state)
{
	int fd = must_create(PAGE), fence = t_fence(fd, true);

	(void)state;
	assert_int_equal(polled(fd, POLLIN | POLLOUT, 10), 0);
	close(fd);
	assert_ok(t_signal(fence, 0));
}

static int export_sync_file(int fd, uint32_t flags)
{
	struct dma_buf_export_sync_file arg = { .flags = flags, .fd = -1 };
	int ret = t_ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &arg);

	return ret < 0 ? ret : arg.fd;
}

static int import_sync_file(int fd, int sync_file, uint32_t flags)
{
	struct dma_buf_import_sync_file arg = { .flags = flags, .fd = sync_file };

	return t_ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &arg);
}

static int sync_file_status(int sync_file)
{
	struct sync_file_info info = {};

	assert_ok(t_ioctl(sync_file, SYNC_IOC_FILE_INFO, &info));
	return info.status;
}

static void test_export_sync_file(void **state)
{
	int fd = must_create(PAGE), fence = t_fence(fd, true), file;

	(void)state;
	file = export_sync_file(fd, DMA_BUF_SYNC_READ);
	if (file == -ENOTTY)
		t_skip("no sync_file");
	assert_ok(file);
	assert_int_equal(sync_file_status(file), 0);
	assert_int_equal(polled(file, POLLIN, 0), 0);
	assert_ok(t_signal(fence, 0));
	assert_int_equal(polled(file, POLLIN, 1000), POLLIN);
	assert_int_equal(sync_file_status(file), 1);
}

static void test_export_of_a_failed_fence(void **state)
{
	int fd = must_create(PAGE), fence = t_fence(fd, true), file;

	(void)state;
	file = export_sync_file(fd, DMA_BUF_SYNC_READ);
	if (file == -ENOTTY)
		t_skip("no sync_file");
	assert_ok(t_signal(fence, -EIO));
	assert_int_equal(sync_file_status(file), -EIO);
}

/* The sync_file of one buffer's fence holds up another buffer, and outlives the first. */
static void test_import_sync_file(void **state)
{
	int first = must_create(PAGE), second = must_create(PAGE);
	int fence = t_fence(first, true), file;

	(void)state;
	file = export_sync_file(first, DMA_BUF_SYNC_READ);
	if (file == -ENOTTY)
		t_skip("no sync_file");
	assert_ok(import_sync_file(second, file, DMA_BUF_SYNC_WRITE));
	close(file);
	close(first);
	assert_int_equal(polled(second, POLLIN, 50), 0);
	assert_ok(t_signal(fence, 0));
	assert_int_equal(polled(second, POLLIN, 1000), POLLIN);
}

static void test_import_of_nonsense(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	if (import_sync_file(fd, -1, DMA_BUF_SYNC_WRITE) == -ENOTTY)
		t_skip("no sync_file");
	assert_errno(import_sync_file(fd, t_cen, DMA_BUF_SYNC_WRITE), EINVAL);
	assert_errno(import_sync_file(fd, -1, DMA_BUF_SYNC_WRITE), EINVAL);
}

struct waiter {
	pthread_t thread;
	int fd, ret;
	volatile bool done;
};

static void *dma_buf_sync(void *arg)
{
	struct waiter *w = arg;

	w->ret = t_dma_buf_sync(w->fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
	w->done = true;
	return NULL;
}

static void test_dma_buf_sync_waits(void **state)
{
	const struct timespec nap = { .tv_nsec = 100 * 1000 * 1000 };
	struct waiter w = { .fd = must_create(PAGE) };
	int fence = t_fence(w.fd, true);

	(void)state;
	assert_ok(t_commit(w.fd));
	pthread_create(&w.thread, NULL, dma_buf_sync, &w);
	nanosleep(&nap, NULL);
	assert_false(w.done);
	/* while somebody waits, the buffer is not locked: others go on */
	assert_ok(t_commit(w.fd));
	assert_int_equal(must_info(w.fd).state, CEN_BUFFER_BACKED);
	assert_ok(t_signal(fence, 0));
	pthread_join(w.thread, NULL);
	assert_ok(w.ret);
	assert_ok(t_dma_buf_sync(w.fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW));
}

static void test_dma_buf_sync_flags(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	assert_errno(t_dma_buf_sync(fd, 0), EINVAL);
	assert_errno(t_dma_buf_sync(fd, 1ULL << 40), EINVAL);
}

/* A fence alone holds nothing in place. */
static void test_move_with_pending_fence(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	int fd = must_create(MIB), fence, ret;

	(void)state;
	assert_ok(t_commit(fd));
	fence = t_fence(fd, true);
	ret = t_declare(fd, &device, 1);
	/* nothing maps it, so no device can be at it: the fence is of no concern */
	assert_ok(ret);
	assert_ok(t_signal(fence, 0));
}

static const struct CMUnitTest tests[] = {
	t_test(test_idle),
	t_test(test_poll_write_fence),
	t_test(test_poll_read_fence),
	t_test(test_failed_fence_ends_waiting),
	t_test(test_importer_goes_away),
	t_test(test_closed_under_poll),
	t_test(test_export_sync_file),
	t_test(test_export_of_a_failed_fence),
	t_test(test_import_sync_file),
	t_test(test_import_of_nonsense),
	t_test(test_dma_buf_sync_waits),
	t_test(test_dma_buf_sync_flags),
	t_test(test_move_with_pending_fence),
};

T_MAIN(tests, T_IMPORTER)
