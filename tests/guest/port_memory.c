// SPDX-License-Identifier: GPL-2.0
/*
 * Out of memory at every site of cen_port: each allocation of an operation fails once. The
 * operation fails cleanly, nothing stays attached, queued or counted, and the next one works.
 *
 * Needs a kernel with fault injection (/proc/self/fail-nth); skips without.
 */
#include <poll.h>

#include "fail_nth.h"
#include "port.h"

#define BUFFERS	3

static int rx = -1, tx = -1, made = -1, fds[BUFFERS], in_fence = -1;

static void open_ports(void)
{
	rx = p_open("sdr0-rx");
	tx = p_open("sdr0-tx");
}

static void open_with_buffers(void)
{
	open_ports();
	for (int i = 0; i < BUFFERS; i++) {
		fds[i] = p_buffer(P_BLOCK, rx, tx);
		assert_ok(t_commit(fds[i]));
	}
}

static void only_buffer(void)
{
	struct cen_device device = t_device(P_DEVICE);

	open_ports();
	fds[0] = must_create(P_BLOCK);
	assert_ok(t_declare(fds[0], &device, 1));
}

static void close_all(void)
{
	if (made > 0)
		close(made);
	if (in_fence > 0)
		close(in_fence);
	if (rx > 0)
		close(rx);
	if (tx > 0)
		close(tx);
	for (int i = 0; i < BUFFERS; i++) {
		if (fds[i] > 0)
			close(fds[i]);
		fds[i] = -1;
	}
	rx = tx = made = in_fence = -1;
	rx = p_open("sdr0-rx");
	assert_int_equal(p_info(rx).attached, 0);
	assert_int_equal(p_info(rx).queued, 0);
	assert_int_equal(p_info(rx).links, 0);
	close(rx);
	rx = -1;
}

static void nothing(void)
{
}

static int op_open(void)
{
	made = open("/dev/cen/sdr0-rx", O_RDWR | O_CLOEXEC);
	return made < 0 ? -errno : made;
}

static int op_attach(void)
{
	return p_attach(rx, fds[0]);
}

static void check_attach(int ret)
{
	assert_int_equal(p_info(rx).attached, ret ? 0 : 1);
	if (ret)
		assert_ok(p_attach(rx, fds[0]));
}

static int op_enqueue(void)
{
	return p_enqueue(rx, fds[0], 1);
}

static void check_enqueue(int ret)
{
	int status;

	if (ret) {
		assert_int_equal(p_info(rx).queued, 0);
		assert_ok(p_enqueue(rx, fds[0], 1));
	}
	status = p_wait(rx).status;
	/* whoever enqueues hands over: the allocation that failed may have been the driver's */
	if (status) {
		assert_int_equal(status, -ENOMEM);
		assert_ok(p_enqueue(rx, fds[0], 1));
		assert_int_equal(p_wait(rx).status, 0);
	}
	/* no fence stays behind */
	assert_int_equal(p_poll(fds[0], POLLOUT, 1000), POLLOUT);
}

/* A receiver that hangs: the transmitter has something to wait for. */
static void prepare_fences(void)
{
	struct cen_port_enqueue in;

	open_with_buffers();
	p_set("rx/hang", "1");
	in = (struct cen_port_enqueue) {
		.fd = fds[0], .length = P_BLOCK, .flags = CEN_ENQUEUE_OUT_FENCE,
	};
	assert_ok(p_enqueue_full(rx, &in));
	in_fence = in.out_fence;
}

static int op_enqueue_fences(void)
{
	struct cen_port_enqueue arg = {
		.fd = fds[0], .length = P_BLOCK, .in_fence = in_fence,
		.flags = CEN_ENQUEUE_IN_FENCE | CEN_ENQUEUE_OUT_FENCE,
	};
	int ret = p_enqueue_full(tx, &arg);

	if (!ret)
		made = arg.out_fence;
	return ret;
}

static void check_fences(int ret)
{
	/* queued although the reply got lost: it still completes */
	bool queued = !ret || p_info(tx).queued;

	assert_true(queued || ret == -ENOMEM || ret == -EFAULT);
	p_set("rx/hang", "0");
	assert_int_equal(p_wait(rx).status, 0);
	if (queued)
		assert_int_equal(p_wait(tx).status, 0);
	assert_int_equal(p_poll(fds[0], POLLOUT, 1000), POLLOUT);
}

static int op_link(void)
{
	int32_t sinks[] = { tx };
	struct cen_port_link arg = {
		.buffers = (uintptr_t)fds, .buffer_count = BUFFERS, .sinks = (uintptr_t)sinks,
		.sink_count = 1, .length = P_BLOCK, .blocks = 5,
	};
	int ret = t_ioctl(rx, CEN_PORT_IOC_LINK, &arg);

	if (!ret)
		made = arg.fd;
	return ret;
}

static void check_link(int ret)
{
	if (ret) {
		/* its buffers were given back */
		assert_int_equal(p_info(rx).links, 0);
		assert_int_equal(p_info(tx).links, 0);
		assert_ok(p_enqueue(rx, fds[0], 1));
		assert_int_equal(p_wait(rx).status, 0);
		assert_ok(op_link());
	}
	assert_true(p_poll(made, POLLIN, 5000) & POLLHUP);
}

static void each(const struct t_op *op)
{
	assert_true(t_fail_each(op) > 0);
}

#define OP(test, opname, before, call, after)						\
static void test(void **state)								\
{											\
	static const struct t_op op = {							\
		.name = opname, .prepare = before, .run = call, .check = after,		\
		.undo = close_all,							\
	};										\
											\
	(void)state;									\
	each(&op);									\
}

OP(opening, "open", nothing, op_open, NULL)
OP(attaching, "attach", only_buffer, op_attach, check_attach)
OP(enqueueing, "enqueue", open_with_buffers, op_enqueue, check_enqueue)
OP(enqueueing_with_fences, "enqueue with fences", prepare_fences, op_enqueue_fences, check_fences)
OP(linking, "link", open_with_buffers, op_link, check_link)

static const struct CMUnitTest tests[] = {
	t_test(opening),
	t_test(attaching),
	t_test(enqueueing),
	t_test(enqueueing_with_fences),
	t_test(linking),
};

int main(void)
{
	int ret;

	if (t_fail_nth_init())
		t_skip_all("this kernel injects no faults");
	p_load("");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
