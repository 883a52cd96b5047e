// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_INFO and the listing: who sees what.
 */
#include <sys/wait.h>

#include "common.h"

#define NOBODY	65534

static void test_flags(void **state)
{
	struct cen_info info = { .fd = must_create(PAGE), .flags = 1U << 1 };

	(void)state;
	assert_errno(t_call(CEN_IOC_INFO, &info), EINVAL);
}

static void test_padding(void **state)
{
	struct cen_info info = { .fd = must_create(PAGE), .pad = 1 };

	(void)state;
	assert_errno(t_call(CEN_IOC_INFO, &info), EINVAL);
}

/* Either a buffer or a cursor. */
static void test_id_with_buffer(void **state)
{
	struct cen_info info = { .fd = must_create(PAGE), .id = 1 };

	(void)state;
	assert_errno(t_call(CEN_IOC_INFO, &info), EINVAL);
	info.flags = CEN_INFO_NEXT;
	assert_errno(t_call(CEN_IOC_INFO, &info), EINVAL);
}

static void test_devices(void **state)
{
	struct cen_device device =
		t_anonymous("dev", (struct cen_limits) { .max_segs = 3, .align = 64 });
	struct cen_buffer_device entry;
	int fd = must_create(PAGE);

	(void)state;
	assert_ok(t_declare(fd, &device, 1));
	assert_true(t_info_device(fd, "dev", &entry));
	assert_int_equal(entry.limits.max_segs, 3);
	assert_u64_equal(entry.limits.align, 64);
	assert_int_equal(entry.flags, CEN_USE_DECLARED);
	assert_int_equal(entry.segments, 0);
}

static void test_less_room_than_devices(void **state)
{
	struct cen_device devices[] = {
		t_anonymous("one", (struct cen_limits) {}),
		t_anonymous("two", (struct cen_limits) {}),
	};
	struct cen_buffer_device room[2] = {};
	struct cen_info info = { .devices = (uintptr_t)room, .devices_count = 1 };

	(void)state;
	info.fd = must_create(PAGE);
	assert_ok(t_declare(info.fd, devices, 2));
	assert_ok(t_call(CEN_IOC_INFO, &info));
	assert_int_equal(info.devices_count, 2);
	assert_string_equal(room[0].name, "one");
	assert_string_equal(room[1].name, "");
}

/* Room for more than there can be is cut, not refused. */
static void test_more_room_than_devices(void **state)
{
	struct cen_device device = t_anonymous("one", (struct cen_limits) {});
	struct cen_buffer_device *room = calloc(1000, sizeof(*room));
	struct cen_info info = { .devices = (uintptr_t)room, .devices_count = UINT32_MAX };

	(void)state;
	info.fd = must_create(PAGE);
	assert_ok(t_declare(info.fd, &device, 1));
	assert_ok(t_call(CEN_IOC_INFO, &info));
	assert_int_equal(info.devices_count, 1);
	free(room);
}

static void test_bad_pointer(void **state)
{
	struct cen_device device = t_anonymous("one", (struct cen_limits) {});
	struct cen_info info = { .devices = 0xffff800000000000UL, .devices_count = 1 };

	(void)state;
	info.fd = must_create(PAGE);
	assert_ok(t_declare(info.fd, &device, 1));
	assert_errno(t_call(CEN_IOC_INFO, &info), EFAULT);
}

static void test_listing(void **state)
{
	uint64_t ids[3], last = 0;
	struct cen_info info;
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		ids[i] = must_info(must_create((i + 1) * PAGE)).id;
	for (i = 0; i < 3; i++) {
		info = (struct cen_info) { .id = last, .fd = -1, .flags = CEN_INFO_NEXT };
		assert_ok(t_call(CEN_IOC_INFO, &info));
		assert_u64_equal(info.id, ids[i]);
		assert_u64_equal(info.size, (i + 1) * PAGE);
		last = info.id;
	}
	info = (struct cen_info) { .id = last, .fd = -1, .flags = CEN_INFO_NEXT };
	assert_errno(t_call(CEN_IOC_INFO, &info), ENOENT);
}

