// SPDX-License-Identifier: GPL-2.0
/*
 * kill -9 in the middle of anything leaves nothing behind.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "common.h"

/* Each of these goes on until it is killed. */

static void allocating(void)
{
	for (;;) {
		int fd = t_create(64 * MIB, 0, 0, 0);

		t_commit(fd);
		close(fd);
	}
}

static void allocating_contiguous(void)
{
	struct cen_device device = t_anonymous("cam", (struct cen_limits) { .max_segs = 1 });

	for (;;) {
		int fd = t_create(48 * MIB, 0, 0, 0);

		t_declare(fd, &device, 1);
		t_commit(fd);
		close(fd);
	}
}

static void faulting(void)
{
	for (;;) {
		int fd = t_create(32 * MIB, 0, 0, 0);
		char *at = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (at != MAP_FAILED)
			memset(at, 1, 32 * MIB);
		munmap(at, 32 * MIB);
		close(fd);
	}
}

/* It is the kernel that touches the buffer first. */
static void copying(void)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	for (;;) {
		int fd = t_create(64 * MIB, 0, 0, 0);
		char *at = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (at != MAP_FAILED)
			read(zero, at, 64 * MIB);
		munmap(at, 64 * MIB);
		close(fd);
	}
}

static void moving(void)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });

	for (;;) {
		int fd = t_create(16 * MIB, 0, 0, 0);

		t_commit(fd);
		t_declare(fd, &device, 1);
		close(fd);
	}
}

static void mapping(void)
{
	t_cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
	for (;;) {
		int fd = t_create(MIB, 0, 0, 0), id = t_attach(fd, 0);

		t_dma_map(id, CTI_BIDIRECTIONAL, NULL);
		close(fd);
		t_release(id);
	}
}

/* Waits for a fence that only its own end will signal. */
static void waiting(void)
{
	int fd;

	t_cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
	fd = t_create(MIB, 0, 0, 0);
	t_fence(fd, true);
	for (;;)
		t_sync(fd, 0, PAGE, CEN_SYNC_READ);
}

static void listing(void)
{
	for (;;) {
		t_create(PAGE, 0, 0, 0);
		t_buffers();
	}
}

static void kill_it(void (*what)(void), unsigned int after_us)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		what();
		_exit(0);
	}
	usleep(after_us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void kill_often(void (*what)(void))
{
	uint64_t rng = t_seed(9);
	unsigned int i;

	for (i = 0; i < 24 / t_slow() + 4; i++)
		kill_it(what, 500 + t_random(&rng) % 40000);
	t_leaves_nothing(NULL);
}

#define KILL_TEST(what)					\
	static void test_##what(void **state)		\
	{						\
		(void)state;				\
		kill_often(what);			\
	}

KILL_TEST(allocating)
KILL_TEST(allocating_contiguous)
KILL_TEST(faulting)
KILL_TEST(copying)
KILL_TEST(moving)
KILL_TEST(mapping)
KILL_TEST(waiting)
KILL_TEST(listing)

/* Not killed, interrupted: what was asked for is done or refused, never half. */
static void on_alarm(int signal)
{
	(void)signal;
}

static void test_interrupted(void **state)
{
	const struct sigaction action = { .sa_handler = on_alarm };	/* no SA_RESTART */
	unsigned int i, interrupted = 0;

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	for (i = 0; i < 40 / t_slow() + 5; i++) {
		int fd = must_create(32 * MIB), ret;

		ualarm(200 + 157 * i, 0);
		ret = t_commit(fd);
		ualarm(0, 0);
		if (ret == -EINTR || ret == -512)
			interrupted++;
		else
			assert_ok(ret);
		assert_u64_equal(t_used(), ret ? 0 : 32 * MIB);
		assert_ok(t_commit(fd));
		close(fd);
	}
	printf("# %u of %u were interrupted\n", interrupted, i);
}

/* The buffer lives on with who else holds it. */
static void test_other_holder(void **state)
{
	int fd = must_create(MIB), status;
	char *at = must_map(fd, MIB);
	pid_t pid;

	(void)state;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		t_cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
		t_fill(at, 64 * KIB, 1);
		t_dma_map(t_attach(fd, 0), CTI_BIDIRECTIONAL, NULL);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_u64_equal(t_wrong(at, 64 * KIB, 1), 64 * KIB);
	assert_int_equal(must_info(fd).maps, 0);
	assert_int_equal(must_info(fd).devices_count, 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_allocating),
	t_test(test_allocating_contiguous),
	t_test(test_faulting),
	t_test(test_copying),
	t_test(test_moving),
	t_test(test_mapping),
	t_test(test_waiting),
	t_test(test_listing),
	t_test(test_interrupted),
	t_test(test_other_holder),
};

T_MAIN(tests, T_IMPORTER)
