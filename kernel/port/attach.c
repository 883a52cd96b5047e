// SPDX-License-Identifier: GPL-2.0
/*
 * Attachments: a buffer mapped for a port's device, once, until it is detached.
 */
#include <linux/cenalloc.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "port.h"

const struct rhashtable_params cen_pa_params = {
	.key_len = sizeof(struct dma_buf *),
	.key_offset = offsetof(struct cen_pa, dmabuf),
	.head_offset = offsetof(struct cen_pa, hash),
	.automatic_shrinking = true,
};

struct cen_pa *cen_pa_find(struct cen_port_file *file, struct dma_buf *dmabuf)
{
	struct cen_pa *pa;

	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "attachments are freed by RCU");
	/* they are all gone, and so is the table */
	if (READ_ONCE(file->port->gone))
		return NULL;
	pa = rhashtable_lookup(&file->port->by_dmabuf, &dmabuf, cen_pa_params);
	return pa && pa->file == file ? pa : NULL;
}

/* As struct device, the driver, firmware and the administrator say together. */
static bool cen_device_coherent(struct device *dev)
{
	struct cen_limits limits;

	/* limits that contradict each other are for the attach to complain of */
	cen_device_get_limits(dev, &limits);
	return !(limits.flags & CEN_LIMIT_NONCOHERENT);
}

/* Is @dmabuf shared with a device whose coherency differs from @dev's? */
static bool cen_pa_mixed(struct dma_buf *dmabuf, struct device *dev)
{
	bool coherent = cen_device_coherent(dev), mixed = false;
	struct dma_buf_attachment *other;

	dma_resv_lock(dmabuf->resv, NULL);
	list_for_each_entry(other, &dmabuf->attachments, node)
		if (cen_device_coherent(other->dev) != coherent)
			mixed = true;
	dma_resv_unlock(dmabuf->resv);
	return mixed;
}

static int cen_pa_map(struct cen_pa *pa)
{
	struct cen_port *port = pa->port;
	int ret;

	if (port->desc.flags & CEN_PORT_VMAP) {
		/* the dma-buf core warns of every vmap that fails: of a process being killed, too */
		ret = cen_buffer_is(pa->dmabuf) ? cen_buffer_commit(pa->dmabuf, NULL) : 0;
		if (!ret)
			ret = dma_buf_vmap_unlocked(pa->dmabuf, &pa->map);
		/* the driver is given an address to memcpy from */
		if (!ret && pa->map.is_iomem) {
			dma_buf_vunmap_unlocked(pa->dmabuf, &pa->map);
			ret = -EOPNOTSUPP;
		}
		return ret;
	}

	pa->attach = dma_buf_attach(pa->dmabuf, port->dev);
	if (IS_ERR(pa->attach))
		return PTR_ERR(pa->attach);
	if (port->desc.policy == CEN_PORT_ENFORCE && cen_pa_mixed(pa->dmabuf, port->dev)) {
		ret = -EPERM;
		goto err_detach;
	}
	pa->sgt = dma_buf_map_attachment_unlocked(pa->attach, port->dir);
	if (IS_ERR(pa->sgt)) {
		ret = PTR_ERR(pa->sgt);
		goto err_detach;
	}
	pa->sync = port->desc.policy != CEN_PORT_TRUST && cen_access_needed(pa->attach);
	return 0;

err_detach:
	dma_buf_detach(pa->dmabuf, pa->attach);
	return ret;
}

static void cen_pa_unmap(struct cen_pa *pa)
{
	if (pa->port->desc.flags & CEN_PORT_VMAP) {
		dma_buf_vunmap_unlocked(pa->dmabuf, &pa->map);
		return;
	}
	dma_buf_unmap_attachment_unlocked(pa->attach, pa->sgt, pa->port->dir);
	dma_buf_detach(pa->dmabuf, pa->attach);
}

