// SPDX-License-Identifier: GPL-2.0
/*
 * Links: buffers circulate inside the kernel, and stop when they should.
 */
#include <poll.h>

#include "port.h"

#define BUFFERS	8	/* more than the hardware takes at once */

static int rx, tx, fds[BUFFERS];

static void make(void)
{
	rx = p_open("sdr0-rx");
	tx = p_open("sdr0-tx");
	for (int i = 0; i < BUFFERS; i++)
		fds[i] = p_buffer(P_BLOCK, rx, tx);
	p_reset();
}

static int t_link_to(const int32_t *sinks, unsigned int count, uint64_t blocks, uint32_t flags)
{
	struct cen_port_link arg = {
		.buffers = (uintptr_t)fds, .buffer_count = BUFFERS,
		.sinks = (uintptr_t)sinks, .sink_count = count,
		.length = P_BLOCK, .blocks = blocks, .flags = flags,
	};
	int ret = t_ioctl(rx, CEN_PORT_IOC_LINK, &arg);

	return ret < 0 ? ret : arg.fd;
}

static int t_link(uint64_t blocks, uint32_t flags)
{
	int32_t sinks[] = { tx };

	return t_link_to(sinks, 1, blocks, flags);
}

static struct cen_link_stats stats(int link)
{
	struct cen_link_stats s;

	assert_ok(t_ioctl(link, CEN_LINK_IOC_STATS, &s));
	return s;
}

static int stop(int link, uint32_t mode)
{
	struct cen_link_stop arg = { .mode = mode };

	return t_ioctl(link, CEN_LINK_IOC_STOP, &arg);
}

static void a_number_of_blocks(void **state)
{
	(void)state;
	struct cen_link_stats s;
	uint64_t sum = 0;
	int link;

	make();
	link = t_link(100, 0);
	assert_ok(link);
	assert_true(p_poll(link, POLLIN, 20000) & POLLHUP);
	s = stats(link);
	assert_u64_equal(s.blocks, 100);
	assert_u64_equal(s.bytes, 100 * P_BLOCK);
	assert_int_equal(s.status, 0);
	assert_int_equal(s.running, 0);
	for (int i = 0; i < CEN_LINK_BUCKETS; i++)
		sum += s.latency[i];
	assert_u64_equal(sum, 100);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	close(link);
}

static void until_stopped(void **state)
{
	(void)state;
	struct cen_link_stats s;
	uint64_t sent;
	int link;

	make();
	sent = p_get("tx/bytes");
	link = t_link(0, 0);
	assert_ok(link);
	while (stats(link).blocks < 20)
		usleep(1000);
	assert_ok(stop(link, CEN_LINK_STOP_DRAIN));
	s = stats(link);
	assert_int_equal(s.running, 0);
	assert_int_equal(s.status, 0);
	/* drained: what the sink got is what the link counted, and nothing was torn */
	assert_u64_equal(p_get("tx/bytes") - sent, s.bytes);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	assert_errno(stop(link, 2), EINVAL);
	close(link);
}

static void owns_its_buffers(void **state)
{
	(void)state;
	int link;

	make();
	link = t_link(0, 0);
	assert_ok(link);
	assert_errno(p_enqueue(rx, fds[0], 0), EBUSY);
	assert_errno(p_detach(tx, fds[0]), EBUSY);
	assert_errno(t_link(0, 0), EBUSY);
	close(link);
	assert_ok(p_enqueue(rx, fds[0], 0));
	assert_int_equal(p_wait(rx).status, 0);
}

/* The ports' files may go before the link: it holds them. */
static void outlives_its_files(void **state)
{
	(void)state;
	int link;

	make();
	link = t_link(0, 0);
	assert_ok(link);
	close(rx);
	close(tx);
	while (stats(link).blocks < 5)
		usleep(1000);
	close(link);
}

