// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/dma_heap/cenalloc answers as the kernel's own heaps do. Where the kernel has a
 * system heap, each call is made on both and the answers must be the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/cenalloc.h>
#include <linux/dma-heap.h>

#define PAGE	4096UL

static int ours = -1;
static int theirs = -1;	/* -1: this kernel has none */

static int call(int heap, unsigned long cmd, void *arg)
{
	return ioctl(heap, cmd, arg) ? -errno : 0;
}

/* A buffer of @len from our node. */
static int alloc(uint64_t len, uint32_t fd_flags)
{
	struct dma_heap_allocation_data data = { .len = len, .fd_flags = fd_flags };

	assert_int_equal(call(ours, DMA_HEAP_IOCTL_ALLOC, &data), 0);
	return (int)data.fd;
}

static void refused(struct dma_heap_allocation_data data, unsigned long cmd, int error)
{
	struct dma_heap_allocation_data same = data;

	assert_int_equal(call(ours, cmd, &data), error);
	if (theirs >= 0)
		assert_int_equal(call(theirs, cmd, &same), error);
}

#define ALLOC(...)	((struct dma_heap_allocation_data) { __VA_ARGS__ })

static void t_no_length(void **state)
{
	(void)state;
	refused(ALLOC(.fd_flags = O_RDWR), DMA_HEAP_IOCTL_ALLOC, -EINVAL);
}

static void t_length_wraps(void **state)
{
	(void)state;
	refused(ALLOC(.len = UINT64_MAX), DMA_HEAP_IOCTL_ALLOC, -EINVAL);
}

static void t_fd_given(void **state)
{
	(void)state;
	refused(ALLOC(.len = PAGE, .fd = 1), DMA_HEAP_IOCTL_ALLOC, -EINVAL);
}

static void t_unknown_fd_flags(void **state)
{
	(void)state;
	refused(ALLOC(.len = PAGE, .fd_flags = O_RDWR | O_NONBLOCK), DMA_HEAP_IOCTL_ALLOC, -EINVAL);
}

static void t_unknown_heap_flags(void **state)
{
	(void)state;
	refused(ALLOC(.len = PAGE, .heap_flags = 1), DMA_HEAP_IOCTL_ALLOC, -EINVAL);
}

static void t_unknown_number(void **state)
{
	(void)state;
	refused(ALLOC(.len = PAGE), _IOWR(DMA_HEAP_IOC_MAGIC, 1, struct dma_heap_allocation_data),
		-EINVAL);
}

/* Without a direction the argument is not read. */
static void t_no_direction(void **state)
{
	(void)state;
	refused(ALLOC(.len = PAGE), _IO(DMA_HEAP_IOC_MAGIC, 0), -EINVAL);
}

static void t_bad_pointer(void **state)
{
	(void)state;
	assert_int_equal(call(ours, DMA_HEAP_IOCTL_ALLOC, (void *)8), -EFAULT);
	if (theirs >= 0)
		assert_int_equal(call(theirs, DMA_HEAP_IOCTL_ALLOC, (void *)8), -EFAULT);
}

/* The reply cannot be written: no descriptor may be left. */
static void t_read_only_argument(void **state)
{
	struct dma_heap_allocation_data *data;
	int before, after;

	(void)state;
	data = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(data, MAP_FAILED);
	*data = ALLOC(.len = PAGE, .fd_flags = O_RDWR);
	assert_int_equal(mprotect(data, PAGE, PROT_READ), 0);
	before = dup(0);
	assert_int_equal(call(ours, DMA_HEAP_IOCTL_ALLOC, data), -EFAULT);
	after = dup(0);
	assert_int_equal(after, before + 1);
	close(before);
	close(after);
	munmap(data, PAGE);
}

