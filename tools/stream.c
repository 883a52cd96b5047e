// SPDX-License-Identifier: GPL-2.0
/* cenctl stream: data from device to device, or from and to files. */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cenctl.h"
#include "flow_options.h"
#include "stream.h"

enum {
	KEY_RATE = FLOW_KEY_OWN,
	KEY_COPY,
};

struct options {
	struct flow_options flow;
	uint64_t rate;
	bool copy;
};

static const struct argp_option list[] = {
	{ "from", FLOW_KEY_FROM, "SOURCE", 0,
	  "port:NAME, usb:NAME, iio:DEVICE or file:PATH; \"-\" is standard input", 1 },
	{ "to", FLOW_KEY_TO, "SINK", 0,
	  "the same, \"-\" is standard output; repeatable: each block goes to all of them", 1 },
	{ "size", 's', "BYTES", 0, "size of a block (1M); suffixes K, M, G, T", 2 },
	{ "blocks", 'n', "NUMBER", 0, "end after so many blocks; without: when interrupted", 2 },
	{ "depth", 'd', "NUMBER", 0, "buffers that go round, 2 to 1024 (8)", 2 },
	{ "rate", KEY_RATE, "BYTES", 0, "at most so many bytes a second", 2 },
	{ "copy", KEY_COPY, 0, 0,
	  "the classic way, to compare with: read() and write() through this program's memory", 2 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_RATE:
		options->rate = flow_number(state, "--rate", arg, 0);
		return 0;
	case KEY_COPY:
		options->copy = true;
		return 0;
	case ARGP_KEY_END:
		if (options->copy && options->rate)
			argp_error(state, "--copy and --rate exclude each other");
		return flow_parse(key, arg, state, &options->flow);
	default:
		return flow_parse(key, arg, state, &options->flow);
	}
}

static const struct argp_child children[] = { { &common_argp, 0, 0, 0 }, { 0 } };
static const struct argp argp = {
	list, parse, 0,
	"Let data flow from a source to sinks in buffers that fit all their devices. Nobody copies it; a "
	"file is read and written straight from and to the buffers."
	"\vCtrl-C ends it cleanly: what the source has filled is delivered, and the account is "
	"printed. Exit status: 0 done, 1 no buffer fits, 2 usage, 3 no allocator, 4 a device failed, 128 + "
	"signal when interrupted.",
	children, 0, 0
};

/* What is wrong with what was said is told before anything is touched. */
static int check_ends(const struct options *options)
{
	bool device, any;
	int code = endpoint_check(options->flow.from, &any);

	for (unsigned int i = 0; code == EXIT_OK && i < options->flow.to_count; i++) {
		code = endpoint_check(options->flow.to[i], &device);
		any = any || (code == EXIT_OK && device);
	}
	if (code == EXIT_OK && !any) {
		warnx("from file to file: cp(1) does that better");
		code = EXIT_USAGE;
	}
	return code;
}

static int open_ends(struct stream *stream, const struct options *options)
{
	int code = endpoint_open(&stream->from, options->flow.from, false);

	for (unsigned int i = 0; code == EXIT_OK && i < options->flow.to_count; i++) {
		code = endpoint_open(&stream->to[i], options->flow.to[i], true);
		stream->to_count = i + 1;
		if (code != EXIT_OK || stream->from.ops || stream->to[i].ops ||
		    !file_is_same(&stream->from, &stream->to[i]))
			continue;
		warnx("%s and %s are the same file", stream->from.spec, stream->to[i].spec);
		code = EXIT_USAGE;
	}
	return code;
}

/* Nothing can go wrong any more before data flows: now old data may go. */
static int empty_files(struct stream *stream)
{
	int code = EXIT_OK;

	for (unsigned int i = 0; code == EXIT_OK && i < stream->to_count; i++)
		if (!stream->to[i].ops)
			code = file_empty(&stream->to[i]);
	return code;
}

/* Quotas and delayed writes: some file systems tell at the end only what they could not keep. */
static void close_files(struct stream *stream)
{
	for (unsigned int i = 0; i < stream->to_count; i++) {
		int error = stream->to[i].ops ? 0 : file_close(&stream->to[i]);

		if (error)
			flow_error(-error, "%s: %s", stream->to[i].spec, strerror(-error));
	}
}

/* A block that an end cannot move whole would lose its rest on the way, each time. */
static int check_size(const struct stream *stream)
{
	for (unsigned int i = 0; i <= stream->to_count; i++) {
		const struct endpoint *end = i ? &stream->to[i - 1] : &stream->from;

		if (stream->size % end->granule == 0)
			continue;
		warnx("%s: blocks of %llu bytes: multiples of %llu bytes are accepted", end->spec,
		      (unsigned long long)stream->size, (unsigned long long)end->granule);
		return EXIT_TROUBLE;
	}
	return EXIT_OK;
}

