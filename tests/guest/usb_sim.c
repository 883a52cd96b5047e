// SPDX-License-Identifier: GPL-2.0
/*
 * A gadget on a controller with scatter-gather: every byte, both ways, through bus addresses
 * only.
 */
#include <linux/usb/functionfs.h>
#include <poll.h>
#include <time.h>

#include "usb.h"

#define BIG	(1 * MIB)

/* What the host got, from a buffer filled with @seed, is right. */
static void host_gets(const char *ep, uint64_t size, uint32_t seed, uint64_t skip)
{
	uint8_t *got = malloc(size), *want = malloc(skip + size);
	size_t at = 0;

	assert_true(got && want);
	t_fill(want, skip + size, seed);
	while (at < size) {
		ssize_t n = g_host_read(ep, got + at, size - at);

		assert_true(n > 0);
		at += n;
	}
	assert_memory_equal(got, want + skip, size);
	free(got);
	free(want);
}

/* Nothing was written there, bounced or not. */
static void untouched(const uint8_t *at, uint64_t size)
{
	assert_u64_equal(t_not_zero(at, size), size);
}

static bool scatter_gather(void)
{
	char text[8];

	assert_true(t_read_file("/sys/module/cen_sim_udc/parameters/sg", text, sizeof(text)));
	return text[0] == 'Y';
}

static void what_a_port_says(void **state)
{
	(void)state;
	struct cen_port_info in = p_info(p_open("usb-t-in0"));
	struct cen_port_info out = p_info(p_open("usb-t-out1"));

	assert_string_equal(in.name, "usb-t-in0");
	assert_string_equal(in.device, "platform:" G_SIM);
	assert_int_equal(in.direction, CEN_PORT_SINK);
	assert_int_equal(out.direction, CEN_PORT_SOURCE);
	assert_int_equal(in.flags, scatter_gather() ? 0 : CEN_PORT_VMAP);
	assert_u64_equal(in.granule, 1);
	assert_true(in.length_max >= GIB);
}

/* Lengths around packets and pages. */
static void to_the_host(void **state)
{
	(void)state;
	static const uint64_t lengths[] = { 1, 511, 512, 1023, 1024, 1025, 4096, 65535, 65536, BIG };
	int in = p_open("usb-t-in0");
	int fd = g_buffer(BIG, G_SIM, in);
	uint8_t *at = must_map(fd, BIG);

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct cen_completion c;

		t_fill(at, BIG, i);
		assert_ok(g_enqueue(in, fd, 0, lengths[i], i));
		host_gets("ep1in", lengths[i], i, 0);
		c = p_wait(in);
		assert_int_equal(c.status, 0);
		assert_u64_equal(c.actual, lengths[i]);
		assert_u64_equal(c.user_data, i);
	}
	must_unmap(at, BIG);
}

static void from_the_host(void **state)
{
	(void)state;
	static const uint64_t lengths[] = { 1, 1024, 1025, 65536, 100000, BIG };
	int out = p_open("usb-t-out0");
	int fd = g_buffer(BIG, G_SIM, out);
	uint8_t *at = must_map(fd, BIG);
	uint8_t *data = malloc(BIG);

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct cen_completion c;

		memset(at, 0, BIG);
		t_fill(data, BIG, i);
		assert_ok(g_enqueue(out, fd, 0, BIG, i));
		assert_int_equal(g_host_write("ep1out", data, lengths[i]), lengths[i]);
		if (!(lengths[i] % 1024) && lengths[i] < BIG)
			assert_int_equal(g_host_write("ep1out", data, 0), 0);	/* it ends here */
		c = p_wait(out);
		assert_int_equal(c.status, 0);
		assert_u64_equal(c.actual, lengths[i]);
		assert_memory_equal(at, data, lengths[i]);
		untouched(at + lengths[i], BIG - lengths[i]);
	}
	free(data);
	must_unmap(at, BIG);
}

/* Any part of a buffer: from inside a segment, across segments. */
static void parts_of_a_buffer(void **state)
{
	(void)state;
	static const struct { uint64_t offset, length; } parts[] = {
		{ 0, 100 }, { 1, 100 }, { 4095, 2 }, { 4096, 4096 }, { 65535, 2 }, { 65536, 65536 },
		{ 12345, 200001 }, { BIG - 1, 1 }, { BIG - 70000, 70000 },
	};
	int in = p_open("usb-t-in0"), out = p_open("usb-t-out0");
	int fd = g_buffer(BIG, G_SIM, in);
	uint8_t *at = must_map(fd, BIG), *data = malloc(BIG);

	assert_ok(p_attach(out, fd));
	t_fill(at, BIG, 7);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		assert_ok(g_enqueue(in, fd, parts[i].offset, parts[i].length, i));
		host_gets("ep1in", parts[i].length, 7, parts[i].offset);
		assert_int_equal(p_wait(in).status, 0);
	}
	memset(at, 0, BIG);
	t_fill(data, BIG, 8);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint64_t offset = parts[i].offset, end = offset + parts[i].length;

		assert_ok(g_enqueue(out, fd, offset, parts[i].length, i));
		assert_int_equal(g_host_write("ep1out", data, parts[i].length), parts[i].length);
		assert_int_equal(p_wait(out).status, 0);
		untouched(at, offset);
		assert_memory_equal(at + offset, data, parts[i].length);
		untouched(at + end, BIG - end);
		memset(at + offset, 0, parts[i].length);
	}
	assert_errno(g_enqueue(in, fd, BIG - 1, 2, 0), EINVAL);
	assert_errno(g_enqueue(in, fd, 0, 0, 0), EINVAL);
	free(data);
	must_unmap(at, BIG);
}

