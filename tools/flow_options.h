/* SPDX-License-Identifier: GPL-2.0 */
/* The options that stream and link share. */
#ifndef _CENCTL_FLOW_OPTIONS_H
#define _CENCTL_FLOW_OPTIONS_H

#include <argp.h>

#include "cenctl.h"
#include "endpoint.h"

/* -s, -n and -d have their letters; a verb's own keys begin at FLOW_KEY_OWN. */
enum {
	FLOW_KEY_FROM = 0x400,
	FLOW_KEY_TO,
	FLOW_KEY_OWN,
};

/**
 * struct flow_options - what flows from where to where
 * @from, @to: specifications as given
 * @size: bytes of a block
 * @blocks: 0: until stopped
 * @depth: buffers that go round
 */
struct flow_options {
	struct common_options common;
	const char *from;
	const char *to[SINKS_MAX];
	unsigned int to_count;
	uint64_t size;
	uint64_t blocks;
	uint64_t depth;
};

#define FLOW_OPTIONS_DEFAULT	{ .size = 1 << 20, .depth = 8 }

/* @text with a suffix, @least or more; a usage error otherwise. */
uint64_t flow_number(struct argp_state *state, const char *option, const char *text,
		     uint64_t least);
/* What a verb's parser does with keys that are not its own. */
error_t flow_parse(int key, char *arg, struct argp_state *state, struct flow_options *options);

#endif
