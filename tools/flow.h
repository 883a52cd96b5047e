/* SPDX-License-Identifier: GPL-2.0 */
/* What streams and links share: being stopped, progress, and the account at the end. */
#ifndef _CENCTL_FLOW_H
#define _CENCTL_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include <cen-port.h>

/* SIGINT and SIGTERM end it cleanly, the second at once. */
void flow_catch_signals(void);
/* The signal that came, or 0. */
int flow_stopped(void);
/* Wait until @fd has something to read; -1: somebody says stop, or said so before. */
int flow_await_input(int fd);

/* CLOCK_MONOTONIC and this process's CPU time, ns. */
uint64_t flow_now(void);
uint64_t flow_cpu(void);

/* The first error of a stream: the verdict's text. Later ones are not its cause. */
void flow_error(int error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* It, positive, or 0. */
int flow_failed(void);
const char *flow_why(void);

/**
 * struct flow - what is known about a stream or link
 * @mode: "stream", "copy" or "link"
 * @from, @to: specifications as given
 * @size: bytes of a block
 * @buffers: how many circulate
 * @wanted: blocks to move, 0: until stopped
 * @stats: as a link counts
 * @lost: bytes that were no whole samples at the end of a file
 */
struct flow {
	const char *mode;
	const char *from;
	const char * const *to;
	unsigned int to_count;
	uint64_t size;
	unsigned int buffers;
	uint64_t wanted;
	struct cen_link_stats stats;
	uint64_t lost;
	uint64_t began;			/* ns */
	uint64_t began_cpu;
	uint64_t shown;			/* progress: when, and bytes then */
	uint64_t shown_bytes;
	bool progress;
};

void flow_begin(struct flow *flow);
/* A block went through: @filled is when the source was done, @emptied the last sink. */
void flow_count(struct flow *flow, uint64_t bytes, uint64_t filled, uint64_t emptied);
/* A line on standard error once a second, when somebody looks. */
void flow_progress(struct flow *flow);
/* The account on standard output, or standard error when data goes there. Returns the exit code. */
int flow_end(struct flow *flow, bool json);

#endif /* _CENCTL_FLOW_H */