/* Endpoints do not mix, and each keeps its order. */
static void several_endpoints(void **state)
{
	(void)state;
	int ports[2] = { p_open("usb-t-in0"), p_open("usb-t-in1") };
	static const char * const eps[2] = { "ep1in", "ep2in" };
	int fds[2];

	for (int i = 0; i < 2; i++) {
		uint8_t *at;

		fds[i] = g_buffer(16 * 4096, G_SIM, ports[i]);
		at = must_map(fds[i], 16 * 4096);
		t_fill(at, 16 * 4096, i);
		must_unmap(at, 16 * 4096);
		/* more than the controller takes at once */
		for (int j = 0; j < 16; j++)
			assert_ok(g_enqueue(ports[i], fds[i], j * 4096, 4096, j));
	}
	for (int i = 1; i >= 0; i--) {
		host_gets(eps[i], 16 * 4096, i, 0);
		for (int j = 0; j < 16; j++) {
			struct cen_completion c = p_wait(ports[i]);

			assert_int_equal(c.status, 0);
			assert_u64_equal(c.user_data, j);
		}
	}
}

/* A host that reads less gets the rest with its next read; one that has no room overflows. */
static void host_reads_in_pieces(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0");
	int fd = g_buffer(8192, G_SIM, in);
	uint8_t *at = must_map(fd, 8192), got[8192];
	struct usb_endpoint_descriptor desc;
	uint16_t packet;

	assert_ok(t_ioctl(in, FUNCTIONFS_ENDPOINT_DESC, &desc));
	packet = desc.wMaxPacketSize;
	t_fill(at, 8192, 3);
	assert_ok(g_enqueue(in, fd, 0, 8192, 1));
	assert_int_equal(g_host_read("ep1in", got, 1024), 1024);
	assert_int_equal(g_host_read("ep1in", got + 1024, 7168), 7168);
	assert_memory_equal(at, got, 8192);
	assert_int_equal(p_wait(in).status, 0);

	assert_ok(g_enqueue(in, fd, 0, 2048, 2));
	assert_int_equal(g_host_read("ep1in", got, 100), -EOVERFLOW);
	assert_int_equal(g_host_read("ep1in", got, 2048 - packet), 2048 - packet);
	assert_memory_equal(at + packet, got, 2048 - packet);
	assert_u64_equal(p_wait(in).actual, 2048);
	must_unmap(at, 8192);
}

/* More than the buffer has room for is the device's overflow. */
static void host_sends_too_much(void **state)
{
	(void)state;
	int out = p_open("usb-t-out0");
	int fd = g_buffer(8192, G_SIM, out);
	uint8_t data[1024] = { 1 };
	struct cen_completion c;

	assert_ok(g_enqueue(out, fd, 0, 1000, 1));
	assert_int_equal(g_host_write("ep1out", data, 1024), 1024);
	c = p_wait(out);
	assert_int_equal(c.status, -EOVERFLOW);
	assert_u64_equal(c.actual, 1000);
}

/* The host waits first. */
static void host_is_early(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0");
	int fd = g_buffer(4096, G_SIM, in);
	pid_t host = g_host_read_later("ep1in", 4096);

	usleep(20000);
	assert_ok(g_enqueue(in, fd, 0, 4096, 1));
	assert_int_equal(p_wait(in).status, 0);
	assert_int_equal(g_host_done(host), 0);
}

/* The host makes and checks a ramp by itself: as the benchmarks do. */
static void streams(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0"), out = p_open("usb-t-out0");
	int fd = g_buffer(P_BLOCK, G_SIM, in);

	assert_ok(p_attach(out, fd));
	g_set("ep1out/stream", "1");
	g_set("ep1in/check", "1");
	g_set("ep1in/stream", "1");
	/* in the order of their fences: filled, sent, filled ... */
	for (int i = 0; i < 50; i++) {
		assert_ok(g_enqueue(out, fd, 0, P_BLOCK, i));
		assert_ok(g_enqueue(in, fd, 0, P_BLOCK, i));
	}
	for (int i = 0; i < 50; i++) {
		assert_int_equal(p_wait(out).status, 0);
		assert_int_equal(p_wait(in).status, 0);
	}
	assert_u64_equal(g_get("ep1in/mismatches"), 0);
	g_set("ep1in/stream", "0");
	g_set("ep1out/stream", "0");

	/* it can tell */
	g_set("ep1in/stream", "1");
	assert_ok(g_enqueue(in, fd, 0, P_BLOCK, 0));
	assert_int_equal(p_wait(in).status, 0);
	assert_true(g_get("ep1in/mismatches") > 0);
	g_set("ep1in/stream", "0");
	g_set("ep1in/check", "0");
}

