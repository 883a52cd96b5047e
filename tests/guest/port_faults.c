// SPDX-License-Identifier: GPL-2.0
/*
 * Ports when things go wrong: errors, hangs, unplug, early close. Every fence
 * signals, nothing is left.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "port.h"

static void device_errors_arrive(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);
	uint64_t errors = p_info(rx).errors;

	p_set("rx/fail", "1");
	assert_ok(p_enqueue(rx, fd, 1));
	assert_ok(p_enqueue(rx, fd, 2));
	assert_int_equal(p_wait(rx).status, -EIO);
	assert_int_equal(p_wait(rx).status, 0);
	assert_u64_equal(p_info(rx).errors, errors + 1);
}

static void cancel_what_hangs_and_what_waits(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);

	p_set("rx/hang", "1");
	for (int i = 0; i < 8; i++)
		assert_ok(p_enqueue(rx, fd, i));
	assert_int_equal(p_cancel(rx, 3, 0), 1);
	assert_u64_equal(p_wait(rx).user_data, 3);
	assert_int_equal(p_cancel(rx, 0, CEN_CANCEL_ALL), 7);
	for (int i = 0; i < 7; i++)
		assert_int_equal(p_wait(rx).status, -ECANCELED);
	assert_int_equal(p_cancel(rx, 0, CEN_CANCEL_ALL), 0);
	p_set("rx/hang", "0");
	assert_int_equal(p_poll(fd, POLLOUT, 1000), POLLOUT);
}

static void cancel_what_waits_for_a_foreign_fence(void **state)
{
	(void)state;
	int tx = p_open("sdr0-tx");
	int fd = p_buffer(P_BLOCK, -1, tx);
	int writer = t_fence(fd, true);

	assert_ok(writer);
	assert_ok(p_enqueue(tx, fd, 1));
	assert_int_equal(p_cancel(tx, 1, 0), 1);
	assert_int_equal(p_wait(tx).status, -ECANCELED);
	assert_ok(t_signal(writer, 0));
}

/* A failed in-fence means that what it stands for never happened. */
static void a_failed_in_fence_fails_the_transfer(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx"), tx = p_open("sdr0-tx");
	int fd = p_buffer(P_BLOCK, rx, tx);
	struct cen_port_enqueue in = { .fd = fd, .length = 8, .flags = CEN_ENQUEUE_OUT_FENCE };
	struct cen_port_enqueue out = { .fd = fd, .length = 8, .flags = CEN_ENQUEUE_IN_FENCE };

	p_set("rx/fail", "1");
	assert_ok(p_enqueue_full(rx, &in));
	out.in_fence = in.out_fence;
	assert_ok(p_enqueue_full(tx, &out));
	assert_int_equal(p_wait(rx).status, -EIO);
	assert_int_equal(p_wait(tx).status, -EIO);
	close(in.out_fence);
}

static void detach_in_flight(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);

	p_set("rx/hang", "1");
	assert_ok(p_enqueue(rx, fd, 1));
	assert_ok(p_enqueue(rx, fd, 2));
	assert_ok(p_detach(rx, fd));
	assert_int_equal(p_wait(rx).status, -ECANCELED);
	assert_int_equal(p_wait(rx).status, -ECANCELED);
	assert_errno(p_enqueue(rx, fd, 3), ENOENT);
	p_set("rx/hang", "0");
}

static void close_in_flight(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);
	struct cen_port_enqueue arg = { .fd = fd, .length = 8, .flags = CEN_ENQUEUE_OUT_FENCE };

	p_set("rx/hang", "1");
	assert_ok(p_enqueue_full(rx, &arg));
	close(rx);
	assert_true(p_poll(arg.out_fence, POLLIN, 1000) & POLLIN);
	p_set("rx/hang", "0");
	close(arg.out_fence);
}

/* The buffer's last fd goes first: the attachment holds it until the transfer is over. */
static void buffer_closed_early(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);

	assert_ok(p_enqueue(rx, fd, 1));
	close(fd);
	assert_int_equal(p_wait(rx).status, 0);
}

static void killed_in_flight(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();
		int status;

		if (!pid) {
			int rx = open("/dev/cen/sdr0-rx", O_RDWR);
			struct cen_create c = { .size = P_BLOCK };

			if (ioctl(t_cen, CEN_IOC_CREATE, &c) || p_attach(rx, c.fd))
				_exit(1);
			for (;;)
				if (p_enqueue(rx, c.fd, 0) == -EAGAIN)
					pause();
		}
		usleep(10000 + i * 3000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
	}
	assert_int_equal(p_info(p_open("sdr0-rx")).queued, 0);
}

