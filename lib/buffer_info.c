// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Snapshots of buffers: one's own by handle, all of a user by walking the ids. */
#include "internal.h"

struct cen_buffer_info {
	struct cen_info info;
	struct cen_buffer_device *devices;
	uint32_t device_count;
};

struct cen_buffer_list {
	struct cen_buffer_info *items;
	size_t count;
};

/* @arg says which buffer. Asks again when devices came in between. */
static int info_fetch(struct cen_ctx *ctx, struct cen_buffer_info *out,
		      const struct cen_info *arg)
{
	uint32_t room = 8;
	int error;

	for (;;) {
		struct cen_buffer_device *devices;

		devices = realloc(out->devices, room * sizeof(*devices));
		if (!devices)
			return -ENOMEM;
		out->devices = devices;
		out->info = *arg;
		out->info.devices = (uintptr_t)devices;
		out->info.devices_count = room;
		error = cen_ioctl(ctx->fd, CEN_IOC_INFO, &out->info);
		if (error)
			return error;
		if (out->info.devices_count <= room || room == CEN_MAX_DEVICES)
			break;
		room = CEN_MAX_DEVICES;
	}
	out->device_count = out->info.devices_count < room ? out->info.devices_count : room;
	return 0;
}

CEN_API struct cen_buffer_info *cen_buffer_info_new(struct cen_buffer *buf)
{
	struct cen_info arg = { .fd = buf->fd };
	struct cen_buffer_info *info;
	int error;

	if (!buf->native)
		return cen_ret_null(cen_say(-ENOTTY, "only the module cenalloc keeps records of its buffers"));
	info = calloc(1, sizeof(*info));
	if (!info)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = info_fetch(buf->ctx, info, &arg);
	if (error) {
		cen_buffer_info_free(info);
		return cen_ret_null(cen_say(error, "buffer info: %s", strerror(-error)));
	}
	return info;
}

CEN_API void cen_buffer_info_free(struct cen_buffer_info *info)
{
	if (!info)
		return;
	free(info->devices);
	free(info);
}

CEN_API const struct cen_info *cen_buffer_info_get(const struct cen_buffer_info *info)
{
	return &info->info;
}

CEN_API size_t cen_buffer_info_device_count(const struct cen_buffer_info *info)
{
	return info->device_count;
}

CEN_API const struct cen_buffer_device *
cen_buffer_info_device(const struct cen_buffer_info *info, size_t index)
{
	return index < info->device_count ? &info->devices[index] : NULL;
}

static int list_fill(struct cen_ctx *ctx, struct cen_buffer_list *list)
{
	struct cen_info arg = { .fd = -1, .flags = CEN_INFO_NEXT };
	size_t room = 0;
	int error;

	for (;;) {
		struct cen_buffer_info *item;

		if (list->count == room) {
			room = room ? 2 * room : 16;
			item = realloc(list->items, room * sizeof(*item));
			if (!item)
				return -ENOMEM;
			list->items = item;
		}
		item = &list->items[list->count];
		memset(item, 0, sizeof(*item));
		error = info_fetch(ctx, item, &arg);
		if (error) {
			free(item->devices);
			return error == -ENOENT ? 0 : error;
		}
		arg.id = item->info.id;
		list->count++;
	}
}

CEN_API struct cen_buffer_list *cen_buffer_list_new(struct cen_ctx *ctx)
{
	struct cen_buffer_list *list;
	int error;

	if (ctx->fallback)
		return cen_ret_null(cen_say(-ENOSYS, "only the module cenalloc keeps records of its buffers"));
	list = calloc(1, sizeof(*list));
	if (!list)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = list_fill(ctx, list);
	if (error) {
		cen_buffer_list_free(list);
		return cen_ret_null(cen_say(error, "list of buffers: %s", strerror(-error)));
	}
	return list;
}

CEN_API void cen_buffer_list_free(struct cen_buffer_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].devices);
	free(list->items);
	free(list);
}

CEN_API size_t cen_buffer_list_count(const struct cen_buffer_list *list)
{
	return list->count;
}

CEN_API const struct cen_buffer_info *cen_buffer_list_get(const struct cen_buffer_list *list,
							  size_t index)
{
	return index < list->count ? &list->items[index] : NULL;
}
