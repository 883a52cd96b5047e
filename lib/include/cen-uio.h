/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libcen: drivers in user space whose device reaches cen_buffers.
 *
 *	cen_uio_bind("pci:0000:00:04.0", "edu.rules");		(once, as root)
 *	struct cen_uio *dev = cen_uio_open("pci:0000:00:04.0");
 *	int src = cen_uio_attach(dev, buf, CEN_UIO_TO_DEVICE);
 *
 *	struct cen_uio_write go[] = {
 *		cen_uio_address(0, SOURCE, src, offset, length),
 *		cen_uio_value(0, LENGTH, length),
 *		cen_uio_value(0, COMMAND, RUN),
 *	};
 *	if (cen_uio_program(dev, go, 3) || cen_uio_wait(dev, 1000) < 0)
 *		errx(1, "%s", cen_error());
 *
 * Registers are named (region, offset), regions by number: BAR, or index of a platform
 * device's memory resource. Which there are and what may be written to them the
 * rules say, cen_uio(4). Conventions are those of <cen.h>.
 */
#ifndef _CEN_UIO_H
#define _CEN_UIO_H

#include <cen.h>
#include <linux/cen_uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cen_uio;

/* ----------------------------------------------------------------- binding */

/*
 * Give @device ("pci:0000:00:04.0", "platform:foo.0") to cen_uio with the rules in the file
 * @rules (NULL: those that the kernel has), taking it from the driver it has. The module must be
 * loaded.
 *
 * EINVAL: malformed name, or a mistake in the rules, which cen_error() quotes with its line.
 * ENOENT: no such device, no module, no file. EACCES, EPERM: not root. ENODEV: cen_uio
 * refused the device, the kernel log says why. EBUSY: a program has it open with other rules.
 */
CEN_API int cen_uio_bind(const char *device, const char *rules);

/* Take it back, forget its rules, and let its own driver have it again. Errors as above. */
CEN_API int cen_uio_unbind(const char *device);

/* ------------------------------------------------------------------ device */

/*
 * Open @device, "bus:name" or "/dev/uioN". One program at a time can.
 *
 * ENOENT: no such device, or not bound to cen_uio. EBUSY: somebody has it open. EPERM, EACCES:
 * CAP_SYS_RAWIO is wanted, or the nodes' owner is another.
 */
CEN_API struct cen_uio *cen_uio_open(const char *device);
/* The device is stopped and all buffers are detached. NULL is fine. */
CEN_API void cen_uio_close(struct cen_uio *dev);

/* As it was when opened. */
CEN_API const struct cen_uio_info *cen_uio_get_info(const struct cen_uio *dev);
/* The register, or NULL: the rules name none there. */
CEN_API const struct cen_uio_reg *cen_uio_find_reg(const struct cen_uio *dev, uint32_t region,
						   uint64_t offset);
CEN_API const struct cen_uio_reg *cen_uio_get_reg(const struct cen_uio *dev, size_t index);
CEN_API const struct cen_uio_window *cen_uio_get_window(const struct cen_uio *dev, size_t index);

/* Borrowed fds: /dev/uioN, readable when an interrupt has come; /dev/cen_uio/N, for ioctls. */
CEN_API int cen_uio_fd(const struct cen_uio *dev);
CEN_API int cen_uio_node_fd(const struct cen_uio *dev);

/* --------------------------------------------------------------- registers */

/*
 * @size bytes of registers at @offset of @region, in memory until cen_uio_close(). Only pages
 * without guarded registers can be had: EPERM for others. EINVAL: @size 0.
 */
CEN_API volatile void *cen_uio_map(struct cen_uio *dev, uint32_t region, uint64_t offset,
				   uint64_t size);

/* One register through the kernel, of any width. EPERM: the rules do not allow it. ENODEV. */
CEN_API int cen_uio_read(struct cen_uio *dev, uint32_t region, uint64_t reg, uint64_t *value);
CEN_API int cen_uio_write(struct cen_uio *dev, uint32_t region, uint64_t reg, uint64_t value);

/* Writes for cen_uio_program(); their width is filled in there. */
static inline struct cen_uio_write cen_uio_value(uint32_t region, uint64_t reg, uint64_t value)
{
	struct cen_uio_write write = {};

	write.value = value;
	write.reg = reg;
	write.region = region;
	write.type = CEN_UIO_WRITE_VALUE;
	return write;
}

/* "The address of @length bytes at @offset of the buffer attached as @handle". */
static inline struct cen_uio_write cen_uio_address(uint32_t region, uint64_t reg, int handle,
						   uint64_t offset, uint64_t length)
{
	struct cen_uio_write write = {};

	write.value = offset;
	write.length = length;
	write.reg = reg;
	write.region = region;
	write.type = CEN_UIO_WRITE_ADDRESS;
	write.handle = (uint32_t)handle;
	return write;
}

/*
 * Carry out @count writes in order, or none: then errno is one of those in <linux/cen_uio.h> and
 * cen_error() says which write and why. cen_uio_last_reason() has the same as numbers.
 */
CEN_API int cen_uio_program(struct cen_uio *dev, const struct cen_uio_write *writes, size_t count);
CEN_API const struct cen_uio_reason *cen_uio_last_reason(const struct cen_uio *dev);

/* ----------------------------------------------------------------- buffers */

/*
 * Let the device use a buffer, in the @direction CEN_UIO_TO_DEVICE, CEN_UIO_FROM_DEVICE or both.
 * Returns a handle, > 0. The buffer may be freed while the device has it.
 *
 * EPERM: the rules name no address register. EACCES: an fd that is only readable. ERANGE: out
 * of the device's reach. ENOSPC: CEN_UIO_MAX_HANDLES. Or what the buffer's exporter says; of a
 * cenalloc buffer cen_error() explains it.
 */
CEN_API int cen_uio_attach(struct cen_uio *dev, struct cen_buffer *buf, uint32_t direction);
/* The same for any dma-buf. */
CEN_API int cen_uio_attach_fd(struct cen_uio *dev, int fd, uint32_t direction);
/* EBUSY: the device is at work with it. ENOENT: no such handle. */
CEN_API int cen_uio_detach(struct cen_uio *dev, int handle);

/*
 * Around the device's transfers: @flags are directions, and CEN_UIO_SYNC_BEGIN or
 * CEN_UIO_SYNC_END. Begin waits for the fences of other devices.
 */
CEN_API int cen_uio_sync(struct cen_uio *dev, int handle, uint32_t flags);

/* -------------------------------------------------------------- interrupts */

/*
 * Wait for an interrupt, @timeout milliseconds at most (-1: as long as it takes). Returns how many
 * came since the last call. An interrupt line is off afterwards: see to its cause in the
 * device, then cen_uio_irq(dev, true). ETIMEDOUT; EINTR; EIO: the device has gone, or
 * has no interrupt.
 */
CEN_API int cen_uio_wait(struct cen_uio *dev, int timeout);
CEN_API int cen_uio_irq(struct cen_uio *dev, bool on);

#ifdef __cplusplus
}
#endif

#endif /* _CEN_UIO_H */
