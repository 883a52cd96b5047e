// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs/cen_sim_udc/NAME/: the host, for tests.
 *
 *	epNin/data, epNout/data		read() and write(): one URB each, of as many bytes
 *	epN.../{stream,rate,check}	a stream that the host reads or writes by itself
 *	epN.../{fail,hang}		faults
 *	control				write() a setup packet and data, read() the answer
 *	plug, suspend			the cable, the bus
 *	state				"configured", ...
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/usb/ch9.h>

#include "udc.h"

static bool cen_udc_urb_done(struct cen_udc *udc, struct cen_udc_urb *urb)
{
	bool done;

	spin_lock_irq(&udc->lock);
	done = urb->done || udc->gone;
	spin_unlock_irq(&udc->lock);
	return done;
}

static bool cen_udc_is_configuring(struct cen_udc *udc)
{
	bool configuring;

	spin_lock_irq(&udc->lock);
	configuring = udc->configuring && !udc->gone;
	spin_unlock_irq(&udc->lock);
	return configuring;
}

/*
 * Bytes, or what went wrong before the first. A gadget's function is enabled in the middle of
 * SET_CONFIGURATION, a host's transfers begin behind it.
 */
static ssize_t cen_udc_urb_run(struct cen_udc_ep *ep, struct cen_udc_urb *urb)
{
	struct cen_udc *udc = ep->udc;
	int ret;

	ret = wait_event_interruptible(udc->wait, !cen_udc_is_configuring(udc));
	if (ret)
		return ret;
	spin_lock_irq(&udc->lock);
	if (!udc->configured || !ep->enabled)
		ret = -ESHUTDOWN;
	else
		list_add_tail(&urb->node, &ep->urbs);
	spin_unlock_irq(&udc->lock);
	if (ret)
		return ret;
	cen_udc_kick(udc);
	ret = wait_event_interruptible(udc->wait, cen_udc_urb_done(udc, urb));
	spin_lock_irq(&udc->lock);
	/* the host may give up at any time */
	if (!urb->done)
		list_del(&urb->node);
	else
		ret = urb->status;
	spin_unlock_irq(&udc->lock);
	if (ret == -EOVERFLOW)
		return ret;
	return urb->actual ?: ret;
}

static ssize_t cen_udc_data_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct cen_udc_ep *ep = file->private_data;
	struct cen_udc_urb urb = { .length = min_t(size_t, size, SZ_16M) };
	ssize_t ret;

	if (!ep->in)
		return -EPERM;
	urb.data = kvmalloc(max_t(size_t, urb.length, 1), GFP_KERNEL);
	if (!urb.data)
		return -ENOMEM;
	ret = cen_udc_urb_run(ep, &urb);
	if (ret > 0 && copy_to_user(buf, urb.data, ret))
		ret = -EFAULT;
	kvfree(urb.data);
	return ret;
}

static ssize_t cen_udc_data_write(struct file *file, const char __user *buf, size_t size,
				  loff_t *pos)
{
	struct cen_udc_ep *ep = file->private_data;
	struct cen_udc_urb urb = { .length = min_t(size_t, size, SZ_16M) };
	ssize_t ret;

	if (ep->in)
		return -EPERM;
	urb.data = kvmalloc(max_t(size_t, urb.length, 1), GFP_KERNEL);
	if (!urb.data)
		return -ENOMEM;
	ret = -EFAULT;
	if (!copy_from_user(urb.data, buf, urb.length))
		ret = cen_udc_urb_run(ep, &urb);
	kvfree(urb.data);
	return ret;
}

static const struct file_operations cen_udc_data_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = cen_udc_data_read,
	.write = cen_udc_data_write,
};

/* An open control file: the answer to its last request. */
struct cen_udc_control_file {
	struct cen_udc *udc;
	struct mutex mutex;
	int length;
	u8 data[SZ_4K];
};

static int cen_udc_control_open(struct inode *inode, struct file *file)
{
	struct cen_udc_control_file *control = kzalloc(sizeof(*control), GFP_KERNEL);

	if (!control)
		return -ENOMEM;
	control->udc = inode->i_private;
	mutex_init(&control->mutex);
	file->private_data = control;
	return 0;
}

static int cen_udc_control_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t cen_udc_control_write(struct file *file, const char __user *buf, size_t size,
				     loff_t *pos)
{
	struct cen_udc_control_file *control = file->private_data;
	struct cen_udc *udc = control->udc;
	struct usb_ctrlrequest setup;
	size_t data = size - sizeof(setup);
	int ret;

	if (size < sizeof(setup) || data > sizeof(control->data))
		return -EINVAL;
	if (copy_from_user(&setup, buf, sizeof(setup)))
		return -EFAULT;
	if (le16_to_cpu(setup.wLength) > sizeof(control->data) ||
	    (!(setup.bRequestType & USB_DIR_IN) && le16_to_cpu(setup.wLength) != data))
		return -EINVAL;
	mutex_lock(&control->mutex);
	ret = -EFAULT;
	if (!copy_from_user(control->data, buf + sizeof(setup), data)) {
		mutex_lock(&udc->bus);
		ret = cen_udc_control(udc, &setup, control->data);
		mutex_unlock(&udc->bus);
	}
	control->length = max(ret, 0);
	mutex_unlock(&control->mutex);
	return ret < 0 ? ret : size;
}

