// SPDX-License-Identifier: GPL-2.0
/*
 * The stream without copies. A block goes from the idle ring to the source, from the source to
 * all sinks at once, from the last sink back. Devices work while we wait in one poll(); files
 * are read and written in between, straight from and to the buffers' maps.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "stream.h"

#define NS		1000000000ULL
#define DRAIN_NS	(2 * NS)	/* after an error, what can be delivered still is */

static void block_idle(struct stream *stream, struct block *block)
{
	unsigned int slot = (stream->idle_first + stream->idle_count++) % stream->depth;

	stream->idle[slot] = block->index;
}

static struct block *block_take(struct stream *stream)
{
	struct block *block = &stream->blocks[stream->idle[stream->idle_first]];

	stream->idle_first = (stream->idle_first + 1) % stream->depth;
	stream->idle_count--;
	return block;
}

static bool at_limit(const struct stream *stream)
{
	return stream->limit && stream->begun >= stream->limit;
}

/* A block that left the idle ring comes back. */
static void block_landed(struct stream *stream, struct block *block)
{
	stream->flying--;
	block_idle(stream, block);
}

/* All sinks are done with a block. It counts when all have got it. */
static void block_emptied(struct stream *stream, struct block *block, uint64_t when)
{
	if (!block->failed)
		flow_count(&stream->flow, block->length, block->filled, when);
	block_landed(stream, block);
}

static void block_failed(struct block *block, struct endpoint *to)
{
	block->failed = true;
	to->broken = true;
}

/* CPU access to a block, for a file. */
static ssize_t block_file(const struct endpoint *end, struct block *block, uint64_t length,
			  bool write)
{
	ssize_t done;

	CEN_SYNC_GUARD(guard);

	if (cen_sync_begin(&guard, block->buf, 0, 0, write ? CEN_SYNC_READ : CEN_SYNC_WRITE)) {
		flow_error(errno, "%s", cen_error());
		return -errno;
	}
	done = write ? write_all(end, cen_map_data(block->map), (size_t)length) :
		       read_all(end, cen_map_data(block->map), (size_t)length);
	if (done < 0)
		flow_error((int)-done, "%s: %s", end->spec, strerror((int)-done));
	return done;
}

/* A filled block goes to every sink. Devices first: they work while files are written. */
static void block_filled(struct stream *stream, struct block *block)
{
	block->pending = 1;	/* ours, until all have it */
	for (unsigned int i = 0; i < stream->to_count; i++) {
		struct endpoint *to = &stream->to[i];

		if (!to->ops)
			continue;
		if (to->broken) {
			block->failed = true;
		} else if (to->ops->enqueue(to, block, block->length)) {
			flow_error(errno, "%s", cen_error());
			block_failed(block, to);
		} else {
			block->pending++;
		}
	}
	for (unsigned int i = 0; i < stream->to_count; i++) {
		struct endpoint *to = &stream->to[i];

		if (!to->ops && (to->broken || block_file(to, block, block->length, true) < 0))
			block_failed(block, to);
	}
	if (!--block->pending)
		block_emptied(stream, block, flow_now());
}

/* The source's end: a file's, or somebody said stop, or something broke. */
static void stream_end(struct stream *stream)
{
	if (stream->ending)
		return;
	stream->ending = true;
	if (stream->from.ops && stream->at_source)
		stream->from.ops->cancel(&stream->from);
}

static void fill_from_file(struct stream *stream, struct block *block)
{
	ssize_t got = block_file(&stream->from, block, stream->size, false);
	uint64_t rest;

	if (got < (ssize_t)stream->size)
		stream->ending = true;
	if (got < 0)
		got = 0;
	/* only the last block has any: whole ones are multiples */
	rest = (uint64_t)got % stream->granule;
	stream->flow.lost += rest;
	block->length = (uint64_t)got - rest;
	block->filled = flow_now();
	block->failed = false;
	if (block->length)
		block_filled(stream, block);
	else
		block_landed(stream, block);
}

/* When the next block may begin, so that @rate is kept. */
static uint64_t next_due(const struct stream *stream)
{
	if (!stream->rate)
		return 0;
	return stream->flow.began + (uint64_t)((double)stream->begun * (double)stream->size *
					       (double)NS / (double)stream->rate);
}

static bool source_may_have(const struct stream *stream)
{
	return stream->idle_count && !stream->ending && !at_limit(stream);
}

