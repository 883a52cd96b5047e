// SPDX-License-Identifier: GPL-2.0
/*
 * rmmod of the radio in every state that its ports can be in. It never waits for anybody, every
 * fence signals, programs that have a port open live on, and the radio can be loaded again.
 */
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "port.h"

static int rx, tx, fd;

static void plug(void)
{
	p_load("");
	p_reset();
	rx = p_open("sdr0-rx");
	tx = p_open("sdr0-tx");
	fd = p_buffer(P_BLOCK, rx, tx);
}

static void gone(void)
{
	struct cen_completion c;
	ssize_t got;

	assert_int_equal(p_unload(), 0);
	assert_false(t_exists("/dev/cen/sdr0-rx"));
	assert_false(t_exists("/sys/class/cen_port/sdr0-rx"));
	assert_int_equal(p_poll(fd, POLLOUT, 1000), POLLOUT);
	assert_true(p_poll(rx, POLLIN, 1000) & POLLHUP);
	do {
		got = read(rx, &c, sizeof(c));
	} while (got > 0);
	assert_int_equal(errno, ENODEV);
	assert_errno(p_enqueue(rx, fd, 0), ENODEV);
	assert_errno(p_attach(rx, fd), ENODEV);
	/* what is gone still tells what it was */
	assert_string_equal(p_info(rx).name, "sdr0-rx");
	assert_int_equal(p_info(rx).attached, 0);
	assert_int_equal(p_info(rx).queued, 0);
	close(rx);
	close(tx);
	close(fd);
}

static void while_open(void **state)
{
	(void)state;
	plug();
	gone();
}

static void with_completions_unread(void **state)
{
	(void)state;
	plug();
	for (int i = 0; i < 3; i++)
		assert_ok(p_enqueue(rx, fd, i));
	while (p_info(rx).queued)
		usleep(1000);
	gone();
}

static void while_it_transfers(void **state)
{
	(void)state;
	plug();
	for (int i = 0; i < 200; i++)
		assert_ok(p_enqueue(rx, fd, i));
	gone();
}

static void while_it_hangs(void **state)
{
	struct cen_port_enqueue arg;

	(void)state;
	plug();
	p_set("rx/hang", "1");
	for (int i = 0; i < 20; i++)
		assert_ok(p_enqueue(rx, fd, i));
	arg = (struct cen_port_enqueue) {
		.fd = fd, .length = P_BLOCK, .flags = CEN_ENQUEUE_OUT_FENCE,
	};
	assert_ok(p_enqueue_full(tx, &arg));	/* waits for the receiver */
	gone();
	/* the fence outlives its port, and says what became of it */
	assert_true(p_poll(arg.out_fence, POLLIN, 1000) & POLLIN);
	close(arg.out_fence);
}

static void while_it_waits_for_others(void **state)
{
	int writer;

	(void)state;
	plug();
	writer = t_fence(fd, true);
	assert_ok(writer);
	assert_ok(p_enqueue(tx, fd, 1));
	assert_int_equal(p_unload(), 0);
	assert_ok(t_signal(writer, 0));
	assert_int_equal(p_wait(tx).status, -ENODEV);
	close(rx);
	close(tx);
}

static void while_cyclic(void **state)
{
	struct cen_port_enqueue arg;

	(void)state;
	plug();
	arg = (struct cen_port_enqueue) {
		.fd = fd, .length = P_BLOCK, .flags = CEN_ENQUEUE_CYCLIC,
	};
	assert_ok(p_enqueue_full(tx, &arg));
	usleep(20000);
	gone();
}

