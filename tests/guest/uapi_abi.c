// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers a program is compiled with, and what the dispatcher makes of wrong ones.
 */
#include <sys/stat.h>
#include <signal.h>
#include <sys/wait.h>

#include "common.h"

/* Numbers and sizes, written down a second time: a change of these breaks programs. */
static void test_numbers_and_sizes(void **state)
{
	(void)state;
	assert_int_equal(CEN_IOC_CREATE, 0xc020ce00);
	assert_int_equal(CEN_IOC_DECLARE, 0xc018ce01);
	assert_int_equal(CEN_IOC_COMMIT, 0xc030ce02);
	assert_int_equal(CEN_IOC_EXPLAIN, 0xc068ce03);
	assert_int_equal(CEN_IOC_INFO, 0xc0b8ce04);
	assert_int_equal(CEN_IOC_SYNC, 0x4018ce05);
	assert_int_equal(CEN_IOC_DEVICE_INFO, 0xc0a0ce06);
	assert_int_equal(CEN_IOC_HEAP_INFO, 0xc060ce07);
	assert_int_equal(sizeof(struct cen_limits), 48);
	assert_int_equal(sizeof(struct cen_device), 120);
	assert_int_equal(sizeof(struct cen_plan), 40);
	assert_int_equal(sizeof(struct cen_reason), 32);
	assert_int_equal(sizeof(struct cen_buffer_device), 120);
}

static void test_unknown_number(void **state)
{
	char arg[64] = {};

	(void)state;
	assert_errno(t_call(_IOWR(CEN_IOC_MAGIC, 0x08, struct cen_create), arg), ENOTTY);
	assert_errno(t_call(_IOWR(CEN_IOC_MAGIC, 0xff, struct cen_create), arg), ENOTTY);
}

static void test_other_magic(void **state)
{
	char arg[64] = {};

	(void)state;
	assert_errno(t_call(_IOWR(0xcd, 0x00, struct cen_create), arg), ENOTTY);
}

static void test_wrong_direction(void **state)
{
	struct cen_create create = { .size = PAGE };
	struct cen_sync sync = {};

	(void)state;
	assert_errno(t_call(_IOW(CEN_IOC_MAGIC, 0x00, struct cen_create), &create), ENOTTY);
	assert_errno(t_call(_IOR(CEN_IOC_MAGIC, 0x00, struct cen_create), &create), ENOTTY);
	assert_errno(t_call(_IOWR(CEN_IOC_MAGIC, 0x05, struct cen_sync), &sync), ENOTTY);
}

static const struct {
	unsigned long cmd;
	const char *name;
} ioctls[] = {
	{ CEN_IOC_CREATE, "CREATE" }, { CEN_IOC_DECLARE, "DECLARE" },
	{ CEN_IOC_COMMIT, "COMMIT" }, { CEN_IOC_EXPLAIN, "EXPLAIN" },
	{ CEN_IOC_INFO, "INFO" }, { CEN_IOC_SYNC, "SYNC" },
	{ CEN_IOC_DEVICE_INFO, "DEVICE_INFO" }, { CEN_IOC_HEAP_INFO, "HEAP_INFO" },
};

static unsigned long resized(unsigned long cmd, size_t size)
{
	return _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd), size);
}

/* Nobody was ever compiled with less than the first version. */
static void test_short_structure(void **state)
{
	char arg[256] = {};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		print_message("# %s\n", ioctls[i].name);
		assert_errno(t_call(resized(ioctls[i].cmd, _IOC_SIZE(ioctls[i].cmd) - 8), arg),
			     EINVAL);
		assert_errno(t_call(resized(ioctls[i].cmd, 0), arg), EINVAL);
	}
}

static void test_longer_structure_with_zero_tail(void **state)
{
	struct {
		struct cen_create create;
		char tail[1000];
	} arg = { .create = { .size = 1 } };
	struct {
		struct cen_commit commit;
		char tail[1000];
	} commit = {};

	(void)state;
	assert_ok(t_call(resized(CEN_IOC_CREATE, sizeof(arg)), &arg));
	assert_int_equal(arg.create.size, PAGE);
	commit.commit.fd = arg.create.fd;
	assert_ok(t_call(resized(CEN_IOC_COMMIT, sizeof(commit)), &commit));
	assert_true(commit.commit.plan.addr_bits > 0);
}

