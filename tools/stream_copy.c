// SPDX-License-Identifier: GPL-2.0
/*
 * The classic stream, to compare with: every byte is read into this program's memory and written
 * from there. IIO devices and files are read and written; ports know whole buffers only, so
 * that we are the one who copies from and to theirs.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

/*
 * One end's own share of the blocks: those the device has, those that can be copied. A source is
 * not waited for when somebody says stop, also just before poll(); a sink gives back what it has,
 * and whom that takes too long has the second signal.
 */
static int port_wait(struct stream *stream, struct endpoint *end, struct ended *ended)
{
	for (;;) {
		int count = end->ops->reap(end, ended, 1);
		struct pollfd fd = { .fd = end->ops->poll_fd(end), .events = POLLIN };

		if (count < 0)
			flow_error(errno, "%s", cen_error());
		else if (count && ended->status)
			flow_error(-ended->status, "%s: %s", end->spec, strerror(-ended->status));
		else if (count)
			return 0;
		if (flow_failed() || (!end->sink && flow_stopped()))
			return -1;
		(void)poll(&fd, 1, 1000);
		flow_progress(&stream->flow);
	}
}

static int port_copy(struct block *block, void *data, size_t length, bool to_device)
{
	void *at = cen_map_data(block->map);

	CEN_SYNC_GUARD(guard);

	if (cen_sync_begin(&guard, block->buf, 0, 0, to_device ? CEN_SYNC_WRITE : CEN_SYNC_READ)) {
		flow_error(errno, "%s", cen_error());
		return -1;
	}
	if (to_device)
		memcpy(at, data, length);
	else
		memcpy(data, at, length);
	return 0;
}

static int port_put(struct endpoint *end, struct block *block, uint64_t length)
{
	if (!end->ops->enqueue(end, block, length))
		return 0;
	flow_error(errno, "%s", cen_error());
	return -1;
}

/* The next block's bytes; 0: an empty packet, which only ports have. -1: there is no more. */
static ssize_t source_bytes(struct stream *stream, void *data, size_t length)
{
	struct endpoint *from = &stream->from;
	struct ended ended;
	ssize_t got;

	if (!from->port) {
		got = read_all(from, data, length);
		if (got < 0)
			flow_error((int)-got, "%s: %s", from->spec, strerror((int)-got));
		return got > 0 ? got : -1;
	}
	if (port_wait(stream, from, &ended) ||
	    port_copy(&stream->blocks[ended.index], data, (size_t)ended.actual, false) ||
	    port_put(from, &stream->blocks[ended.index], length))
		return -1;
	return (ssize_t)ended.actual;
}

/* The sinks' blocks go in order. */
static struct block *sink_block(struct stream *stream, uint64_t turn)
{
	unsigned int half = stream->depth / 2;

	return &stream->blocks[half + turn % half];
}

static ssize_t sink_bytes(struct stream *stream, struct endpoint *to, uint64_t turn, void *data,
			  size_t length)
{
	struct block *block = sink_block(stream, turn);

	if (!to->port)
		return write_all(to, data, length);
	if (port_copy(block, data, length, true) || port_put(to, block, length))
		return -EIO;
	return (ssize_t)length;
}

/* A file ends where it ends, which may be within a sample. Packets of ports are not ours to cut. */
static ssize_t whole_samples(struct stream *stream, ssize_t got)
{
	uint64_t rest = got > 0 && !stream->from.port ? (uint64_t)got % stream->granule : 0;

	stream->flow.lost += rest;
	return got - (ssize_t)rest;
}

/* What was read goes to every sink. */
static int fill_sinks(struct stream *stream, uint64_t turn, void *data, size_t length,
		      uint64_t filled)
{
	struct block *block = sink_block(stream, turn);

	for (unsigned int i = 0; i < stream->to_count; i++) {
		ssize_t put = sink_bytes(stream, &stream->to[i], turn, data, length);

		if (put < 0) {
			flow_error((int)-put, "%s: %s", stream->to[i].spec, strerror((int)-put));
			return -1;
		}
	}
	block->length = length;
	block->filled = filled;
	block->emptied = flow_now();
	return 0;
}

/* Ports give back what they got in @turn. It counts when all have it. */
static int empty_sinks(struct stream *stream, uint64_t turn)
{
	struct block *block = sink_block(stream, turn);
	uint64_t when = block->emptied;
	struct ended ended;
	int error = 0;

	for (unsigned int i = 0; i < stream->to_count; i++) {
		if (!stream->to[i].port)
			continue;
		if (port_wait(stream, &stream->to[i], &ended))
			error = -1;
		else if (ended.time > when)
			when = ended.time;
	}
	if (!error)
		flow_count(&stream->flow, block->length, block->filled, when);
	return error;
}

static int start_all(struct stream *stream)
{
	for (unsigned int i = 0; i <= stream->to_count; i++) {
		struct endpoint *end = i ? &stream->to[i - 1] : &stream->from;

		if (end->iio && iio_end_enable(end, stream->size))
			return -1;
	}
	for (unsigned int i = 0; stream->from.port && i < stream->depth / 2; i++)
		if (port_put(&stream->from, &stream->blocks[i], stream->size))
			return -1;
	return 0;
}

void stream_copy(struct stream *stream)
{
	void *data = malloc((size_t)stream->size);
	uint64_t begun = 0, turn = 0, done = 0;

	if (!data) {
		flow_error(ENOMEM, "out of memory");
		return;
	}
	flow_begin(&stream->flow);
	if (start_all(stream))
		goto out;
	while (!flow_stopped() && !flow_failed() && (!stream->limit || begun < stream->limit)) {
		ssize_t got = source_bytes(stream, data, (size_t)stream->size);
		ssize_t whole = whole_samples(stream, got);
		uint64_t filled = flow_now();

		begun++;
		if (!got) {
			/* an empty packet: there is nothing to deliver */
			flow_count(&stream->flow, 0, filled, filled);
			continue;
		}
		if (whole <= 0)
			break;
		if (turn - done == stream->depth / 2 && empty_sinks(stream, done++))
			break;
		if (fill_sinks(stream, turn, data, (size_t)whole, filled))
			break;
		turn++;
		flow_progress(&stream->flow);
		if (got < (ssize_t)stream->size && !stream->from.port)
			break;
	}
	/* what sinks still have is sent before the account is made */
	while (done < turn && !empty_sinks(stream, done))
		done++;
out:
	free(data);
}
