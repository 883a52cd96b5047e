// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/cen/NAME: open, ioctl, read, poll, close.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/sync_file.h>
#include <linux/uaccess.h>

#include "../ioctl_arg.h"
#include "port.h"

static void cen_port_file_free(struct kref *ref)
{
	struct cen_port_file *file = container_of(ref, struct cen_port_file, ref);
	struct cen_xfer *xfer, *next;

	/* unread: the last may have come after close(), when its buffer was free already */
	list_for_each_entry_safe(xfer, next, &file->done, node)
		cen_xfer_put(xfer);
	cen_port_put(file->port);
	kfree(file);
}

/* Context: any. */
void cen_port_file_put(struct cen_port_file *file)
{
	kref_put(&file->ref, cen_port_file_free);
}

static int cen_port_open(struct inode *inode, struct file *filp)
{
	struct cen_port_file *file;
	struct cen_port *port;

	port = cen_port_get_minor(iminor(inode));
	if (!port)
		return -ENODEV;
	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file) {
		cen_port_put(port);
		return -ENOMEM;
	}
	kref_init(&file->ref);
	spin_lock_init(&file->lock);
	INIT_LIST_HEAD(&file->done);
	init_waitqueue_head(&file->wait);
	mutex_init(&file->read_mutex);
	file->port = port;
	spin_lock_irq(&port->lock);
	list_add_tail(&file->node, &port->files);
	spin_unlock_irq(&port->lock);
	filp->private_data = file;
	return nonseekable_open(inode, filp);
}

static int cen_port_release(struct inode *inode, struct file *filp)
{
	struct cen_port_file *file = filp->private_data;

	/* links hold the file, so none is left; this waits for what still runs */
	cen_pa_detach_file(file);
	spin_lock_irq(&file->port->lock);
	list_del(&file->node);
	spin_unlock_irq(&file->port->lock);
	cen_port_file_put(file);
	return 0;
}

static bool cen_file_gone(struct cen_port_file *file)
{
	return READ_ONCE(file->port->gone);
}

static bool cen_file_ready(struct cen_port_file *file)
{
	return !list_empty_careful(&file->done) || cen_file_gone(file);
}

/* Whole completions only, as many as there are and fit; the first is waited for. */
static ssize_t cen_port_read(struct file *filp, char __user *buf, size_t size, loff_t *pos)
{
	struct cen_port_file *file = filp->private_data;
	struct cen_xfer *xfer;
	ssize_t got = 0;
	int ret;

	if (size < sizeof(struct cen_completion))
		return -EINVAL;
	ret = mutex_lock_interruptible(&file->read_mutex);
	if (ret)
		return ret;

	while (size - got >= sizeof(struct cen_completion)) {
		spin_lock_irq(&file->lock);
		xfer = list_first_entry_or_null(&file->done, struct cen_xfer, node);
		spin_unlock_irq(&file->lock);
		if (!xfer) {
			if (got)
				break;
			ret = cen_file_gone(file) ? -ENODEV : -EAGAIN;
			if (ret == -ENODEV || filp->f_flags & O_NONBLOCK)
				break;
			ret = wait_event_interruptible(file->wait, cen_file_ready(file));
			if (ret)
				break;
			continue;
		}
		/* we are the only reader: it stays first; a fault loses nothing */
		if (copy_to_user(buf + got, &xfer->result, sizeof(xfer->result))) {
			ret = -EFAULT;
			break;
		}
		got += sizeof(xfer->result);
		spin_lock_irq(&file->lock);
		list_del(&xfer->node);
		spin_unlock_irq(&file->lock);
		atomic_dec(&file->used);
		cen_xfer_put(xfer);
	}
	mutex_unlock(&file->read_mutex);
	return got ?: ret;
}

static __poll_t cen_port_poll(struct file *filp, poll_table *wait)
{
	struct cen_port_file *file = filp->private_data;
	__poll_t mask = 0;

	poll_wait(filp, &file->wait, wait);
	spin_lock_irq(&file->lock);
	if (!list_empty(&file->done))
		mask |= EPOLLIN | EPOLLRDNORM;
	spin_unlock_irq(&file->lock);
	if (atomic_read(&file->used) < CEN_PORT_DEPTH)
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (cen_file_gone(file))
		mask |= EPOLLHUP | EPOLLERR;
	return mask;
}

static long cen_ioc_info(struct cen_port_file *file, struct cen_port_info *arg)
{
	struct cen_port *port = file->port;

	if (arg->flags || arg->pad)
		return -EINVAL;
	strscpy_pad(arg->name, port->name, sizeof(arg->name));
	strscpy_pad(arg->device, port->device, sizeof(arg->device));
	arg->limits = port->limits;
	arg->granule = port->desc.granule;
	arg->length_max = port->desc.length_max;
	arg->direction = port->desc.direction;
	arg->policy = port->desc.policy;
	arg->flags = port->desc.flags;
	arg->depth = CEN_PORT_DEPTH;
	spin_lock_irq(&port->lock);
	arg->blocks = port->blocks;
	arg->bytes = port->bytes;
	arg->errors = port->errors;
	arg->queued = port->nr_queued + port->nr_running;
	arg->links = port->nr_links;
	spin_unlock_irq(&port->lock);
	mutex_lock(&port->mutex);
	arg->attached = port->nr_attached;
	mutex_unlock(&port->mutex);
	return 0;
}

static long cen_ioc_attach(struct cen_port_file *file, struct cen_port_attach *arg)
{
	return arg->flags ? -EINVAL : cen_pa_attach(file, arg->fd);
}

static long cen_ioc_detach(struct cen_port_file *file, struct cen_port_attach *arg)
{
	return arg->flags ? -EINVAL : cen_pa_detach(file, arg->fd);
}

