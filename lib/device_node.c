// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * From a device node to the device that does its DMA.
 *
 * /sys/dev/char/MAJOR:MINOR is a link to the class device (video0, card0, iio:device0,
 * uio0); the first of its ancestors on a bus that masters memory is the one whose limits
 * count. A USB camera's ancestor is thus its host controller, which does do the DMA.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "internal.h"

/* As many as cenalloc.ko can search, see kernel/core/device.c. */
const char * const cen_dma_buses[] = {
	"pci", "platform", "amba", "cdx", "eisa", "fsl-mc", NULL
};

bool cen_bus_known(const char *bus)
{
	for (size_t i = 0; cen_dma_buses[i]; i++)
		if (!strcmp(bus, cen_dma_buses[i]))
			return true;
	return false;
}

int cen_sysfs_read(const char *dir, const char *file, char *text, size_t room)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, room - 1);
	if (len < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	close(fd);
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int cen_sysfs_link(const char *dir, const char *file, char *text, size_t room)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t len;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (snprintf(text, room, "%s", base) >= (int)room)
		return -ENAMETOOLONG;
	return 0;
}

/* @path (resolved, inside /sys/devices) or its first ancestor on one of the buses. */
int cen_sysfs_owner(const char *path, char name[CEN_NAME_LEN])
{
	char dir[PATH_MAX], bus[64];
	char *base;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	while ((base = strrchr(dir, '/')) && base != dir) {
		if (!cen_sysfs_link(dir, "subsystem", bus, sizeof(bus)) && cen_bus_known(bus)) {
			if (strlen(bus) + strlen(base) >= CEN_NAME_LEN)
				return -ENAMETOOLONG;
			snprintf(name, CEN_NAME_LEN, "%.8s:%.54s", bus, base + 1);
			return 0;
		}
		*base = '\0';
	}
	return -ENODEV;
}

int cen_node_resolve(const struct cen_roots *roots, const char *path,
		     char name[CEN_NAME_LEN])
{
	char link[256], target[PATH_MAX];
	struct stat st;
	int error;

	if (stat(path, &st)) {
		error = -errno;
		return cen_say(error, "%s: %s", path, strerror(-error));
	}
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return cen_say(-ENOTTY, "%s is no device node", path);

	snprintf(link, sizeof(link), "%s/dev/%s/%u:%u", roots->sys,
		 S_ISCHR(st.st_mode) ? "char" : "block", major(st.st_rdev), minor(st.st_rdev));
	if (!realpath(link, target))
		return cen_say(-ENODEV, "%s: sysfs does not know device %u:%u", path,
			       major(st.st_rdev), minor(st.st_rdev));
	error = cen_sysfs_owner(target, name);
	if (error == -ENODEV)
		cen_say(error, "%s (%s): nothing above it is on a bus that does DMA; declare the device by bus:name or limits:name,key=value",
			path, target);
	else if (error)
		cen_say(error, "%s (%s): the name of its device is too long", path, target);
	return error;
}

CEN_API int cen_device_resolve(const char *path, char name[CEN_NAME_LEN])
{
	return cen_ret(cen_node_resolve(&cen_roots_default, path, name));
}

int cen_sysfs_device(const struct cen_roots *roots, const char *name, char *path, size_t room)
{
	const char *colon = strchr(name, ':');
	char bus[CEN_NAME_LEN];

	if (!colon || !colon[1] || strchr(name, '/') || !strcmp(colon + 1, ".") ||
	    !strcmp(colon + 1, ".."))
		return -EINVAL;
	snprintf(bus, sizeof(bus), "%.*s", (int)(colon - name), name);
	if (!cen_bus_known(bus))
		return -EINVAL;
	if (snprintf(path, room, "%s/bus/%s/devices/%s", roots->sys, bus, colon + 1) >= (int)room)
		return -ENAMETOOLONG;
	return access(path, F_OK) ? -ENOENT : 0;
}
