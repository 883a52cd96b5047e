/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IIO buffer for drivers with a DMA engine of their own that is a cen_port.
 */
#ifndef _LINUX_CEN_IIO_H
#define _LINUX_CEN_IIO_H

struct cen_port;
struct iio_buffer;

struct iio_buffer *cen_iio_buffer_new(struct cen_port *port);
void cen_iio_buffer_unplug(struct iio_buffer *buffer);

#endif /* _LINUX_CEN_IIO_H */