static void test_cursor_beyond_the_end(void **state)
{
	struct cen_info info = { .id = UINT64_MAX, .fd = -1, .flags = CEN_INFO_NEXT };

	(void)state;
	must_create(PAGE);
	assert_errno(t_call(CEN_IOC_INFO, &info), ENOENT);
}

/* A cursor outlives its buffer. */
static void test_cursor_of_a_closed_buffer(void **state)
{
	struct cen_info info = { .fd = -1, .flags = CEN_INFO_NEXT };
	int fds[3], i;

	(void)state;
	for (i = 0; i < 3; i++)
		fds[i] = must_create((i + 1) * PAGE);
	info.id = must_info(fds[1]).id;
	close(fds[1]);
	assert_ok(t_call(CEN_IOC_INFO, &info));
	assert_u64_equal(info.size, 3 * PAGE);
}

/* In a child that became nobody, with /dev/cenalloc opened before. */
static int as_nobody(int (*call)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(100);
		_exit(call());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int count_buffers(void)
{
	return t_buffers();
}

static void test_others_do_not_see_it(void **state)
{
	(void)state;
	must_create(PAGE);
	assert_int_equal(t_buffers(), 1);
	assert_int_equal(as_nobody(count_buffers), 0);
}

static int create_and_count(void)
{
	struct cen_info info = { .fd = -1, .flags = CEN_INFO_NEXT };

	if (t_create(3 * PAGE, 0, 0, 0) < 0)
		return 101;
	if (t_buffers() != 1 || t_call(CEN_IOC_INFO, &info))
		return 102;
	return info.size == 3 * PAGE && info.uid == NOBODY ? 0 : 103;
}

static void test_each_sees_his_own(void **state)
{
	(void)state;
	must_create(PAGE);
	assert_int_equal(as_nobody(create_and_count), 0);
}

static int shared_fd;

static int info_of_shared(void)
{
	struct cen_info info = { .fd = shared_fd };

	return t_call(CEN_IOC_INFO, &info) || info.uid ? 104 : 0;
}

/* Who was given the buffer may ask about it; its maker still pays. */
static void test_whoever_holds_it_may_ask(void **state)
{
	(void)state;
	shared_fd = must_create(PAGE);
	assert_int_equal(as_nobody(info_of_shared), 0);
}

static int pipe_to_parent[2];

static int create_and_wait(void)
{
	char c;

	if (t_create(5 * PAGE, 0, 0, 0) < 0)
		return 105;
	if (write(pipe_to_parent[1], "x", 1) != 1)
		return 106;
	/* until the parent closes its end */
	close(pipe_to_parent[1]);
	return read(pipe_to_parent[0], &c, 1) == 0 ? 0 : 107;
}

/* CAP_SYS_ADMIN sees all. */
static void test_root_sees_all(void **state)
{
	struct cen_info info = { .fd = -1, .flags = CEN_INFO_NEXT };
	int to_child[2], status;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(pipe_to_parent), 0);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		int up = pipe_to_parent[1];

		close(to_child[1]);
		pipe_to_parent[0] = to_child[0];
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(100);
		pipe_to_parent[1] = up;
		_exit(create_and_wait());
	}
	close(to_child[0]);
	assert_int_equal(read(pipe_to_parent[0], &c, 1), 1);
	assert_ok(t_call(CEN_IOC_INFO, &info));
	assert_u64_equal(info.size, 5 * PAGE);
	assert_int_equal(info.uid, NOBODY);
	assert_int_equal(info.creator, pid);
	close(to_child[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_flags),
	t_test(test_padding),
	t_test(test_id_with_buffer),
	t_test(test_devices),
	t_test(test_less_room_than_devices),
	t_test(test_more_room_than_devices),
	t_test(test_bad_pointer),
	t_test(test_listing),
	t_test(test_cursor_beyond_the_end),
	t_test(test_cursor_of_a_closed_buffer),
	t_test(test_others_do_not_see_it),
	t_test(test_each_sees_his_own),
	t_test(test_whoever_holds_it_may_ask),
	t_test(test_root_sees_all),
};

T_MAIN(tests, 0)
