// SPDX-License-Identifier: GPL-2.0
/*
 * libcen's ports and links, on the virtual radio.
 */
#include <cen-port.h>

#include "port.h"

#define BUFFERS	6

static struct cen_ctx *ctx;
static struct cen_port *rx, *tx, *ports[2];
static struct cen_buffer *bufs[BUFFERS];

static int open_all(void **state)
{
	if (t_setup(state))
		return -1;
	ctx = cen_ctx_open(CEN_CTX_MODULE);
	ports[0] = rx = cen_port_open("sdr0-rx");
	ports[1] = tx = cen_port_open("/dev/cen/sdr0-tx");
	if (!ctx || !rx || !tx)
		return -1;
	p_reset();
	for (int i = 0; i < BUFFERS; i++) {
		bufs[i] = cen_port_buffer_new(ctx, ports, 2, P_BLOCK);
		if (!bufs[i])
			return -1;
	}
	return 0;
}

static int close_all(void **state)
{
	for (int i = 0; i < BUFFERS; i++)
		cen_buffer_free(bufs[i]);
	cen_port_close(rx);
	cen_port_close(tx);
	cen_ctx_close(ctx);
	return t_teardown(state);
}

static void a_port_tells_what_it_is(void **state)
{
	struct cen_port_info info;

	(void)state;
	assert_string_equal(cen_port_name(rx), "sdr0-rx");
	assert_false(cen_port_is_sink(rx));
	assert_true(cen_port_is_sink(tx));
	assert_int_equal(cen_port_get_info(rx, &info), 0);
	assert_string_equal(info.device, P_DEVICE);
	assert_int_equal(info.attached, BUFFERS);
}

static void what_is_no_port(void **state)
{
	(void)state;
	assert_null(cen_port_open("sdr0-rxx"));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(cen_error(), "sdr0-rx"));
	assert_null(cen_port_open("/dev/null"));
	assert_int_equal(errno, ENOTTY);
}

static void a_block_by_hand(void **state)
{
	struct cen_completion done[4];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(cen_port_enqueue(rx, bufs[i], 0, P_BLOCK, i), 0);
	/* the sink waits by itself */
	for (int i = 0; i < 3; i++)
		assert_int_equal(cen_port_enqueue(tx, bufs[i], 0, P_BLOCK, 10 + i), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cen_port_wait(tx, done, 1, 5000), 1);
		assert_u64_equal(done[0].user_data, 10 + i);
		assert_int_equal(done[0].status, 0);
	}
	assert_int_equal(cen_port_wait(rx, done, 4, 5000), 3);
	assert_int_equal(cen_port_wait(rx, done, 4, 10), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_u64_equal(p_get("tx/mismatches"), 0);
}

