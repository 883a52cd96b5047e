// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Registers of a user-space driver's device: mapped, or checked by the kernel. */
#include <sys/mman.h>
#include <unistd.h>

#include "uio.h"

static uint32_t reg_width(const struct cen_uio *dev, uint32_t region, uint64_t offset)
{
	const struct cen_uio_reg *reg = cen_uio_find_reg(dev, region, offset);

	/* A register nobody knows is the kernel's to refuse. */
	return reg ? reg->width : 0;
}

static int uio_read(struct cen_uio *dev, uint32_t region, uint64_t reg, uint64_t *value)
{
	struct cen_uio_access arg = {
		.reg = reg,
		.region = region,
		.width = reg_width(dev, region, reg),
	};
	int error = cen_ioctl(dev->node, CEN_UIO_IOC_REG_READ, &arg);

	if (error)
		return cen_uio_say(dev, error, "read", &arg.reason);
	*value = arg.value;
	return 0;
}

CEN_API int cen_uio_read(struct cen_uio *dev, uint32_t region, uint64_t reg, uint64_t *value)
{
	return cen_ret(uio_read(dev, region, reg, value));
}

static int uio_write(struct cen_uio *dev, uint32_t region, uint64_t reg, uint64_t value)
{
	struct cen_uio_access arg = {
		.value = value,
		.reg = reg,
		.region = region,
		.width = reg_width(dev, region, reg),
	};
	int error = cen_ioctl(dev->node, CEN_UIO_IOC_REG_WRITE, &arg);

	return error ? cen_uio_say(dev, error, "write", &arg.reason) : 0;
}

CEN_API int cen_uio_write(struct cen_uio *dev, uint32_t region, uint64_t reg, uint64_t value)
{
	return cen_ret(uio_write(dev, region, reg, value));
}

static int uio_program(struct cen_uio *dev, const struct cen_uio_write *writes, size_t count)
{
	struct cen_uio_write list[CEN_UIO_MAX_WRITES];
	struct cen_uio_program arg = {
		.writes = (uintptr_t)list,
		.count = (uint32_t)count,
	};
	int error;

	if (count > CEN_UIO_MAX_WRITES)
		return cen_say(-E2BIG, "program: %zu writes, %u are accepted", count,
			       CEN_UIO_MAX_WRITES);
	for (size_t i = 0; i < count; i++) {
		list[i] = writes[i];
		if (!list[i].width)
			list[i].width = reg_width(dev, list[i].region, list[i].reg);
	}
	error = cen_ioctl(dev->node, CEN_UIO_IOC_PROGRAM, &arg);
	return error ? cen_uio_say(dev, error, "program", &arg.reason) : 0;
}

CEN_API int cen_uio_program(struct cen_uio *dev, const struct cen_uio_write *writes, size_t count)
{
	return cen_ret(uio_program(dev, writes, count));
}

static int uio_map(struct cen_uio *dev, uint32_t region, uint64_t offset, uint64_t size,
		   volatile void **data)
{
	const struct cen_uio_window *window;
	void *map;
	size_t i;

	if (!size)
		return cen_say(-EINVAL, "map: 0 bytes of registers");
	for (i = 0; (window = cen_uio_get_window(dev, i)); i++)
		if (window->region == region && offset >= window->offset &&
		    offset - window->offset < window->size &&
		    size <= window->size - (offset - window->offset))
			break;
	if (!window)
		return cen_say(-EPERM, "map: %u:%#llx is not, or not wholly, on pages that are mapped: read and write registers there one by one",
			       region, (unsigned long long)offset);
	if (!dev->maps[i]) {
		map = mmap(NULL, window->size, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
			   (off_t)window->map * getpagesize());
		if (map == MAP_FAILED)
			return cen_say(-errno, "map: %s", strerror(errno));
		dev->maps[i] = map;
	}
	*data = (char *)dev->maps[i] + (offset - window->offset);
	return 0;
}

CEN_API volatile void *cen_uio_map(struct cen_uio *dev, uint32_t region, uint64_t offset,
				   uint64_t size)
{
	volatile void *data = NULL;
	int error = uio_map(dev, region, offset, size, &data);

	return error ? cen_ret_null(error) : data;
}
