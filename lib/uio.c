// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A device of a user-space driver: opened, asked, closed. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "uio.h"

static int number_of(const char *text)
{
	char *end;
	long number;

	if (strncmp(text, "uio", 3) || text[3] < '0' || text[3] > '9')
		return -EINVAL;
	number = strtol(text + 3, &end, 10);
	return *end || number > 0xfffff ? -EINVAL : (int)number;
}

/* The UIO device below @name's directory. */
static int number_of_device(const char *name)
{
	struct cen_roots roots = cen_roots_default;
	struct dirent *entry;
	char path[512], uio[600];
	int number = -ENOENT;
	DIR *dir;
	int error;

	error = cen_sysfs_device(&roots, name, path, sizeof(path));
	if (error)
		return cen_say(error, "%s: %s", name, error == -EINVAL ? "bus:device is accepted" :
			       "no such device");
	snprintf(uio, sizeof(uio), "%s/uio", path);
	dir = opendir(uio);
	while (dir && number < 0 && (entry = readdir(dir)))
		number = number_of(entry->d_name);
	if (dir)
		closedir(dir);
	if (number < 0)
		return cen_say(-ENOENT, "%s is not bound to cen_uio", name);
	return number;
}

int cen_uio_number(const char *device)
{
	int number;

	if (strncmp(device, "/dev/", 5))
		return number_of_device(device);
	number = number_of(device + 5);
	return number < 0 ? cen_say(number, "%s: /dev/uioN is accepted", device) : number;
}

static int uio_open_node(int *fd, const char *format, int number)
{
	char path[64];
	int error;

	/* one of our two formats */
	snprintf(path, sizeof(path), format, number);
	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	error = -errno;
	switch (error) {
	case -EBUSY:
		return cen_say(error, "%s: another program has the device", path);
	case -EPERM:
		return cen_say(error, "%s: CAP_SYS_RAWIO is wanted: no IOMMU confines the device",
			       path);
	case -ENOENT:
		return cen_say(error, "%s does not exist: the device is not bound to cen_uio", path);
	default:
		return cen_say(error, "%s: %s", path, strerror(-error));
	}
}

static int uio_open(struct cen_uio *dev, const char *device)
{
	int number = cen_uio_number(device);
	int error;

	if (number < 0)
		return number;
	error = uio_open_node(&dev->node, "/dev/cen_uio/%d", number);
	if (error)
		return error;
	error = uio_open_node(&dev->fd, "/dev/uio%d", number);
	if (error)
		return error;
	dev->info.windows = (uintptr_t)dev->windows;
	dev->info.regs = (uintptr_t)dev->regs;
	dev->info.windows_count = CEN_UIO_MAX_WINDOWS;
	dev->info.regs_count = CEN_UIO_MAX_REGS;
	error = cen_ioctl(dev->node, CEN_UIO_IOC_INFO, &dev->info);
	return error ? cen_say(error, "%s: %s", device, strerror(-error)) : 0;
}

CEN_API struct cen_uio *cen_uio_open(const char *device)
{
	struct cen_uio *dev = calloc(1, sizeof(*dev));
	int error;

	if (!dev)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	dev->node = -1;
	dev->fd = -1;
	error = uio_open(dev, device);
	if (error) {
		cen_uio_close(dev);
		return cen_ret_null(error);
	}
	return dev;
}

CEN_API void cen_uio_close(struct cen_uio *dev)
{
	int saved = errno;

	if (!dev)
		return;
	for (size_t i = 0; i < CEN_UIO_MAX_WINDOWS; i++)
		if (dev->maps[i])
			munmap(dev->maps[i], dev->windows[i].size);
	/* The node first: it stops the device. */
	if (dev->node >= 0)
		close(dev->node);
	if (dev->fd >= 0)
		close(dev->fd);
	free(dev);
	errno = saved;
}

CEN_API const struct cen_uio_info *cen_uio_get_info(const struct cen_uio *dev)
{
	return &dev->info;
}

CEN_API const struct cen_uio_reg *cen_uio_get_reg(const struct cen_uio *dev, size_t index)
{
	return index < dev->info.regs_count && index < CEN_UIO_MAX_REGS ? &dev->regs[index] : NULL;
}

CEN_API const struct cen_uio_reg *cen_uio_find_reg(const struct cen_uio *dev, uint32_t region,
						   uint64_t offset)
{
	const struct cen_uio_reg *reg;

	for (size_t i = 0; (reg = cen_uio_get_reg(dev, i)); i++)
		if (reg->region == region && reg->offset == offset)
			return reg;
	return NULL;
}

CEN_API const struct cen_uio_window *cen_uio_get_window(const struct cen_uio *dev, size_t index)
{
	return index < dev->info.windows_count && index < CEN_UIO_MAX_WINDOWS ?
	       &dev->windows[index] : NULL;
}

CEN_API int cen_uio_fd(const struct cen_uio *dev)
{
	return dev->fd;
}

CEN_API int cen_uio_node_fd(const struct cen_uio *dev)
{
	return dev->node;
}

CEN_API const struct cen_uio_reason *cen_uio_last_reason(const struct cen_uio *dev)
{
	return &dev->reason;
}
