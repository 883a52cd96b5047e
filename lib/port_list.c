// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Which ports and links there are: sysfs for ports, /proc/PID/fdinfo for links. */
#include <ctype.h>
#include <dirent.h>
#include <unistd.h>

#include "port.h"

/* What both lists are: @count items of @size bytes. */
struct records {
	char *items;
	size_t size;
	size_t count;
	size_t room;
};

struct cen_port_list {
	struct records records;
};

struct cen_link_list {
	struct records records;
};

/* One more, zeroed; NULL: no memory. */
static void *records_append(struct records *records)
{
	char *item;

	if (records->count == records->room) {
		size_t room = records->room ? 2 * records->room : 16;

		item = realloc(records->items, room * records->size);
		if (!item)
			return NULL;
		records->items = item;
		records->room = room;
	}
	item = records->items + records->count++ * records->size;
	memset(item, 0, records->size);
	return item;
}

static const void *records_get(const struct records *records, size_t index)
{
	return index < records->count ? records->items + index * records->size : NULL;
}

static uint64_t read_u64(const char *dir, const char *file)
{
	char text[64];

	return cen_sysfs_read(dir, file, text, sizeof(text)) ? 0 : strtoull(text, NULL, 0);
}

/* -ENOENT: it went away meanwhile. */
static int read_port(struct cen_port_info *info, const char *name)
{
	static const char * const policies[] = {
		[CEN_PORT_SYNC] = "sync", [CEN_PORT_ENFORCE] = "enforce", [CEN_PORT_TRUST] = "trust",
	};
	char dir[320], text[64];
	int error;

	snprintf(info->name, sizeof(info->name), "%.*s", CEN_PORT_NAME_LEN - 1, name);
	snprintf(dir, sizeof(dir), CEN_PORT_CLASS "/%s", name);
	error = cen_sysfs_read(dir, "direction", text, sizeof(text));
	if (error)
		return error;
	info->direction = strcmp(text, "sink") ? CEN_PORT_SOURCE : CEN_PORT_SINK;
	error = cen_sysfs_read(dir, "dma_device", info->device, sizeof(info->device));
	if (error)
		return error;
	error = cen_sysfs_read(dir, "policy", text, sizeof(text));
	if (error)
		return error;
	for (uint32_t i = 0; i < CEN_ARRAY_SIZE(policies); i++)
		if (!strcmp(text, policies[i]))
			info->policy = i;
	info->granule = read_u64(dir, "granule");
	info->length_max = read_u64(dir, "length_max");
	info->flags = (uint32_t)read_u64(dir, "flags");
	info->blocks = read_u64(dir, "blocks");
	info->bytes = read_u64(dir, "bytes");
	info->errors = read_u64(dir, "errors");
	info->queued = (uint32_t)read_u64(dir, "queued");
	info->attached = (uint32_t)read_u64(dir, "attached");
	info->links = (uint32_t)read_u64(dir, "links");
	return 0;
}

static int compare_ports(const void *a, const void *b)
{
	const struct cen_port_info *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

static int read_ports(struct records *records)
{
	DIR *dir = opendir(CEN_PORT_CLASS);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!error && (entry = readdir(dir))) {
		struct cen_port_info *info;

		if (entry->d_name[0] == '.')
			continue;
		info = records_append(records);
		if (!info)
			error = -ENOMEM;
		else if (read_port(info, entry->d_name))
			records->count--;
	}
	closedir(dir);
	if (records->count)
		qsort(records->items, records->count, records->size, compare_ports);
	return error;
}

CEN_API struct cen_port_list *cen_port_list_new(void)
{
	struct cen_port_list *list = calloc(1, sizeof(*list));
	int error = -ENOMEM;

	if (list) {
		list->records.size = sizeof(struct cen_port_info);
		error = read_ports(&list->records);
	}
	if (error) {
		cen_port_list_free(list);
		return cen_ret_null(cen_say(error, "list of ports: %s", strerror(-error)));
	}
	return list;
}

CEN_API void cen_port_list_free(struct cen_port_list *list)
{
	if (!list)
		return;
	free(list->records.items);
	free(list);
}

CEN_API size_t cen_port_list_count(const struct cen_port_list *list)
{
	return list->records.count;
}

CEN_API const struct cen_port_info *cen_port_list_get(const struct cen_port_list *list,
						      size_t index)
{
	return records_get(&list->records, index);
}

