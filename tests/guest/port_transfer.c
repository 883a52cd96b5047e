// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: attach, enqueue, complete, in order and with the right bytes.
 */
#include <poll.h>

#include "port.h"

static void info_tells_device_and_direction(void **state)
{
	(void)state;
	struct cen_port_info rx = p_info(p_open("sdr0-rx"));
	struct cen_port_info tx = p_info(p_open("sdr0-tx"));

	assert_string_equal(rx.name, "sdr0-rx");
	assert_string_equal(rx.device, P_DEVICE);
	assert_int_equal(rx.direction, CEN_PORT_SOURCE);
	assert_int_equal(tx.direction, CEN_PORT_SINK);
	assert_u64_equal(rx.limits.addr_max, 0xffffffff);
	assert_u64_equal(rx.granule, 8);
}

static void foreign_ioctls_are_refused(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	struct cen_port_info info = { .pad = 1 };

	assert_errno(t_ioctl(rx, _IOC(_IOC_READ | _IOC_WRITE, CEN_PORT_IOC_MAGIC, 0x7f, 8), &info),
		     ENOTTY);
	assert_errno(t_ioctl(rx, _IOWR(CEN_PORT_IOC_MAGIC, 0, char[16]), &info), EINVAL);
	assert_errno(t_ioctl(rx, CEN_PORT_IOC_INFO, &info), EINVAL);
}

static void attach_once(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx"), other = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);

	assert_errno(p_attach(rx, fd), EBUSY);
	assert_errno(p_attach(other, fd), EBUSY);
	assert_errno(p_detach(other, fd), ENOENT);
	assert_u64_equal(p_info(rx).attached, 1);
	assert_ok(p_detach(rx, fd));
	assert_ok(p_attach(other, fd));
}

static void attach_what_is_no_buffer(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");

	assert_errno(p_attach(rx, -1), EBADF);
	assert_errno(p_attach(rx, rx), EINVAL);
}

static void enqueue_checks_its_range(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1), alien = must_create(P_BLOCK);
	struct cen_port_enqueue none = { .fd = fd };
	struct cen_port_enqueue beyond = { .fd = fd, .offset = 8, .length = P_BLOCK };
	struct cen_port_enqueue wraps = { .fd = fd, .offset = -8ULL, .length = 16 };
	struct cen_port_enqueue odd = { .fd = fd, .length = 12 };
	struct cen_port_enqueue flags = { .fd = fd, .length = 8, .flags = 1U << 31 };
	struct cen_port_enqueue fence = { .fd = fd, .length = 8, .in_fence = 3 };

	assert_errno(p_enqueue_full(rx, &none), EINVAL);
	assert_errno(p_enqueue_full(rx, &beyond), EINVAL);
	assert_errno(p_enqueue_full(rx, &wraps), EINVAL);
	assert_errno(p_enqueue_full(rx, &odd), EINVAL);
	assert_errno(p_enqueue_full(rx, &flags), EINVAL);
	assert_errno(p_enqueue_full(rx, &fence), EINVAL);
	assert_errno(p_enqueue(rx, alien, 0), ENOENT);
	assert_errno(p_enqueue(rx, -1, 0), EBADF);
}

/* Receive into every buffer and transmit it at once: the sink waits for the source by itself. */
static void receive_and_transmit(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx"), tx = p_open("sdr0-tx"), fds[8];
	uint32_t counter = 0;

	p_reset();
	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = p_buffer(P_BLOCK, rx, tx);
		assert_ok(p_enqueue(rx, fds[i], i));
		assert_ok(p_enqueue(tx, fds[i], i));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++) {
		struct cen_completion in = p_wait(rx), out = p_wait(tx);

		assert_int_equal(in.status, 0);
		assert_int_equal(out.status, 0);
		assert_u64_equal(in.user_data, i);
		assert_u64_equal(out.user_data, i);
		assert_u64_equal(in.actual, P_BLOCK);
		assert_true(out.timestamp >= in.timestamp);
		assert_int_equal(p_wrong(fds[i], P_BLOCK, &counter), 0);
	}
	assert_u64_equal(p_get("tx/mismatches"), 0);
}

static void part_of_a_buffer(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);
	struct cen_port_enqueue arg = { .fd = fd, .offset = 4096 - 8, .length = 24 };
	uint32_t *words;

	p_reset();
	assert_ok(p_enqueue_full(rx, &arg));
	assert_u64_equal(p_wait(rx).actual, 24);
	words = must_map(fd, P_BLOCK);
	assert_int_equal(words[1021], 0);
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(words[1022 + i], i);
	assert_int_equal(words[1028], 0);
}

