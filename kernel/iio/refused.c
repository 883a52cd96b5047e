// SPDX-License-Identifier: GPL-2.0
/*
 * What cen_iio is on a kernel whose IIO core does not know dma-bufs (before 6.11): a
 * driver that wants such a buffer is told why there is none, and can do without.
 */
#include <linux/cen_iio.h>
#include <linux/cen_port.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>

#include "../compat/compat.h"

/**
 * cen_iio_buffer_new - an IIO buffer in front of a port
 * @port: a source for input, a sink for output
 *
 * Context: Any.
 * Return: ERR_PTR(-EOPNOTSUPP).
 */
struct iio_buffer *cen_iio_buffer_new(struct cen_port *port)
{
	dev_notice(cen_port_device(port),
		   "no IIO buffer: this kernel's IIO core has no dma-buf interface (since Linux 6.11)\n");
	return ERR_PTR(-EOPNOTSUPP);
}
CEN_EXPORT(cen_iio_buffer_new);

/**
 * cen_iio_buffer_unplug - the port is about to go
 * @buffer: from cen_iio_buffer_new(), of which there is none
 *
 * Context: Any.
 */
void cen_iio_buffer_unplug(struct iio_buffer *buffer)
{
}
CEN_EXPORT(cen_iio_buffer_unplug);

CEN_IMPORT_NS(CENALLOC);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("IIO buffers on a port: not on this kernel");
MODULE_LICENSE("GPL");
