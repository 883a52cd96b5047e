// SPDX-License-Identifier: GPL-2.0
/*
 * FUNCTIONFS_*: programs written for the endpoint files of FunctionFS use our nodes as they
 * are. Same numbers, same arguments, same errors; what differs is what was at fault there:
 * TRANSFER neither waits for other devices nor fails because of them, and a second
 * ATTACH of the same buffer is -EBUSY.
 */
#include <linux/uaccess.h>

#include "../compat/compat_usb.h"
#include "usb.h"

static long cen_usb_ffs_fd(struct cen_port_file *file, unsigned long arg,
			   int (*fn)(struct cen_port_file *file, int fd))
{
	int fd, ret;

	if (copy_from_user(&fd, (void __user *)arg, sizeof(fd)))
		return -EFAULT;
	ret = fn(file, fd);
	/* FunctionFS's word for "not attached" */
	return ret == -ENOENT ? -EPERM : ret;
}

static long cen_usb_ffs_transfer(struct cen_port_file *file, unsigned long arg)
{
	struct usb_ffs_dmabuf_transfer_req req;
	struct cen_port_enqueue enqueue;
	int ret;

	if (copy_from_user(&req, (void __user *)arg, sizeof(req)))
		return -EFAULT;
	if (req.flags & ~USB_FFS_DMABUF_TRANSFER_MASK)
		return -EINVAL;
	/* its end is the buffer's fence; nobody will read() a completion */
	enqueue = (struct cen_port_enqueue) {
		.fd = req.fd,
		.length = req.length,
		.flags = CEN_ENQUEUE_QUIET,
	};
	ret = cen_port_file_enqueue(file, &enqueue);
	return ret == -ENOENT ? -EPERM : ret;
}

/* Those that are about the endpoint itself. */
static long cen_usb_ffs_endpoint(struct cen_usb_ep *ep, unsigned int cmd,
				 struct usb_endpoint_descriptor *desc)
{
	long ret = -ESHUTDOWN;

	spin_lock_irq(&ep->lock);
	if (ep->enabled) {
		ret = 0;
		switch (cmd) {
		case FUNCTIONFS_FIFO_STATUS:
			ret = usb_ep_fifo_status(ep->ep);
			break;
		case FUNCTIONFS_FIFO_FLUSH:
			usb_ep_fifo_flush(ep->ep);
			break;
		case FUNCTIONFS_CLEAR_HALT:
			ret = usb_ep_clear_halt(ep->ep);
			break;
		case FUNCTIONFS_ENDPOINT_REVMAP:
			ret = ep->ep->address;
			break;
		case FUNCTIONFS_ENDPOINT_DESC:
			*desc = *ep->ep->desc;
			break;
		}
	}
	spin_unlock_irq(&ep->lock);
	return ret;
}

long cen_usb_ioctl(struct cen_port *port, struct cen_port_file *file, unsigned int cmd,
		   unsigned long arg)
{
	struct usb_endpoint_descriptor desc;
	long ret;

	switch (cmd) {
	case FUNCTIONFS_DMABUF_ATTACH:
		return cen_usb_ffs_fd(file, arg, cen_port_file_attach);
	case FUNCTIONFS_DMABUF_DETACH:
		return cen_usb_ffs_fd(file, arg, cen_port_file_detach);
	case FUNCTIONFS_DMABUF_TRANSFER:
		return cen_usb_ffs_transfer(file, arg);
	case FUNCTIONFS_FIFO_STATUS:
	case FUNCTIONFS_FIFO_FLUSH:
	case FUNCTIONFS_CLEAR_HALT:
	case FUNCTIONFS_ENDPOINT_REVMAP:
	case FUNCTIONFS_ENDPOINT_DESC:
		break;
	default:
		return -ENOTTY;
	}

	if (!cen_port_hold(port))
		return -ENODEV;
	ret = cen_usb_ffs_endpoint(cen_port_priv(port), cmd, &desc);
	cen_port_unhold(port);
	if (!ret && cmd == FUNCTIONFS_ENDPOINT_DESC &&
	    copy_to_user((void __user *)arg, &desc, sizeof(desc)))
		ret = -EFAULT;
	return ret;
}