/*
 * Cancelled while the engine is just handing it to the hardware: the end of one transfer starts
 * the next on the hardware's CPU, we cancel on another. A cyclic one would never end by itself.
 */
static void cancel_against_start(void **state)
{
	(void)state;
	int tx = p_open("sdr0-tx");
	int fd = p_buffer(PAGE, -1, tx);
	struct cen_port_enqueue arg = { .fd = fd, .length = 8,
		.flags = CEN_ENQUEUE_CYCLIC | CEN_ENQUEUE_QUIET | CEN_ENQUEUE_NO_IMPLICIT };

	for (int round = 0; round < 3000; round++) {
		for (int i = 0; i < 6; i++) {
			arg.user_data = i;
			assert_ok(p_enqueue_full(tx, &arg));
		}
		for (int i = 0; i < 6; i++)
			assert_int_equal(p_cancel(tx, i, 0), 1);
	}
	for (int i = 0; i < 500 && p_info(tx).queued; i++)
		usleep(10000);
	assert_int_equal(p_info(tx).queued, 0);
}

/* A transfer behind an endless one of somebody else is cancelled all the same. */
static void cancel_behind_a_cyclic_one(void **state)
{
	(void)state;
	int mine = p_open("sdr0-tx"), other = p_open("sdr0-tx");
	int fd = p_buffer(P_BLOCK, -1, other), behind = p_buffer(P_BLOCK, -1, mine);
	struct cen_port_enqueue arg = { .fd = fd, .length = 8, .flags = CEN_ENQUEUE_CYCLIC };
	uint64_t blocks = p_info(other).blocks;

	assert_ok(p_enqueue_full(other, &arg));
	while (p_info(other).blocks < blocks + 2)
		usleep(1000);
	assert_ok(p_enqueue(mine, behind, 1));
	assert_false(p_poll(mine, POLLIN, 20) & POLLIN);
	assert_int_equal(p_cancel(mine, 1, 0), 1);
	assert_int_equal(p_wait(mine).status, -ECANCELED);
	close(mine);
	assert_int_equal(p_info(other).queued, 1);
	close(other);
}

/* The last test: the radio is gone afterwards. */
static void unplug_in_flight(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx"), tx = p_open("sdr0-tx");
	int fd = p_buffer(P_BLOCK, rx, tx), other = must_create(P_BLOCK);
	struct cen_port_enqueue arg = { .fd = fd, .length = 8, .flags = CEN_ENQUEUE_OUT_FENCE };
	struct cen_completion c;

	p_set("rx/hang", "1");
	assert_ok(p_enqueue(rx, fd, 1));
	assert_ok(p_enqueue_full(tx, &arg));
	p_set("unplug", "1");

	assert_true(p_poll(rx, POLLIN, 1000) & POLLHUP);
	assert_int_equal(p_wait(rx).status, -ENODEV);
	assert_int_equal(p_wait(tx).status, -ENODEV);
	assert_true(p_poll(arg.out_fence, POLLIN, 1000) & POLLIN);
	assert_int_equal(read(rx, &c, sizeof(c)), -1);
	assert_int_equal(errno, ENODEV);
	assert_errno(p_enqueue(rx, fd, 2), ENODEV);
	assert_errno(p_attach(rx, other), ENODEV);
	assert_errno(p_detach(rx, fd), ENODEV);
	assert_errno(p_cancel(rx, 0, CEN_CANCEL_ALL), ENODEV);
	assert_false(t_exists("/dev/cen/sdr0-rx"));
	close(arg.out_fence);
	close(rx);
	close(tx);
}

static const struct CMUnitTest tests[] = {
	t_test(device_errors_arrive),
	t_test(cancel_what_hangs_and_what_waits),
	t_test(cancel_what_waits_for_a_foreign_fence),
	t_test(a_failed_in_fence_fails_the_transfer),
	t_test(detach_in_flight),
	t_test(close_in_flight),
	t_test(buffer_closed_early),
	t_test(killed_in_flight),
	t_test(cancel_against_start),
	t_test(cancel_behind_a_cyclic_one),
	t_test(unplug_in_flight),
};

/* Options of the radio's module. */
int main(int argc, char **argv)
{
	int ret;

	p_load(argc > 1 ? argv[1] : "");
	ret = t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
	return p_unload() || ret;
}
