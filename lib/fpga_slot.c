// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Slots: directories of configfs, made, filled, switched, listed. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpga.h"

#define PATH_ROOM	256U
_Static_assert(PATH_ROOM > sizeof(CEN_FPGA_CONFIGFS) + 2UL * CEN_FPGA_NAME_LEN, "two names fit");

struct cen_fpga_slot_list {
	struct cen_fpga_slot *slots;
	size_t count;
};

/* Directory of a region, or of one of its slots. -EINVAL for what cannot be a name. */
static int slot_path(const char *region, const char *image, char *path)
{
	char name[CEN_FPGA_NAME_LEN];
	int error = cen_fpga_name(region, name);

	if (error)
		return error;
	if (image && (!*image || strchr(image, '/') || *image == '.' ||
		      strlen(image) >= CEN_FPGA_NAME_LEN))
		return cen_say(-EINVAL, "'%s' cannot be the name of an image", image);
	snprintf(path, PATH_ROOM, CEN_FPGA_CONFIGFS "/%s%s%s", name, image ? "/" : "",
		 image ? image : "");
	return 0;
}

static int say_path(int error, const char *path)
{
	if (error == -ENOENT && access(CEN_FPGA_CONFIGFS, F_OK))
		return cen_say(error, CEN_FPGA_CONFIGFS " does not exist: the module cen_fpga is not "
			       "loaded, or configfs is not mounted");
	return cen_say(error, "%s: %s", path, strerror(-error));
}