static void while_linked(void **state)
{
	struct cen_link_stats stats;
	int32_t fds[2], sinks[1];
	struct cen_port_link arg;

	(void)state;
	plug();
	fds[0] = fd;
	fds[1] = p_buffer(P_BLOCK, rx, tx);
	sinks[0] = tx;
	arg = (struct cen_port_link) {
		.buffers = (uintptr_t)fds, .buffer_count = 2,
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK,
	};
	assert_ok(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg));
	usleep(20000);
	assert_int_equal(p_unload(), 0);
	assert_true(p_poll(arg.fd, POLLIN, 1000) & POLLHUP);
	assert_ok(t_ioctl(arg.fd, CEN_LINK_IOC_STATS, &stats));
	assert_int_equal(stats.status, -ENODEV);
	assert_int_equal(stats.running, 0);
	close(arg.fd);
	close(rx);
	close(tx);
}

/* Somebody sleeps in read(): wakes up. */
static void while_somebody_reads(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	plug();
	pid = fork();
	if (!pid) {
		struct cen_completion c;
		ssize_t got = read(rx, &c, sizeof(c));

		_exit(got < 0 && errno == ENODEV ? 0 : 1);
	}
	usleep(50000);
	assert_int_equal(p_unload(), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(rx);
	close(tx);
}

/* Somebody holds a transfer's fence: the engine stays, the radio goes. */
static void while_a_fence_is_held(void **state)
{
	struct cen_port_enqueue arg;

	(void)state;
	plug();
	arg = (struct cen_port_enqueue) {
		.fd = fd, .length = P_BLOCK, .flags = CEN_ENQUEUE_OUT_FENCE,
	};
	assert_ok(p_enqueue_full(rx, &arg));
	gone();
	assert_int_not_equal(t_sh("rmmod cen_port 2>/dev/null"), 0);
	assert_true(p_poll(arg.out_fence, POLLIN, 1000) & POLLIN);
	close(arg.out_fence);
}

static const char *iio_file(const char *name)
{
	static char path[256];
	glob_t found;

	assert_int_equal(glob("/sys/bus/iio/devices/iio:device0", 0, NULL, &found), 0);
	snprintf(path, sizeof(path), "%s/%s", found.gl_pathv[0], name);
	globfree(&found);
	return path;
}

/* The IIO device is on and its read() path has blocks in flight. */
static void while_iio_reads(void **state)
{
	(void)state;
	plug();
	if (!t_exists("/sys/bus/iio/devices/iio:device0/buffer0")) {
		gone();
		t_skip("the radio is no IIO device on this kernel");
	}
	p_set("rx/hang", "1");
	assert_int_equal(t_sh("for f in /sys/bus/iio/devices/iio:device0/buffer0/*_en; do echo 1 > $f; done"), 0);
	assert_ok(t_write_file(iio_file("buffer0/enable"), "1"));
	/* an open /dev/iio:device0 would pin the module: that is the IIO core's */
	gone();
}

/* In a hurry: while programs open, enqueue and close as fast as they can. */
static void while_programs_come_and_go(void **state)
{
	pid_t pids[3];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (;;) {
			struct cen_create c = { .size = P_BLOCK };
			int port = open(i & 1 ? "/dev/cen/sdr0-rx" : "/dev/cen/sdr0-tx", O_RDWR);

			if (port < 0 || ioctl(t_cen, CEN_IOC_CREATE, &c)) {
				close(port);
				usleep(1000);
				continue;
			}
			p_attach(port, c.fd);
			for (int n = 0; n < 4; n++)
				p_enqueue(port, c.fd, n);
			close(port);
			close(c.fd);
		}
	}
	for (int round = 0; round < 10; round++) {
		p_load("");
		usleep(30000);
		assert_int_equal(p_unload(), 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++) {
		kill(pids[i], SIGKILL);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
}

static const struct CMUnitTest tests[] = {
	t_test(while_open),
	t_test(with_completions_unread),
	t_test(while_it_transfers),
	t_test(while_it_hangs),
	t_test(while_it_waits_for_others),
	t_test(while_cyclic),
	t_test(while_linked),
	t_test(while_somebody_reads),
	t_test(while_a_fence_is_held),
	t_test(while_iio_reads),
	t_test(while_programs_come_and_go),
};

int main(void)
{
	p_load("");
	if (p_unload())
		return 1;
	return t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
}
