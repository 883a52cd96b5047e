// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The devices of this machine, and what is known of each. */
#include <dirent.h>
#include <limits.h>
#include <unistd.h>

#include "internal.h"

struct device_item {
	struct cen_device_info info;
	char nodes[1024];
	int error;
};

struct cen_device_list {
	struct device_item *items;
	size_t count;
	size_t room;
};

/* Node classes a person would declare a device by. */
static const char * const node_classes[] = {
	"video4linux", "drm", "iio", "uio", "accel", "media", "cen_port",
};

static int list_append(struct cen_device_list *list, const char *bus, const char *device)
{
	struct device_item *item;

	if (strlen(bus) + 1 + strlen(device) >= CEN_NAME_LEN)
		return 0;	/* the uAPI cannot name it */
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 32;

		item = realloc(list->items, room * sizeof(*item));
		if (!item)
			return -ENOMEM;
		list->items = item;
		list->room = room;
	}
	item = &list->items[list->count++];
	memset(item, 0, sizeof(*item));
	snprintf(item->info.name, sizeof(item->info.name), "%.8s:%.54s", bus, device);
	return 0;
}

static int list_scan_bus(struct cen_device_list *list, const struct cen_roots *roots,
			 const char *bus)
{
	char path[256];
	struct dirent *entry;
	int error = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/bus/%s/devices", roots->sys, bus);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : cen_say(-errno, "%s: %s", path, strerror(errno));
	while (!error && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			error = list_append(list, bus, entry->d_name);
	closedir(dir);
	return error ? cen_say(error, "out of memory") : 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct device_item *x = a, *y = b;

	return strcmp(x->info.name, y->info.name);
}

static int compare_name(const void *name, const void *item)
{
	return strcmp(name, ((const struct device_item *)item)->info.name);
}

static bool class_listed(const char *class)
{
	for (size_t i = 0; i < CEN_ARRAY_SIZE(node_classes); i++)
		if (!strcmp(class, node_classes[i]))
			return true;
	return false;
}

/* The "DEVNAME=" line of a uevent file. */
static int node_name(const char *path, char *name, size_t room)
{
	char file[PATH_MAX], line[256];
	int error = -ENOENT;
	FILE *uevent;

	if (snprintf(file, sizeof(file), "%s/uevent", path) >= (int)sizeof(file))
		return -ENAMETOOLONG;
	uevent = fopen(file, "re");
	if (!uevent)
		return -errno;
	while (error && fgets(line, sizeof(line), uevent)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "DEVNAME=", 8))
			continue;
		if (snprintf(name, room, "/dev/%s", line + 8) < (int)room)
			error = 0;
	}
	fclose(uevent);
	return error;
}

static void list_add_node(struct cen_device_list *list, const char *link)
{
	char target[PATH_MAX], class[64], owner[CEN_NAME_LEN], node[64];
	struct device_item *item;
	size_t used;

	if (!realpath(link, target) || cen_sysfs_link(target, "subsystem", class, sizeof(class)) ||
	    !class_listed(class) || cen_sysfs_owner(target, owner) ||
	    node_name(target, node, sizeof(node)))
		return;
	item = bsearch(owner, list->items, list->count, sizeof(*item), compare_name);
	if (!item)
		return;
	used = strlen(item->nodes);
	/* One that does not fit is left out whole. */
	if (used + strlen(node) + 2 <= sizeof(item->nodes))
		snprintf(item->nodes + used, sizeof(item->nodes) - used, "%s%s",
			 used ? " " : "", node);
}

/* Nodes are a convenience for readers: a machine without /sys/dev has none. */
static void list_scan_nodes(struct cen_device_list *list, const struct cen_roots *roots)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int count;

	snprintf(path, sizeof(path), "%s/dev/char", roots->sys);
	count = scandir(path, &entries, NULL, versionsort);
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/dev/char/%s", roots->sys,
			     entries[i]->d_name) < (int)sizeof(path))
			list_add_node(list, path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static int list_scan_names(struct cen_device_list *list, const struct cen_roots *roots)
{
	int error = 0;

	for (size_t i = 0; !error && cen_dma_buses[i]; i++)
		error = list_scan_bus(list, roots, cen_dma_buses[i]);
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_items);
	return error;
}

