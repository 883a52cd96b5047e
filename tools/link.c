// SPDX-License-Identifier: GPL-2.0
/* cenctl link: buffers circulate between ports inside the kernel. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cenctl.h"
#include "endpoint.h"
#include "flow.h"
#include "flow_options.h"

enum {
	KEY_SECONDS = FLOW_KEY_OWN,
	KEY_DROP,
};

struct options {
	struct flow_options flow;
	uint64_t seconds;
	bool drop;
};

static const struct argp_option list[] = {
	{ "from", FLOW_KEY_FROM, "SOURCE", 0, "port:NAME, usb:NAME or iio:DEVICE", 1 },
	{ "to", FLOW_KEY_TO, "SINK", 0, "the same; repeatable: each block goes to all of them", 1 },
	{ "size", 's', "BYTES", 0, "size of a block (1M); suffixes K, M, G, T", 2 },
	{ "blocks", 'n', "NUMBER", 0, "end after so many blocks; without: when interrupted", 2 },
	{ "seconds", KEY_SECONDS, "NUMBER", 0, "end after so many seconds", 2 },
	{ "depth", 'd', "NUMBER", 0, "buffers that go round, 2 to 1024 (8)", 2 },
	{ "drop", KEY_DROP, 0, 0,
	  "drop blocks that no sink has begun instead of holding up the source", 2 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_SECONDS:
		options->seconds = flow_number(state, "--seconds", arg, 1);
		return 0;
	case KEY_DROP:
		options->drop = true;
		return 0;
	default:
		return flow_parse(key, arg, state, &options->flow);
	}
}

static const struct argp_child children[] = { { &common_argp, 0, 0, 0 }, { 0 } };
static const struct argp argp = {
	list, parse, 0,
	"Link a source to sinks: buffers that fit all their devices circulate inside the kernel, without a "
	"system call or a copy per block."
	"\vCtrl-C ends it cleanly: what the source has filled is delivered, and the account is "
	"printed. Exit status: 0 done, 1 no buffer fits, 2 usage, 3 no allocator, 4 a device failed, 128 + "
	"signal when interrupted.",
	children, 0, 0
};

/* The ports, source first, and the buffers between them. */
struct parts {
	struct endpoint ends[SINKS_MAX + 1];
	struct cen_port *ports[SINKS_MAX + 1];
	unsigned int count;
	struct cen_buffer **buffers;
	struct cen_link *link;
};

static int open_ends(struct parts *parts, const struct options *options)
{
	int code = EXIT_OK;

	for (unsigned int i = 0; code == EXIT_OK && i <= options->flow.to_count; i++) {
		code = endpoint_open_port(&parts->ends[i], i ? options->flow.to[i - 1] : options->flow.from, i);
		parts->ports[i] = parts->ends[i].port;
		parts->count = i + 1;
	}
	return code;
}

static int make_link(struct parts *parts, const struct options *options, struct cen_ctx *ctx)
{
	parts->buffers = calloc(options->flow.depth, sizeof(struct cen_buffer *));
	if (!parts->buffers)
		err(EXIT_TROUBLE, "buffers");
	for (uint64_t i = 0; i < options->flow.depth; i++) {
		parts->buffers[i] = cen_port_buffer_new(ctx, parts->ports, parts->count,
							options->flow.size);
		if (!parts->buffers[i])
			return report_failure(errno);
	}
	parts->link = cen_link_new(parts->ports[0], parts->ports + 1, parts->count - 1,
				   parts->buffers, options->flow.depth, options->flow.size, options->flow.blocks,
				   options->drop ? CEN_LINK_DROP : 0);
	if (!parts->link) {
		warnx("%s", cen_error());
		return EXIT_TROUBLE;
	}
	return EXIT_OK;
}

static void free_parts(struct parts *parts, uint64_t depth)
{
	cen_link_free(parts->link);
	for (unsigned int i = 0; i < parts->count; i++)
		endpoint_close(&parts->ends[i]);
	for (uint64_t i = 0; parts->buffers && i < depth; i++)
		cen_buffer_free(parts->buffers[i]);
	free(parts->buffers);
}

/*
 * Milliseconds until the time is over; a second at most: to show progress, and for a signal that
 * comes between the look at it and poll().
 */
static int patience(const struct flow *flow, uint64_t seconds)
{
	uint64_t passed = (flow_now() - flow->began) / 1000000;

	if (!seconds || seconds > passed / 1000 + 1)
		return 1000;
	return seconds * 1000 > passed ? (int)(seconds * 1000 - passed) : 0;
}

static void watch(struct parts *parts, const struct options *options, struct flow *flow)
{
	int wait, error;

	for (;;) {
		wait = patience(flow, options->seconds);
		if (!wait || flow_stopped())
			break;
		if (!cen_link_wait(parts->link, wait))
			break;
		if (flow->progress && !cen_link_get_stats(parts->link, &flow->stats))
			flow_progress(flow);
	}
	/* the second Ctrl-C does not come back from here */
	do {
		error = cen_link_stop(parts->link, CEN_LINK_STOP_DRAIN) ? errno : 0;
	} while (error == EINTR);
	if (error || cen_link_get_stats(parts->link, &flow->stats))
		flow_error(errno, "%s", cen_error());
	if (flow->stats.status == -EMSGSIZE)
		flow_error(EMSGSIZE, "%s: a block came that is no multiple of what a sink moves at once (\"granule\" in cenctl ports --json)",
			   flow->from);
	else if (flow->stats.status)
		/* the kernel does not tell which end it was */
		flow_error(-flow->stats.status, "link from %s: %s", flow->from,
			   strerror(-flow->stats.status));
}

static int run(const struct options *options, struct cen_ctx *ctx)
{
	struct flow flow = {
		.mode = "link", .from = options->flow.from, .to = options->flow.to,
		.to_count = options->flow.to_count, .size = options->flow.size,
		.buffers = (unsigned int)options->flow.depth, .wanted = options->flow.blocks,
	};
	struct parts parts = { .count = 0 };
	int code = open_ends(&parts, options);

	if (code == EXIT_OK) {
		flow_catch_signals();
		flow_begin(&flow);
		code = make_link(&parts, options, ctx);
	}
	if (code == EXIT_OK) {
		watch(&parts, options, &flow);
		code = flow_end(&flow, options->flow.common.json);
	}
	free_parts(&parts, options->flow.depth);
	return code;
}

int cenctl_link(int argc, char **argv)
{
	struct options options = { .flow = FLOW_OPTIONS_DEFAULT };
	struct cen_ctx *ctx;
	int code;

	parse_arguments(&argp, argc, argv, 0, &options);
	ctx = open_allocator(&options.flow.common, &code);
	if (!ctx)
		return code;
	code = run(&options, ctx);
	cen_ctx_close(ctx);
	return code;
}