/* ------------------------------------------------------------------- links */

static void parse_latency(struct cen_link_stats *stats, const char *text)
{
	char *end;

	for (size_t i = 0; i < CEN_LINK_BUCKETS; i++) {
		stats->latency[i] = strtoull(text, &end, 10);
		if (end == text)
			return;
		text = end;
	}
}

static void parse_line(struct cen_link_entry *entry, const char *key, const char *value)
{
	struct cen_link_stats *stats = &entry->stats;

	if (!strcmp(key, "source"))
		snprintf(entry->source, sizeof(entry->source), "%s", value);
	else if (!strcmp(key, "sinks"))
		snprintf(entry->sinks, sizeof(entry->sinks), "%s", value);
	else if (!strcmp(key, "buffers"))
		entry->buffers = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "length"))
		entry->length = strtoull(value, NULL, 10);
	else if (!strcmp(key, "running"))
		stats->running = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(key, "status"))
		stats->status = (int32_t)strtol(value, NULL, 10);
	else if (!strcmp(key, "blocks"))
		stats->blocks = strtoull(value, NULL, 10);
	else if (!strcmp(key, "bytes"))
		stats->bytes = strtoull(value, NULL, 10);
	else if (!strcmp(key, "overruns"))
		stats->overruns = strtoull(value, NULL, 10);
	else if (!strcmp(key, "dropped"))
		stats->dropped = strtoull(value, NULL, 10);
	else if (!strcmp(key, "latency-ns"))
		stats->latency_ns_total = strtoull(value, NULL, 10);
	else if (!strcmp(key, "latency"))
		parse_latency(stats, value);
}

/* "cen-link-KEY:<tab>VALUE" lines. -ENOENT when there is no source among them. */
static int read_link(struct cen_link_entry *entry, const char *path)
{
	static const char prefix[] = "cen-link-";
	char line[512];
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		char *value = strchr(line, '\t');

		if (strncmp(line, prefix, strlen(prefix)) || !value || value[-1] != ':')
			continue;
		value[-1] = '\0';
		value[strcspn(value, "\n")] = '\0';
		parse_line(entry, line + strlen(prefix), value + 1);
	}
	fclose(file);
	return entry->source[0] ? 0 : -ENOENT;
}

static int scan_process(struct records *records, const char *pid)
{
	struct dirent *entry;
	char path[600];
	int error = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!error && (entry = readdir(dir))) {
		struct cen_link_entry *item;
		char target[64];
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		if (strcmp(target, "anon_inode:[cen_link]"))
			continue;
		item = records_append(records);
		if (!item) {
			error = -ENOMEM;
			continue;
		}
		snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, entry->d_name);
		if (read_link(item, path)) {
			records->count--;	/* closed meanwhile */
			continue;
		}
		item->pid = (pid_t)strtol(pid, NULL, 10);
		snprintf(path, sizeof(path), "/proc/%s", pid);
		if (cen_sysfs_read(path, "comm", item->comm, sizeof(item->comm)))
			snprintf(item->comm, sizeof(item->comm), "?");
	}
	closedir(dir);
	return error;
}

static int scan_processes(struct records *records, size_t *hidden)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return -errno;
	while (error != -ENOMEM && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		error = scan_process(records, entry->d_name);
		if (error == -EACCES || error == -EPERM)
			++*hidden;
	}
	closedir(dir);
	return error == -ENOMEM ? error : 0;
}

CEN_API struct cen_link_list *cen_link_list_new(size_t *hidden)
{
	struct cen_link_list *list = calloc(1, sizeof(*list));
	size_t unseen = 0;
	int error = -ENOMEM;

	if (list) {
		list->records.size = sizeof(struct cen_link_entry);
		error = scan_processes(&list->records, &unseen);
	}
	if (error) {
		cen_link_list_free(list);
		return cen_ret_null(cen_say(error, "list of links: %s", strerror(-error)));
	}
	if (hidden)
		*hidden = unseen;
	return list;
}

CEN_API void cen_link_list_free(struct cen_link_list *list)
{
	if (!list)
		return;
	free(list->records.items);
	free(list);
}

CEN_API size_t cen_link_list_count(const struct cen_link_list *list)
{
	return list->records.count;
}

CEN_API const struct cen_link_entry *cen_link_list_get(const struct cen_link_list *list,
						       size_t index)
{
	return records_get(&list->records, index);
}
