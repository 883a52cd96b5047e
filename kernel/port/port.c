// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: registration, lookup, lifetime.
 */
#include <linux/cenalloc.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "port.h"

#define CEN_PORT_MINORS		256

static DEFINE_MUTEX(cen_ports_mutex);
static LIST_HEAD(cen_ports);		/* P: cen_ports_mutex */
static DEFINE_IDA(cen_port_minors);
static dev_t cen_port_devt;

static char *cen_port_devnode(CEN_DEVNODE_DEVICE *dev, umode_t *mode)
{
	if (mode)
		*mode = 0660;
	return kasprintf(GFP_KERNEL, "cen/%s", dev_name(dev));
}

struct class cen_port_class = {
	.name = "cen_port",
	.devnode = cen_port_devnode,
	.dev_groups = cen_port_groups,
};

static void cen_port_free(struct device *node)
{
	struct cen_port *port = container_of(node, struct cen_port, node);

	ida_free(&cen_port_minors, port->minor);
	kfree(port);
}

static void cen_port_release(struct kref *ref)
{
	put_device(&container_of(ref, struct cen_port, ref)->node);
}

void cen_port_put(struct cen_port *port)
{
	kref_put(&port->ref, cen_port_release);
}

void *cen_port_priv(const struct cen_port *port)
{
	return port->desc.priv;
}
CEN_EXPORT(cen_port_priv);

static int cen_port_check(const struct cen_port_desc *desc)
{
	size_t len = strnlen(desc->name, CEN_PORT_NAME_LEN);

	if (!len || len == CEN_PORT_NAME_LEN || strchr(desc->name, '/'))
		return -EINVAL;
	if (!desc->dev || !desc->ops || !desc->ops->submit || !desc->ops->cancel)
		return -EINVAL;
	if (!desc->granule || !desc->depth_hw || desc->direction > CEN_PORT_SINK ||
	    desc->policy > CEN_PORT_TRUST || desc->flags & ~(CEN_PORT_CYCLIC | CEN_PORT_VMAP))
		return -EINVAL;
	return 0;
}

/**
 * cen_port_register - make one direction of a DMA channel a port
 * @desc: copied; @desc->name only until this returns
 *
 * /dev/cen/NAME exists when this returns; ->submit() may be called before it does.
 *
 * Context: May sleep.
 * Return: the port, or ERR_PTR: -EINVAL for a bad description, -EEXIST for a name taken,
 * -ENOSPC when there are too many, -ENOMEM.
 */
struct cen_port *cen_port_register(const struct cen_port_desc *desc)
{
	struct cen_port *port, *other;
	int ret;

	ret = cen_port_check(desc);
	if (ret)
		return ERR_PTR(ret);
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);

	kref_init(&port->ref);
	mutex_init(&port->mutex);
	INIT_LIST_HEAD(&port->attachments);
	INIT_LIST_HEAD(&port->files);
	cen_queue_init(port);
	strscpy(port->name, desc->name, sizeof(port->name));
	port->desc = *desc;
	port->desc.name = port->name;
	port->dev = get_device(desc->dev);
	port->dir = desc->direction == CEN_PORT_SOURCE ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
	cen_device_name(desc->dev, port->device);
	cen_device_get_limits(desc->dev, &port->limits);

	ret = rhashtable_init(&port->by_dmabuf, &cen_pa_params);
	if (ret)
		goto err_free;
	ret = ida_alloc_max(&cen_port_minors, CEN_PORT_MINORS - 1, GFP_KERNEL);
	if (ret < 0)
		goto err_rhash;
	port->minor = ret;

	/* from here on cen_port_free() frees */
	device_initialize(&port->node);
	port->node.class = &cen_port_class;
	port->node.parent = desc->dev;
	port->node.devt = MKDEV(MAJOR(cen_port_devt), port->minor);
	port->node.release = cen_port_free;
	ret = dev_set_name(&port->node, "%s", port->name);
	if (ret)
		goto err_put;

	mutex_lock(&cen_ports_mutex);
	list_for_each_entry(other, &cen_ports, all)
		if (!strcmp(other->name, port->name))
			ret = -EEXIST;
	if (!ret) {
		cdev_init(&port->cdev, &cen_port_fops);
		port->cdev.owner = THIS_MODULE;
		ret = cdev_device_add(&port->cdev, &port->node);
	}
	if (!ret)
		list_add_tail(&port->all, &cen_ports);
	mutex_unlock(&cen_ports_mutex);
	if (ret)
		goto err_put;
	return port;