/* A quarter of what goes through in a second takes a quarter of a second. */
static void streams_keep_their_rate(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0"), fd = g_buffer(P_BLOCK, G_SIM, in);
	struct timespec from, to;
	double seconds;

	g_set("ep1in/rate", "1048576");
	g_set("ep1in/stream", "1");
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 4; i++)
		assert_ok(g_enqueue(in, fd, 0, P_BLOCK, i));
	for (int i = 0; i < 4; i++)
		assert_int_equal(p_wait(in).status, 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	seconds = to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9;
	assert_true(seconds > 0.2);
	g_set("ep1in/stream", "0");
	g_set("ep1in/rate", "0");
}

/* Foreign buffers fit when the controller can reach them. */
static void a_foreign_buffer(void **state)
{
	(void)state;
	struct { uint64_t length; uint32_t fd, fd_flags; uint64_t heap_flags; } arg = {
		.length = 4096, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int in = p_open("usb-t-in0"), heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC), ret;
	uint8_t *at;

	if (heap < 0 || ioctl(heap, _IOWR('H', 0, arg), &arg)) {
		t_skip("no system dma-heap");
		return;
	}
	at = must_map(arg.fd, 4096);
	t_fill(at, 4096, 5);
	ret = p_attach(in, arg.fd);
	/* it has no idea what the controller can reach; in a large guest it may be beyond */
	if (!ret) {
		assert_ok(g_enqueue(in, arg.fd, 0, 4096, 1));
		host_gets("ep1in", 4096, 5, 0);
		assert_int_equal(p_wait(in).status, 0);
	}
	must_unmap(at, 4096);
}

/* What the CPU copied is counted: nothing, but where the controller leaves no other way. */
static void copies_are_counted(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0"), fd = g_buffer(P_BLOCK, G_SIM, in);
	uint8_t *at = must_map(fd, P_BLOCK);
	char before[32], after[32];

	g_read("copied", before, sizeof(before));
	t_fill(at, P_BLOCK, 9);
	assert_ok(g_enqueue(in, fd, 0, P_BLOCK, 0));
	host_gets("ep1in", P_BLOCK, 9, 0);
	assert_int_equal(p_wait(in).status, 0);
	g_read("copied", after, sizeof(after));
	assert_u64_equal(strtoull(after, NULL, 0) - strtoull(before, NULL, 0),
			 scatter_gather() ? 0 : P_BLOCK);
	must_unmap(at, P_BLOCK);
}

/* Blocks are messages when the function is told so: whole packets end with an empty one. */
static void zero_length_packets(void **state)
{
	(void)state;
	uint8_t got[4096];
	int in, fd;

	g_gadget_remove();
	g_gadget(G_SIM, "in=1 out=0 zlp=1");
	in = p_open("usb-t-in0");
	fd = g_buffer(4096, G_SIM, in);
	assert_ok(g_enqueue(in, fd, 0, 2048, 1));
	assert_int_equal(g_host_read("ep1in", got, 4096), 2048);
	assert_u64_equal(p_wait(in).actual, 2048);
	assert_ok(g_enqueue(in, fd, 0, 100, 2));
	assert_int_equal(g_host_read("ep1in", got, 4096), 100);
	assert_u64_equal(p_wait(in).actual, 100);
	close(in);
	g_gadget_remove();
	g_gadget(G_SIM, "in=2 out=2");
}

static const struct CMUnitTest tests[] = {
	t_test(what_a_port_says),
	t_test(to_the_host),
	t_test(from_the_host),
	t_test(parts_of_a_buffer),
	t_test(several_endpoints),
	t_test(host_reads_in_pieces),
	t_test(host_sends_too_much),
	t_test(host_is_early),
	t_test(streams),
	t_test(streams_keep_their_rate),
	t_test(a_foreign_buffer),
	t_test(copies_are_counted),
	t_test(zero_length_packets),
};

/* Argument: options of the controller. */
int main(int argc, char **argv)
{
	const char *options = argc > 1 ? argv[1] : "";
	int ret;

	g_load("cen_sim_udc", options);
	g_gadget(G_SIM, "in=2 out=2");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	g_gadget_remove();
	g_unload("cen_sim_udc");
	return ret;
}
