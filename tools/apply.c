// SPDX-License-Identifier: GPL-2.0
/* cenctl apply: the administrator's rules, checked and handed to the kernel. */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cenctl.h"

enum {
	KEY_JSON = 0x300,
	KEY_CONFIGFS,
	KEY_CLEAR,
};

struct options {
	const char *dir;
	const char *configfs;
	char **files;
	int file_count;
	bool check;
	bool dry_run;
	bool clear;
	bool json;
};

static const struct argp_option list[] = {
	{ "check", 'c', 0, 0, "only read the rules and say what is wrong with them", 0 },
	{ "dry-run", 'n', 0, 0, "print what would be handed to the kernel", 0 },
	{ "clear", KEY_CLEAR, 0, 0,
	  "take all rules back, which the module waits for before it can be unloaded", 0 },
	{ "dir", 'd', "DIR", 0, "read the rules in DIR instead of " CEN_RULES_DIR, 0 },
	{ "configfs", KEY_CONFIGFS, "DIR", 0,
	  "where the kernel takes rules, instead of " CEN_RULES_CONFIGFS, 0 },
	{ "json", KEY_JSON, 0, 0, "print JSON", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'c':
		options->check = true;
		return 0;
	case 'n':
		options->dry_run = true;
		return 0;
	case 'd':
		options->dir = arg;
		return 0;
	case KEY_CONFIGFS:
		options->configfs = arg;
		return 0;
	case KEY_CLEAR:
		options->clear = true;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->file_count = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (options->dir && options->file_count)
			argp_error(state, "--dir and FILEs exclude each other");
		if (options->check + options->dry_run + options->clear > 1)
			argp_error(state, "--check, --dry-run and --clear exclude each other");
		if (options->clear && (options->dir || options->file_count))
			argp_error(state, "--clear needs no rules");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	list, parse, "[FILE...]",
	"Read the device rules (cenalloc-devices(5)) and make them the kernel's rules. Rules of the "
	"kernel that no file has are removed. With a mistake in any file nothing is changed."
	"\vExit status: 0 done, 1 a rule has a mistake or was refused, 2 usage, 3 no module, "
	"4 other trouble.",
	0, 0, 0
};

static int load(const struct options *options, struct cen_rules *rules)
{
	int error;

	if (options->clear)
		return EXIT_OK;
	for (int i = 0; i < options->file_count; i++)
		if (cen_rules_load_file(rules, options->files[i]) < 0)
			return report_failure(errno);
	if (options->file_count)
		return EXIT_OK;
	if (cen_rules_load_dir(rules, options->dir) >= 0)
		return EXIT_OK;
	/* Without the directory there are no rules, unless somebody named it. */
	error = errno;
	if (!options->dir && error == ENOENT && access(CEN_RULES_DIR, F_OK))
		return EXIT_OK;
	return report_failure(error);
}

static struct json_object *json_from_rules(const struct cen_rules *rules)
{
	struct json_object *json = json_object_new_object();
	struct json_object *list_json = json_object_new_array();
	struct json_object *problems = json_object_new_array();

	for (size_t i = 0; i < cen_rules_count(rules); i++) {
		struct json_object *rule = json_object_new_object();

		json_add_string(rule, "device", cen_rules_name(rules, i));
		json_add_string(rule, "origin", cen_rules_origin(rules, i));
		json_object_object_add(rule, "limits", json_from_limits(cen_rules_limits(rules, i)));
		json_object_array_add(list_json, rule);
	}
	for (size_t i = 0; i < cen_rules_problem_count(rules); i++)
		json_object_array_add(problems, json_object_new_string(cen_rules_problem(rules, i)));
	json_object_object_add(json, "rules", list_json);
	json_object_object_add(json, "problems", problems);
	return json;
}

static void print_rules(const struct options *options, const struct cen_rules *rules)
{
	char limits[512];

	if (options->json) {
		print_json(json_from_rules(rules));
		return;
	}
	for (size_t i = 0; i < cen_rules_count(rules); i++) {
		limits_text(cen_rules_limits(rules, i), limits, sizeof(limits));
		printf("%s: %s (%s)\n", cen_rules_name(rules, i), limits,
		       cen_rules_origin(rules, i));
	}
}

/* A rule may wait for its device; one that is nearly another's name is likely a slip. */
static void warn_unknown(const struct cen_rules *rules)
{
	struct cen_ctx *ctx = cen_ctx_open(0);
	struct cen_device_list *devices = ctx ? cen_device_list_new(ctx) : NULL;

	for (size_t i = 0; devices && i < cen_rules_count(rules); i++) {
		const char *name = cen_rules_name(rules, i);
		const char *near = cen_device_list_nearest(devices, name);

		if (near && strcmp(near, name) != 0)
			warnx("%s: no device '%s' now; did you mean '%s'?",
			      cen_rules_origin(rules, i), name, near);
	}
	cen_device_list_free(devices);
	cen_ctx_close(ctx);
}

static int apply(const struct options *options, const struct cen_rules *rules)
{
	int error;

	if (cen_rules_apply(rules, options->configfs) >= 0)
		return EXIT_OK;
	error = errno;
	warnx("%s", cen_error());
	if (error == ENOENT)
		return EXIT_NO_ALLOCATOR;
	return error == EINVAL ? EXIT_REFUSED : EXIT_TROUBLE;
}

int cenctl_apply(int argc, char **argv)
{
	struct options options = { .check = false };
	struct cen_rules *rules;
	int code;

	parse_arguments(&argp, argc, argv, 0, &options);
	rules = cen_rules_new();
	if (!rules)
		return report_failure(errno);
	code = load(&options, rules);
	if (code != EXIT_OK)
		goto free_rules;

	for (size_t i = 0; i < cen_rules_problem_count(rules); i++)
		warnx("%s", cen_rules_problem(rules, i));
	if (cen_rules_problem_count(rules))
		code = EXIT_REFUSED;
	warn_unknown(rules);
	if (options.check || options.dry_run || options.json)
		print_rules(&options, rules);
	if (code == EXIT_OK && !options.check && !options.dry_run)
		code = apply(&options, rules);
free_rules:
	cen_rules_free(rules);
	return code;
}