err_put:
	rhashtable_destroy(&port->by_dmabuf);
	put_device(port->dev);
	cen_queue_exit(port);
	put_device(&port->node);
	return ERR_PTR(ret);

err_rhash:
	rhashtable_destroy(&port->by_dmabuf);
err_free:
	put_device(port->dev);
	cen_queue_exit(port);
	kfree(port);
	return ERR_PTR(ret);
}
CEN_EXPORT(cen_port_register);

static bool cen_port_match_all(struct cen_xfer *xfer, void *data)
{
	return true;
}

static bool cen_port_idle(struct cen_port *port)
{
	bool idle;

	spin_lock_irq(&port->lock);
	idle = list_empty(&port->running) && list_empty(&port->queue) && !port->submitting;
	spin_unlock_irq(&port->lock);
	return idle;
}

/**
 * cen_port_unregister - the port's device goes away
 * @port: from cen_port_register()
 *
 * Ends all transfers with -ENODEV and waits until the driver has given back those that it
 * runs, then unmaps all buffers. Files that are open keep failing with -ENODEV.
 * When it returns, no callback of the driver runs or will be called.
 *
 * Context: May sleep. The driver must still be able to complete transfers.
 */
void cen_port_unregister(struct cen_port *port)
{
	struct cen_port_file *file;

	mutex_lock(&cen_ports_mutex);
	list_del(&port->all);
	mutex_unlock(&cen_ports_mutex);
	cdev_device_del(&port->cdev, &port->node);

	spin_lock_irq(&port->lock);
	port->gone = true;
	/* those who wait in read() or poll() with nothing queued */
	list_for_each_entry(file, &port->files, node)
		wake_up_interruptible_poll(&file->wait, EPOLLHUP | EPOLLERR);
	spin_unlock_irq(&port->lock);
	cen_queue_cancel(port, cen_port_match_all, NULL, -ENODEV);
	wait_event(port->idle, cen_port_idle(port));

	mutex_lock(&port->mutex);
	cen_pa_detach_all(port);
	put_device(port->dev);
	port->dev = NULL;
	mutex_unlock(&port->mutex);
	/* the last reference may go in an interrupt, where the table could not: now, and nobody looks */
	synchronize_rcu();
	rhashtable_destroy(&port->by_dmabuf);
	cen_queue_exit(port);
	cen_port_put(port);
}
CEN_EXPORT(cen_port_unregister);

/* The port behind an inode's minor, with a reference; NULL when it is gone. */
struct cen_port *cen_port_get_minor(unsigned int minor)
{
	struct cen_port *port, *found = NULL;

	mutex_lock(&cen_ports_mutex);
	list_for_each_entry(port, &cen_ports, all) {
		if (port->minor == minor) {
			kref_get(&port->ref);
			found = port;
			break;
		}
	}
	mutex_unlock(&cen_ports_mutex);
	return found;
}

int cen_ports_for_each(int (*fn)(struct cen_port *port, void *data), void *data)
{
	struct cen_port *port;
	int ret = 0;

	mutex_lock(&cen_ports_mutex);
	list_for_each_entry(port, &cen_ports, all) {
		ret = fn(port, data);
		if (ret)
			break;
	}
	mutex_unlock(&cen_ports_mutex);
	return ret;
}

int cen_ports_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&cen_port_devt, 0, CEN_PORT_MINORS, "cen_port");
	if (ret)
		return ret;
	ret = class_register(&cen_port_class);
	if (ret)
		unregister_chrdev_region(cen_port_devt, CEN_PORT_MINORS);
	return ret;
}

void cen_ports_exit(void)
{
	class_unregister(&cen_port_class);
	unregister_chrdev_region(cen_port_devt, CEN_PORT_MINORS);
	ida_destroy(&cen_port_minors);
}
