// SPDX-License-Identifier: GPL-2.0
/* cenctl explain */
#include <errno.h>

#include "cenctl.h"

struct options {
	struct common_options common;
	struct want_options want;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->want;
		state->child_inputs[1] = &options->common;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &want_argp, 0, 0, 0 }, { &common_argp, 0, 0, 0 }, { 0 }
};
static const struct argp argp = {
	0, parse, 0,
	"Tell where a buffer for these devices would be placed, or which limit of which device rules "
	"out which heap, and what would help. Allocates nothing."
	"\vExit status: 0 a plan, 1 a refusal, 2 usage, 3 no allocator, 4 other trouble.",
	children, 0, 0
};

int cenctl_explain(int argc, char **argv)
{
	struct options options = { .common = { .json = false } };
	struct cen_explanation *exp;
	struct cen_ctx *ctx;
	int code;

	parse_arguments(&argp, argc, argv, 0, &options);
	ctx = open_allocator(&options.common, &code);
	if (!ctx)
		goto free_devices;
	exp = cen_ctx_explain(ctx, options.want.size, options.want.align, options.want.devices);
	if (!exp) {
		report_failure(errno);
		code = EXIT_TROUBLE;	/* not a verdict: it could not be asked */
		goto close_ctx;
	}
	if (options.common.json)
		print_json(json_from_explanation(exp));
	else
		fputs(cen_explanation_text(exp), stdout);
	code = cen_explanation_error(exp) ? EXIT_REFUSED : EXIT_OK;
	cen_explanation_free(exp);
close_ctx:
	cen_ctx_close(ctx);
free_devices:
	cen_device_set_free(options.want.devices);
	return code;
}