struct cen_cancel_match {
	struct cen_port_file *file;
	const struct cen_port_cancel *arg;
};

static bool cen_cancel_match(struct cen_xfer *xfer, void *data)
{
	const struct cen_cancel_match *m = data;

	return xfer->file == m->file && (m->arg->flags & CEN_CANCEL_ALL ||
					 xfer->result.user_data == m->arg->user_data);
}

static long cen_ioc_cancel(struct cen_port_file *file, struct cen_port_cancel *arg)
{
	struct cen_cancel_match m = { .file = file, .arg = arg };
	long ret = 0;

	if (arg->flags & ~CEN_CANCEL_ALL || arg->count)
		return -EINVAL;
	/* the mutex keeps the driver from going while its ->cancel() runs */
	mutex_lock(&file->port->mutex);
	if (file->port->dev)
		arg->count = cen_queue_cancel(file->port, cen_cancel_match, &m, -ECANCELED);
	else
		ret = -ENODEV;
	mutex_unlock(&file->port->mutex);
	return ret;
}

/* Reserve an fd, reply, then install: a failing copy must not leave an fd behind. */
static long cen_ioc_install(void __user *user, const void *arg, size_t size, int fd,
			    struct file *filp)
{
	if (copy_to_user(user, arg, size)) {
		put_unused_fd(fd);
		fput(filp);
		return -EFAULT;
	}
	fd_install(fd, filp);
	return 0;
}

static long cen_ioc_enqueue(struct cen_port_file *file, void __user *user,
			    struct cen_port_enqueue *arg)
{
	struct sync_file *out = NULL;
	int fd = -1;
	long ret;

	if (arg->flags & CEN_ENQUEUE_OUT_FENCE) {
		fd = get_unused_fd_flags(O_CLOEXEC);
		if (fd < 0)
			return fd;
	}
	ret = cen_port_enqueue(file, arg, &out);
	if (!out) {
		if (fd >= 0)
			put_unused_fd(fd);
		return ret;
	}
	arg->out_fence = fd;
	return cen_ioc_install(user, arg, sizeof(*arg), fd, out->file);
}

static long cen_ioc_link(struct file *self, void __user *user, struct cen_port_link *arg)
{
	struct file *filp;
	int fd;
	long ret;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	ret = cen_link_create(self->private_data, self, arg, &filp);
	if (ret) {
		put_unused_fd(fd);
		return ret;
	}
	arg->fd = fd;
	return cen_ioc_install(user, arg, sizeof(*arg), fd, filp);
}

static const unsigned int cen_port_cmds[] = {
	[_IOC_NR(CEN_PORT_IOC_INFO)] = CEN_PORT_IOC_INFO,
	[_IOC_NR(CEN_PORT_IOC_ATTACH)] = CEN_PORT_IOC_ATTACH,
	[_IOC_NR(CEN_PORT_IOC_DETACH)] = CEN_PORT_IOC_DETACH,
	[_IOC_NR(CEN_PORT_IOC_ENQUEUE)] = CEN_PORT_IOC_ENQUEUE,
	[_IOC_NR(CEN_PORT_IOC_CANCEL)] = CEN_PORT_IOC_CANCEL,
	[_IOC_NR(CEN_PORT_IOC_LINK)] = CEN_PORT_IOC_LINK,
};

static long cen_port_ioctl(struct file *filp, unsigned int cmd, unsigned long uptr)
{
	struct cen_port_file *file = filp->private_data;
	void __user *user = (void __user *)uptr;
	union {
		struct cen_port_info info;
		struct cen_port_attach attach;
		struct cen_port_enqueue enqueue;
		struct cen_port_cancel cancel;
		struct cen_port_link link;
	} arg;
	unsigned int known;
	long ret;

	if (_IOC_TYPE(cmd) != CEN_PORT_IOC_MAGIC)
		return cen_port_driver_ioctl(file, cmd, uptr);
	if (_IOC_NR(cmd) >= ARRAY_SIZE(cen_port_cmds))
		return -ENOTTY;
	known = cen_port_cmds[_IOC_NR(cmd)];
	if (_IOC_DIR(cmd) != _IOC_DIR(known))
		return -ENOTTY;
	ret = cen_ioctl_arg(&arg, sizeof(arg), known, cmd, user);
	if (ret)
		return ret;

	switch (known) {
	case CEN_PORT_IOC_INFO:
		ret = cen_ioc_info(file, &arg.info);
		break;
	case CEN_PORT_IOC_ATTACH:
		return cen_ioc_attach(file, &arg.attach);
	case CEN_PORT_IOC_DETACH:
		return cen_ioc_detach(file, &arg.attach);
	case CEN_PORT_IOC_ENQUEUE:
		return cen_ioc_enqueue(file, user, &arg.enqueue);
	case CEN_PORT_IOC_CANCEL:
		ret = cen_ioc_cancel(file, &arg.cancel);
		break;
	case CEN_PORT_IOC_LINK:
		return cen_ioc_link(filp, user, &arg.link);
	}
	if (!ret && copy_to_user(user, &arg, _IOC_SIZE(known)))
		ret = -EFAULT;
	return ret;
}

const struct file_operations cen_port_fops = {
	.owner = THIS_MODULE,
	.open = cen_port_open,
	.release = cen_port_release,
	.read = cen_port_read,
	.poll = cen_port_poll,
	.unlocked_ioctl = cen_port_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* The port file behind @fd; *@filp holds it until fput(). */
struct cen_port_file *cen_port_file_from_fd(int fd, struct file **filp)
{
	struct file *f = fget(fd);

	if (!f)
		return ERR_PTR(-EBADF);
	if (f->f_op != &cen_port_fops) {
		fput(f);
		return ERR_PTR(-EBADF);
	}
	*filp = f;
	return f->private_data;
}
