// SPDX-License-Identifier: GPL-2.0
/* cenctl buffers: who holds what. */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cenctl.h"

struct options {
	struct common_options common;
	bool foreign;
};

static const struct argp_option list[] = {
	{ "foreign", 'f', 0, 0, "also dma-bufs of other exporters that a process holds", 0 },
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
	case 'f':
		options->foreign = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &common_argp, 0, 0, 0 }, { 0 } };
static const struct argp argp = {
	list, parse, 0,
	"List the buffers of the calling user (of all users for root), the devices that use them and the "
	"processes that hold them.",
	children, 0, 0
};

static const struct {
	uint32_t flag;
	const char *name;
} uses[] = {
	{ CEN_USE_DECLARED, "declared" },
	{ CEN_USE_ATTACHED, "attached" },
	{ CEN_USE_MAPPED, "mapped" },
};

static struct json_object *json_from_holder(const struct cen_holder *holder)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "pid", json_object_new_int(holder->pid));
	json_add_string(json, "comm", holder->comm);
	json_add_u64(json, "fds", holder->fds);
	json_add_u64(json, "maps", holder->maps);
	return json;
}

static struct json_object *json_from_holders(const struct cen_holder_list *holders,
					     uint64_t inode)
{
	struct json_object *json = json_object_new_array();
	const struct cen_holder *holder;

	for (size_t i = 0; (holder = cen_holder_list_get(holders, i)); i++)
		if (holder->inode == inode)
			json_object_array_add(json, json_from_holder(holder));
	return json;
}

static struct json_object *json_from_use(const struct cen_buffer_device *device)
{
	struct json_object *json = json_object_new_object();

	json_add_string(json, "name", device->name);
	json_object_object_add(json, "limits", json_from_limits(&device->limits));
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		json_add_bool(json, uses[i].name, device->flags & uses[i].flag);
	json_add_u64(json, "segments", device->segments);
	return json;
}

static struct json_object *json_from_buffer(const struct cen_buffer_info *buffer,
					    const struct cen_holder_list *holders)
{
	const struct cen_info *info = cen_buffer_info_get(buffer);
	struct json_object *json = json_object_new_object();
	struct json_object *devices = json_object_new_array();
	bool backed = info->state == CEN_BUFFER_BACKED;

	json_add_u64(json, "id", info->id);
	json_add_u64(json, "inode", info->inode);
	json_add_u64(json, "size", info->size);
	json_add_string(json, "state", backed ? "backed" : "empty");
	json_add_u64(json, "uid", info->uid);
	json_add_string(json, "comm", info->comm);
	json_add_u64(json, "creator", info->creator);
	json_object_object_add(json, "plan", backed ?
			       json_from_plan(&info->plan, info->heap_name) : NULL);
	json_add_u64(json, "pieces", info->chunks);
	json_add_u64(json, "address_bits", info->addr_bits);
	json_add_u64(json, "maps", info->maps);
	json_add_u64(json, "early_maps", info->early_maps);
	json_add_u64(json, "kernel_maps", info->vmaps);
	json_add_u64(json, "user_maps", info->mmaps);
	json_add_u64(json, "moves", info->moves);
	json_add_string(json, "last_error", info->last_error ?
			strerrorname_np(abs(info->last_error)) : NULL);
	for (size_t i = 0; i < cen_buffer_info_device_count(buffer); i++)
		json_object_array_add(devices, json_from_use(cen_buffer_info_device(buffer, i)));
	json_object_object_add(json, "devices", devices);
	json_object_object_add(json, "holders", json_from_holders(holders, info->inode));
	return json;
}

static void print_holders(const struct cen_holder_list *holders, uint64_t inode)
{
	const struct cen_holder *holder;

	for (size_t i = 0; (holder = cen_holder_list_get(holders, i)); i++)
		if (holder->inode == inode)
			printf("  held by %d (%s): %u file descriptor%s, %u mapping%s\n",
			       holder->pid, holder->comm, holder->fds,
			       holder->fds == 1 ? "" : "s", holder->maps,
			       holder->maps == 1 ? "" : "s");
}

static void print_use(const struct cen_buffer_device *device)
{
	char limits[512];

	limits_text(&device->limits, limits, sizeof(limits));
	printf("  device %s:", device->name);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		if (device->flags & uses[i].flag)
			printf(" %s", uses[i].name);
	if (device->segments)
		printf(" in %u segment%s", device->segments, device->segments == 1 ? "" : "s");
	printf("; limits %s\n", limits);
}

