// SPDX-License-Identifier: GPL-2.0
/*
 * The quota: bytes backed, per user, charged to the buffer's maker.
 */
#include <signal.h>
#include <sys/wait.h>

#include "common.h"

#define NOBODY	65534

static void test_size_that_never_fits(void **state)
{
	(void)state;
	must_set_param("quota_mib", "8");
	assert_errno(t_create(8 * MIB + 1, 0, 0, 0), EDQUOT);
	assert_ok(t_create(8 * MIB, 0, 0, 0));
}

/* An EMPTY buffer costs nothing; the first that does not fit is refused. */
static void test_commit_over_quota(void **state)
{
	int fds[3], i;

	(void)state;
	must_set_param("quota_mib", "8");
	for (i = 0; i < 3; i++)
		fds[i] = must_create(4 * MIB);
	assert_ok(t_commit(fds[0]));
	assert_ok(t_commit(fds[1]));
	assert_errno(t_commit(fds[2]), EDQUOT);
	assert_int_equal(must_info(fds[2]).state, CEN_BUFFER_EMPTY);
	assert_int_equal(must_info(fds[2]).last_error, -EDQUOT);
	assert_u64_equal(t_used(), 8 * MIB);
	close(fds[0]);
	assert_ok(t_commit(fds[2]));
}

static void test_explain_of_it(void **state)
{
	struct t_why why;
	int first = must_create(MIB), second = must_create(MIB);

	(void)state;
	must_set_param("quota_mib", "1");
	assert_ok(t_commit(first));
	assert_errno(t_commit(second), EDQUOT);
	assert_ok(t_explain_last(second, &why));
	assert_int_equal(why.error, -EDQUOT);
}

static void test_page_fault_over_quota(void **state)
{
	int first = must_create(MIB), second = must_create(PAGE);
	char *at = must_map(second, PAGE);

	(void)state;
	must_set_param("quota_mib", "1");
	assert_ok(t_commit(first));
	assert_int_equal(t_touch(at, true), SIGBUS);
	close(first);
	assert_int_equal(t_touch(at, true), 0);
}

static void test_device_map_over_quota(void **state)
{
	int first = must_create(MIB), second = must_create(PAGE), id = must_attach(second, 0);

	(void)state;
	must_set_param("quota_mib", "1");
	assert_ok(t_commit(first));
	assert_errno(t_dma_map(id, CTI_BIDIRECTIONAL, NULL), EDQUOT);
	assert_int_equal(must_info(second).maps, 0);
}

/* Lowered below what is in use: what there is stays, more is not to be had. */
static void test_lowered(void **state)
{
	int first = must_create(4 * MIB), second = must_create(PAGE);
	char *at;

	(void)state;
	assert_ok(t_commit(first));
	must_set_param("quota_mib", "2");
	assert_errno(t_commit(second), EDQUOT);
	at = must_map(first, 4 * MIB);
	assert_int_equal(t_touch(at, true), 0);
	must_unmap(at, 4 * MIB);
	close(first);
	assert_ok(t_commit(second));
}

/* A move has both places for a moment; the user pays once. */
static void test_move_is_not_charged_twice(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	int fd = must_create(4 * MIB), more;

	(void)state;
	must_set_param("quota_mib", "4");
	assert_ok(t_commit(fd));
	assert_ok(t_declare(fd, &device, 1));
	more = must_create(PAGE);
	assert_errno(t_commit(more), EDQUOT);
	close(fd);
	assert_ok(t_commit(more));
}

static int in_child_as_nobody(int (*call)(int fd), int fd)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(100);
		_exit(call(fd));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int create_and_commit(int fd)
{
	(void)fd;
	return -t_commit(t_create(3 * MIB, 0, 0, 0));
}

static int commit(int fd)
{
	return -t_commit(fd);
}

/* Each user has a quota of its own. */
static void test_users_are_apart(void **state)
{
	int fd = must_create(4 * MIB);

	(void)state;
	must_set_param("quota_mib", "4");
	assert_ok(t_commit(fd));
	assert_int_equal(in_child_as_nobody(create_and_commit, -1), 0);
}

/* Who backs a buffer does not matter: who made it pays. */
static void test_the_maker_pays(void **state)
{
	int fd = must_create(4 * MIB), mine;

	(void)state;
	must_set_param("quota_mib", "4");
	assert_int_equal(in_child_as_nobody(commit, fd), 0);
	mine = must_create(PAGE);
	assert_errno(t_commit(mine), EDQUOT);
	assert_int_equal(in_child_as_nobody(create_and_commit, -1), 0);
}

static int over_quota(int fd)
{
	(void)fd;
	if (-t_commit(t_create(3 * MIB, 0, 0, 0)))
		return 101;
	return -t_commit(t_create(2 * MIB, 0, 0, 0)) == EDQUOT ? 0 : 102;
}

static void test_others_are_refused_as_well(void **state)
{
	(void)state;
	must_set_param("quota_mib", "4");
	assert_int_equal(in_child_as_nobody(over_quota, -1), 0);
}

/* 0 stands for half of the memory. */
static void test_default(void **state)
{
	char line[256];
	unsigned long kib = 0;
	FILE *f = fopen("/proc/meminfo", "re");

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemTotal: %lu", &kib) == 1)
			break;
	fclose(f);
	must_set_param("quota_mib", "0");
	assert_ok(t_create(kib * KIB / 2 - 16 * MIB, 0, 0, 0));
	assert_errno(t_create(kib * KIB / 2 + 16 * MIB, 0, 0, 0), EDQUOT);
}

static const struct CMUnitTest tests[] = {
	t_test(test_size_that_never_fits),
	t_test(test_commit_over_quota),
	t_test(test_explain_of_it),
	t_test(test_page_fault_over_quota),
	t_test(test_device_map_over_quota),
	t_test(test_lowered),
	t_test(test_move_is_not_charged_twice),
	t_test(test_users_are_apart),
	t_test(test_the_maker_pays),
	t_test(test_others_are_refused_as_well),
	t_test(test_default),
};

T_MAIN(tests, T_IMPORTER)
