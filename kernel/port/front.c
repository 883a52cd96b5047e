// SPDX-License-Identifier: GPL-2.0
/*
 * What a driver needs to speak a second language on its port's node: ioctls of its own, which
 * end in the engine's attach, detach and enqueue.
 */
#include <linux/module.h>

#include "../compat/compat.h"
#include "port.h"

/* An ioctl that is none of the engine's. The driver's module stays while it is at it. */
long cen_port_driver_ioctl(struct cen_port_file *file, unsigned int cmd, unsigned long arg)
{
	struct cen_port *port = file->port;
	const struct cen_port_ops *ops = NULL;
	long ret = -ENOTTY;

	/* while it is not gone, unregistering has not ended, and so has not the module */
	spin_lock_irq(&port->lock);
	if (!port->gone && try_module_get(port->desc.owner))
		ops = port->desc.ops;
	spin_unlock_irq(&port->lock);
	if (!ops)
		return -ENODEV;
	if (ops->ioctl)
		ret = ops->ioctl(port, file, cmd, arg);
	module_put(port->desc.owner);
	return ret;
}

/**
 * cen_port_hold - keep a port's driver from going
 * @port: the port
 *
 * For ->ioctl(), before it touches anything of its driver's. Not around calls of
 * cen_port_file_*().
 *
 * Context: May sleep; unregistering waits for cen_port_unhold().
 * Return: false when it has gone; then there is nothing to let go of.
 */
bool cen_port_hold(struct cen_port *port)
{
	mutex_lock(&port->mutex);
	if (port->dev)
		return true;
	mutex_unlock(&port->mutex);
	return false;
}
CEN_EXPORT(cen_port_hold);

/**
 * cen_port_unhold - the end of cen_port_hold()
 * @port: the port
 *
 * Context: May sleep.
 */
void cen_port_unhold(struct cen_port *port)
{
	mutex_unlock(&port->mutex);
}
CEN_EXPORT(cen_port_unhold);

/**
 * cen_port_file_attach - as CEN_PORT_IOC_ATTACH
 * @file: as ->ioctl() got it
 * @fd: a dma-buf
 *
 * Context: May sleep. Return: 0, or the ioctl's errors.
 */
int cen_port_file_attach(struct cen_port_file *file, int fd)
{
	return cen_pa_attach(file, fd);
}
CEN_EXPORT(cen_port_file_attach);

/**
 * cen_port_file_detach - as CEN_PORT_IOC_DETACH
 * @file: as ->ioctl() got it
 * @fd: a dma-buf
 *
 * Context: May sleep. Return: 0, or the ioctl's errors.
 */
int cen_port_file_detach(struct cen_port_file *file, int fd)
{
	return cen_pa_detach(file, fd);
}
CEN_EXPORT(cen_port_file_detach);

/**
 * cen_port_file_enqueue - as CEN_PORT_IOC_ENQUEUE, without an out-fence
 * @file: as ->ioctl() got it
 * @arg: the transfer
 *
 * Context: May sleep. Return: 0, or the ioctl's errors.
 */
int cen_port_file_enqueue(struct cen_port_file *file, struct cen_port_enqueue *arg)
{
	struct sync_file *out = NULL;

	if (arg->flags & CEN_ENQUEUE_OUT_FENCE)
		return -EINVAL;
	return cen_port_enqueue(file, arg, &out);
}
CEN_EXPORT(cen_port_file_enqueue);