/* "echo @text > @dir/@file" */
static int put(const char *dir, const char *file, const char *text)
{
	char path[PATH_ROOM + 64];
	int error = 0, fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

static int slot_put(const char *region, const char *image, const char *file, const char *text)
{
	char path[PATH_ROOM];
	int error = slot_path(region, image, path);

	if (error)
		return error;
	error = put(path, file, text);
	return error ? say_path(error, path) : 0;
}

static int slot_add(const char *region, const char *image)
{
	char path[PATH_ROOM];
	int error = slot_path(region, NULL, path);

	if (error)
		return error;
	if (mkdir(path, 0755) && errno != EEXIST)
		return errno == ENODEV ? cen_say(-ENODEV, "%s: no such region or manager", region) :
		       say_path(-errno, path);
	error = slot_path(region, image, path);
	if (error)
		return error;
	if (mkdir(path, 0755))
		return errno == EEXIST ? cen_say(-EEXIST, "%s has a slot '%s' already", region, image) :
		       say_path(-errno, path);
	return 0;
}

CEN_API int cen_fpga_slot_add(const char *region, const char *image)
{
	return cen_ret(slot_add(region, image));
}

static int slot_remove(const char *region, const char *image)
{
	char path[PATH_ROOM];
	int error = slot_path(region, image, path);

	if (error)
		return error;
	if (rmdir(path))
		return errno == ENOENT ? cen_say(-ENOENT, "%s has no slot '%s'", region, image) :
		       say_path(-errno, path);
	/* with the last of its slots; with others in it this does nothing */
	slot_path(region, NULL, path);
	rmdir(path);
	return 0;
}

CEN_API int cen_fpga_slot_remove(const char *region, const char *image)
{
	return cen_ret(slot_remove(region, image));
}

CEN_API int cen_fpga_slot_set_flags(const char *region, const char *image, uint32_t flags)
{
	char text[64];

	/* nothing at all would be no write */
	snprintf(text + cen_fpga_flags_format(flags, ' ', text, sizeof(text) - 1), 2, "\n");
	return cen_ret(slot_put(region, image, "flags", text));
}

CEN_API int cen_fpga_slot_set_firmware(const char *region, const char *image, const char *name)
{
	int error = slot_put(region, image, "firmware", name);

	if (error == -ENOENT && *name)
		cen_say(error, "%s: no firmware file of that name, or no slot '%s' in %s", name,
			image, region);
	return cen_ret(error);
}

CEN_API int cen_fpga_slot_set_buffer(const char *region, const char *image,
				     struct cen_buffer *buf, uint64_t offset, uint64_t length)
{
	int fd = cen_buffer_fd(buf);
	char text[80];

	if (fd < 0)
		return -1;
	snprintf(text, sizeof(text), "%d %llu %llu", fd, (unsigned long long)offset,
		 (unsigned long long)length);
	return cen_ret(slot_put(region, image, "dmabuf", text));
}

CEN_API int cen_fpga_slot_set_overlay(const char *region, const char *image, const char *name)
{
	int error = slot_put(region, image, "overlay", *name ? name : "\n");

	if (error == -EOPNOTSUPP)
		cen_say(error, "this kernel has no device-tree overlays (CONFIG_OF_OVERLAY)");
	return cen_ret(error);
}

static int fpga_switch(const char *region, const char *image)
{
	char path[PATH_ROOM], message[CEN_FPGA_MESSAGE_LEN] = "";
	int error = slot_path(region, image, path);

	if (error)
		return error;
	slot_path(region, NULL, path);
	error = put(path, "active", image);
	switch (error) {
	case 0:
		return 0;
	case -ENOENT:
		return cen_say(error, "%s has no slot '%s'", region, image);
	case -ENODATA:
		return cen_say(error, "the slot '%s' of %s is empty", image, region);
	case -ENODEV:
		return cen_say(error, "%s is gone", region);
	default:
		cen_sysfs_read(path, "message", message, sizeof(message));
		return cen_say(error, "%s: %s: %s", region, image, message[0] ? message :
			       strerror(-error));
	}
}

CEN_API int cen_fpga_switch(const char *region, const char *image)
{
	return cen_ret(fpga_switch(region, image));
}

/* A file that cannot be read is one of a slot that is going. */
static void read_slot(const char *path, const char *name, struct cen_fpga_slot *slot)
{
	char text[64];

	snprintf(slot->name, sizeof(slot->name), "%s", name);
	if (cen_sysfs_read(path, "state", slot->state, sizeof(slot->state)))
		slot->state[0] = '\0';
	if (cen_sysfs_read(path, "firmware", slot->firmware, sizeof(slot->firmware)))
		slot->firmware[0] = '\0';
	if (!cen_sysfs_read(path, "size", text, sizeof(text)))
		slot->size = strtoull(text, NULL, 10);
	if (!cen_sysfs_read(path, "switches", text, sizeof(text)))
		slot->switches = strtoull(text, NULL, 10);
	if (!cen_sysfs_read(path, "last_switch_ns", text, sizeof(text)))
		slot->last_switch_ns = strtoull(text, NULL, 10);
	if (!cen_sysfs_read(path, "flags", text, sizeof(text)))
		cen_fpga_flags_parse(&slot->flags, text);
}

static int list_fill(struct cen_fpga_slot_list *list, const char *region)
{
	char path[PATH_ROOM], slot[PATH_ROOM];
	char **names;
	size_t count;
	int error = slot_path(region, NULL, path);

	if (error)
		return error;
	error = cen_fpga_names(path, true, &names, &count);
	if (error) {
		char node[sizeof(CEN_FPGA_NODES) + CEN_FPGA_NAME_LEN + 1];

		snprintf(node, sizeof(node), CEN_FPGA_NODES "/%s", strrchr(path, '/') + 1);
		if (error != -ENOENT || access(CEN_FPGA_CONFIGFS, F_OK))
			return say_path(error, path);
		return access(node, F_OK) ? cen_say(-ENOENT, "%s: no such region or manager", region) : 0;
	}
	list->slots = calloc(count + 1, sizeof(*list->slots));
	if (!list->slots) {
		error = cen_say(-ENOMEM, "out of memory");
		goto free_names;
	}
	for (size_t i = 0; i < count; i++)
		if (!slot_path(region, names[i], slot))
			read_slot(slot, names[i], &list->slots[list->count++]);
free_names:
	cen_fpga_names_free(names, count);
	return error;
}

CEN_API struct cen_fpga_slot_list *cen_fpga_slot_list_new(const char *region)
{
	struct cen_fpga_slot_list *list = calloc(1, sizeof(*list));
	int error;

	if (!list)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = list_fill(list, region);
	if (error) {
		cen_fpga_slot_list_free(list);
		return cen_ret_null(error);
	}
	return list;
}

CEN_API void cen_fpga_slot_list_free(struct cen_fpga_slot_list *list)
{
	if (!list)
		return;
	free(list->slots);
	free(list);
}

CEN_API size_t cen_fpga_slot_list_count(const struct cen_fpga_slot_list *list)
{
	return list->count;
}

CEN_API const struct cen_fpga_slot *cen_fpga_slot_list_get(const struct cen_fpga_slot_list *list,
							   size_t index)
{
	return index < list->count ? &list->slots[index] : NULL;
}
