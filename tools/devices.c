// SPDX-License-Identifier: GPL-2.0
/* cenctl devices */
#include <err.h>
#include <errno.h>
#include <string.h>

#include "cenctl.h"

struct options {
	struct common_options common;
	bool all;
	char **names;
	int name_count;
};

static const struct argp_option list[] = {
	{ "all", 'a', 0, 0, "also devices of which nothing is known", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case 'a':
		options->all = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->names = state->argv + state->next;
		options->name_count = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &common_argp, 0, 0, 0 }, { 0 } };
static const struct argp argp = {
	list, parse, "[DEVICE...]",
	"List devices that may do DMA: their driver, their limits, where the limits come from, and "
	"their device nodes. A DEVICE is bus:name or a device node.",
	children, 0, 0
};

static const struct {
	uint32_t flag;
	const char *name;
} sources[] = {
	{ CEN_FROM_DEVICE, "device" },
	{ CEN_FROM_DRIVER, "driver" },
	{ CEN_FROM_FIRMWARE, "firmware" },
	{ CEN_FROM_ADMIN, "rule" },
};

static struct json_object *json_from_device(const struct cen_device_info *info,
					    const char *nodes, int error)
{
	struct json_object *json = json_object_new_object();
	struct json_object *from = json_object_new_array();
	struct json_object *node_list = json_object_new_array();

	json_add_string(json, "name", info->name);
	json_add_string(json, "driver", info->driver[0] ? info->driver : NULL);
	json_object_object_add(json, "limits", json_from_limits(&info->limits));
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (info->sources & sources[i].flag)
			json_object_array_add(from, json_object_new_string(sources[i].name));
	json_object_object_add(json, "sources", from);
	json_add_u64(json, "windows", info->windows);
	while (*nodes) {
		size_t len = strcspn(nodes, " ");

		json_object_array_add(node_list, json_object_new_string_len(nodes, (int)len));
		nodes += len + (nodes[len] == ' ');
	}
	json_object_object_add(json, "nodes", node_list);
	json_add_string(json, "error", error ? strerrorname_np(error) : NULL);
	return json;
}

/* A driver may have dozens: the first few tell which it is, JSON has them all. */
static void add_nodes(struct table *table, const char *nodes)
{
	enum { SHOWN = 3 };
	unsigned int count = 0, more = 0;
	const char *end = nodes;

	for (const char *at = nodes; *at; at += strspn(at, " ")) {
		at += strcspn(at, " ");
		if (count++ < SHOWN)
			end = at;
		else
			more++;
	}
	if (more)
		table_addf(table, "%.*s and %u more", (int)(end - nodes), nodes, more);
	else
		table_add(table, nodes);
}

static void add_row(struct table *table, const struct cen_device_info *info, const char *nodes,
		    int error)
{
	char limits[512], from[64] = "";
	size_t used = 0;

	limits_text(&info->limits, limits, sizeof(limits));
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (info->sources & sources[i].flag)
			used += (size_t)snprintf(from + used, sizeof(from) - used, "%s%s",
						 used ? "," : "", sources[i].name);
	table_add(table, info->name);
	table_add(table, info->driver);
	table_add(table, error ? strerror(error) : limits);
	table_add(table, from);
	add_nodes(table, nodes);
}

/* Most platform devices are software: only those that say something about memory. */
static bool worth_telling(const struct cen_device_info *info, const char *nodes)
{
	return info->sources || *nodes;
}

static bool chosen(const struct options *options, char (*names)[CEN_NAME_LEN],
		   const struct cen_device_info *info, const char *nodes)
{
	if (!options->name_count)
		return options->all || worth_telling(info, nodes);
	for (int i = 0; i < options->name_count; i++)
		if (!strcmp(names[i], info->name))
			return true;
	return false;
}

/* Arguments to bus:name; each must exist. */
static int resolve_names(const struct options *options, const struct cen_device_list *devices,
			 char (*names)[CEN_NAME_LEN])
{
	for (int i = 0; i < options->name_count; i++) {
		const char *arg = options->names[i];
		const char *near;
		size_t at;

		if (*arg == '/') {
			if (cen_device_resolve(arg, names[i]))
				return report_failure(ENOENT);
		} else if (snprintf(names[i], CEN_NAME_LEN, "%s", arg) >= CEN_NAME_LEN) {
			warnx("%s: a device name has at most %d bytes", arg, CEN_NAME_LEN - 1);
			return EXIT_USAGE;
		}
		for (at = 0; at < cen_device_list_count(devices); at++)
			if (!strcmp(cen_device_list_get(devices, at)->name, names[i]))
				break;
		if (at < cen_device_list_count(devices))
			continue;
		near = cen_device_list_nearest(devices, names[i]);
		if (near)
			warnx("no device '%s'; did you mean '%s'?", names[i], near);
		else
			warnx("no device '%s'", names[i]);
		return EXIT_TROUBLE;
	}
	return EXIT_OK;
}

static void print_devices(const struct options *options, const struct cen_device_list *devices,
			  char (*names)[CEN_NAME_LEN])
{
	struct json_object *json = json_object_new_array();
	struct table *table = table_new(5);

	table_add(table, "DEVICE");
	table_add(table, "DRIVER");
	table_add(table, "LIMITS");
	table_add(table, "FROM");
	table_add(table, "NODES");
	for (size_t i = 0; i < cen_device_list_count(devices); i++) {
		const struct cen_device_info *info = cen_device_list_get(devices, i);
		const char *nodes = cen_device_list_nodes(devices, i);
		int error = cen_device_list_error(devices, i);

		if (!chosen(options, names, info, nodes))
			continue;
		if (options->common.json)
			json_object_array_add(json, json_from_device(info, nodes, error));
		else
			add_row(table, info, nodes, error);
	}
	if (options->common.json) {
		print_json(json);
		return;
	}
	json_object_put(json);
	table_print(table);
}

int cenctl_devices(int argc, char **argv)
{
	struct options options = { .all = false };
	char (*names)[CEN_NAME_LEN] = NULL;
	struct cen_device_list *devices;
	struct cen_ctx *ctx;
	int code;

	parse_arguments(&argp, argc, argv, 0, &options);
	ctx = open_allocator(&options.common, &code);
	if (!ctx)
		return code;
	devices = cen_device_list_new(ctx);
	if (!devices) {
		code = report_failure(errno);
		goto close_ctx;
	}
	names = calloc((size_t)options.name_count + 1, sizeof(*names));
	if (!names)
		err(EXIT_TROUBLE, "devices");
	code = resolve_names(&options, devices, names);
	if (code == EXIT_OK)
		print_devices(&options, devices, names);
	free(names);
	cen_device_list_free(devices);
close_ctx:
	cen_ctx_close(ctx);
	return code;
}
