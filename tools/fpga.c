// SPDX-License-Identifier: GPL-2.0
/* cenctl fpga: regions and managers listed and loaded; slots are in fpga_slot.c. */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fpga.h"

enum {
	KEY_JSON = 0x700,
	KEY_PROGRESS,
	KEY_FLAGS,
	KEY_FIRMWARE,
	KEY_FILE,
	KEY_OVERLAY,
};

static const struct argp_option list[] = {
	{ "flags", KEY_FLAGS, "FLAGS", 0,
	  "what sort of image it is: partial, encrypted, compressed, lsb-first, with commas in between", 0 },
	{ "firmware", KEY_FIRMWARE, "NAME", 0,
	  "slot add: fill it with a file below /lib/firmware, which the kernel reads", 0 },
	{ "file", KEY_FILE, "PATH", 0, "slot add: fill it with any file", 0 },
	{ "overlay", KEY_OVERLAY, "NAME", 0,
	  "slot add: device-tree overlay below /lib/firmware that is applied with it", 0 },
	{ "progress", KEY_PROGRESS, 0, 0, "tell how far it is, also when that is no terminal", 0 },
	{ "json", KEY_JSON, 0, 0, "print JSON", 0 },
	{ 0 }
};

static void parse_flags(struct argp_state *state, struct fpga_options *options, const char *text)
{
	if (cen_fpga_flags_parse(&options->flags, text))
		argp_error(state, "--flags: %s", cen_error());
	options->flags_given = true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct fpga_options *options = state->input;

	switch (key) {
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_PROGRESS:
		options->progress = true;
		return 0;
	case KEY_FLAGS:
		parse_flags(state, options, arg);
		return 0;
	case KEY_FIRMWARE:
		options->firmware = arg;
		return 0;
	case KEY_FILE:
		options->file = arg;
		return 0;
	case KEY_OVERLAY:
		options->overlay = arg;
		return 0;
	case ARGP_KEY_ARGS:
		options->args = state->argv + state->next;
		options->arg_count = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (options->firmware && options->file)
			argp_error(state, "--firmware and --file exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	list, parse,
	"list\nstatus [REGION...]\nload REGION FILE\nslot add REGION IMAGE\nslot list REGION\n"
	"slot remove REGION IMAGE\nswitch REGION IMAGE",
	"Program FPGAs out of buffers, and keep images ready in slots. A REGION is what the kernel calls "
	"an FPGA region (region0), or a manager that has none (fpga1).",
	0, 0, 0
};

static struct json_object *json_from_result(const struct cen_fpga_result *result)
{
	struct json_object *json = json_object_new_object();

	json_add_string(json, "state", cen_fpga_state_text(result->state));
	json_add_string(json, "step", result->step ? cen_fpga_step_text(result->step) : NULL);
	json_add_string(json, "error", result->error ? strerrorname_np(-result->error) : NULL);
	json_add_string(json, "message", result->message[0] ? result->message : NULL);
	json_add_u64(json, "duration_ns", result->duration);
	return json;
}

static const char *takes(const struct cen_fpga_info *info)
{
	return info->flags & CEN_FPGA_TABLES ? "tables" : "stream";
}

static struct json_object *json_from_info(const struct cen_fpga_info *info)
{
	struct json_object *json = json_object_new_object();

	json_add_string(json, "name", info->name);
	json_add_string(json, "kind", info->flags & CEN_FPGA_REGION ? "region" : "manager");
	json_add_string(json, "manager", info->manager);
	json_add_string(json, "model", info->model);
	json_add_string(json, "device", info->device);
	json_add_string(json, "takes", takes(info));
	json_add_bool(json, "parses_headers", info->flags & CEN_FPGA_HEADERS);
	json_add_string(json, "state", cen_fpga_state_text(info->last.state));
	json_add_bool(json, "loading", info->flags & CEN_FPGA_LOADING);
	json_add_bool(json, "isolated", info->flags & CEN_FPGA_ISOLATED);
	json_add_bool(json, "overlay", info->flags & CEN_FPGA_OVERLAY);
	json_add_string(json, "active", info->active[0] ? info->active : NULL);
	json_add_u64(json, "loads", info->loads);
	json_add_u64(json, "failures", info->failures);
	json_object_object_add(json, "last", json_from_result(&info->last));
	return json;
}

static void print_list(const struct cen_fpga_list *fpgas)
{
	static const char * const heading[] = {
		"NAME", "MANAGER", "STATE", "ACTIVE", "LOADS", "FAILURES", "TAKES", "DEVICE", "MODEL",
	};
	struct table *table = table_new(ARRAY_SIZE(heading));
	const struct cen_fpga_info *info;

	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_add(table, heading[i]);
	for (size_t i = 0; (info = cen_fpga_list_get(fpgas, i)); i++) {
		table_add(table, info->name);
		table_add(table, info->manager);
		table_addf(table, "%s%s%s", cen_fpga_state_text(info->last.state),
			   info->flags & CEN_FPGA_ISOLATED ? ",isolated" : "",
			   info->flags & CEN_FPGA_LOADING ? ",loading" : "");
		table_add(table, info->active);
		table_addf(table, "%llu", (unsigned long long)info->loads);
		table_addf(table, "%llu", (unsigned long long)info->failures);
		table_add(table, takes(info));
		table_add(table, info->device);
		table_add(table, info->model);
	}
	table_print(table);
}

static int fpga_list(const struct fpga_options *options, char **args)
{
	struct cen_fpga_list *fpgas = cen_fpga_list_new();
	const struct cen_fpga_info *info;

	(void)args;
	if (!fpgas)
		return report_failure(errno);
	if (options->json) {
		struct json_object *all = json_object_new_array();

		for (size_t i = 0; (info = cen_fpga_list_get(fpgas, i)); i++)
			json_object_array_add(all, json_from_info(info));
		print_json(all);
	} else {
		print_list(fpgas);
	}
	cen_fpga_list_free(fpgas);
	return EXIT_OK;
}

static void print_status(const struct cen_fpga_info *info)
{
	printf("%s: %s%s, manager %s (%s), read by %s\n", info->name,
	       cen_fpga_state_text(info->last.state),
	       info->flags & CEN_FPGA_LOADING ? ", loading" : "", info->manager, info->model,
	       info->device);
	if (info->active[0])
		printf("  active: %s%s\n", info->active,
		       info->flags & CEN_FPGA_OVERLAY ? ", with its devices" : "");
	if (info->flags & CEN_FPGA_ISOLATED)
		puts("  isolated: a load failed and left the bridges disabled");
	if (info->loads || info->failures)
		printf("  %llu loaded, %llu failed, the last %s %.3f ms\n",
		       (unsigned long long)info->loads, (unsigned long long)info->failures,
		       info->last.error ? "failed after" : "took",
		       (double)info->last.duration / 1e6);
	if (info->last.message[0])
		printf("  %s\n", info->last.message);
}

static int status_of(const char *name, struct json_object *all)
{
	struct cen_fpga *fpga = cen_fpga_open(name);
	struct cen_fpga_info info;
	int code = EXIT_OK;

	if (!fpga || cen_fpga_get_info(fpga, &info)) {
		code = report_failure(errno);
	} else if (all) {
		struct json_object *json = json_from_info(&info);

		json_object_object_add(json, "slots", json_from_slots(info.name));
		json_object_array_add(all, json);
	} else {
		print_status(&info);
	}
	cen_fpga_close(fpga);
	return code;
}

static int fpga_status(const struct fpga_options *options, char **args)
{
	struct json_object *all = options->json ? json_object_new_array() : NULL;
	struct cen_fpga_list *fpgas = NULL;
	const struct cen_fpga_info *info;
	int code = EXIT_OK;

	if (*args) {
		for (; *args && code == EXIT_OK; args++)
			code = status_of(*args, all);
	} else {
		fpgas = cen_fpga_list_new();
		if (!fpgas)
			code = report_failure(errno);
		for (size_t i = 0; fpgas && code == EXIT_OK && (info = cen_fpga_list_get(fpgas, i)); i++)
			code = status_of(info->name, all);
		cen_fpga_list_free(fpgas);
	}
	if (all && code == EXIT_OK)
		print_json(all);
	else if (all)
		json_object_put(all);
	return code;
}

static int load_buffer(const struct fpga_options *options, struct cen_fpga *fpga,
		       const char *region, struct cen_buffer *buf, uint64_t size)
{
	struct cen_fpga_result result = { 0 };
	struct fpga_progress *progress = options->progress ? fpga_progress_begin(region) : NULL;
	int error = cen_fpga_load(fpga, buf, 0, size, options->flags, &result) ? errno : 0;

	fpga_progress_end(progress);
	if (options->json)
		print_json(json_from_result(&result));
	if (error)
		return report_failure(error);
	if (!options->json)
		printf("%s: %llu bytes in %.3f ms, %s\n", region, (unsigned long long)size,
		       (double)result.duration / 1e6, cen_fpga_state_text(result.state));
	return EXIT_OK;
}

static int fpga_load(const struct fpga_options *options, char **args)
{
	struct cen_fpga *fpga = cen_fpga_open(args[0]);
	struct cen_buffer *buf = NULL;
	struct cen_ctx *ctx = NULL;
	struct cen_fpga_info info;
	uint64_t size;
	int code;

	if (!fpga || cen_fpga_get_info(fpga, &info)) {
		code = report_failure(errno);
		goto out;
	}
	ctx = cen_ctx_open(CEN_CTX_MODULE);
	if (!ctx) {
		code = report_failure(errno);
		goto out;
	}
	buf = fpga_read_image(ctx, info.device, args[1], options->progress, &size, &code);
	if (buf)
		code = load_buffer(options, fpga, info.name, buf, size);
out:
	cen_buffer_free(buf);
	if (ctx)
		cen_ctx_close(ctx);
	cen_fpga_close(fpga);
	return code;
}

/* What there is to do, by its words; @most -1: any number of arguments. */
static const struct {
	const char *words[2];
	int least;
	int most;
	int (*run)(const struct fpga_options *options, char **args);
} actions[] = {
	{ { "list" }, 0, 0, fpga_list },
	{ { "status" }, 0, -1, fpga_status },
	{ { "load" }, 2, 2, fpga_load },
	{ { "slot", "add" }, 2, 2, fpga_slot_add },
	{ { "slot", "list" }, 1, 1, fpga_slot_list },
	{ { "slot", "remove" }, 2, 2, fpga_slot_remove },
	{ { "switch" }, 2, 2, fpga_switch },
};

static int usage(const char *format, const char *what)
{
	fputs("cenctl fpga: ", stderr);
	fprintf(stderr, format, what);
	fputs("\nTry 'cenctl fpga --help' for more information.\n", stderr);
	return EXIT_USAGE;
}

int cenctl_fpga(int argc, char **argv)
{
	struct fpga_options options = { .progress = isatty(STDERR_FILENO) };

	parse_arguments(&argp, argc, argv, 0, &options);
	if (!options.arg_count)
		return usage("%s is missing: list, status, load, slot or switch", "an action");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		int words = actions[i].words[1] ? 2 : 1, rest = options.arg_count - words;

		if (rest < 0 || strcmp(options.args[0], actions[i].words[0]) ||
		    (words == 2 && strcmp(options.args[1], actions[i].words[1])))
			continue;
		if (rest < actions[i].least)
			return usage("too few arguments for '%s'", options.args[words - 1]);
		if (actions[i].most >= 0 && rest > actions[i].most)
			return usage("too many arguments for '%s'", options.args[words - 1]);
		if (actions[i].run != fpga_slot_add &&
		    (options.firmware || options.file || options.overlay))
			return usage("'%s' takes no --firmware, --file or --overlay",
				     options.args[words - 1]);
		return actions[i].run(&options, options.args + words);
	}
	return usage("unknown action '%s'", options.args[0]);
}