int cen_pa_attach(struct cen_port_file *file, int fd)
{
	struct cen_port *port = file->port;
	struct cen_pa *pa;
	int ret;

	pa = kzalloc(sizeof(*pa), GFP_KERNEL_ACCOUNT);
	if (!pa)
		return -ENOMEM;
	pa->dmabuf = dma_buf_get(fd);
	if (IS_ERR(pa->dmabuf)) {
		ret = PTR_ERR(pa->dmabuf);
		goto err_free;
	}
	pa->port = port;
	pa->file = file;

	ret = mutex_lock_interruptible(&port->mutex);
	if (ret)
		goto err_put_dmabuf;
	if (!port->dev) {
		ret = -ENODEV;
		goto err_unlock;
	}
	rcu_read_lock();
	ret = rhashtable_lookup(&port->by_dmabuf, &pa->dmabuf, cen_pa_params) ? -EBUSY : 0;
	rcu_read_unlock();
	if (ret)
		goto err_unlock;
	ret = cen_pa_map(pa);
	if (ret)
		goto err_unlock;
	/* from here on enqueue finds it */
	ret = rhashtable_insert_fast(&port->by_dmabuf, &pa->hash, cen_pa_params);
	if (ret)
		goto err_unmap;
	list_add_tail(&pa->node, &port->attachments);
	port->nr_attached++;
	mutex_unlock(&port->mutex);
	return 0;

err_unmap:
	cen_pa_unmap(pa);
err_unlock:
	mutex_unlock(&port->mutex);
err_put_dmabuf:
	dma_buf_put(pa->dmabuf);
err_free:
	kfree(pa);
	return ret;
}

static bool cen_pa_match(struct cen_xfer *xfer, void *data)
{
	return xfer->pa == data;
}

static bool cen_pa_idle(struct cen_pa *pa)
{
	bool idle;

	spin_lock_irq(&pa->port->lock);
	idle = !pa->busy;
	spin_unlock_irq(&pa->port->lock);
	return idle;
}

/* End what uses @pa, wait for it, unmap. The caller made sure that it is in no link. */
static void cen_pa_remove(struct cen_pa *pa, int error)
{
	struct cen_port *port = pa->port;

	lockdep_assert_held(&port->mutex);
	spin_lock_irq(&port->lock);
	pa->closing = true;
	spin_unlock_irq(&port->lock);

	cen_queue_cancel(port, cen_pa_match, pa, error);
	wait_event(port->idle, cen_pa_idle(pa));

	rhashtable_remove_fast(&port->by_dmabuf, &pa->hash, cen_pa_params);
	list_del(&pa->node);
	port->nr_attached--;
	cen_pa_unmap(pa);
	dma_buf_put(pa->dmabuf);
	kfree_rcu(pa, rcu);
}

int cen_pa_detach(struct cen_port_file *file, int fd)
{
	struct cen_port *port = file->port;
	struct dma_buf *dmabuf;
	struct cen_pa *pa;
	int ret;

	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	mutex_lock(&port->mutex);
	rcu_read_lock();
	pa = cen_pa_find(file, dmabuf);
	rcu_read_unlock();
	ret = 0;
	if (!port->dev) {
		/* gone, and with it all attachments */
		ret = -ENODEV;
	} else if (!pa) {
		ret = READ_ONCE(port->gone) ? -ENODEV : -ENOENT;
	} else {
		spin_lock_irq(&port->lock);
		if (pa->link)
			ret = -EBUSY;
		spin_unlock_irq(&port->lock);
	}
	if (!ret)
		cen_pa_remove(pa, -ECANCELED);
	mutex_unlock(&port->mutex);
	dma_buf_put(dmabuf);
	return ret;
}

/* The file is closing: all links that used it are gone already. */
void cen_pa_detach_file(struct cen_port_file *file)
{
	struct cen_port *port = file->port;
	struct cen_pa *pa, *next;

	mutex_lock(&port->mutex);
	list_for_each_entry_safe(pa, next, &port->attachments, node)
		if (pa->file == file)
			cen_pa_remove(pa, -ECANCELED);
	mutex_unlock(&port->mutex);
}

/* The device is going: nothing may stay mapped for it. P: port->mutex */
void cen_pa_detach_all(struct cen_port *port)
{
	struct cen_pa *pa, *next;

	list_for_each_entry_safe(pa, next, &port->attachments, node)
		cen_pa_remove(pa, -ENODEV);
}