/* The least common multiple of what sinks move at once. It divides the size, and so fits. */
static uint64_t common_granule(const struct stream *stream)
{
	uint64_t all = 1;

	for (unsigned int i = 0; i < stream->to_count; i++) {
		uint64_t granule = stream->to[i].granule, a = all, b = granule;

		while (b) {
			uint64_t rest = a % b;

			a = b;
			b = rest;
		}
		all *= granule / a;
	}
	return all;
}

/* Does the CPU look into the blocks? */
static bool wants_map(const struct stream *stream, bool copy)
{
	bool file = !stream->from.ops || copy;

	for (unsigned int i = 0; i < stream->to_count; i++)
		file = file || !stream->to[i].ops;
	return file;
}

static int declare_ends(const struct stream *stream, struct cen_device_set *set)
{
	for (unsigned int i = 0; i <= stream->to_count; i++) {
		const struct endpoint *end = i ? &stream->to[i - 1] : &stream->from;

		if (end->ops && cen_device_set_add_name(set, end->device, NULL))
			return -1;
	}
	return 0;
}

/* Attach @block where it will be used. When we copy, each port has blocks of its own. */
static void attach_block(struct stream *stream, struct block *block, bool copy)
{
	bool first_half = block->index < stream->depth / 2;

	for (unsigned int i = 0; i <= stream->to_count; i++) {
		struct endpoint *end = i ? &stream->to[i - 1] : &stream->from;

		if (!end->ops || (copy && (end->iio || first_half == end->sink)))
			continue;
		if (end->ops->attach(end, block)) {
			flow_error(errno, "%s", cen_error());
			return;
		}
	}
}

static void make_block(struct stream *stream, struct cen_ctx *ctx, struct block *block,
		       const struct cen_device_set *set, bool copy)
{
	block->buf = cen_buffer_new(ctx, stream->size);
	if (!block->buf || cen_buffer_declare_set(block->buf, set) || cen_buffer_commit(block->buf)) {
		flow_error(errno, "%s", cen_error());
		return;
	}
	if (wants_map(stream, copy)) {
		block->map = cen_buffer_map(block->buf, 0, 0, PROT_READ | PROT_WRITE);
		if (!block->map) {
			flow_error(errno, "%s", cen_error());
			return;
		}
	}
	attach_block(stream, block, copy);
}

static int make_blocks(struct stream *stream, struct cen_ctx *ctx, bool copy)
{
	struct cen_device_set *set = cen_device_set_new();

	if (!set || declare_ends(stream, set))
		flow_error(errno, "%s", cen_error());
	for (unsigned int i = 0; !flow_failed() && i < stream->depth; i++) {
		stream->blocks[i].index = i;
		make_block(stream, ctx, &stream->blocks[i], set, copy);
	}
	cen_device_set_free(set);
	if (!flow_failed())
		return EXIT_OK;
	warnx("%s", flow_why());
	return failure_code(flow_failed());
}

static void free_stream(struct stream *stream)
{
	/* the ends first: closing them ends what devices still do with the buffers */
	endpoint_close(&stream->from);
	for (unsigned int i = 0; i < stream->to_count; i++)
		endpoint_close(&stream->to[i]);
	for (unsigned int i = 0; i < stream->depth; i++) {
		cen_buffer_unmap(stream->blocks[i].map);
		cen_buffer_free(stream->blocks[i].buf);
	}
	free(stream);
}

static int run(struct stream *stream, const struct options *options, struct cen_ctx *ctx)
{
	int code = open_ends(stream, options);

	if (code == EXIT_OK)
		code = check_size(stream);
	if (code != EXIT_OK)
		return code;
	stream->granule = common_granule(stream);
	code = make_blocks(stream, ctx, options->copy);
	if (code == EXIT_OK)
		code = empty_files(stream);
	if (code != EXIT_OK)
		return code;
	flow_catch_signals();
	if (options->copy)
		stream_copy(stream);
	else
		stream_run(stream);
	close_files(stream);
	return flow_end(&stream->flow, options->flow.common.json);
}

int cenctl_stream(int argc, char **argv)
{
	struct options options = { .flow = FLOW_OPTIONS_DEFAULT };
	struct stream *stream;
	struct cen_ctx *ctx;
	int code;

	parse_arguments(&argp, argc, argv, 0, &options);
	code = check_ends(&options);
	if (code != EXIT_OK)
		return code;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		err(EXIT_TROUBLE, "stream");
	stream->from.fd = -1;
	stream->size = options.flow.size;
	stream->depth = (unsigned int)options.flow.depth;
	stream->limit = options.flow.blocks;
	stream->rate = options.rate;
	stream->flow = (struct flow) {
		.mode = options.copy ? "copy" : "stream", .from = options.flow.from, .to = options.flow.to,
		.to_count = options.flow.to_count, .size = options.flow.size, .buffers = stream->depth,
		.wanted = options.flow.blocks,
	};
	ctx = open_allocator(&options.flow.common, &code);
	if (ctx)
		code = run(stream, &options, ctx);
	free_stream(stream);
	cen_ctx_close(ctx);
	return code;
}