static void print_buffer(const struct cen_buffer_info *buffer,
			 const struct cen_holder_list *holders)
{
	const struct cen_info *info = cen_buffer_info_get(buffer);
	char size[32];

	cen_size_format(info->size, size, sizeof(size));
	printf("buffer %llu (inode %llu): %s, ", (unsigned long long)info->id,
	       (unsigned long long)info->inode, size);
	if (info->state == CEN_BUFFER_BACKED)
		printf("%u %s from heap %s, %u bits", info->chunks,
		       info->chunks == 1 ? "piece" : "pieces", info->heap_name, info->addr_bits);
	else
		printf("empty");
	printf("; made by %s (PID %u, UID %u)\n", info->comm, info->creator, info->uid);
	printf("  maps: %u by devices (%u of them early), %u by the kernel, %u by user space; moved %llu times\n",
	       info->maps, info->early_maps, info->vmaps, info->mmaps,
	       (unsigned long long)info->moves);
	if (info->last_error)
		printf("  last refusal: %s\n", strerror(abs(info->last_error)));
	for (size_t i = 0; i < cen_buffer_info_device_count(buffer); i++)
		print_use(cen_buffer_info_device(buffer, i));
	print_holders(holders, info->inode);
}

static bool is_ours(const struct cen_buffer_list *buffers, uint64_t inode)
{
	const struct cen_buffer_info *buffer;

	for (size_t i = 0; buffers && (buffer = cen_buffer_list_get(buffers, i)); i++)
		if (cen_buffer_info_get(buffer)->inode == inode)
			return true;
	return false;
}

/* Holders are sorted by inode: a new inode begins a new dma-buf. */
static void list_foreign(const struct cen_buffer_list *buffers,
			 const struct cen_holder_list *holders, struct json_object *json)
{
	const struct cen_holder *holder;
	uint64_t last = 0;

	for (size_t i = 0; (holder = cen_holder_list_get(holders, i)); i++) {
		struct json_object *item;

		if (holder->inode == last || is_ours(buffers, holder->inode))
			continue;
		last = holder->inode;
		if (!json) {
			printf("dma-buf of another exporter (inode %llu)\n",
			       (unsigned long long)last);
			print_holders(holders, last);
			continue;
		}
		item = json_object_new_object();
		json_add_u64(item, "inode", last);
		json_object_object_add(item, "holders", json_from_holders(holders, last));
		json_object_array_add(json, item);
	}
}

static void print_json_lists(const struct options *options,
			     const struct cen_buffer_list *buffers,
			     const struct cen_holder_list *holders, size_t hidden)
{
	struct json_object *json = json_object_new_object();
	struct json_object *own = json_object_new_array();
	struct json_object *foreign = json_object_new_array();
	const struct cen_buffer_info *buffer;

	for (size_t i = 0; buffers && (buffer = cen_buffer_list_get(buffers, i)); i++)
		json_object_array_add(own, json_from_buffer(buffer, holders));
	json_object_object_add(json, "buffers", own);
	if (options->foreign) {
		list_foreign(buffers, holders, foreign);
		json_object_object_add(json, "foreign", foreign);
	} else {
		json_object_put(foreign);
	}
	json_add_u64(json, "hidden_processes", hidden);
	print_json(json);
}

static void print_lists(const struct options *options, const struct cen_buffer_list *buffers,
			const struct cen_holder_list *holders, size_t hidden)
{
	const struct cen_buffer_info *buffer;

	for (size_t i = 0; buffers && (buffer = cen_buffer_list_get(buffers, i)); i++)
		print_buffer(buffer, holders);
	if (options->foreign)
		list_foreign(buffers, holders, NULL);
	if (hidden)
		warnx("%zu processes could not be looked into; root can", hidden);
}

int cenctl_buffers(int argc, char **argv)
{
	struct options options = { .foreign = false };
	struct cen_buffer_list *buffers = NULL;
	struct cen_holder_list *holders;
	struct cen_ctx *ctx;
	size_t hidden = 0;
	int code;

	parse_arguments(&argp, argc, argv, 0, &options);
	ctx = open_allocator(&options.common, &code);
	if (!ctx)
		return code;
	if (cen_ctx_backend(ctx) == CEN_BACKEND_MODULE) {
		buffers = cen_buffer_list_new(ctx);
		if (!buffers) {
			code = report_failure(errno);
			goto close_ctx;
		}
	} else {
		/* Nobody keeps records: who holds what is all there is to tell. */
		options.foreign = true;
	}
	holders = cen_holder_list_new(&hidden);
	if (!holders) {
		code = report_failure(errno);
		goto free_buffers;
	}
	if (options.common.json)
		print_json_lists(&options, buffers, holders, hidden);
	else
		print_lists(&options, buffers, holders, hidden);
	code = EXIT_OK;
	cen_holder_list_free(holders);
free_buffers:
	cen_buffer_list_free(buffers);
close_ctx:
	cen_ctx_close(ctx);
	return code;
}
