// SPDX-License-Identifier: GPL-2.0
/* Options that several verbs have, and what they lead to. */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cenctl.h"

enum {
	KEY_JSON = 0x100,
	KEY_FALLBACK,
	KEY_MODULE,
	KEY_ALIGN,
	KEY_LIMITS,
};

static const struct argp_option common_list[] = {
	{ 0, 0, 0, 0, "Common options:", 10 },
	{ "json", KEY_JSON, 0, 0, "print JSON", 10 },
	{ "module", KEY_MODULE, 0, 0, "use the module cenalloc or nothing", 10 },
	{ "fallback", KEY_FALLBACK, 0, 0,
	  "behave as if the module were missing: choose between /dev/dma_heap and /dev/udmabuf", 10 },
	{ 0 }
};

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	struct common_options *common = state->input;

	(void)arg;
	switch (key) {
	case KEY_JSON:
		common->json = true;
		return 0;
	case KEY_FALLBACK:
		common->ctx_flags |= CEN_CTX_FALLBACK;
		return 0;
	case KEY_MODULE:
		common->ctx_flags |= CEN_CTX_MODULE;
		return 0;
	case ARGP_KEY_END:
		if (common->ctx_flags == (CEN_CTX_FALLBACK | CEN_CTX_MODULE))
			argp_error(state, "--module and --fallback exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp common_argp = { .options = common_list, .parser = parse_common };

static const struct argp_option want_list[] = {
	{ 0, 0, 0, 0, "What the buffer is for:", 1 },
	{ "size", 's', "BYTES", 0, "size of the buffer; suffixes K, M, G, T", 1 },
	{ "align", KEY_ALIGN, "BYTES", 0, "alignment the program itself wants, a power of two", 1 },
	{ "device", 'd', "DEVICE", 0,
	  "a device that will use it: bus:name (pci:0000:00:04.0), a node (/dev/video0), "
	  "either with limits behind it (platform:vivid.0,max-segments=1); repeatable", 1 },
	{ "limits", KEY_LIMITS, "NAME,KEY=VALUE...", 0,
	  "a device that this machine has not: limits and a free name; repeatable. Keys: "
	  "max-segments, segment-size, segment-boundary, alignment, address-bits, banks, "
	  "non-coherent", 1 },
	{ 0 }
};

static void parse_size(struct argp_state *state, const char *option, const char *text,
		       uint64_t *size)
{
	if (cen_size_parse(size, text))
		argp_error(state, "%s: %s", option, cen_error());
}

/* Mistakes in a specification are usage; a node that is not there is not. */
static void add_device(struct argp_state *state, struct want_options *want, const char *spec)
{
	if (!cen_device_set_add(want->devices, spec))
		return;
	if (errno == ENOENT || errno == ENODEV || errno == EACCES) {
		warnx("%s", cen_error());
		exit(EXIT_TROUBLE);
	}
	argp_error(state, "%s", cen_error());
}

static void add_limits(struct argp_state *state, struct want_options *want, const char *text)
{
	char *spec;

	if (asprintf(&spec, "limits:%s", text) < 0)
		argp_failure(state, EXIT_TROUBLE, errno, "--limits");
	add_device(state, want, spec);
	free(spec);
}

static error_t parse_want(int key, char *arg, struct argp_state *state)
{
	struct want_options *want = state->input;

	switch (key) {
	case 's':
		parse_size(state, "--size", arg, &want->size);
		if (!want->size)
			argp_error(state, "--size: a buffer of 0 bytes; 1 or more is accepted");
		return 0;
	case KEY_ALIGN:
		parse_size(state, "--align", arg, &want->align);
		if (want->align & (want->align - 1))
			argp_error(state, "--align: %s is no power of two", arg);
		return 0;
	case 'd':
		add_device(state, want, arg);
		return 0;
	case KEY_LIMITS:
		add_limits(state, want, arg);
		return 0;
	case ARGP_KEY_INIT:
		want->devices = cen_device_set_new();
		if (!want->devices)
			argp_failure(state, EXIT_TROUBLE, errno, "devices");
		return 0;
	case ARGP_KEY_END:
		if (!want->size)
			argp_error(state, "--size is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp want_argp = { .options = want_list, .parser = parse_want };

void parse_arguments(const struct argp *argp, int argc, char **argv, unsigned int flags,
		     void *input)
{
	error_t error = argp_parse(argp, argc, argv, flags, NULL, input);

	if (error) {
		errno = error;
		err(EXIT_TROUBLE, "arguments");
	}
}

int failure_code(int error)
{
	switch (error) {
	case EINVAL:
	case ENODEV:
	case EBUSY:
	case ENOMEM:
	case EDQUOT:
		return EXIT_REFUSED;
	default:
		return EXIT_TROUBLE;
	}
}

int report_failure(int error)
{
	warnx("%s", cen_error());
	return failure_code(error);
}

struct cen_ctx *open_allocator(const struct common_options *common, int *code)
{
	struct cen_ctx *ctx = cen_ctx_open(common->ctx_flags);

	if (!ctx) {
		*code = errno == ENOENT ? EXIT_NO_ALLOCATOR : EXIT_TROUBLE;
		warnx("%s", cen_error());
		return NULL;
	}
	if (cen_ctx_backend(ctx) == CEN_BACKEND_FALLBACK && !common->ctx_flags)
		warnx("the module cenalloc is not loaded: choosing between the kernel's own heaps");
	return ctx;
}

void print_json_to(FILE *out, struct json_object *json)
{
	fprintf(out, "%s\n", json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

void print_json(struct json_object *json)
{
	print_json_to(stdout, json);
}