static void an_error_ends_it(void **state)
{
	(void)state;
	int link;

	make();
	link = t_link(0, 0);
	assert_ok(link);
	while (stats(link).blocks < 5)
		usleep(1000);
	p_set("tx/fail", "1");
	while (stats(link).running && p_get("tx/fail"))
		usleep(1000);
	assert_ok(stop(link, CEN_LINK_STOP_NOW));
	assert_int_equal(stats(link).status, -EIO);
	close(link);
}

/* A sink that hangs holds up the source. */
static void a_late_sink(void **state)
{
	(void)state;
	struct cen_link_stats s;
	uint64_t received;
	int link;

	make();
	received = p_info(rx).blocks;
	p_set("tx/hang", "1");
	link = t_link(0, 0);
	assert_ok(link);
	while (!stats(link).overruns)
		usleep(1000);
	usleep(50000);
	s = stats(link);
	assert_u64_equal(s.blocks, 0);
	assert_u64_equal(s.dropped, 0);
	assert_u64_equal(p_info(rx).blocks - received, BUFFERS);
	p_set("tx/hang", "0");
	while (stats(link).blocks < 2 * BUFFERS)
		usleep(1000);
	assert_ok(stop(link, CEN_LINK_STOP_DRAIN));
	assert_u64_equal(p_get("tx/mismatches"), 0);
	close(link);
}

/*
 * With DROP it loses blocks instead: whole ones, the oldest that it did not begin, and the
 * source goes on. Nothing else is lost, and nothing is counted twice.
 */
static void a_late_sink_loses_blocks(void **state)
{
	(void)state;
	uint64_t received, sent, dropped, wrong;
	struct cen_link_stats s;
	int link;

	make();
	received = p_info(rx).blocks;
	sent = p_info(tx).blocks;
	p_set("tx/hang", "1");
	link = t_link(0, CEN_LINK_DROP);
	assert_ok(link);
	while (stats(link).dropped < 3 * BUFFERS)
		usleep(1000);
	s = stats(link);
	assert_u64_equal(s.blocks, 0);
	assert_true(s.overruns >= s.dropped);
	assert_true(p_info(rx).blocks - received > 3 * BUFFERS);
	/* what the hardware had is older than all that was dropped: sent whole, and first */
	p_set("rx/hang", "1");
	dropped = stats(link).dropped;
	p_set("tx/hang", "0");
	while (stats(link).blocks < 4)
		usleep(1000);
	wrong = p_get("tx/mismatches");
	p_set("rx/hang", "0");
	while (stats(link).blocks < 4 * BUFFERS)
		usleep(1000);
	assert_ok(stop(link, CEN_LINK_STOP_DRAIN));
	s = stats(link);
	assert_int_equal(s.status, 0);
	assert_true(s.dropped >= dropped);
	assert_u64_equal(p_info(tx).blocks - sent, s.blocks);
	assert_u64_equal(p_info(rx).blocks - received, s.blocks + s.dropped);
	/* the gap shows in the data, and only once the late blocks were through */
	assert_u64_not_equal(p_get("tx/mismatches"), 0);
	assert_true(p_get("tx/mismatches") >= wrong);
	close(link);
}

static void both_hang(const char *value)
{
	p_set("tx/hang", value);
	assert_ok(t_write_file("/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.1/tx/hang", value));
}

/*
 * Two sinks go on one after the other while blocks are taken back from them: each block is
 * counted once, and only as dropped when no sink sent it.
 */