static void test_longer_structure_with_tail(void **state)
{
	struct {
		struct cen_create create;
		char tail[1000];
	} arg = { .create = { .size = PAGE } };
	size_t i;

	(void)state;
	arg.tail[sizeof(arg.tail) - 1] = 1;
	assert_errno(t_call(resized(CEN_IOC_CREATE, sizeof(arg)), &arg), EINVAL);
	arg.tail[sizeof(arg.tail) - 1] = 0;
	arg.tail[0] = 1;
	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		char any[1024] = {};

		any[_IOC_SIZE(ioctls[i].cmd)] = 1;
		print_message("# %s\n", ioctls[i].name);
		assert_errno(t_call(resized(ioctls[i].cmd, sizeof(any)), any), EINVAL);
	}
	assert_int_equal(t_buffers(), 0);
}

static void test_bad_pointer(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		print_message("# %s\n", ioctls[i].name);
		assert_errno(t_call(ioctls[i].cmd, NULL), EFAULT);
		assert_errno(t_call(ioctls[i].cmd, (void *)0xffff800000000000UL), EFAULT);
	}
}

/* The reply cannot be delivered: then nothing has happened. */
static void test_read_only_argument(void **state)
{
	struct cen_create *arg;
	int fd;

	(void)state;
	arg = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(arg, MAP_FAILED);
	arg->size = PAGE;
	assert_int_equal(mprotect(arg, PAGE, PROT_READ), 0);
	fd = dup(t_cen);
	close(fd);
	assert_errno(t_call(CEN_IOC_CREATE, arg), EFAULT);
	assert_int_equal(t_buffers(), 0);
	assert_int_equal(dup(t_cen), fd);
	munmap(arg, PAGE);
}

/* Never for everybody: a udev rule gives it to a group. */
static void test_mode(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(fstat(t_cen, &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
}

/* What is not an ioctl is not there. */
static void test_no_read_no_write_no_mmap(void **state)
{
	char c = 0;

	(void)state;
	assert_int_equal(read(t_cen, &c, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(write(t_cen, &c, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_ptr_equal(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, t_cen, 0), MAP_FAILED);
	assert_int_equal(errno, ENODEV);
}

#ifdef __x86_64__
/* ioctl() as a 32-bit program makes it. */
static int ioctl32(int fd, unsigned int cmd, void *arg)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (54), "b" (fd), "c" (cmd), "d" ((uint32_t)(uintptr_t)arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static int create_commit_info_32(void)
{
	union {
		struct cen_create create;
		struct cen_commit commit;
		struct cen_info info;
		struct cen_declare declare;
	} *arg = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct cen_device *device = (void *)((char *)arg + PAGE / 2);
	int fd;

	if (arg == MAP_FAILED)
		return 10;
	arg->create = (struct cen_create) { .size = 5 * PAGE - 1 };
	if (ioctl32(t_cen, CEN_IOC_CREATE, arg) || arg->create.size != 5 * PAGE)
		return 11;
	fd = arg->create.fd;
	*device = t_anonymous("dev", (struct cen_limits) { .max_segs = 1 });
	arg->declare = (struct cen_declare) {
		.devices = (uintptr_t)device, .fd = fd, .count = 1,
	};
	if (ioctl32(t_cen, CEN_IOC_DECLARE, arg))
		return 12;
	arg->commit = (struct cen_commit) { .fd = fd };
	if (ioctl32(t_cen, CEN_IOC_COMMIT, arg) ||
	    !(arg->commit.plan.flags & CEN_PLAN_CONTIGUOUS))
		return 13;
	arg->info = (struct cen_info) { .fd = fd };
	if (ioctl32(t_cen, CEN_IOC_INFO, arg) || arg->info.size != 5 * PAGE)
		return 14;
	return ioctl32(t_cen, CEN_IOC_COMMIT + 0x40, arg) == -ENOTTY ? 0 : 15;
}

/* The kernel logs signals that nobody handles. */
static void no_32_bits(int sig)
{
	(void)sig;
	_exit(77);
}

/* No structure depends on the size of a pointer. */
static void test_from_32_bits(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* cmocka's handler would make the child another run of the program */
		signal(SIGSEGV, no_32_bits);
		_exit(create_commit_info_32());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		t_skip("this kernel runs no 32-bit programs");
	assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

static const struct CMUnitTest tests[] = {
	t_test(test_numbers_and_sizes),
	t_test(test_unknown_number),
	t_test(test_other_magic),
	t_test(test_wrong_direction),
	t_test(test_short_structure),
	t_test(test_longer_structure_with_zero_tail),
	t_test(test_longer_structure_with_tail),
	t_test(test_bad_pointer),
	t_test(test_read_only_argument),
	t_test(test_mode),
	t_test(test_no_read_no_write_no_mmap),
#ifdef __x86_64__
	t_test(test_from_32_bits),
#endif
};

T_MAIN(tests, 0)
