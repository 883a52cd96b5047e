// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "edu.h"

#define PCI_DEVICES "/sys/bus/pci/devices"

static unsigned int edu_sysfs_hex(const char *device, const char *name)
{
	unsigned int value = 0;
	char path[320];
	FILE *file;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", device, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%x", &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

/* The driver's character device is a child of the PCI device. */
static int edu_find_node(struct edu *edu)
{
	struct dirent *entry;
	char path[320];
	DIR *dir;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/misc", edu->pci);
	dir = opendir(path);
	if (!dir)
		return -ENXIO;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "cen_edu", 7))
			snprintf(edu->node, sizeof(edu->node), "/dev/%.20s", entry->d_name);
	closedir(dir);
	return edu->node[0] ? 0 : -ENXIO;
}

int edu_open(struct edu *edu)
{
	struct dirent *entry;
	DIR *dir = opendir(PCI_DEVICES);
	int ret;

	memset(edu, 0, sizeof(*edu));
	edu->fd = -1;
	if (!dir)
		return -errno;
	while (!edu->pci[0] && (entry = readdir(dir)))
		if (edu_sysfs_hex(entry->d_name, "vendor") == 0x1234 &&
		    edu_sysfs_hex(entry->d_name, "device") == 0x11e8)
			snprintf(edu->pci, sizeof(edu->pci), "%.31s", entry->d_name);
	closedir(dir);
	if (!edu->pci[0])
		return -ENODEV;
	ret = edu_find_node(edu);
	if (ret)
		return ret;
	edu->fd = open(edu->node, O_RDWR | O_CLOEXEC);
	return edu->fd < 0 ? -errno : 0;
}

void edu_close(struct edu *edu)
{
	if (edu->fd >= 0)
		close(edu->fd);
	edu->fd = -1;
}

int edu_attach(struct edu *edu, int dmabuf, struct edu_buffer *buf)
{
	struct cen_edu_attach arg = { .fd = dmabuf };

	memset(buf, 0, sizeof(*buf));
	if (ioctl(edu->fd, CEN_EDU_IOC_ATTACH, &arg))
		return -errno;
	buf->handle = arg.handle;
	buf->segments = arg.segments;
	buf->address_bits = arg.address_bits;
	return 0;
}

int edu_detach(struct edu *edu, const struct edu_buffer *buf)
{
	struct cen_edu_detach arg = { .handle = buf->handle };

	return ioctl(edu->fd, CEN_EDU_IOC_DETACH, &arg) ? -errno : 0;
}

static int edu_transfer(struct edu *edu, const struct edu_buffer *buf, uint32_t direction,
			uint64_t offset, uint32_t length)
{
	struct cen_edu_transfer arg = {
		.handle = buf->handle,
		.direction = direction,
		.offset = offset,
		.length = length,
	};

	return ioctl(edu->fd, CEN_EDU_IOC_TRANSFER, &arg) ? -errno : 0;
}

int edu_read(struct edu *edu, const struct edu_buffer *buf, uint64_t offset, uint32_t length)
{
	return edu_transfer(edu, buf, CEN_EDU_FROM_MEMORY, offset, length);
}

int edu_write(struct edu *edu, const struct edu_buffer *buf, uint64_t offset, uint32_t length)
{
	return edu_transfer(edu, buf, CEN_EDU_TO_MEMORY, offset, length);
}