static void a_block_arrives_or_is_dropped(void **state)
{
	(void)state;
	uint64_t received, sent[2];
	struct cen_link_stats s;
	int32_t sinks[2];
	int link;

	make();
	sinks[0] = tx;
	sinks[1] = p_open("sdr1-tx");
	for (int i = 0; i < BUFFERS; i++)
		assert_ok(p_attach(sinks[1], fds[i]));
	received = p_info(rx).blocks;
	for (int i = 0; i < 2; i++)
		sent[i] = p_info(sinks[i]).blocks;
	link = t_link_to(sinks, 2, 0, CEN_LINK_DROP);
	assert_ok(link);
	for (int round = 0; round < 30; round++) {
		uint64_t before = stats(link).overruns;

		both_hang("1");
		/* nothing is dropped if one sink was through with all when the other began to hang */
		for (int i = 0; i < 20 && stats(link).overruns < before + 2; i++)
			usleep(1000);
		before = stats(link).blocks;
		both_hang("0");
		while (stats(link).blocks < before + 2)
			usleep(1000);
	}
	assert_ok(stop(link, CEN_LINK_STOP_DRAIN));
	s = stats(link);
	assert_int_equal(s.status, 0);
	assert_u64_equal(p_info(rx).blocks - received, s.blocks + s.dropped);
	for (int i = 0; i < 2; i++)
		assert_true(p_info(sinks[i]).blocks - sent[i] <= s.blocks);
	close(link);
}

/* What a link does is in /proc for those who may look, and goes with it. */
static void fdinfo_tells(void **state)
{
	(void)state;
	char path[64], text[1024];
	int link;

	make();
	link = t_link(100, 0);
	assert_ok(link);
	assert_true(p_poll(link, POLLIN, 20000) & POLLHUP);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", link);
	assert_true(t_read_file(path, text, sizeof(text)));
	assert_non_null(strstr(text, "cen-link-source:\tsdr0-rx\n"));
	assert_non_null(strstr(text, "cen-link-sinks:\tsdr0-tx\n"));
	assert_non_null(strstr(text, "cen-link-blocks:\t100\n"));
	assert_non_null(strstr(text, "cen-link-running:\t0\n"));
	assert_true(t_read_file("/sys/kernel/debug/cen_port/links", text, sizeof(text)));
	assert_non_null(strstr(text, "cen-link-source:\tsdr0-rx\n"));
	close(link);
	t_read_file("/sys/kernel/debug/cen_port/links", text, sizeof(text));
	assert_null(strstr(text, "cen-link"));
}

static void bad_arguments(void **state)
{
	(void)state;
	int32_t sinks[1];
	struct cen_port_link arg;

	make();
	sinks[0] = tx;
	arg = (struct cen_port_link) {
		.buffers = (uintptr_t)fds, .buffer_count = 1,
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK,
	};
	assert_errno(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg), EINVAL);	/* one buffer */
	arg.buffer_count = 2;
	assert_errno(t_ioctl(tx, CEN_PORT_IOC_LINK, &arg), EINVAL);	/* from a sink */
	sinks[0] = rx;
	assert_errno(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg), EINVAL);	/* to a source */
	sinks[0] = t_cen;
	assert_errno(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg), EBADF);	/* to no port */
	sinks[0] = tx;
	arg.length = 2 * P_BLOCK;
	assert_errno(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg), EINVAL);	/* beyond the buffers */
	arg.length = P_BLOCK;
	arg.buffers = 8;
	assert_errno(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg), EFAULT);
	assert_int_equal(p_info(rx).links, 0);
	assert_int_equal(p_info(tx).links, 0);
}

/* The last test: the radio is gone afterwards. */
static void unplug_ends_it(void **state)
{
	(void)state;
	int link;

	make();
	link = t_link(0, 0);
	assert_ok(link);
	while (stats(link).blocks < 5)
		usleep(1000);
	p_set("unplug", "1");
	assert_true(p_poll(link, POLLIN, 5000) & POLLHUP);
	assert_int_equal(stats(link).status, -ENODEV);
	close(link);
	close(rx);
	close(tx);
}

static const struct CMUnitTest tests[] = {
	t_test(a_number_of_blocks),
	t_test(until_stopped),
	t_test(owns_its_buffers),
	t_test(outlives_its_files),
	t_test(an_error_ends_it),
	t_test(a_late_sink),
	t_test(a_late_sink_loses_blocks),
	t_test(a_block_arrives_or_is_dropped),
	t_test(fdinfo_tells),
	t_test(bad_arguments),
	t_test(unplug_ends_it),
};

int main(void)
{
	int ret;

	p_load("devices=2");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
