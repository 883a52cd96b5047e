// SPDX-License-Identifier: GPL-2.0
/*
 * Where every mapping bounces, as caches would on a machine that is not coherent, a forgotten
 * sync loses data. Policy "trust" forgets it: that shows the test can fail. Policy "sync" does not.
 *
 *	rx --> its bounce buffer --(end access)--> buffer --(begin access)--> tx's bounce buffer --> tx
 */
#include <poll.h>

#include "port.h"

#define BUFFERS	4

static int fds[BUFFERS], rx, tx;

static void make(const char *options)
{
	p_load(options);
	p_reset();
	rx = p_open("sdr0-rx");
	tx = p_open("sdr0-tx");
	for (int i = 0; i < BUFFERS; i++)
		fds[i] = p_buffer(P_BLOCK, rx, tx);
}

static void unmake(void)
{
	close(rx);
	close(tx);
	for (int i = 0; i < BUFFERS; i++)
		close(fds[i]);
	assert_int_equal(p_unload(), 0);
}

/* Words that did not arrive: at the CPU, and at the transmitter. */
static void round_trip(uint64_t *cpu, uint64_t *device)
{
	uint32_t counter = 0;

	*cpu = 0;
	for (int i = 0; i < BUFFERS; i++) {
		assert_ok(p_enqueue(rx, fds[i], i));
		assert_ok(p_enqueue(tx, fds[i], i));
	}
	for (int i = 0; i < BUFFERS; i++) {
		assert_int_equal(p_wait(rx).status, 0);
		assert_int_equal(p_wait(tx).status, 0);
	}
	*device = p_get("tx/mismatches");
	for (int i = 0; i < BUFFERS; i++) {
		uint32_t *words = must_map(fds[i], P_BLOCK);

		/* no DMA_BUF_IOCTL_SYNC: the transfer's own is to have done it */
		for (uint64_t n = 0; n < P_BLOCK / sizeof(*words); n++)
			*cpu += words[n] != counter++;
		must_unmap(words, P_BLOCK);
	}
}

static void a_forgotten_sync_loses_data(void **state)
{
	uint64_t cpu, device;

	(void)state;
	make("policy=2");
	round_trip(&cpu, &device);
	assert_true(device > P_BLOCK / 4);
	assert_true(cpu > P_BLOCK / 4);
	unmake();
}

static void policy_sync_does_not(void **state)
{
	uint64_t cpu, device;

	(void)state;
	make("policy=0");
	round_trip(&cpu, &device);
	assert_u64_equal(device, 0);
	assert_u64_equal(cpu, 0);
	unmake();
}

static void nor_does_a_link(void **state)
{
	struct cen_port_link arg;
	int32_t sinks[1];

	(void)state;
	make("policy=0");
	sinks[0] = tx;
	arg = (struct cen_port_link) {
		.buffers = (uintptr_t)fds, .buffer_count = BUFFERS, .sinks = (uintptr_t)sinks,
		.sink_count = 1, .length = P_BLOCK, .blocks = 100,
	};
	assert_ok(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg));
	assert_true(p_poll(arg.fd, POLLIN, 20000) & POLLHUP);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	close(arg.fd);
	unmake();
}

static const struct CMUnitTest tests[] = {
	t_test(a_forgotten_sync_loses_data),
	t_test(policy_sync_does_not),
	t_test(nor_does_a_link),
};

int main(void)
{
	if (!t_swiotlb_forced() || !t_bounce_sync())
		t_skip_all("not booted with swiotlb=force, or not loaded with bounce=sync");
	p_load("");
	if (p_unload())
		return 1;
	return t_run(tests, ARRAY_SIZE(tests), 0);
}