static void errors_have_words(void **state)
{
	(void)state;
	assert_int_equal(cen_port_attach(rx, bufs[0]), -1);
	assert_int_equal(errno, EBUSY);
	assert_non_null(strstr(cen_error(), "attached already"));
	assert_int_equal(cen_port_enqueue(rx, bufs[0], 4, P_BLOCK, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(cen_error(), "multiples of 8"));
	assert_int_equal(cen_port_detach(rx, bufs[0]), 0);
	assert_int_equal(cen_port_enqueue(rx, bufs[0], 0, P_BLOCK, 0), -1);
	assert_int_equal(errno, ENOENT);
	assert_null(cen_port_buffer_new(ctx, ports, 0, P_BLOCK));
	assert_int_equal(errno, EINVAL);
}

/* What no memory can serve is explained, and nothing stays attached. */
static void a_refusal_is_explained(void **state)
{
	(void)state;
	assert_null(cen_port_buffer_new(ctx, ports, 2, 1ULL << 46));
	assert_true(strlen(cen_error()) > 20);
	struct cen_port_info info;

	assert_int_equal(cen_port_get_info(rx, &info), 0);
	assert_int_equal(info.attached, BUFFERS);
}

static void cancel_tells_how_many(void **state)
{
	struct cen_completion done[4];

	(void)state;
	p_set("rx/hang", "1");
	for (int i = 0; i < 4; i++)
		assert_int_equal(cen_port_enqueue(rx, bufs[i], 0, P_BLOCK, i), 0);
	assert_int_equal(cen_port_cancel(rx, 2), 1);
	assert_int_equal(cen_port_cancel_all(rx), 3);
	p_set("rx/hang", "0");
	for (int got = 0; got < 4;) {
		int n = cen_port_wait(rx, done, 4, 5000);

		assert_true(n > 0);
		for (int i = 0; i < n; i++)
			assert_int_equal(done[i].status, -ECANCELED);
		got += n;
	}
}

static void a_link_of_some_blocks(void **state)
{
	struct cen_link *link = cen_link_new(rx, &tx, 1, bufs, BUFFERS, P_BLOCK, 50, 0);
	struct cen_link_stats stats;

	(void)state;
	assert_non_null(link);
	assert_int_equal(cen_link_wait(link, 20000 * t_slow()), 0);
	assert_int_equal(cen_link_get_stats(link, &stats), 0);
	assert_u64_equal(stats.blocks, 50);
	assert_int_equal(stats.status, 0);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	cen_link_free(link);
}

/* Others see it: in /proc, without a privilege beyond looking into the process. */
static void links_are_listed(void **state)
{
	struct cen_link *link = cen_link_new(rx, &tx, 1, bufs, BUFFERS, P_BLOCK, 0, 0);
	const struct cen_link_entry *entry;
	struct cen_link_list *list;
	struct cen_link_stats stats;
	size_t hidden;

	(void)state;
	assert_non_null(link);
	assert_int_equal(cen_link_wait(link, 10), -1);
	assert_int_equal(errno, ETIMEDOUT);
	do {
		assert_int_equal(cen_link_get_stats(link, &stats), 0);
	} while (stats.blocks < 3);
	list = cen_link_list_new(&hidden);
	assert_non_null(list);
	assert_int_equal(cen_link_list_count(list), 1);
	entry = cen_link_list_get(list, 0);
	assert_int_equal(entry->pid, getpid());
	assert_string_equal(entry->source, "sdr0-rx");
	assert_string_equal(entry->sinks, "sdr0-tx");
	assert_int_equal(entry->buffers, BUFFERS);
	assert_u64_equal(entry->length, P_BLOCK);
	assert_int_equal(entry->stats.running, 1);
	assert_true(entry->stats.blocks >= 3);
	assert_true(entry->stats.latency_ns_total > 0);
	cen_link_list_free(list);
	assert_int_equal(cen_link_stop(link, CEN_LINK_STOP_DRAIN), 0);
	assert_int_equal(cen_port_enqueue(rx, bufs[0], 0, P_BLOCK, 0), -1);
	assert_int_equal(errno, EBUSY);
	cen_link_free(link);
}

static void a_link_that_cannot_be(void **state)
{
	(void)state;
	assert_null(cen_link_new(rx, &tx, 1, bufs, 1, P_BLOCK, 0, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_link_new(tx, &rx, 1, bufs, BUFFERS, P_BLOCK, 0, 0));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(cen_port_detach(tx, bufs[2]), 0);
	assert_null(cen_link_new(rx, &tx, 1, bufs, BUFFERS, P_BLOCK, 0, 0));
	assert_int_equal(errno, ENOENT);
}

/* Ports are listed by sysfs, with what ioctls tell. */
static void ports_are_listed(void **state)
{
	struct cen_port_list *list = cen_port_list_new();
	const struct cen_port_info *info;
	struct cen_completion done;
	struct cen_port_info asked;

	(void)state;
	assert_non_null(list);
	assert_int_equal(cen_port_list_count(list), 2);
	cen_port_list_free(list);
	assert_int_equal(cen_port_enqueue(rx, bufs[0], 0, P_BLOCK, 0), 0);
	assert_int_equal(cen_port_wait(rx, &done, 1, 5000), 1);
	list = cen_port_list_new();
	info = cen_port_list_get(list, 0);
	assert_int_equal(cen_port_get_info(rx, &asked), 0);
	assert_string_equal(info->name, "sdr0-rx");
	assert_string_equal(info->device, asked.device);
	assert_int_equal(info->direction, CEN_PORT_SOURCE);
	assert_u64_equal(info->blocks, asked.blocks);
	assert_u64_equal(info->bytes, asked.bytes);
	assert_int_equal(info->attached, BUFFERS);
	assert_u64_equal(info->granule, 8);
	assert_int_equal(info->flags, CEN_PORT_CYCLIC);
	assert_string_equal(cen_port_list_get(list, 1)->name, "sdr0-tx");
	assert_int_equal(cen_port_list_get(list, 1)->direction, CEN_PORT_SINK);
	assert_null(cen_port_list_get(list, 2));
	cen_port_list_free(list);
}

#define s_test(f)	cmocka_unit_test_setup_teardown(f, open_all, close_all)
static const struct CMUnitTest tests[] = {
	s_test(a_port_tells_what_it_is),
	s_test(what_is_no_port),
	s_test(a_block_by_hand),
	s_test(errors_have_words),
	s_test(a_refusal_is_explained),
	s_test(cancel_tells_how_many),
	s_test(a_link_of_some_blocks),
	s_test(links_are_listed),
	s_test(a_link_that_cannot_be),
	s_test(ports_are_listed),
};

int main(void)
{
	int ret;

	p_load("");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
