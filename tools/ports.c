// SPDX-License-Identifier: GPL-2.0
/* cenctl ports: which there are, and what they did. */
#include <errno.h>
#include <string.h>

#include "cenctl.h"
#include "ports.h"

enum {
	KEY_JSON = 0x600,
};

static const struct argp_option list[] = {
	{ "json", KEY_JSON, 0, 0, "print JSON", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	(void)arg;
	if (key != KEY_JSON)
		return ARGP_ERR_UNKNOWN;
	*json = true;
	return 0;
}

static const struct argp argp = {
	list, parse, 0,
	"List the ports that data can flow from (source) and to (sink), with the device behind each and what "
	"went through it. Names are for cenctl stream and cenctl link.",
	0, 0, 0
};

static const char *direction_of(const struct cen_port_info *info)
{
	return info->direction == CEN_PORT_SINK ? "sink" : "source";
}

static const char *policy_of(const struct cen_port_info *info)
{
	static const char * const names[] = {
		[CEN_PORT_SYNC] = "sync", [CEN_PORT_ENFORCE] = "enforce", [CEN_PORT_TRUST] = "trust",
	};

	return info->policy < ARRAY_SIZE(names) ? names[info->policy] : "?";
}

struct json_object *json_from_port(const struct cen_port_info *info)
{
	struct json_object *json = json_object_new_object();

	json_add_string(json, "name", info->name);
	json_add_string(json, "direction", direction_of(info));
	json_add_string(json, "device", info->device);
	json_add_string(json, "policy", policy_of(info));
	json_add_bool(json, "cyclic", info->flags & CEN_PORT_CYCLIC);
	json_add_bool(json, "scatter_gather", !(info->flags & CEN_PORT_VMAP));
	json_add_u64(json, "granule", info->granule);
	json_object_object_add(json, "length_max", info->length_max ?
			       json_object_new_uint64(info->length_max) : NULL);
	json_add_u64(json, "blocks", info->blocks);
	json_add_u64(json, "bytes", info->bytes);
	json_add_u64(json, "errors", info->errors);
	json_add_u64(json, "queued", info->queued);
	json_add_u64(json, "attached", info->attached);
	json_add_u64(json, "links", info->links);
	return json;
}

static void print_table(const struct cen_port_list *ports)
{
	static const char * const heading[] = {
		"PORT", "DIRECTION", "POLICY", "BLOCKS", "BYTES", "ERRORS", "QUEUED", "ATTACHED",
		"LINKS", "DEVICE",
	};
	struct table *table = table_new(ARRAY_SIZE(heading));
	const struct cen_port_info *info;

	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_add(table, heading[i]);
	for (size_t i = 0; (info = cen_port_list_get(ports, i)); i++) {
		table_add(table, info->name);
		table_add(table, direction_of(info));
		table_add(table, policy_of(info));
		table_addf(table, "%llu", (unsigned long long)info->blocks);
		table_addf(table, "%llu", (unsigned long long)info->bytes);
		table_addf(table, "%llu", (unsigned long long)info->errors);
		table_addf(table, "%u", info->queued);
		table_addf(table, "%u", info->attached);
		table_addf(table, "%u", info->links);
		table_add(table, info->device);
	}
	table_print(table);
}

int cenctl_ports(int argc, char **argv)
{
	struct cen_port_list *ports;
	const struct cen_port_info *info;
	bool json = false;

	parse_arguments(&argp, argc, argv, 0, &json);
	ports = cen_port_list_new();
	if (!ports)
		return report_failure(errno);
	if (json) {
		struct json_object *all = json_object_new_array();

		for (size_t i = 0; (info = cen_port_list_get(ports, i)); i++)
			json_object_array_add(all, json_from_port(info));
		print_json(all);
	} else {
		print_table(ports);
	}
	cen_port_list_free(ports);
	return EXIT_OK;
}
