// SPDX-License-Identifier: GPL-2.0
/*
 * USB when things go wrong: errors, hangs, cables pulled, interfaces reconfigured, processes
 * killed. Every transfer ends, every fence signals, what can go on does.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "usb.h"

#define BLOCK	40960	/* more than a piece, where pieces are copied */

static int in, fd;
static int depth;	/* transfers the controller has at once */

static void make(void)
{
	in = p_open("usb-t-in0");
	fd = g_buffer(BLOCK, G_SIM, in);
	depth = p_info(in).flags & CEN_PORT_VMAP ? 1 : 4;
}

static void enqueue(int count)
{
	for (int i = 0; i < count; i++)
		assert_ok(g_enqueue(in, fd, 0, BLOCK, i));
}

/* Until the controller has all it may have. */
static void flying(void)
{
	for (unsigned int i = 0; i < 1000 * t_slow() && (int)g_get("ep1in/queued") < depth; i++)
		usleep(5000);
	assert_int_equal(g_get("ep1in/queued"), depth);
}

static void host_takes(int count)
{
	uint8_t data[BLOCK];

	for (int i = 0; i < count; i++)
		assert_int_equal(g_host_read("ep1in", data, BLOCK), BLOCK);
}

/* The next @count completions, in order from @from. */
static void ended(int from, int count, int status)
{
	for (int i = 0; i < count; i++) {
		struct cen_completion c = p_wait(in);

		assert_u64_equal(c.user_data, from + i);
		assert_int_equal(c.status, status);
		if (!status)
			assert_u64_equal(c.actual, BLOCK);
	}
}

static void fences_are_signalled(int buffer)
{
	assert_int_equal(p_poll(buffer, POLLOUT, 1000), POLLOUT);
}

static void device_errors_arrive(void **state)
{
	(void)state;
	make();
	g_set("ep1in/fail", "1");
	enqueue(2);
	ended(0, 1, -EIO);
	host_takes(1);
	ended(1, 1, 0);
	fences_are_signalled(fd);
}

