// SPDX-License-Identifier: GPL-2.0
#include <linux/iio/buffer.h>
#include <linux/iio/buffer_impl.h>
void cen_probe(struct iio_buffer_access_funcs *ops, struct device *(*fn)(struct iio_buffer *));
void cen_probe(struct iio_buffer_access_funcs *ops, struct device *(*fn)(struct iio_buffer *))
{
	ops->attach_dmabuf = NULL;
	ops->get_dma_dev = fn;
}