static ssize_t cen_udc_control_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct cen_udc_control_file *control = file->private_data;
	loff_t from = 0;
	ssize_t ret;

	mutex_lock(&control->mutex);
	ret = simple_read_from_buffer(buf, size, &from, control->data, control->length);
	mutex_unlock(&control->mutex);
	return ret;
}

static const struct file_operations cen_udc_control_fops = {
	.owner = THIS_MODULE,
	.open = cen_udc_control_open,
	.release = cen_udc_control_release,
	.read = cen_udc_control_read,
	.write = cen_udc_control_write,
};

static int cen_udc_plug_get(void *data, u64 *value)
{
	*value = ((struct cen_udc *)data)->plugged;
	return 0;
}

static int cen_udc_plug_set(void *data, u64 value)
{
	cen_udc_plug(data, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_udc_plug_fops, cen_udc_plug_get, cen_udc_plug_set, "%llu\n");

static int cen_udc_suspend_get(void *data, u64 *value)
{
	*value = ((struct cen_udc *)data)->suspended;
	return 0;
}

static int cen_udc_suspend_set(void *data, u64 value)
{
	cen_udc_sleep(data, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_udc_suspend_fops, cen_udc_suspend_get, cen_udc_suspend_set, "%llu\n");

static int cen_udc_state_show(struct seq_file *m, void *unused)
{
	struct cen_udc *udc = m->private;
	const char *state = "empty";

	spin_lock_irq(&udc->lock);
	if (udc->suspended)
		state = "suspended";
	else if (udc->configured)
		state = "configured";
	else if (udc->driver)
		state = udc->plugged ? "bound" : "unplugged";
	spin_unlock_irq(&udc->lock);
	seq_printf(m, "%s\n", state);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cen_udc_state);

static int cen_udc_stream_get(void *data, u64 *value)
{
	*value = ((struct cen_udc_ep *)data)->stream;
	return 0;
}

/* Starting it starts the ramp anew. */
static int cen_udc_stream_set(void *data, u64 value)
{
	struct cen_udc_ep *ep = data;

	spin_lock_irq(&ep->udc->lock);
	ep->stream = value;
	ep->counter = 0;
	ep->mismatches = 0;
	ep->due = 0;
	spin_unlock_irq(&ep->udc->lock);
	cen_udc_kick(ep->udc);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_udc_stream_fops, cen_udc_stream_get, cen_udc_stream_set, "%llu\n");

static int cen_udc_hang_get(void *data, u64 *value)
{
	*value = ((struct cen_udc_ep *)data)->hang;
	return 0;
}

static int cen_udc_hang_set(void *data, u64 value)
{
	struct cen_udc_ep *ep = data;

	spin_lock_irq(&ep->udc->lock);
	ep->hang = value;
	spin_unlock_irq(&ep->udc->lock);
	cen_udc_kick(ep->udc);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_udc_hang_fops, cen_udc_hang_get, cen_udc_hang_set, "%llu\n");

/* Requests the controller has. */
static int cen_udc_queued_get(void *data, u64 *value)
{
	struct cen_udc_ep *ep = data;

	spin_lock_irq(&ep->udc->lock);
	*value = list_count_nodes(&ep->queue);
	spin_unlock_irq(&ep->udc->lock);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_udc_queued_fops, cen_udc_queued_get, NULL, "%llu\n");

static void cen_udc_files_ep(struct cen_udc_ep *ep)
{
	struct dentry *dir = debugfs_create_dir(ep->name, ep->udc->debugfs);

	debugfs_create_file("data", 0600, dir, ep, &cen_udc_data_fops);
	debugfs_create_file("stream", 0600, dir, ep, &cen_udc_stream_fops);
	debugfs_create_file("hang", 0600, dir, ep, &cen_udc_hang_fops);
	debugfs_create_file("queued", 0400, dir, ep, &cen_udc_queued_fops);
	debugfs_create_u32("rate", 0600, dir, &ep->rate);
	debugfs_create_u32("fail", 0600, dir, &ep->fail);
	debugfs_create_bool("check", 0600, dir, &ep->check);
	debugfs_create_bool("halted", 0400, dir, &ep->halted);
	debugfs_create_bool("enabled", 0400, dir, &ep->enabled);
	debugfs_create_u64("bytes", 0400, dir, &ep->bytes);
	debugfs_create_u64("requests", 0400, dir, &ep->requests);
	debugfs_create_u64("mismatches", 0400, dir, &ep->mismatches);
}

void cen_udc_files_add(struct cen_udc *udc, struct dentry *parent)
{
	struct cen_udc_ep *ep;

	udc->debugfs = debugfs_create_dir(dev_name(&udc->pdev->dev), parent);
	debugfs_create_file("control", 0600, udc->debugfs, udc, &cen_udc_control_fops);
	debugfs_create_file("plug", 0600, udc->debugfs, udc, &cen_udc_plug_fops);
	debugfs_create_file("suspend", 0600, udc->debugfs, udc, &cen_udc_suspend_fops);
	debugfs_create_file("state", 0400, udc->debugfs, udc, &cen_udc_state_fops);
	debugfs_create_u64("refused", 0400, udc->debugfs, &udc->refused);
	cen_udc_for_each_ep(udc, ep)
		cen_udc_files_ep(ep);
}
