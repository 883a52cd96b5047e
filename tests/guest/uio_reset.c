// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody resets the device through sysfs, or takes it off the bus, while a program has it. edu
 * has no reset of its own; behind a port of its own the bus is what is reset.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "uio_scene.h"

static void reset_edu(void)
{
	char path[300];

	snprintf(path, sizeof(path), U_PCI "/%s/reset", u_pci);
	assert_ok(t_write_file(path, "1"));
}

/* Whatever is called while the device is being reset is answered, one way or another. */
static void hammer(void)
{
	uint64_t value;

	for (int i = 0;; i++) {
		int handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS), ret;

		if (handle < 0)
			_exit(1);
		ret = u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS);
		if (ret)
			_exit(2);
		ret = u_start_out(handle, 0, 0, 1 + i % 64);
		if (ret && ret != -EBUSY)
			_exit(3);
		ret = u_read(EDU_LIVENESS, 32, &value);
		if (ret && ret != -EBUSY)
			_exit(4);
		ret = u_sync(handle, CEN_UIO_SYNC_END | CEN_UIO_DIRECTIONS);
		if (ret && ret != -ECANCELED)
			_exit(5);
		ret = u_detach(handle);
		while (ret == -EBUSY) {
			u_nap(1);
			ret = u_detach(handle);
		}
		if (ret)
			_exit(6);
	}
}

static void test_calls_meanwhile(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	must_fill_buffer(0);
	pid = fork();
	if (!pid)
		hammer();
	for (int i = 0; i < 5; i++) {
		u_nap(70);
		reset_edu();
	}
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	/* the child's calls were on our file, and so are its handles */
	u_close();
	assert_false(u_masters_the_bus());
	assert_u64_equal(must_info(u_buffer).maps, 0);
}

/* Files are opened and closed while it is reset. */
static void test_open_meanwhile(void **state)
{
	int status, fd;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid) {
		for (int i = 0; i < 5; i++)
			reset_edu();
		_exit(0);
	}
	while (!waitpid(pid, &status, WNOHANG)) {
		fd = u_try_open();
		if (fd >= 0)
			close(fd);
		else
			assert_errno(fd, EBUSY);
	}
	assert_int_equal(status, 0);
	assert_false(u_masters_the_bus());
	u_open();
}

/* Unplugged under a program that sleeps until an interrupt, with a transfer under way. */
static bool removed(void)
{
	pid_t reader = u_sleeper(false), poller = u_sleeper(true);
	struct cen_uio_info info = {};
	char path[300];
	bool in_time;
	int handle;

	snprintf(path, sizeof(path), U_PCI "/%s/remove", u_pci);
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS));
	/* without an interrupt at its end: that would wake them, too */
	assert_ok(u_run(u_value(EDU_SOURCE, EDU_OWN), u_address(EDU_DEST, handle, 0, EDU_MAX),
			u_value(EDU_COUNT, EDU_MAX),
			u_value(EDU_COMMAND, EDU_RUN | EDU_TO_MEMORY)));
	assert_ok(t_write_file(path, "1"));
	assert_false(t_exists(path));
	assert_u64_equal(must_info(u_buffer).maps, 0);
	/* as the UIO core has it */
	assert_int_equal(u_slept(reader), -EIO);
	assert_true(u_slept(poller) & POLLERR);
	assert_errno(u_call(CEN_UIO_IOC_INFO, &info), ENODEV);
	assert_errno(u_detach(handle), ENODEV);
	in_time = u_cut_off();
	u_close();

	assert_ok(t_write_file("/sys/bus/pci/rescan", "1"));
	must_work_again(U_RULES);
	return in_time;
}

static void test_removed(void **state)
{
	(void)state;
	must_fill_buffer(0x5a);
	u_again(removed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		U_AWAY_TESTS,
		u_test_open(test_calls_meanwhile),
		u_test(test_open_meanwhile),
		u_test_open(test_removed),
	};
	char path[300];
	int ret;

	u_begin();
	snprintf(path, sizeof(path), U_PCI "/%s/reset", u_pci);
	if (!t_exists(path))
		t_skip_all("edu is not behind a port of its own, and cannot be reset");
	u_away = reset_edu;
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
