// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Giving a device to cen_uio and taking it back, with the rules it has meanwhile. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uio.h"

/* One write() of all of @text. -errno. */
static int write_text(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, length) < 0)
		error = -errno;
	close(fd);
	return error;
}

static int say_file(int error, const char *path)
{
	return error ? cen_say(error, "%s: %s", path, strerror(-error)) : 0;
}

static int put_rules(const char *directory, const char *path)
{
	/* What configfs takes at once, and one byte to see that it is more. */
	char text[4096], file[256], problem[160];
	ssize_t length;
	int fd, error;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return say_file(-errno, path);
	length = read(fd, text, sizeof(text));
	error = length < 0 ? -errno : 0;
	close(fd);
	if (error)
		return say_file(error, path);
	if (length == sizeof(text))
		return cen_say(-EFBIG, "%s: more than %zu bytes", path, sizeof(text) - 2);

	if (mkdir(directory, 0755) && errno != EEXIST)
		return errno == ENOENT ? cen_say(-ENOENT, "%s does not exist: the module cen_uio is not loaded",
						 CEN_UIO_CONFIGFS) : say_file(-errno, directory);
	snprintf(file, sizeof(file), "%s/rules", directory);
	error = write_text(file, text, (size_t)length);
	if (error == -EINVAL &&
	    !cen_sysfs_read(directory, "problem", problem, sizeof(problem)))
		return cen_say(error, "%s: %s", path, problem);
	return say_file(error, file);
}

/* "echo @text > @path/@file" */
static int put(const char *path, const char *file, const char *text)
{
	char name[600];

	snprintf(name, sizeof(name), "%s/%s", path, file);
	return say_file(write_text(name, text, strlen(text)), name);
}

/**
 * struct place - where a device is found
 * @bus: directory of its bus
 * @path: directory of the device
 * @own: its name on the bus
 */
struct place {
	char bus[128];
	char path[512];
	const char *own;
};

static int find_device(const char *device, struct place *place)
{
	const char *colon = strchr(device, ':');
	int error = cen_sysfs_device(&cen_roots_default, device, place->path, sizeof(place->path));

	if (error || !colon)
		return cen_say(error ?: -EINVAL, "%s: %s", device, error == -ENOENT ?
			       "no such device" : "bus:device is accepted");
	snprintf(place->bus, sizeof(place->bus), CEN_UIO_SYS "/bus/%.*s",
		 (int)(colon - device), device);
	place->own = colon + 1;
	return 0;
}

/* Driverless for a moment; then whoever driver_override lets have it. */
static int rebind(const struct place *place, const char *override)
{
	char driver[128];
	int error;

	error = put(place->path, "driver_override", override);
	if (error)
		return error;
	if (!cen_sysfs_link(place->path, "driver", driver, sizeof(driver))) {
		error = put(place->path, "driver/unbind", place->own);
		if (error)
			return error;
	}
	return put(place->bus, "drivers_probe", place->own);
}

static int uio_bind(const char *device, const char *rules)
{
	char directory[sizeof(CEN_UIO_CONFIGFS) + CEN_UIO_NAME_LEN + 1], driver[128];
	struct place place;
	int error;

	error = find_device(device, &place);
	if (error)
		return error;
	if (rules) {
		snprintf(directory, sizeof(directory), CEN_UIO_CONFIGFS "/%s", device);
		error = put_rules(directory, rules);
		if (error)
			return error;
	}
	error = rebind(&place, "cen_uio");
	if (error)
		return error;
	if (cen_sysfs_link(place.path, "driver", driver, sizeof(driver)) ||
	    strcmp(driver, "cen_uio"))
		return cen_say(-ENODEV, "%s: cen_uio does not take it; the kernel log says why",
			       device);
	return 0;
}

CEN_API int cen_uio_bind(const char *device, const char *rules)
{
	return cen_ret(uio_bind(device, rules));
}

static int uio_unbind(const char *device)
{
	char directory[sizeof(CEN_UIO_CONFIGFS) + CEN_UIO_NAME_LEN + 1];
	struct place place;
	int error;

	error = find_device(device, &place);
	if (error)
		return error;
	error = rebind(&place, "\n");
	if (error)
		return error;
	snprintf(directory, sizeof(directory), CEN_UIO_CONFIGFS "/%s", device);
	if (rmdir(directory) && errno != ENOENT)
		return say_file(-errno, directory);
	return 0;
}

CEN_API int cen_uio_unbind(const char *device)
{
	return cen_ret(uio_unbind(device));
}
