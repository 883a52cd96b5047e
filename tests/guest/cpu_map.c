// SPDX-License-Identifier: GPL-2.0
/*
 * mmap() of a buffer: before and after it is backed, in parts, moved, inherited.
 */
#include <sys/uio.h>
#include <sys/wait.h>

#include "common.h"

#define SIZE	(5 * MIB + 3 * PAGE)

/* In a child, so that a signal is a result. Returns the wait status. */
static int in_child(void (*call)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		call(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_before_backed(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	assert_ok(t_commit(fd));
	assert_u64_equal(t_not_zero(at, SIZE), SIZE);
	t_fill(at, SIZE, 1);
	assert_u64_equal(t_wrong(at, SIZE, 1), SIZE);
}

static void test_after_backed(void **state)
{
	int fd = must_create(SIZE);
	char *at;

	(void)state;
	assert_ok(t_commit(fd));
	at = must_map(fd, SIZE);
	t_fill(at, SIZE, 2);
	assert_u64_equal(t_wrong(at, SIZE, 2), SIZE);
}

static void test_two_maps_share(void **state)
{
	int fd = must_create(SIZE);
	char *first = must_map(fd, SIZE), *second = must_map(fd, SIZE);

	(void)state;
	assert_int_equal(must_info(fd).mmaps, 2);
	t_fill(first, SIZE, 3);
	assert_u64_equal(t_wrong(second, SIZE, 3), SIZE);
}

static void test_private_is_refused(void **state)
{
	int fd = must_create(SIZE);

	(void)state;
	assert_ptr_equal(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_ptr_equal(mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(must_info(fd).mmaps, 0);
}

static void test_beyond_the_end(void **state)
{
	int fd = must_create(SIZE);

	(void)state;
	assert_ptr_equal(mmap(NULL, SIZE + PAGE, PROT_READ, MAP_SHARED, fd, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_ptr_equal(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, PAGE), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_ptr_equal(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, SIZE), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
}

/* Parts at every kind of offset show the same bytes. */
static void test_parts(void **state)
{
	static const struct { size_t offset, length; } parts[] = {
		{ 0, PAGE }, { PAGE, PAGE }, { 2 * MIB, 2 * MIB }, { 2 * MIB - PAGE, 2 * PAGE },
		{ MIB + 5 * PAGE, 3 * MIB }, { SIZE - PAGE, PAGE }, { PAGE, SIZE - PAGE },
	};
	int fd = must_create(SIZE);
	char *whole = must_map(fd, SIZE), *part;
	size_t i;

	(void)state;
	t_fill(whole, SIZE, 4);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		part = mmap(NULL, parts[i].length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    parts[i].offset);
		assert_ptr_not_equal(part, MAP_FAILED);
		assert_memory_equal(part, whole + parts[i].offset, parts[i].length);
		part[parts[i].length - 1] ^= 0x55;
		assert_int_equal(part[parts[i].length - 1],
				 whole[parts[i].offset + parts[i].length - 1]);
		part[parts[i].length - 1] ^= 0x55;
		munmap(part, parts[i].length);
	}
	assert_u64_equal(t_wrong(whole, SIZE, 4), SIZE);
}

static void test_read_only(void **state)
{
	int fd = must_create(PAGE);
	char *at = t_map(fd, PAGE, PROT_READ);

	(void)state;
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_int_equal(t_touch(at, false), 0);
	assert_int_equal(t_touch(at, true), SIGSEGV);
}

static void test_mprotect(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	t_fill(at, SIZE, 5);
	assert_int_equal(mprotect(at, SIZE, PROT_READ), 0);
	assert_u64_equal(t_wrong(at, SIZE, 5), SIZE);
	assert_int_equal(t_touch(at + MIB, true), SIGSEGV);
	assert_int_equal(mprotect(at, SIZE, PROT_NONE), 0);
	assert_int_equal(t_touch(at + MIB, false), SIGSEGV);
	assert_int_equal(mprotect(at, SIZE, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(t_touch(at + MIB, true), 0);
	t_fill(at, SIZE, 6);
	assert_u64_equal(t_wrong(at, SIZE, 6), SIZE);
}

/* A part made read-only splits the map in three. */
static void test_mprotect_part(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	at[0] = 1;
	assert_int_equal(mprotect(at + MIB, MIB, PROT_READ), 0);
	assert_int_equal(must_info(fd).mmaps, 3);
	assert_int_equal(t_touch(at + MIB, true), SIGSEGV);
	assert_int_equal(t_touch(at + MIB - 1, true), 0);
	assert_int_equal(t_touch(at + 2 * MIB, true), 0);
}

static void test_munmap_part(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	t_fill(at, SIZE, 7);
	assert_int_equal(munmap(at + MIB, MIB), 0);
	assert_int_equal(must_info(fd).mmaps, 2);
	assert_u64_equal(t_wrong(at, MIB, 7), MIB);
	assert_int_equal(t_touch(at + MIB, false), SIGSEGV);
	assert_int_equal(munmap(at, SIZE), 0);
	assert_int_equal(must_info(fd).mmaps, 0);
	at = must_map(fd, SIZE);
	assert_u64_equal(t_wrong(at, SIZE, 7), SIZE);
}

static void test_mremap_moves(void **state)
{
	int fd = must_create(SIZE);
	char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *to;

	(void)state;
	assert_ptr_not_equal(at, MAP_FAILED);
	t_fill(at, SIZE, 8);
	to = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(to, MAP_FAILED);
	assert_ptr_equal(mremap(at, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
	assert_u64_equal(t_wrong(to, SIZE, 8), SIZE);
	assert_int_equal(must_info(fd).mmaps, 1);
	t_fill(to, SIZE, 9);
	assert_u64_equal(t_wrong(to, SIZE, 9), SIZE);
	munmap(to, SIZE);
	assert_int_equal(must_info(fd).mmaps, 0);
}

static void test_mremap_shrinks(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	t_fill(at, SIZE, 10);
	assert_ptr_equal(mremap(at, SIZE, PAGE, 0), at);
	assert_u64_equal(t_wrong(at, PAGE, 10), PAGE);
	assert_int_equal(t_touch(at + PAGE, false), SIGSEGV);
}

/* What is not in the buffer is not in the map. */
static void test_mremap_does_not_grow(void **state)
{
	int fd = must_create(SIZE);
	char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	(void)state;
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_ptr_equal(mremap(at, PAGE, SIZE + PAGE, MREMAP_MAYMOVE), MAP_FAILED);
	assert_int_equal(errno, EFAULT);
	munmap(at, PAGE);
}

static void write_and_check(void *arg)
{
	char *at = arg;

	if (t_wrong(at, SIZE, 11) != SIZE)
		_exit(1);
	t_fill(at, SIZE, 12);
}

static void test_fork_shares(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	t_fill(at, SIZE, 11);
	assert_int_equal(in_child(write_and_check, at), 0);
	assert_u64_equal(t_wrong(at, SIZE, 12), SIZE);
	assert_int_equal(must_info(fd).mmaps, 1);
}

static void back_it(void *arg)
{
	*(volatile char *)arg = 77;
}

/* Mapped here, backed by the child's touch. */
static void test_fork_before_backed(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	assert_int_equal(in_child(back_it, at + MIB), 0);
	assert_int_equal(at[MIB], 77);
}

/* The map alone keeps the buffer. */
static void test_map_outlives_fd(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	t_fill(at, SIZE, 13);
	close(fd);
	assert_int_equal(t_buffers(), 1);
	assert_u64_equal(t_wrong(at, SIZE, 13), SIZE);
	must_unmap(at, SIZE);
	assert_int_equal(t_buffers(), 0);
	assert_u64_equal(t_used(), 0);
}

/* Nobody may pin pages that can move. */
static void test_pages_cannot_be_pinned(void **state)
{
	int fd = must_create(PAGE), pipes[2];
	char *at = must_map(fd, PAGE);
	struct iovec iov = { .iov_base = at, .iov_len = PAGE };

	(void)state;
	at[0] = 1;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(vmsplice(pipes[1], &iov, 1, 0), -1);
	assert_int_equal(errno, EFAULT);
}

/* Buffered I/O copies and works. */
static void test_read_write_into_it(void **state)
{
	int fd = must_create(SIZE), file = memfd_create("file", MFD_CLOEXEC);
	char *at = must_map(fd, SIZE);

	(void)state;
	assert_true(file >= 0);
	t_fill(at, SIZE, 14);
	assert_int_equal(write(file, at, SIZE), SIZE);
	memset(at, 0, SIZE);
	assert_int_equal(pread(file, at, SIZE, 0), SIZE);
	assert_u64_equal(t_wrong(at, SIZE, 14), SIZE);
}

/* A read() into memory that is not backed yet backs it. */
static void test_read_into_empty(void **state)
{
	int fd = must_create(SIZE), zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char *at = must_map(fd, SIZE);

	(void)state;
	assert_int_equal(read(zero, at, PAGE), PAGE);
	assert_int_equal(must_info(fd).state, CEN_BUFFER_BACKED);
}

/* Touched by madvise() in ways that suit other memory. */
static void test_madvise(void **state)
{
	int fd = must_create(SIZE);
	char *at = must_map(fd, SIZE);

	(void)state;
	t_fill(at, SIZE, 15);
	madvise(at, SIZE, MADV_WILLNEED);
	madvise(at, SIZE, MADV_HUGEPAGE);
	madvise(at, SIZE, MADV_PAGEOUT);
	madvise(at, SIZE, MADV_COLD);
	/* says EINVAL: it cannot be thrown away */
	assert_int_equal(madvise(at, SIZE, MADV_DONTNEED), -1);
	assert_int_equal(errno, EINVAL);
	assert_u64_equal(t_wrong(at, SIZE, 15), SIZE);
}

/* Flags and locks that ask for memory at once get it at the first touch instead. */
static void test_populate_and_lock(void **state)
{
	int fd = must_create(SIZE);
	char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);

	(void)state;
	assert_ptr_not_equal(at, MAP_FAILED);
	mlock(at, SIZE);
	t_fill(at, SIZE, 16);
	assert_u64_equal(t_wrong(at, SIZE, 16), SIZE);
	assert_int_equal(munmap(at, SIZE), 0);
}

/* A refused buffer cannot be touched: a signal, and the reason is kept. */
static void test_touch_of_a_refused_buffer(void **state)
{
	struct t_why why;
	int fd = t_create(PAGE, 1ULL << 62, 0, 0);
	char *at;

	(void)state;
	assert_ok(fd);
	at = must_map(fd, PAGE);
	assert_int_equal(t_touch(at, false), SIGBUS);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENODEV);
}

/* A buffer whose memory is not to be had: a signal as well, not a fault for ever. */
static void test_touch_without_memory(void **state)
{
	struct cen_device device = t_anonymous("isa", (struct cen_limits) { .addr_max = T_TIGHT_LAST });
	char *at = NULL;
	int fd, n, ret = 0;

	(void)state;
	for (n = 0; n < 64 && !ret; n++) {
		fd = must_create(MIB);
		assert_ok(t_declare(fd, &device, 1));
		at = must_map(fd, MIB);
		ret = t_touch(at, true);
	}
	assert_int_equal(ret, SIGBUS);
	assert_int_equal(must_info(fd).last_error, -ENOMEM);
}

static const struct CMUnitTest tests[] = {
	t_test(test_before_backed),
	t_test(test_after_backed),
	t_test(test_two_maps_share),
	t_test(test_private_is_refused),
	t_test(test_beyond_the_end),
	t_test(test_parts),
	t_test(test_read_only),
	t_test(test_mprotect),
	t_test(test_mprotect_part),
	t_test(test_munmap_part),
	t_test(test_mremap_moves),
	t_test(test_mremap_shrinks),
	t_test(test_mremap_does_not_grow),
	t_test(test_fork_shares),
	t_test(test_fork_before_backed),
	t_test(test_map_outlives_fd),
	t_test(test_pages_cannot_be_pinned),
	t_test(test_read_write_into_it),
	t_test(test_read_into_empty),
	t_test(test_madvise),
	t_test(test_populate_and_lock),
	t_test(test_touch_of_a_refused_buffer),
	t_test(test_touch_without_memory),
};

T_MAIN(tests, 0)
