// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/dma_heap/cenalloc beside the kernel's /dev/dma_heap/system: what goes in is the
 * same, so must be what comes out.
 */
#include <linux/dma-heap.h>
#include <signal.h>

#include "common.h"

static int ours = -1, theirs = -1;

static int open_heaps(void **state)
{
	int ret = t_setup(state);

	ours = open("/dev/dma_heap/cenalloc", O_RDWR | O_CLOEXEC);
	theirs = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);
	return ret ? ret : ours < 0 ? -1 : 0;
}

/* Both say the same; 0 when both give a buffer, which is closed again. */
static void both(const char *what, unsigned long cmd, void *arg, size_t size, size_t fd_at)
{
	char *first = malloc(size), *second = malloc(size);
	int a, b;

	memcpy(first, arg, size);
	memcpy(second, arg, size);
	a = t_ioctl(ours, cmd, first);
	b = t_ioctl(theirs, cmd, second);
	if (a != b)
		print_error("# %s: ours says %s, the kernel's %s\n", what,
			    t_errname(-a), t_errname(-b));
	assert_int_equal(a, b);
	if (!a) {
		int fd, their_fd;

		memcpy(&fd, first + fd_at, sizeof(fd));
		memcpy(&their_fd, second + fd_at, sizeof(fd));
		if (fcntl(fd, F_GETFD) >= 0) {
			assert_int_equal(fcntl(fd, F_GETFD), fcntl(their_fd, F_GETFD));
			assert_int_equal(fcntl(fd, F_GETFL), fcntl(their_fd, F_GETFL));
			assert_u64_equal(lseek(fd, 0, SEEK_END), lseek(their_fd, 0, SEEK_END));
			close(fd);
			close(their_fd);
		}
	}
	free(first);
	free(second);
}

#define FD_AT	offsetof(struct dma_heap_allocation_data, fd)

static void test_same_answers(void **state)
{
	static const struct {
		const char *what;
		struct dma_heap_allocation_data data;
	} cases[] = {
		{ "a page", { .len = PAGE, .fd_flags = O_RDWR | O_CLOEXEC } },
		{ "read only", { .len = PAGE, .fd_flags = O_RDONLY } },
		{ "write only", { .len = PAGE, .fd_flags = O_WRONLY } },
		{ "not close-on-exec", { .len = PAGE, .fd_flags = O_RDWR } },
		{ "access mode 3", { .len = PAGE, .fd_flags = O_ACCMODE } },
		{ "a byte", { .len = 1, .fd_flags = O_RDWR } },
		{ "five MiB and a byte", { .len = 5 * MIB + 1, .fd_flags = O_RDWR } },
		{ "nothing", { .len = 0, .fd_flags = O_RDWR } },
		{ "a size that rounds up to nothing", { .len = UINT64_MAX, .fd_flags = O_RDWR } },
		{ "an fd", { .len = PAGE, .fd = 3, .fd_flags = O_RDWR } },
		{ "an unknown fd flag", { .len = PAGE, .fd_flags = O_RDWR | O_NONBLOCK } },
		{ "another", { .len = PAGE, .fd_flags = 1U << 31 } },
		{ "a heap flag", { .len = PAGE, .fd_flags = O_RDWR, .heap_flags = 1 } },
		{ "the last heap flag",
		  { .len = PAGE, .fd_flags = O_RDWR, .heap_flags = 1ULL << 63 } },
	};
	size_t i;

	(void)state;
	if (theirs < 0)
		t_skip("no system dma-heap");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dma_heap_allocation_data data = cases[i].data;

		both(cases[i].what, DMA_HEAP_IOCTL_ALLOC, &data, sizeof(data), FD_AT);
	}
}

