// SPDX-License-Identifier: GPL-2.0
/* cenctl fpga slot, cenctl fpga switch */
#include <err.h>
#include <errno.h>
#include <string.h>

#include "fpga.h"

/* Fill a slot with any file: through a buffer that the slot keeps. */
static int fill_with_file(const struct fpga_options *options, const char *region,
			  const char *image)
{
	struct cen_fpga *fpga = cen_fpga_open(region);
	struct cen_buffer *buf = NULL;
	struct cen_ctx *ctx = NULL;
	struct cen_fpga_info info;
	uint64_t size;
	int code;

	if (!fpga || cen_fpga_get_info(fpga, &info) || !(ctx = cen_ctx_open(CEN_CTX_MODULE))) {
		code = report_failure(errno);
		goto out;
	}
	buf = fpga_read_image(ctx, info.device, options->file, options->progress, &size, &code);
	if (buf)
		code = cen_fpga_slot_set_buffer(region, image, buf, 0, size) ?
		       report_failure(errno) : EXIT_OK;
out:
	cen_buffer_free(buf);
	if (ctx)
		cen_ctx_close(ctx);
	cen_fpga_close(fpga);
	return code;
}

static int fill(const struct fpga_options *options, const char *region, const char *image)
{
	if (options->flags_given && cen_fpga_slot_set_flags(region, image, options->flags))
		return report_failure(errno);
	if (options->overlay && cen_fpga_slot_set_overlay(region, image, options->overlay))
		return report_failure(errno);
	if (options->firmware && cen_fpga_slot_set_firmware(region, image, options->firmware))
		return report_failure(errno);
	return options->file ? fill_with_file(options, region, image) : EXIT_OK;
}

/* All or nothing: a slot that cannot be filled is not left behind. */
int fpga_slot_add(const struct fpga_options *options, char **args)
{
	const char *region = args[0], *image = args[1];
	int code;

	if (cen_fpga_slot_add(region, image))
		return report_failure(errno);
	code = fill(options, region, image);
	if (code != EXIT_OK && cen_fpga_slot_remove(region, image))
		warnx("%s", cen_error());
	return code;
}

int fpga_slot_remove(const struct fpga_options *options, char **args)
{
	(void)options;
	return cen_fpga_slot_remove(args[0], args[1]) ? report_failure(errno) : EXIT_OK;
}

static struct json_object *json_from_slot(const struct cen_fpga_slot *slot)
{
	struct json_object *json = json_object_new_object();
	char flags[64];

	cen_fpga_flags_format(slot->flags, ',', flags, sizeof(flags));
	json_add_string(json, "name", slot->name);
	json_add_string(json, "state", slot->state);
	json_add_u64(json, "size", slot->size);
	json_add_string(json, "flags", flags);
	json_add_string(json, "firmware", slot->firmware[0] ? slot->firmware : NULL);
	json_add_u64(json, "switches", slot->switches);
	json_add_u64(json, "last_switch_ns", slot->last_switch_ns);
	return json;
}

static struct json_object *json_from_list(const struct cen_fpga_slot_list *slots)
{
	struct json_object *all = json_object_new_array();
	const struct cen_fpga_slot *slot;

	for (size_t i = 0; slots && (slot = cen_fpga_slot_list_get(slots, i)); i++)
		json_object_array_add(all, json_from_slot(slot));
	return all;
}

/* Empty when they cannot be listed: configfs may not be mounted, or not readable. */
struct json_object *json_from_slots(const char *region)
{
	struct cen_fpga_slot_list *slots = cen_fpga_slot_list_new(region);
	struct json_object *all = json_from_list(slots);

	cen_fpga_slot_list_free(slots);
	return all;
}

static void print_slots(const struct cen_fpga_slot_list *slots)
{
	static const char * const heading[] = {
		"IMAGE", "STATE", "SIZE", "SWITCHES", "LAST", "FLAGS", "FIRMWARE",
	};
	struct table *table = table_new(ARRAY_SIZE(heading));
	const struct cen_fpga_slot *slot;
	char flags[64];

	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_add(table, heading[i]);
	for (size_t i = 0; (slot = cen_fpga_slot_list_get(slots, i)); i++) {
		cen_fpga_flags_format(slot->flags, ',', flags, sizeof(flags));
		table_add(table, slot->name);
		table_add(table, slot->state);
		table_add_size(table, slot->size, "-");
		table_addf(table, "%llu", (unsigned long long)slot->switches);
		if (slot->switches)
			table_addf(table, "%.3f ms", (double)slot->last_switch_ns / 1e6);
		else
			table_add(table, "-");
		table_add(table, flags);
		table_add(table, slot->firmware);
	}
	table_print(table);
}

int fpga_slot_list(const struct fpga_options *options, char **args)
{
	struct cen_fpga_slot_list *slots = cen_fpga_slot_list_new(args[0]);

	if (!slots)
		return report_failure(errno);
	if (options->json)
		print_json(json_from_list(slots));
	else
		print_slots(slots);
	cen_fpga_slot_list_free(slots);
	return EXIT_OK;
}

int fpga_switch(const struct fpga_options *options, char **args)
{
	struct fpga_progress *progress = options->progress ? fpga_progress_begin(args[0]) : NULL;
	int error = cen_fpga_switch(args[0], args[1]) ? errno : 0;
	struct cen_fpga_slot_list *slots;
	const struct cen_fpga_slot *slot;

	fpga_progress_end(progress);
	if (error)
		return report_failure(error);
	slots = cen_fpga_slot_list_new(args[0]);
	for (size_t i = 0; slots && (slot = cen_fpga_slot_list_get(slots, i)); i++) {
		if (strcmp(slot->name, args[1]))
			continue;
		if (options->json)
			print_json(json_from_slot(slot));
		else
			printf("%s: %s is active, after %.3f ms\n", args[0], slot->name,
			       (double)slot->last_switch_ns / 1e6);
	}
	cen_fpga_slot_list_free(slots);
	return EXIT_OK;
}