static void t_descriptors_used_up(void **state)
{
	struct dma_heap_allocation_data data = ALLOC(.len = PAGE, .fd_flags = O_RDWR);
	struct rlimit old, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	refused(data, DMA_HEAP_IOCTL_ALLOC, -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

/* A structure that has grown: dma-heaps ignore what they do not know. */
static void t_longer_argument(void **state)
{
	struct {
		struct dma_heap_allocation_data data;
		uint64_t more;
	} arg = { .data = { .len = PAGE, .fd_flags = O_RDWR }, .more = 1 };

	(void)state;
	assert_int_equal(call(ours, _IOWR(DMA_HEAP_IOC_MAGIC, 0, arg), &arg), 0);
	close((int)arg.data.fd);
	if (theirs < 0)
		return;
	arg.data.fd = 0;
	assert_int_equal(call(theirs, _IOWR(DMA_HEAP_IOC_MAGIC, 0, arg), &arg), 0);
	close((int)arg.data.fd);
}

static void t_whole_pages(void **state)
{
	int fd = alloc(1, O_RDWR);

	(void)state;
	assert_int_equal(lseek(fd, 0, SEEK_END), PAGE);
	close(fd);
}

static void t_close_on_exec(void **state)
{
	int with = alloc(PAGE, O_RDWR | O_CLOEXEC);
	int without = alloc(PAGE, O_RDWR);

	(void)state;
	assert_int_equal(fcntl(with, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(without, F_GETFD) & FD_CLOEXEC, 0);
	close(with);
	close(without);
}

static void access_mode(int heap)
{
	struct dma_heap_allocation_data data = ALLOC(.len = PAGE, .fd_flags = O_RDONLY);
	void *at;

	assert_int_equal(call(heap, DMA_HEAP_IOCTL_ALLOC, &data), 0);
	assert_int_equal(fcntl((int)data.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_ptr_equal(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)data.fd, 0),
			 MAP_FAILED);
	assert_int_equal(errno, EACCES);
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, (int)data.fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	munmap(at, PAGE);
	close((int)data.fd);
}

static void t_access_mode(void **state)
{
	(void)state;
	access_mode(ours);
	if (theirs >= 0)
		access_mode(theirs);
}

static struct cen_info info_of(int fd)
{
	struct cen_info info = { .fd = fd };
	int cen = open("/dev/cenalloc", O_RDWR | O_CLOEXEC);

	assert_true(cen >= 0);
	assert_int_equal(call(cen, CEN_IOC_INFO, &info), 0);
	close(cen);
	return info;
}

/* What it is all for: the buffer has no place until somebody needs one. */
static void t_placed_late(void **state)
{
	int fd = alloc(16 * PAGE, O_RDWR | O_CLOEXEC);
	unsigned char *at;
	size_t i;

	(void)state;
	assert_int_equal(info_of(fd).state, CEN_BUFFER_EMPTY);
	at = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_int_equal(info_of(fd).state, CEN_BUFFER_EMPTY);
	for (i = 0; i < 16 * PAGE; i++)
		assert_int_equal(at[i], 0);
	assert_int_equal(info_of(fd).state, CEN_BUFFER_BACKED);
	memset(at, 0xa5, 16 * PAGE);
	munmap(at, 16 * PAGE);
	close(fd);
}

static int open_heaps(void **state)
{
	(void)state;
	ours = open("/dev/dma_heap/cenalloc", O_RDONLY | O_CLOEXEC);
	theirs = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC);
	return ours < 0;
}

static int close_heaps(void **state)
{
	(void)state;
	close(ours);
	if (theirs >= 0)
		close(theirs);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_no_length),
		cmocka_unit_test(t_length_wraps),
		cmocka_unit_test(t_fd_given),
		cmocka_unit_test(t_unknown_fd_flags),
		cmocka_unit_test(t_unknown_heap_flags),
		cmocka_unit_test(t_unknown_number),
		cmocka_unit_test(t_no_direction),
		cmocka_unit_test(t_bad_pointer),
		cmocka_unit_test(t_read_only_argument),
		cmocka_unit_test(t_descriptors_used_up),
		cmocka_unit_test(t_longer_argument),
		cmocka_unit_test(t_whole_pages),
		cmocka_unit_test(t_close_on_exec),
		cmocka_unit_test(t_access_mode),
		cmocka_unit_test(t_placed_late),
	};

	return cmocka_run_group_tests(tests, open_heaps, close_heaps);
}
