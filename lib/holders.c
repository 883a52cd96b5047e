// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Who holds dma-bufs: /proc/PID/fd for descriptors, /proc/PID/maps for mappings. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* How the dma-buf core names its files. */
#define DMABUF_PATH "/dmabuf:"

struct cen_holder_list {
	struct cen_holder *items;
	size_t count;
	size_t room;
};

/* The record of (@inode, @pid): a process's records are together at the end. */
static struct cen_holder *list_record(struct cen_holder_list *list, uint64_t inode, pid_t pid)
{
	struct cen_holder *item;

	for (size_t i = list->count; i-- && list->items[i].pid == pid;)
		if (list->items[i].inode == inode)
			return &list->items[i];
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 32;

		item = realloc(list->items, room * sizeof(*item));
		if (!item)
			return NULL;
		list->items = item;
		list->room = room;
	}
	item = &list->items[list->count++];
	memset(item, 0, sizeof(*item));
	item->inode = inode;
	item->pid = pid;
	return item;
}

static int scan_fds(struct cen_holder_list *list, const char *proc, pid_t pid)
{
	struct dirent *entry;
	char path[320];
	int error = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%d/fd", proc, pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!error && (entry = readdir(dir))) {
		struct cen_holder *item;
		char target[64];
		struct stat st;
		ssize_t len;

		len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (len < (ssize_t)strlen(DMABUF_PATH) ||
		    strncmp(target, DMABUF_PATH, strlen(DMABUF_PATH)) != 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st, 0))
			continue;	/* something else, or closed meanwhile */
		item = list_record(list, st.st_ino, pid);
		if (item)
			item->fds++;
		else
			error = -ENOMEM;
	}
	closedir(dir);
	return error;
}

static int scan_maps(struct cen_holder_list *list, const char *proc, pid_t pid)
{
	char path[320], line[512];
	int error = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "%s/%d/maps", proc, pid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (!error && fgets(line, sizeof(line), maps)) {
		struct cen_holder *item;
		uint64_t inode;

		if (!strstr(line, " " DMABUF_PATH) ||
		    sscanf(line, "%*s %*s %*s %*s %" SCNu64, &inode) != 1)
			continue;
		item = list_record(list, inode, pid);
		if (item)
			item->maps++;
		else
			error = -ENOMEM;
	}
	fclose(maps);
	return error;
}

static int scan_process(struct cen_holder_list *list, const char *proc, pid_t pid)
{
	size_t first = list->count;
	char path[320], comm[16];
	int error;

	error = scan_fds(list, proc, pid);
	if (!error)
		error = scan_maps(list, proc, pid);
	if (list->count == first)
		return error;
	snprintf(path, sizeof(path), "%s/%d", proc, pid);
	if (cen_sysfs_read(path, "comm", comm, sizeof(comm)))
		snprintf(comm, sizeof(comm), "?");
	for (size_t i = first; i < list->count; i++)
		memcpy(list->items[i].comm, comm, sizeof(comm));
	return error;
}

static int compare_holders(const void *a, const void *b)
{
	const struct cen_holder *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int scan_all(struct cen_holder_list *list, const char *proc, size_t *hidden)
{
	struct dirent *entry;
	int error = 0;
	DIR *dir;

	dir = opendir(proc);
	if (!dir)
		return cen_say(-errno, "%s: %s", proc, strerror(errno));
	while ((entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		error = scan_process(list, proc, atoi(entry->d_name));
		if (error == -EACCES || error == -EPERM)
			++*hidden;
		else if (error == -ENOMEM)
			break;
		error = 0;	/* others: the process has gone */
	}
	closedir(dir);
	return error ? cen_say(error, "out of memory") : 0;
}

CEN_API struct cen_holder_list *cen_holder_list_new(size_t *hidden)
{
	struct cen_holder_list *list = calloc(1, sizeof(*list));
	size_t unseen = 0;
	int error;

	if (!list)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = scan_all(list, cen_roots_default.proc, &unseen);
	if (error) {
		cen_holder_list_free(list);
		return cen_ret_null(error);
	}
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_holders);
	if (hidden)
		*hidden = unseen;
	return list;
}

CEN_API void cen_holder_list_free(struct cen_holder_list *list)
{
	if (!list)
		return;
	free(list->items);
	free(list);
}

CEN_API size_t cen_holder_list_count(const struct cen_holder_list *list)
{
	return list->count;
}

CEN_API const struct cen_holder *cen_holder_list_get(const struct cen_holder_list *list,
						     size_t index)
{
	return index < list->count ? &list->items[index] : NULL;
}
