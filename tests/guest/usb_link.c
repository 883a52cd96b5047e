// SPDX-License-Identifier: GPL-2.0
/*
 * Links between the radio and USB: the radio's ramp arrives at the host, the host's at the
 * radio, with no system call in between.
 */
#include <poll.h>

#include "usb.h"

#define BUFFERS	4
#define BLOCKS	200

static int fds[BUFFERS];

/* Buffers for both devices, attached to both ports. */
static void make(int source, int sink)
{
	const char *names[] = { P_DEVICE, "platform:" G_SIM };

	for (int i = 0; i < BUFFERS; i++) {
		fds[i] = must_create(P_BLOCK);
		for (int j = 0; j < 2; j++) {
			struct cen_device device = t_device(names[j]);

			assert_ok(t_declare(fds[i], &device, 1));
		}
		assert_ok(p_attach(source, fds[i]));
		assert_ok(p_attach(sink, fds[i]));
	}
}

static int start(int source, int sink, uint64_t blocks, uint32_t flags)
{
	int32_t sinks[] = { sink };
	struct cen_port_link arg = {
		.buffers = (uintptr_t)fds, .buffer_count = BUFFERS,
		.sinks = (uintptr_t)sinks, .sink_count = 1,
		.length = P_BLOCK, .blocks = blocks, .flags = flags,
	};

	assert_ok(t_ioctl(source, CEN_PORT_IOC_LINK, &arg));
	return arg.fd;
}

static struct cen_link_stats stats(int link)
{
	struct cen_link_stats s;

	assert_ok(t_ioctl(link, CEN_LINK_IOC_STATS, &s));
	return s;
}

static void host_streams(const char *ep, const char *on)
{
	char file[32];

	snprintf(file, sizeof(file), "%s/check", ep);
	g_set(file, on);
	snprintf(file, sizeof(file), "%s/stream", ep);
	g_set(file, on);
}

/* From the radio to a host that takes what comes. */
static int radio_to_usb(uint64_t blocks)
{
	int rx = p_open("sdr0-rx"), in = p_open("usb-t-in0");

	make(rx, in);
	p_reset();
	host_streams("ep1in", "1");
	return start(rx, in, blocks, 0);
}

/* All its blocks arrive, and are the radio's. */
static void all_arrive(int link)
{
	struct cen_link_stats s;

	assert_true(p_poll(link, POLLIN, 20000) & POLLHUP);
	s = stats(link);
	assert_int_equal(s.status, 0);
	assert_u64_equal(s.blocks, BLOCKS);
	assert_u64_equal(s.bytes, BLOCKS * P_BLOCK);
	assert_u64_equal(g_get("ep1in/mismatches"), 0);
	host_streams("ep1in", "0");
	close(link);
}

static void some_arrive(int link)
{
	while (stats(link).blocks < 20)
		usleep(1000);
}

static void radio_to_host(void **state)
{
	uint64_t before = g_get("ep1in/bytes");

	(void)state;
	all_arrive(radio_to_usb(BLOCKS));
	assert_u64_equal(g_get("ep1in/bytes") - before, BLOCKS * P_BLOCK);
}

static void host_to_radio(void **state)
{
	(void)state;
	int out = p_open("usb-t-out0"), tx = p_open("sdr0-tx"), link;
	struct cen_link_stats s;
	uint64_t sent = p_get("tx/bytes");

	make(out, tx);
	p_reset();
	host_streams("ep1out", "1");
	link = start(out, tx, BLOCKS, 0);
	assert_true(p_poll(link, POLLIN, 20000) & POLLHUP);
	s = stats(link);
	assert_int_equal(s.status, 0);
	assert_u64_equal(s.blocks, BLOCKS);
	assert_u64_equal(p_get("tx/bytes") - sent, BLOCKS * P_BLOCK);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	host_streams("ep1out", "0");
	close(link);
}

/* Nothing is lost while there is no host: the source waits. */
static void started_before_the_host(void **state)
{
	(void)state;
	int rx = p_open("sdr0-rx"), in = p_open("usb-t-in0"), link;

	g_set("plug", "0");
	make(rx, in);
	p_reset();
	link = start(rx, in, BLOCKS, 0);
	usleep(50000);
	assert_u64_equal(stats(link).blocks, 0);
	host_streams("ep1in", "1");
	g_set("plug", "1");
	g_wait_state("enabled");
	all_arrive(link);
}

/* The cable ends a link with what flew; it says so, and can be started again. */
static void unplugged(void **state)
{
	int link = radio_to_usb(0);

	(void)state;
	some_arrive(link);
	/* with all its blocks in the controller */
	g_set("ep1in/hang", "1");
	while (g_get("ep1in/queued") < BUFFERS)
		usleep(1000);
	g_set("plug", "0");
	assert_true(p_poll(link, POLLIN, 5000) & POLLHUP);
	assert_int_equal(stats(link).status, -ESHUTDOWN);
	close(link);
	g_set("ep1in/hang", "0");
	g_set("plug", "1");
	g_wait_state("enabled");
	all_arrive(radio_to_usb(BLOCKS));
}

/* The radio moves whole samples of 8 bytes: what a host sends need not be. */
static void odd_packets(void **state)
{
	int out = p_open("usb-t-out0"), tx = p_open("sdr0-tx"), link;
	uint64_t sent = p_get("tx/bytes");
	static const char bytes[104];

	(void)state;
	make(out, tx);
	link = start(out, tx, 0, 0);
	assert_int_equal(g_host_write("ep1out", bytes, 104), 104);
	/* empty: goes nowhere, and its buffer comes back */
	for (int i = 0; i < 2 * BUFFERS; i++)
		assert_int_equal(g_host_write("ep1out", bytes, 0), 0);
	while (stats(link).blocks < 1 + 2 * BUFFERS)
		usleep(1000);
	assert_int_equal(stats(link).status, 0);
	assert_u64_equal(p_get("tx/bytes") - sent, 104);
	assert_int_equal(g_host_write("ep1out", bytes, 13), 13);
	assert_true(p_poll(link, POLLIN, 5000) & POLLHUP);
	assert_int_equal(stats(link).status, -EMSGSIZE);
	assert_u64_equal(stats(link).bytes, 104);
	assert_u64_equal(p_get("tx/bytes") - sent, 104);
	close(link);
}

/* The last test: the gadget goes under a running link. */
static void unbound(void **state)
{
	int link = radio_to_usb(0);

	(void)state;
	some_arrive(link);
	g_unbind();
	assert_true(p_poll(link, POLLIN, 5000) & POLLHUP);
	assert_true(stats(link).status == -ESHUTDOWN || stats(link).status == -ENODEV);
	close(link);
	host_streams("ep1in", "0");
}

static const struct CMUnitTest tests[] = {
	t_test(radio_to_host),
	t_test(host_to_radio),
	t_test(started_before_the_host),
	t_test(unplugged),
	t_test(odd_packets),
	t_test(unbound),
};

int main(void)
{
	int ret;

	g_load("cen_sim_udc", "");
	p_load("");
	g_gadget(G_SIM, "in=1 out=1");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	g_gadget_remove();
	g_unload("cen_sim_udc");
	return p_unload() || ret;
}
