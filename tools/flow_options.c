// SPDX-License-Identifier: GPL-2.0
/* --from, --to and the numbers of stream and link. */
#include "flow_options.h"

uint64_t flow_number(struct argp_state *state, const char *option, const char *text,
		     uint64_t least)
{
	uint64_t value;

	if (cen_size_parse(&value, text))
		argp_error(state, "%s: %s", option, cen_error());
	if (value < least)
		argp_error(state, "%s: %llu or more is accepted", option,
			   (unsigned long long)least);
	return value;
}

error_t flow_parse(int key, char *arg, struct argp_state *state, struct flow_options *options)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case FLOW_KEY_FROM:
		if (options->from)
			argp_error(state, "--from is given twice");
		options->from = arg;
		return 0;
	case FLOW_KEY_TO:
		if (options->to_count == SINKS_MAX)
			argp_error(state, "--to: at most %d are accepted", SINKS_MAX);
		options->to[options->to_count++] = arg;
		return 0;
	case 's':
		options->size = flow_number(state, "--size", arg, 1);
		return 0;
	case 'n':
		options->blocks = flow_number(state, "--blocks", arg, 1);
		return 0;
	case 'd':
		options->depth = flow_number(state, "--depth", arg, 0);
		if (options->depth < 2 || options->depth > DEPTH_MAX)
			argp_error(state, "--depth: 2 to %d are accepted", DEPTH_MAX);
		return 0;
	case ARGP_KEY_END:
		if (!options->from || !options->to_count)
			argp_error(state, "--from and --to are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
