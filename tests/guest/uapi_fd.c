// SPDX-License-Identifier: GPL-2.0
/*
 * Every ioctl that takes a buffer's fd, with fds that are no buffer of ours.
 */
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#include "common.h"

static int declare_fd(int fd)
{
	struct cen_device device = t_anonymous("nobody", (struct cen_limits) {});

	return t_declare(fd, &device, 1);
}

static int explain_fd(int fd)
{
	struct t_why why;

	return t_explain(fd, 0, NULL, 0, &why);
}

static int info_fd(int fd)
{
	struct cen_info info = { .fd = fd };

	return t_call(CEN_IOC_INFO, &info);
}

static int sync_fd(int fd)
{
	return t_sync(fd, 0, PAGE, CEN_SYNC_READ);
}

static const struct {
	const char *name;
	int (*call)(int fd);
} calls[] = {
	{ "DECLARE", declare_fd },
	{ "COMMIT", t_commit },
	{ "EXPLAIN", explain_fd },
	{ "INFO", info_fd },
	{ "SYNC", sync_fd },
};

static void all_say(int fd, int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		print_message("# %s\n", calls[i].name);
		assert_errno(calls[i].call(fd), error);
	}
}

/* The calls themselves are right: a buffer satisfies them all. */
static void test_own_buffer(void **state)
{
	(void)state;
	all_say(must_create(PAGE), 0);
}

static void test_closed(void **state)
{
	int fd = must_create(PAGE);

	(void)state;
	close(fd);
	all_say(fd, EBADF);
}

/* For EXPLAIN -1 means "no buffer". */
static void test_negative(void **state)
{
	struct t_why why;

	(void)state;
	assert_errno(declare_fd(-1), EBADF);
	assert_errno(t_commit(-1), EBADF);
	assert_errno(info_fd(-1), EBADF);
	assert_errno(sync_fd(-1), EBADF);
	assert_errno(t_commit(-2), EBADF);
	assert_errno(t_explain(-1, 0, NULL, 0, &why), EINVAL);
	assert_errno(t_explain(-2, PAGE, NULL, 0, &why), EINVAL);
}

/* dma_buf_get() says EINVAL to whatever is no dma-buf. */
static void test_regular_file(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	all_say(fd, EINVAL);
}

static void test_control_node_itself(void **state)
{
	(void)state;
	all_say(t_cen, EINVAL);
}

static void test_system_heap_buffer(void **state)
{
	struct dma_heap_allocation_data data = { .len = PAGE, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);

	(void)state;
	if (heap < 0)
		t_skip("no system dma-heap");
	assert_ok(t_ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	all_say(data.fd, EINVAL);
}

static void test_udmabuf(void **state)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = PAGE };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int fd, memfd;

	(void)state;
	if (dev < 0)
		t_skip("no udmabuf");
	memfd = memfd_create("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	assert_true(memfd >= 0);
	create.memfd = memfd;
	assert_int_equal(ftruncate(memfd, PAGE), 0);
	assert_int_equal(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	fd = t_ioctl(dev, UDMABUF_CREATE, &create);
	assert_ok(fd);
	all_say(fd, EINVAL);
}

static const struct CMUnitTest tests[] = {
	t_test(test_own_buffer),
	t_test(test_closed),
	t_test(test_negative),
	t_test(test_regular_file),
	t_test(test_control_node_itself),
	t_test(test_system_heap_buffer),
	t_test(test_udmabuf),
};

T_MAIN(tests, 0)