static void cancel_what_hangs_and_what_waits(void **state)
{
	(void)state;
	make();
	g_set("ep1in/hang", "1");
	enqueue(8);
	flying();
	assert_int_equal(p_cancel(in, 6, 0), 1);
	ended(6, 1, -ECANCELED);
	/* one that the controller has */
	assert_int_equal(p_cancel(in, 1, 0), 1);
	ended(1, 1, -ECANCELED);
	assert_int_equal(p_cancel(in, 0, CEN_CANCEL_ALL), 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(p_wait(in).status, -ECANCELED);
	g_set("ep1in/hang", "0");
	fences_are_signalled(fd);
	/* and it still works */
	enqueue(1);
	host_takes(1);
	ended(0, 1, 0);
}

/* The cable goes in the middle of the first: what flew is lost, what waited goes on later. */
static void unplugged_mid_transfer(void **state)
{
	(void)state;
	uint8_t data[BLOCK];
	struct cen_completion c;

	make();
	enqueue(depth + 3);
	flying();
	assert_int_equal(g_host_read("ep1in", data, 1024), 1024);
	g_set("plug", "0");
	c = p_wait(in);
	assert_int_equal(c.status, -ESHUTDOWN);
	assert_u64_equal(c.actual, 1024);
	ended(1, depth - 1, -ESHUTDOWN);
	g_wait_state("bound");
	assert_int_equal(p_poll(in, POLLIN, 100) & POLLIN, 0);
	assert_int_equal(g_host_read("ep1in", data, BLOCK), -ESHUTDOWN);
	g_set("plug", "1");
	g_wait_state("enabled");
	host_takes(3);
	ended(depth, 3, 0);
	fences_are_signalled(fd);
}

/* What is held can be cancelled. */
static void cancelled_without_a_host(void **state)
{
	(void)state;
	make();
	g_set("plug", "0");
	enqueue(depth + 2);
	assert_int_equal(p_poll(in, POLLIN, 50) & POLLIN, 0);
	assert_int_equal(p_cancel(in, 0, CEN_CANCEL_ALL), depth + 2);
	for (int i = 0; i < depth + 2; i++)
		assert_int_equal(p_wait(in).status, -ECANCELED);
	g_set("plug", "1");
	g_wait_state("enabled");
}

static void endpoint_disabled_mid_transfer(void **state)
{
	(void)state;
	uint8_t data[BLOCK], alt = 7;

	make();
	enqueue(depth + 1);
	flying();
	assert_int_equal(g_host_read("ep1in", data, 1024), 1024);
	assert_ok(g_control(0x01, 0x0b, 1, 0, 0, NULL));	/* SET_INTERFACE */
	assert_int_equal(g_control(0x81, 0x0a, 0, 0, 1, &alt), 1);
	assert_int_equal(alt, 1);
	ended(0, depth, -ESHUTDOWN);
	assert_errno(g_control(0x01, 0x0b, 2, 0, 0, NULL), EPIPE);
	assert_ok(g_control(0x01, 0x0b, 0, 0, 0, NULL));
	host_takes(1);
	ended(depth, 1, 0);
}

static void unconfigured_mid_transfer(void **state)
{
	(void)state;
	uint8_t data[BLOCK];

	make();
	enqueue(depth + 1);
	flying();
	assert_int_equal(g_host_read("ep1in", data, 1024), 1024);
	assert_ok(g_control(0x00, 0x09, 0, 0, 0, NULL));	/* SET_CONFIGURATION */
	ended(0, depth, -ESHUTDOWN);
	g_wait_state("bound");
	assert_ok(g_control(0x00, 0x09, 1, 0, 0, NULL));
	g_wait_state("enabled");
	host_takes(1);
	ended(depth, 1, 0);
}

/* A bus that sleeps loses nothing. */
static void suspended(void **state)
{
	(void)state;
	uint8_t data[BLOCK];

	make();
	enqueue(2);
	assert_int_equal(g_host_read("ep1in", data, 1024), 1024);
	g_set("suspend", "1");
	g_wait_state("suspended");
	assert_ok(g_enqueue(in, fd, 0, BLOCK, 2));
	assert_ok(g_enqueue(in, fd, 0, BLOCK, 3));
	assert_int_equal(p_cancel(in, 2, 0), 1);
	ended(2, 1, -ECANCELED);
	g_set("suspend", "0");
	g_wait_state("enabled");
	assert_int_equal(g_host_read("ep1in", data, BLOCK - 1024), BLOCK - 1024);
	host_takes(2);
	ended(0, 2, 0);
	ended(3, 1, 0);

	/* unplugged while it sleeps */
	g_set("suspend", "1");
	assert_ok(g_enqueue(in, fd, 0, BLOCK, 4));
	g_set("plug", "0");
	g_wait_state("bound");
	g_set("plug", "1");
	g_wait_state("enabled");
	host_takes(1);
	ended(4, 1, 0);
}

static void halted(void **state)
{
	(void)state;
	uint8_t data[BLOCK], status[2];

	make();
	assert_ok(g_write("halt", "in0 1"));
	assert_u64_equal(g_get("ep1in/halted"), 1);
	assert_int_equal(g_host_read("ep1in", data, BLOCK), -EPIPE);
	assert_int_equal(g_control(0x82, 0x00, 0, 0x81, 2, status), 2);	/* GET_STATUS */
	assert_int_equal(status[0], 1);
	enqueue(1);
	assert_int_equal(p_poll(in, POLLIN, 50) & POLLIN, 0);
	assert_ok(g_control(0x02, 0x01, 0, 0x81, 0, NULL));	/* CLEAR_FEATURE */
	host_takes(1);
	ended(0, 1, 0);

	assert_ok(g_control(0x02, 0x03, 0, 0x81, 0, NULL));	/* SET_FEATURE */
	assert_int_equal(g_host_read("ep1in", data, BLOCK), -EPIPE);
	assert_ok(t_ioctl(in, _IO('g', 3), NULL));		/* FUNCTIONFS_CLEAR_HALT */
	enqueue(1);
	host_takes(1);
	ended(0, 1, 0);
}

static void detached_in_flight(void **state)
{
	(void)state;
	make();
	enqueue(depth + 1);
	flying();
	assert_ok(p_detach(in, fd));
	for (int i = 0; i < depth + 1; i++)
		assert_int_equal(p_wait(in).status, -ECANCELED);
	assert_errno(p_detach(in, fd), ENOENT);
	assert_errno(g_enqueue(in, fd, 0, BLOCK, 0), ENOENT);
}

static void closed_in_flight(void **state)
{
	(void)state;
	struct cen_port_enqueue arg = { .length = BLOCK, .flags = CEN_ENQUEUE_OUT_FENCE };

	make();
	arg.fd = fd;
	assert_ok(p_enqueue_full(in, &arg));
	enqueue(depth + 2);
	flying();
	close(in);
	assert_true(p_poll(arg.out_fence, POLLIN, 1000) & POLLIN);
	fences_are_signalled(fd);
}

static void buffer_closed_early(void **state)
{
	(void)state;
	make();
	enqueue(1);
	close(fd);
	host_takes(1);
	ended(0, 1, 0);
}

static void attached_twice(void **state)
{
	(void)state;
	int other = p_open("usb-t-in0");

	make();
	assert_errno(p_attach(in, fd), EBUSY);
	assert_errno(p_attach(other, fd), EBUSY);
	assert_errno(g_enqueue(other, fd, 0, BLOCK, 0), ENOENT);
	/* another port is another matter */
	assert_ok(p_attach(p_open("usb-t-out0"), fd));
}

/* The host fills a buffer that is queued to be sent: the second transfer waits for the first. */
static void two_transfers_of_one_buffer(void **state)
{
	(void)state;
	uint8_t data[BLOCK], got[BLOCK];
	int out = p_open("usb-t-out0");

	make();
	assert_ok(p_attach(out, fd));
	t_fill(data, BLOCK, 1);
	assert_ok(g_enqueue(out, fd, 0, BLOCK, 1));
	enqueue(2);
	assert_ok(g_enqueue(out, fd, 0, BLOCK, 2));
	assert_int_equal(g_host_write("ep1out", data, BLOCK), BLOCK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(g_host_read("ep1in", got, BLOCK), BLOCK);
		assert_memory_equal(got, data, BLOCK);
	}
	ended(0, 2, 0);
	assert_int_equal(p_wait(out).status, 0);
	t_fill(data, BLOCK, 2);
	assert_int_equal(g_host_write("ep1out", data, BLOCK), BLOCK);
	assert_int_equal(p_wait(out).status, 0);
}

static void killed_in_flight(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();
		int status;

		if (!pid) {
			make();
			for (;;)
				if (g_enqueue(in, fd, 0, BLOCK, 0) == -EAGAIN)
					pause();
		}
		usleep(20000 + i * 5000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
	}
	/* a process is gone before its files are */
	in = p_open("usb-t-in0");
	for (unsigned int i = 0; i < 100 * t_slow() && p_info(in).queued; i++)
		usleep(10000);
	assert_int_equal(p_info(in).queued, 0);
	assert_int_equal(p_info(in).attached, 0);
}

/* Policy enforce: devices of one coherency only. */
static void mixed_coherency_is_refused(void **state)
{
	(void)state;
	char now[16];
	int id;

	assert_errno(g_write("policy", "enforce"), EBUSY);	/* bound */
	g_gadget_remove();
	g_gadget(G_SIM, "in=1 out=1 policy=enforce");
	g_read("policy", now, sizeof(now));
	assert_string_equal(now, "enforce");
	in = p_open("usb-t-in0");
	assert_int_equal(p_info(in).policy, CEN_PORT_ENFORCE);

	p_must_limit_other_coherency(in);
	fd = g_buffer(BLOCK, G_SIM, -1);
	id = must_attach(fd, 0);
	/* without scatter-gather it is the CPU that reads: nothing is mixed */
	if (!(p_info(in).flags & CEN_PORT_VMAP)) {
		assert_errno(p_attach(in, fd), EPERM);
		assert_errno(t_ioctl(in, _IOW('g', 131, int), &fd), EPERM);
	}
	assert_ok(t_release(id));
	assert_ok(p_attach(in, fd));
	enqueue(1);
	host_takes(1);
	ended(0, 1, 0);
	close(in);
	g_gadget_remove();
	g_gadget(G_SIM, "in=1 out=1");
}

/* Attributes cannot be changed under a function, and have limits. */
static void attributes(void **state)
{
	(void)state;
	assert_errno(g_write("in", "2"), EBUSY);
	assert_errno(g_write("depth", "0"), EINVAL);
	assert_errno(g_write("depth", "65"), EINVAL);
	assert_errno(g_write("out", "16"), EINVAL);
	assert_errno(g_write("zlp", "2"), EINVAL);
	assert_errno(g_write("policy", "hope"), EINVAL);
	assert_int_not_equal(t_sh("mkdir /sys/kernel/config/usb_gadget/t/functions/"
				  "cen.a-name-that-is-much-too-long-for-a-port 2>/dev/null"), 0);
	assert_true(t_exists("/sys/kernel/config/usb_gadget/t/functions/cen.t"));
}

/* The gadget leaves the bus; its ports go, and come back as new ones. */
static void unbound_in_flight(void **state)
{
	(void)state;
	struct cen_port_enqueue arg = { .length = BLOCK, .flags = CEN_ENQUEUE_OUT_FENCE };
	int other = must_create(4096);

	make();
	g_set("ep1in/hang", "1");
	enqueue(depth + 2);
	flying();
	arg.fd = fd;
	assert_ok(p_enqueue_full(in, &arg));
	g_unbind();
	for (int i = 0; i < depth + 3; i++) {
		int status = p_wait(in).status;

		assert_true(status == -ESHUTDOWN || status == -ENODEV);
	}
	assert_true(p_poll(arg.out_fence, POLLIN, 1000) & POLLIN);
	fences_are_signalled(fd);
	assert_true(p_poll(in, POLLIN, 1000) & POLLHUP);
	assert_errno(p_detach(in, fd), ENODEV);
	assert_errno(p_attach(in, other), ENODEV);
	assert_errno(g_enqueue(in, fd, 0, BLOCK, 0), ENODEV);
	assert_errno(t_ioctl(in, _IO('g', 3), NULL), ENODEV);
	assert_errno(t_ioctl(in, _IOW('g', 132, int), &fd), ENODEV);
	assert_false(t_exists("/dev/cen/usb-t-in0"));
	g_set("ep1in/hang", "0");
	g_bind(G_SIM);
	make();
	enqueue(1);
	host_takes(1);
	ended(0, 1, 0);
}

/* The last test: the controller itself goes, with transfers in flight. */
static void controller_removed_in_flight(void **state)
{
	(void)state;
	make();
	enqueue(depth + 2);
	flying();
	assert_int_equal(t_sh("rmmod cen_sim_udc"), 0);
	for (int i = 0; i < depth + 2; i++) {
		int status = p_wait(in).status;

		assert_true(status == -ESHUTDOWN || status == -ENODEV);
	}
	fences_are_signalled(fd);
	g_wait_state("unbound");
	/* the files keep nothing: everything but the engine can go */
	g_gadget_remove();
	assert_int_equal(t_sh("rmmod usb_f_cen"), 0);
	assert_errno(g_enqueue(in, fd, 0, BLOCK, 0), ENODEV);
	assert_errno(t_ioctl(in, _IO('g', 3), NULL), ENODEV);
}

static const struct CMUnitTest tests[] = {
	t_test(device_errors_arrive),
	t_test(cancel_what_hangs_and_what_waits),
	t_test(unplugged_mid_transfer),
	t_test(cancelled_without_a_host),
	t_test(endpoint_disabled_mid_transfer),
	t_test(unconfigured_mid_transfer),
	t_test(suspended),
	t_test(halted),
	t_test(detached_in_flight),
	t_test(closed_in_flight),
	t_test(buffer_closed_early),
	t_test(attached_twice),
	t_test(two_transfers_of_one_buffer),
	t_test(killed_in_flight),
	t_test(mixed_coherency_is_refused),
	t_test(attributes),
	t_test(unbound_in_flight),
	t_test(controller_removed_in_flight),
};

/* Argument: options of the controller. */
int main(int argc, char **argv)
{
	g_load("cen_sim_udc", argc > 1 ? argv[1] : "");
	g_gadget(G_SIM, "in=1 out=1");
	return t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
}
