// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_CREATE_ACCOUNT: memory that counts in its maker's memory control group.
 */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "common.h"

#define ROOT	"/sys/fs/cgroup"
#define GROUP	ROOT "/cen-test"

static uint64_t current_bytes(void)
{
	char text[32];

	assert_true(t_read_file(GROUP "/memory.current", text, sizeof(text)));
	return strtoull(text, NULL, 10);
}

/* Runs @call in a child inside the group; its value is the exit status. */
static int in_group(int (*call)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		char text[32];

		snprintf(text, sizeof(text), "%d", getpid());
		if (t_write_file(GROUP "/cgroup.procs", text))
			_exit(100);
		_exit(call());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool grown_by(uint64_t before, uint64_t bytes)
{
	uint64_t now = current_bytes();

	return now >= before + bytes && now <= before + bytes + 2 * MIB;
}

static int accounted(void)
{
	uint64_t before = current_bytes();
	int fd = t_create(16 * MIB, 0, CEN_CREATE_ACCOUNT, 0);

	if (fd < 0 || t_commit(fd))
		return 1;
	if (!grown_by(before, 16 * MIB))
		return 2;
	close(fd);
	return current_bytes() < before + 2 * MIB ? 0 : 3;
}

static void test_accounted(void **state)
{
	(void)state;
	assert_int_equal(in_group(accounted), 0);
}

static int not_accounted(void)
{
	uint64_t before = current_bytes();
	int fd = t_create(16 * MIB, 0, 0, 0);

	if (fd < 0 || t_commit(fd))
		return 1;
	return current_bytes() < before + 2 * MIB ? 0 : 2;
}

static void test_not_accounted_unless_asked_for(void **state)
{
	(void)state;
	assert_int_equal(in_group(not_accounted), 0);
}

/* A buffer for a device of few bits comes from elsewhere and counts all the same. */
static int accounted_low(void)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = 0xffffffff });
	uint64_t before = current_bytes();
	int fd = t_create(8 * MIB, 0, CEN_CREATE_ACCOUNT, 0);

	if (fd < 0 || t_declare(fd, &device, 1) || t_commit(fd))
		return 1;
	if (!grown_by(before, 8 * MIB))
		return 2;
	close(fd);
	return current_bytes() < before + 2 * MIB ? 0 : 3;
}

static void test_accounted_low(void **state)
{
	(void)state;
	assert_int_equal(in_group(accounted_low), 0);
}

/* Pooled memory was charged to nobody: it is not for accounted buffers, nor theirs for it. */
static int pool_is_left_alone(void)
{
	struct cen_heap_info before, after;
	int fd;

	if (t_heap_info(t_heap_index("system"), &before))
		return 1;
	fd = t_create(16 * MIB, 0, CEN_CREATE_ACCOUNT, 0);
	if (fd < 0 || t_commit(fd))
		return 2;
	close(fd);
	if (t_heap_info(t_heap_index("system"), &after))
		return 3;
	return after.pooled <= before.pooled ? 0 : 4;
}

static void test_pool_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(in_group(pool_is_left_alone), 0);
}

static int over_limit(void)
{
	int fd = t_create(64 * MIB, 0, CEN_CREATE_ACCOUNT, 0);
	int ret;

	if (fd < 0)
		return 1;
	ret = t_commit(fd);
	return ret == -ENOMEM ? 0 : ret ? 2 : 3;
}

/* Refused, and nobody is killed for it. */
static void test_limit(void **state)
{
	int status;

	(void)state;
	assert_ok(t_write_file(GROUP "/memory.max", "33554432"));
	status = in_group(over_limit);
	assert_ok(t_write_file(GROUP "/memory.max", "max"));
	assert_int_equal(status, 0);
}

static int touch_over_limit(void)
{
	int fd = t_create(64 * MIB, 0, CEN_CREATE_ACCOUNT, 0);
	char *at = t_map(fd, 64 * MIB, PROT_READ | PROT_WRITE);

	if (fd < 0 || at == MAP_FAILED)
		return 1;
	return t_touch(at, true) == SIGBUS ? 0 : 2;
}

static void test_page_fault_over_limit(void **state)
{
	int status;

	(void)state;
	assert_ok(t_write_file(GROUP "/memory.max", "33554432"));
	status = in_group(touch_over_limit);
	assert_ok(t_write_file(GROUP "/memory.max", "max"));
	assert_int_equal(status, 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_accounted),
	t_test(test_not_accounted_unless_asked_for),
	t_test(test_accounted_low),
	t_test(test_pool_is_left_alone),
	t_test(test_limit),
	t_test(test_page_fault_over_limit),
};

int main(void)
{
	int ret;

	if (!t_exists(ROOT "/cgroup.subtree_control"))
		t_skip_all("no cgroup2 hierarchy");
	if (t_write_file(ROOT "/cgroup.subtree_control", "+memory"))
		t_skip_all("no memory controller");
	if (mkdir(GROUP, 0755) && errno != EEXIST)
		t_skip_all("no group: %s", strerror(errno));
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	rmdir(GROUP);
	return ret;
}
