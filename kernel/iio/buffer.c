// SPDX-License-Identifier: GPL-2.0
/*
 * An IIO buffer whose blocks are dma-bufs: a port behind the IIO uAPI.
 */
#include <linux/device.h>
#include <linux/iio/sysfs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "iio.h"

static int cen_iio_enable(struct iio_buffer *buffer, struct iio_dev *indio_dev)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);
	bool blocks;
	int ret = 0;

	mutex_lock(&ib->mutex);
	spin_lock_irq(&ib->lock);
	blocks = ib->nr_blocks;
	spin_unlock_irq(&ib->lock);
	if (!ib->port)
		ret = -ENODEV;
	else if (!blocks)
		ret = cen_iio_fileio_start(ib);
	if (!ret)
		cen_iio_start_parked(ib);
	mutex_unlock(&ib->mutex);
	return ret;
}

static int cen_iio_disable(struct iio_buffer *buffer, struct iio_dev *indio_dev)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);

	mutex_lock(&ib->mutex);
	cen_iio_cancel_all(ib);
	cen_iio_fileio_stop(ib);
	mutex_unlock(&ib->mutex);
	wake_up_interruptible_poll(&buffer->pollq, EPOLLIN | EPOLLOUT);
	return 0;
}

static int cen_iio_set_bytes_per_datum(struct iio_buffer *buffer, size_t bpd)
{
	buffer->bytes_per_datum = bpd;
	return 0;
}

static int cen_iio_set_length(struct iio_buffer *buffer, unsigned int length)
{
	/* two scans are the least that can be filled and read at once */
	buffer->length = max(length, 2U);
	return 0;
}

static struct device *cen_iio_get_dma_dev(struct iio_buffer *buffer)
{
	/* never NULL: the core would attach to it */
	return cen_iio_from(buffer)->dev;
}

static void cen_iio_release(struct iio_buffer *buffer)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);

	WARN_ON(ib->nr_blocks || ib->fileio);
	mutex_destroy(&ib->mutex);
	put_device(ib->dev);
	kfree(ib);
	module_put(THIS_MODULE);
}

static const struct iio_buffer_access_funcs cen_iio_access = {
	.read = cen_iio_read,
	.write = cen_iio_write,
	.data_available = cen_iio_available,
	.space_available = cen_iio_available,
	.set_bytes_per_datum = cen_iio_set_bytes_per_datum,
	.set_length = cen_iio_set_length,
	.enable = cen_iio_enable,
	.disable = cen_iio_disable,
	.release = cen_iio_release,
	.attach_dmabuf = cen_iio_attach,
	.detach_dmabuf = cen_iio_detach,
	.enqueue_dmabuf = cen_iio_enqueue,
	.get_dma_dev = cen_iio_get_dma_dev,
	.modes = INDIO_BUFFER_HARDWARE,
	.flags = INDIO_BUFFER_FLAG_FIXED_WATERMARK,
};

/* bufferN/port: the port behind it, for programs that would rather link than stream. */
static ssize_t cen_iio_port_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct cen_iio_buffer *ib = cen_iio_from(to_iio_dev_attr(attr)->buffer);
	ssize_t ret = -ENODEV;

	mutex_lock(&ib->mutex);
	if (ib->port)
		ret = sysfs_emit(buf, "%s\n", cen_port_name(ib->port));
	mutex_unlock(&ib->mutex);
	return ret;
}

static IIO_DEVICE_ATTR(port, 0444, cen_iio_port_show, NULL, 0);

static const struct iio_dev_attr *cen_iio_attrs[] = {
	&iio_dev_attr_port,
	NULL
};

/**
 * cen_iio_buffer_new - an IIO buffer in front of a port
 * @port: a source for input, a sink for output
 *
 * For iio_device_attach_buffer(); iio_buffer_put() drops the caller's reference. The
 * driver registers its port before its IIO device and goes in the opposite order:
 * iio_device_unregister(), cen_iio_buffer_unplug(), cen_port_unregister().
 *
 * Context: May sleep.
 * Return: a buffer with one reference, or ERR_PTR(-ENOMEM).
 */
struct iio_buffer *cen_iio_buffer_new(struct cen_port *port)
{
	struct cen_iio_buffer *ib = kzalloc(sizeof(*ib), GFP_KERNEL);

	if (!ib)
		return ERR_PTR(-ENOMEM);
	__module_get(THIS_MODULE);
	iio_buffer_init(&ib->base);
	ib->base.access = &cen_iio_access;
	ib->base.attrs = cen_iio_attrs;
	ib->base.direction = cen_port_is_sink(port) ? IIO_BUFFER_DIRECTION_OUT :
						      IIO_BUFFER_DIRECTION_IN;
	ib->port = port;
	ib->dev = get_device(cen_port_device(port));
	mutex_init(&ib->mutex);
	spin_lock_init(&ib->lock);
	INIT_LIST_HEAD(&ib->blocks);
	INIT_LIST_HEAD(&ib->parked);
	INIT_LIST_HEAD(&ib->ready);
	init_waitqueue_head(&ib->idle);
	return &ib->base;
}
CEN_EXPORT(cen_iio_buffer_new);

/**
 * cen_iio_buffer_unplug - the port is about to go
 * @buffer: from cen_iio_buffer_new()
 *
 * Files that are open keep the buffer, but it leads nowhere any more.
 *
 * Context: May sleep.
 */
void cen_iio_buffer_unplug(struct iio_buffer *buffer)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);

	mutex_lock(&ib->mutex);
	/* first, so that nothing is parked any more that nobody would end */
	spin_lock_irq(&ib->lock);
	ib->port = NULL;
	spin_unlock_irq(&ib->lock);
	cen_iio_cancel_all(ib);
	cen_iio_fileio_stop(ib);
	mutex_unlock(&ib->mutex);
}
CEN_EXPORT(cen_iio_buffer_unplug);

CEN_IMPORT_NS(CENALLOC);
CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("IIO buffers whose blocks are dma-bufs, on a port");
MODULE_LICENSE("GPL");