CEN_API struct cen_device_list *cen_device_list_new(struct cen_ctx *ctx)
{
	struct cen_device_list *list = calloc(1, sizeof(*list));
	int error;

	if (!list)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = list_scan_names(list, &ctx->roots);
	if (error) {
		cen_device_list_free(list);
		return cen_ret_null(error);
	}
	for (size_t i = 0; i < list->count; i++) {
		struct device_item *item = &list->items[i];

		/* One may be unplugged meanwhile, or refuse: that is told per device. */
		item->error = -ctx->ops->device_info(ctx, &item->info);
	}
	list_scan_nodes(list, &ctx->roots);
	return list;
}

CEN_API void cen_device_list_free(struct cen_device_list *list)
{
	if (!list)
		return;
	free(list->items);
	free(list);
}

CEN_API size_t cen_device_list_count(const struct cen_device_list *list)
{
	return list->count;
}

CEN_API const struct cen_device_info *cen_device_list_get(const struct cen_device_list *list,
							  size_t index)
{
	return index < list->count ? &list->items[index].info : NULL;
}

CEN_API const char *cen_device_list_nodes(const struct cen_device_list *list, size_t index)
{
	return index < list->count ? list->items[index].nodes : NULL;
}

CEN_API int cen_device_list_error(const struct cen_device_list *list, size_t index)
{
	return index < list->count ? list->items[index].error : ENOENT;
}

static bool ends_with(const char *text, const char *end)
{
	size_t text_len = strlen(text), len = strlen(end);

	return text_len >= len && !strcmp(text + text_len - len, end);
}

CEN_API const char *cen_device_list_nearest(const struct cen_device_list *list,
					    const char *name)
{
	const char *device = strchr(name, ':');
	const char *nearest = NULL;
	unsigned int best;

	device = device ? device + 1 : name;
	best = (unsigned int)strlen(device) / 3 + 2;	/* from there on it is another name */
	for (size_t i = 0; i < list->count; i++) {
		const char *candidate = list->items[i].info.name;
		unsigned int distance = cen_name_distance(name, candidate);

		/* "00:04.0" is what lspci calls 0000:00:04.0. */
		if (*device && ends_with(candidate, device))
			distance = 0;
		if (distance < best) {
			best = distance;
			nearest = candidate;
		}
	}
	return nearest;
}

CEN_API int cen_device_get_info(struct cen_ctx *ctx, const char *name,
				struct cen_device_info *info)
{
	struct cen_device entry = { .flags = 0 };
	int error;

	memset(info, 0, sizeof(*info));
	if (strlen(name) >= sizeof(info->name))
		return cen_ret(cen_say(-ENAMETOOLONG, "%s: a device name has at most %d bytes",
				       name, CEN_NAME_LEN - 1));
	snprintf(info->name, sizeof(info->name), "%s", name);
	error = ctx->ops->device_info(ctx, info);
	if (error == -ENOENT || error == -EINVAL) {
		snprintf(entry.name, sizeof(entry.name), "%s", name);
		if (!cen_say_unknown_device(ctx, &entry, 1))
			cen_say(error, "%s: %s", name, strerror(-error));
	} else if (error) {
		cen_say(error, "%s: %s", name, strerror(-error));
	}
	return cen_ret(error);
}

/* Returns 1 when it found, and said, a culprit. */
int cen_say_unknown_device(struct cen_ctx *ctx, const struct cen_device *entries, size_t count)
{
	struct cen_device_list names = { 0 };
	const char *near = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		struct cen_device_info info = { .sources = 0 };
		int error;

		if (entries[i].flags & CEN_DEVICE_ANONYMOUS)
			continue;
		memcpy(info.name, entries[i].name, sizeof(info.name));
		error = ctx->ops->device_info(ctx, &info);
		if (error == -ENOENT || error == -EINVAL)
			break;
	}
	if (i == count)
		return 0;
	if (!list_scan_names(&names, &ctx->roots))
		near = cen_device_list_nearest(&names, entries[i].name);
	if (near && strcmp(near, entries[i].name))
		cen_say(0, "no device '%s'; did you mean '%s'?", entries[i].name, near);
	else if (near)
		cen_say(0, "device '%s': its limits contradict each other", entries[i].name);
	else
		cen_say(0, "no device '%s'; cenctl devices lists those there are",
			entries[i].name);
	free(names.items);
	return 1;
}