/* Numbers that are not the one: the kernel's looks at the number and takes any size. */
static void test_same_answers_to_other_commands(void **state)
{
	struct {
		struct dma_heap_allocation_data data;
		char tail[64];
	} arg = { .data = { .len = PAGE, .fd_flags = O_RDWR } };
	static const struct { const char *what; unsigned long cmd; } cases[] = {
		{ "another number", _IOWR('H', 1, struct dma_heap_allocation_data) },
		{ "another magic", _IOWR('G', 0, struct dma_heap_allocation_data) },
		{ "shorter", _IOWR('H', 0, char[16]) },
		{ "much shorter", _IOWR('H', 0, char[8]) },
		{ "of no size", _IOC(_IOC_READ | _IOC_WRITE, 'H', 0, 0) },
		{ "longer", _IOWR('H', 0, char[64]) },
		{ "write only", _IOW('H', 0, struct dma_heap_allocation_data) },
		{ "read only", _IOR('H', 0, struct dma_heap_allocation_data) },
		{ "neither", _IO('H', 0) },
	};
	size_t i;

	(void)state;
	if (theirs < 0)
		t_skip("no system dma-heap");
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		both(cases[i].what, cases[i].cmd, &arg, sizeof(arg), FD_AT);
}

static void test_same_answer_to_bad_pointers(void **state)
{
	(void)state;
	if (theirs < 0)
		t_skip("no system dma-heap");
	assert_int_equal(t_ioctl(ours, DMA_HEAP_IOCTL_ALLOC, NULL),
			 t_ioctl(theirs, DMA_HEAP_IOCTL_ALLOC, NULL));
}

/* Reply into memory that cannot be written: no buffer, no descriptor left. */
static void test_read_only_argument(void **state)
{
	struct dma_heap_allocation_data *arg =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int before, after;

	(void)state;
	assert_ptr_not_equal(arg, MAP_FAILED);
	*arg = (struct dma_heap_allocation_data) { .len = PAGE, .fd_flags = O_RDWR };
	assert_int_equal(mprotect(arg, PAGE, PROT_READ), 0);
	before = dup(ours);
	close(before);
	assert_errno(t_ioctl(ours, DMA_HEAP_IOCTL_ALLOC, arg), EFAULT);
	after = dup(ours);
	assert_int_equal(before, after);
	assert_int_equal(t_buffers(), 0);
	munmap(arg, PAGE);
}

static int heap_buffer(uint64_t size, uint32_t fd_flags)
{
	struct dma_heap_allocation_data data = { .len = size, .fd_flags = fd_flags };
	int ret = t_ioctl(ours, DMA_HEAP_IOCTL_ALLOC, &data);

	return ret < 0 ? ret : (int)data.fd;
}

/* It is one of ours: EMPTY until it is needed, and placed then. */
static void test_buffer_is_placed_late(void **state)
{
	int fd = heap_buffer(MIB, O_RDWR | O_CLOEXEC), id;

	(void)state;
	assert_ok(fd);
	assert_int_equal(must_info(fd).state, CEN_BUFFER_EMPTY);
	must_limit((struct cti_limits) { .device = 0, .addr_bits = T_LOW_BITS });
	id = must_attach(fd, 0);
	assert_ok(t_commit(fd));
	assert_true(must_info(fd).addr_bits <= T_LOW_BITS);
	assert_ok(t_release(id));
}

static void test_read_only_buffer(void **state)
{
	int fd = heap_buffer(PAGE, O_RDONLY | O_CLOEXEC);
	char *at;

	(void)state;
	assert_ok(fd);
	assert_ptr_equal(t_map(fd, PAGE, PROT_READ | PROT_WRITE), MAP_FAILED);
	assert_int_equal(errno, EACCES);
	at = t_map(fd, PAGE, PROT_READ);
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_int_equal(t_touch(at, false), 0);
	assert_int_equal(at[0], 0);
	assert_int_equal(mprotect(at, PAGE, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(errno, EACCES);
}

/* Here they differ on purpose: the kernel's heaps know no quota. */
static void test_quota_holds(void **state)
{
	(void)state;
	must_set_param("quota_mib", "1");
	assert_errno(heap_buffer(2 * MIB, O_RDWR | O_CLOEXEC), EDQUOT);
}

#define heap_test(f)	cmocka_unit_test_setup_teardown(f, open_heaps, t_teardown)

static const struct CMUnitTest tests[] = {
	heap_test(test_same_answers),
	heap_test(test_same_answers_to_other_commands),
	heap_test(test_same_answer_to_bad_pointers),
	heap_test(test_read_only_argument),
	heap_test(test_buffer_is_placed_late),
	heap_test(test_read_only_buffer),
	heap_test(test_quota_holds),
};

T_MAIN(tests, T_IMPORTER)
