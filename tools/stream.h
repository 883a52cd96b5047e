/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CENCTL_STREAM_H
#define _CENCTL_STREAM_H

#include "endpoint.h"
#include "flow.h"

/**
 * struct stream - from one end to others, block by block
 * @size: bytes of a block, a multiple of every end's granule
 * @granule: what all sinks can move: a file's last block is cut to a multiple of it
 * @limit: blocks to move, 0: until the end
 * @rate: bytes a second at most, 0: as fast as it goes
 * @begun: blocks the source was given or has filled
 * @at_source: those it has
 * @flying: blocks that are not idle
 * @idle: a ring of the others
 * @ending: the source gets no more
 */
struct stream {
	struct endpoint from;
	struct endpoint to[SINKS_MAX];
	unsigned int to_count;
	struct block blocks[DEPTH_MAX];
	unsigned int depth;
	uint64_t size;
	uint64_t granule;
	uint64_t limit;
	uint64_t rate;
	uint64_t begun;
	unsigned int at_source;
	unsigned int flying;
	unsigned int idle[DEPTH_MAX];
	unsigned int idle_first;
	unsigned int idle_count;
	bool gap;		/* data was lost: nothing behind it is delivered */
	bool ending;
	struct flow flow;
};

/* stream_run.c: blocks change hands, nobody copies. Errors go to flow_error(). */
void stream_run(struct stream *stream);
/* stream_copy.c: read(), write(). */
void stream_copy(struct stream *stream);

#endif /* _CENCTL_STREAM_H */
