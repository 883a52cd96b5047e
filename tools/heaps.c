// SPDX-License-Identifier: GPL-2.0
/* cenctl heaps */
#include <errno.h>

#include "cenctl.h"

struct options {
	struct common_options common;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &common_argp, 0, 0, 0 }, { 0 } };
static const struct argp argp = {
	0, parse, 0,
	"List the heaps that buffers can be placed in, with what each can give. BITS is the fewest "
	"address bits it can be asked to keep to.",
	children, 0, 0
};

static struct json_object *json_from_heap(const struct cen_heap_info *info)
{
	struct json_object *json = json_object_new_object();

	json_add_u64(json, "index", info->index);
	json_add_string(json, "name", info->name);
	json_add_u64(json, "priority", info->priority);
	json_add_u64(json, "address_bits_min", info->addr_bits_min);
	json_add_u64(json, "chunk_max", info->chunk_max);
	json_add_u64(json, "alignment_max", info->align_max);
	json_object_object_add(json, "capacity", info->capacity ?
			       json_object_new_uint64(info->capacity) : NULL);
	json_add_u64(json, "used", info->used);
	json_add_u64(json, "pooled", info->pooled);
	json_object_object_add(json, "banks", json_from_banks(info->banks));
	json_add_bool(json, "contiguous", info->flags & CEN_HEAP_CONTIGUOUS);
	json_add_bool(json, "pool", info->flags & CEN_HEAP_POOLED);
	return json;
}

static void add_banks(struct table *table, uint64_t banks)
{
	char text[256] = "";
	size_t used = 0;

	for (unsigned int bank = 0; bank < 64; bank++)
		if (banks & (1ULL << bank))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u",
						 used ? "," : "", bank);
	table_add(table, text);
}

static void print_table(const struct cen_heap_list *heaps)
{
	static const char * const heading[] = {
		"#", "HEAP", "PRIORITY", "BITS", "PIECE", "ALIGNMENT", "CAPACITY", "USED",
		"POOLED", "BANKS",
	};
	struct table *table = table_new(ARRAY_SIZE(heading));
	const struct cen_heap_info *info;

	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_add(table, heading[i]);
	for (size_t i = 0; (info = cen_heap_list_get(heaps, i)); i++) {
		table_addf(table, "%u", info->index);
		table_add(table, info->name);
		table_addf(table, "%u", info->priority);
		table_addf(table, "%u", info->addr_bits_min);
		/* no multiple of anything: as much as there is */
		if (info->chunk_max > INT64_MAX)
			table_add(table, "any");
		else
			table_add_size(table, info->chunk_max, NULL);
		table_add_size(table, info->align_max, NULL);
		table_add_size(table, info->capacity, "all memory");
		table_add_size(table, info->used, NULL);
		table_add_size(table, info->pooled, NULL);
		add_banks(table, info->banks);
	}
	table_print(table);
}

int cenctl_heaps(int argc, char **argv)
{
	struct options options = { .common = { .json = false } };
	struct cen_heap_list *heaps;
	const struct cen_heap_info *info;
	struct cen_ctx *ctx;
	int code;

	parse_arguments(&argp, argc, argv, 0, &options);
	ctx = open_allocator(&options.common, &code);
	if (!ctx)
		return code;
	heaps = cen_heap_list_new(ctx);
	if (!heaps) {
		code = report_failure(errno);
		goto close_ctx;
	}
	if (options.common.json) {
		struct json_object *json = json_object_new_array();

		for (size_t i = 0; (info = cen_heap_list_get(heaps, i)); i++)
			json_object_array_add(json, json_from_heap(info));
		print_json(json);
	} else {
		print_table(heaps);
	}
	code = EXIT_OK;
	cen_heap_list_free(heaps);
close_ctx:
	cen_ctx_close(ctx);
	return code;
}