/* Give the source what is idle. A file is read once a turn, so that sinks are looked after. */
static void feed_source(struct stream *stream)
{
	while (source_may_have(stream) && next_due(stream) <= flow_now()) {
		struct block *block = block_take(stream);

		stream->begun++;
		stream->flying++;
		if (!stream->from.ops) {
			fill_from_file(stream, block);
			return;
		}
		if (stream->from.ops->enqueue(&stream->from, block, stream->size)) {
			flow_error(errno, "%s", cen_error());
			block_landed(stream, block);
			return;
		}
		stream->at_source++;
	}
}

static void source_ended(struct stream *stream, const struct ended *ended)
{
	struct block *block = &stream->blocks[ended->index];

	stream->at_source--;
	if (ended->status) {
		if (ended->actual)
			stream->gap = true;
		if (!stream->ending || ended->status != -ECANCELED)
			flow_error(-ended->status, "%s: %s", stream->from.spec,
				   strerror(-ended->status));
		block_landed(stream, block);
		return;
	}
	if (stream->gap) {
		stream->flow.lost += ended->actual;
		block_landed(stream, block);
		return;
	}
	if (!stream->at_source && !stream->ending && !at_limit(stream) && !stream->rate)
		stream->flow.stats.overruns++;
	block->length = ended->actual;
	block->filled = ended->time;
	block->failed = false;
	/* an empty packet: there is nothing to deliver */
	if (block->length)
		block_filled(stream, block);
	else
		block_emptied(stream, block, ended->time);
}

static void sink_ended(struct stream *stream, struct endpoint *end, const struct ended *ended)
{
	struct block *block = &stream->blocks[ended->index];

	if (ended->status) {
		flow_error(-ended->status, "%s: %s", end->spec, strerror(-ended->status));
		block_failed(block, end);
	}
	if (!--block->pending)
		block_emptied(stream, block, ended->time);
}

static void reap(struct stream *stream, struct endpoint *end)
{
	struct ended list[32];
	int count = end->ops->reap(end, list, sizeof(list) / sizeof(list[0]));

	if (count < 0)
		flow_error(errno, "%s", cen_error());
	for (int i = 0; i < count; i++) {
		if (end == &stream->from)
			source_ended(stream, &list[i]);
		else
			sink_ended(stream, end, &list[i]);
	}
}

/*
 * Milliseconds until the next block is due or progress is to be shown. One that is due now, a
 * file's or one that became due since feed_source() looked, it takes in the next turn.
 */
static int patience(const struct stream *stream)
{
	uint64_t due = next_due(stream), now = flow_now();

	if (!source_may_have(stream) || (due > now && due - now >= NS))
		return 1000;
	return due > now ? (int)((due - now) / 1000000) + 1 : 0;
}

static void wait_for_devices(struct stream *stream)
{
	struct pollfd fds[SINKS_MAX + 1];
	unsigned int count = 0;

	for (unsigned int i = 0; i <= stream->to_count; i++) {
		struct endpoint *end = i ? &stream->to[i - 1] : &stream->from;

		if (end->ops)
			fds[count++] = (struct pollfd) { .fd = end->ops->poll_fd(end), .events = POLLIN };
	}
	if (poll(fds, count, patience(stream)) <= 0)
		return;
	/* sinks first: what they give back the source gets in this turn */
	for (unsigned int i = stream->to_count + 1; i--;) {
		struct endpoint *end = i ? &stream->to[i - 1] : &stream->from;

		if (end->ops)
			reap(stream, end);
	}
}

void stream_run(struct stream *stream)
{
	uint64_t give_up = 0;

	for (unsigned int i = 0; i < stream->depth; i++)
		block_idle(stream, &stream->blocks[i]);
	flow_begin(&stream->flow);
	for (unsigned int i = 0; i < stream->to_count; i++)
		if (stream->to[i].ops && stream->to[i].ops->start(&stream->to[i]))
			return;
	/*
	 * The source has its blocks before it runs: an IIO device tells how a block ended by its
	 * fence alone, and of one that ended before we have the fence, nobody knows.
	 */
	if (stream->from.ops) {
		feed_source(stream);
		if (stream->from.ops->start(&stream->from))
			return;
	}
	do {
		feed_source(stream);
		if (flow_stopped() || flow_failed())
			stream_end(stream);
		if (flow_failed() && !give_up)
			give_up = flow_now() + DRAIN_NS;
		if (!stream->flying && (stream->ending || at_limit(stream)))
			break;
		wait_for_devices(stream);
		flow_progress(&stream->flow);
	} while (!give_up || flow_now() < give_up);
}