/* A reader that takes several completions at once gets whole ones only. */
static void read_several(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);
	struct cen_completion c[4];

	for (int i = 0; i < 3; i++)
		assert_ok(p_enqueue(rx, fd, i));
	p_wait(rx);
	while (p_info(rx).queued)
		usleep(1000);
	assert_int_equal(read(rx, c, sizeof(c[0]) - 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(read(rx, c, sizeof(c) - 1), 2 * sizeof(c[0]));
	assert_int_equal(fcntl(rx, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(rx, c, sizeof(c)), -1);
	assert_int_equal(errno, EAGAIN);
}

static void quiet_transfers_complete_silently(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);
	struct cen_port_enqueue arg = { .fd = fd, .length = 8, .flags = CEN_ENQUEUE_QUIET };
	uint64_t before = p_info(rx).blocks;

	assert_ok(p_enqueue_full(rx, &arg));
	assert_true(p_poll(fd, POLLIN, 5000) & POLLIN);
	assert_u64_equal(p_info(rx).blocks, before + 1);
	assert_false(p_poll(rx, POLLIN, 0) & POLLIN);
}

/* An out-fence of the receiver as in-fence of the transmitter, and the same in poll(). */
static void fences_in_and_out(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx"), tx = p_open("sdr0-tx");
	int fd = p_buffer(P_BLOCK, rx, tx);
	struct cen_port_enqueue in = { .fd = fd, .length = P_BLOCK, .flags = CEN_ENQUEUE_OUT_FENCE };
	struct cen_port_enqueue out = { .fd = fd, .length = P_BLOCK,
		.flags = CEN_ENQUEUE_IN_FENCE | CEN_ENQUEUE_NO_IMPLICIT };

	p_reset();
	p_set("rx/hang", "1");
	assert_ok(p_enqueue_full(rx, &in));
	out.in_fence = in.out_fence;
	assert_ok(p_enqueue_full(tx, &out));
	assert_false(p_poll(in.out_fence, POLLIN, 50) & POLLIN);
	assert_int_equal(p_info(tx).queued, 1);
	p_set("rx/hang", "0");
	assert_true(p_poll(in.out_fence, POLLIN, 5000) & POLLIN);
	assert_int_equal(p_wait(tx).status, 0);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	close(in.out_fence);
}

/* Another device's fence holds up the queue, but not the caller. */
static void implicit_fences_are_waited_for(void **state)
{
	(void)state;
	int tx = p_open("sdr0-tx");
	int fd = p_buffer(P_BLOCK, -1, tx);
	int writer = t_fence(fd, true), reader;

	assert_ok(writer);
	assert_ok(p_enqueue(tx, fd, 1));
	assert_false(p_poll(tx, POLLIN, 50) & POLLIN);
	assert_ok(t_signal(writer, 0));
	assert_int_equal(p_wait(tx).status, 0);

	/* a sink reads, too: it does not wait for readers */
	reader = t_fence(fd, false);
	assert_ok(reader);
	assert_ok(p_enqueue(tx, fd, 2));
	assert_int_equal(p_wait(tx).status, 0);
	assert_ok(t_signal(reader, 0));
}

static void cyclic_goes_round(void **state)
{
	(void)state;
	int tx = p_open("sdr0-tx");
	int fd = p_buffer(P_BLOCK, -1, tx);
	struct cen_port_enqueue arg = { .fd = fd, .length = P_BLOCK, .user_data = 7,
		.flags = CEN_ENQUEUE_CYCLIC };
	uint64_t blocks = p_info(tx).blocks;
	struct cen_completion c;

	assert_ok(p_enqueue_full(tx, &arg));
	while (p_info(tx).blocks < blocks + 3)
		usleep(1000);
	assert_int_equal(p_info(tx).queued, 1);
	assert_int_equal(p_cancel(tx, 7, 0), 1);
	c = p_wait(tx);
	assert_int_equal(c.status, -ECANCELED);
	assert_u64_equal(c.user_data, 7);
}

static void depth_is_limited(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = p_buffer(P_BLOCK, rx, -1);
	struct cen_port_enqueue arg = { .fd = fd, .length = 8 };
	uint32_t depth = p_info(rx).depth;

	p_set("rx/hang", "1");
	for (uint32_t i = 0; i < depth; i++)
		assert_ok(p_enqueue_full(rx, &arg));
	assert_errno(p_enqueue_full(rx, &arg), EAGAIN);
	assert_false(p_poll(rx, POLLOUT, 0) & POLLOUT);
	p_set("rx/hang", "0");
	p_wait(rx);
	assert_ok(p_enqueue_full(rx, &arg));
}

/* Attaching places it. */
static void a_buffer_nobody_declared(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx");
	int fd = must_create(P_BLOCK);
	uint32_t counter = 0;

	p_reset();
	assert_ok(p_attach(rx, fd));
	assert_ok(p_enqueue(rx, fd, 0));
	assert_int_equal(p_wait(rx).status, 0);
	assert_int_equal(p_wrong(fd, P_BLOCK, &counter), 0);
}

static const struct CMUnitTest tests[] = {
	t_test(info_tells_device_and_direction),
	t_test(foreign_ioctls_are_refused),
	t_test(attach_once),
	t_test(attach_what_is_no_buffer),
	t_test(enqueue_checks_its_range),
	t_test(receive_and_transmit),
	t_test(part_of_a_buffer),
	t_test(read_several),
	t_test(quiet_transfers_complete_silently),
	t_test(fences_in_and_out),
	t_test(implicit_fences_are_waited_for),
	t_test(cyclic_goes_round),
	t_test(depth_is_limited),
	t_test(a_buffer_nobody_declared),
};

int main(void)
{
	int ret;

	p_load("");
	ret = t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
	return p_unload() || ret;
}
