// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/cen_fpga/NAME: one table, one small function per ioctl. A handler sees a copy of
 * the argument in kernel memory and fills in the reply.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "../ioctl_arg.h"
#include "fpga.h"

#define CEN_FPGA_MINORS	256

static int cen_fpga_open(struct inode *inode, struct file *filp)
{
	/* the cdev holds the target while it is open */
	filp->private_data = container_of(inode->i_cdev, struct cen_fpga_target, cdev);
	return nonseekable_open(inode, filp);
}

/* Told while a load is under way, too. */
static int cen_fpga_ioctl_info(struct cen_fpga_target *target, void *data)
{
	struct cen_fpga_info *info = data;
	struct cen_fpga_status status;
	u32 state;
	int ret;

	if (info->flags || info->pad)
		return -EINVAL;
	ret = cen_fpga_status_get(target, &status, &state);
	if (ret)
		return ret;
	memset(info, 0, sizeof(*info));
	strscpy_pad(info->name, target->name, sizeof(info->name));
	strscpy_pad(info->manager, target->manager, sizeof(info->manager));
	strscpy_pad(info->model, target->model, sizeof(info->model));
	strscpy_pad(info->device, target->device, sizeof(info->device));
	strscpy_pad(info->active, status.active, sizeof(info->active));
	info->flags = target->flags | (status.isolated ? CEN_FPGA_ISOLATED : 0) |
		      (status.loading ? CEN_FPGA_LOADING : 0) |
		      (status.overlay ? CEN_FPGA_OVERLAY : 0);
	info->loads = status.loads;
	info->failures = status.failures;
	info->last = status.last;
	info->last.state = state;
	return 0;
}

static int cen_fpga_load(struct cen_fpga_target *target, int fd, u64 offset, u64 length,
			 const struct cen_fpga_how *how, struct cen_fpga_result *result)
{
	struct cen_fpga_image image;
	struct dma_buf *dmabuf;
	int ret;

	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return cen_fpga_failed(result, CEN_FPGA_STEP_BUFFER, PTR_ERR(dmabuf));
	ret = cen_fpga_image_open(&image, dmabuf, offset, length);
	if (ret) {
		dma_buf_put(dmabuf);
		return cen_fpga_failed(result, CEN_FPGA_STEP_BUFFER, ret);
	}
	ret = cen_fpga_program(target, &image, how, 0, "", result);
	cen_fpga_image_close(&image);
	return ret;
}

static int cen_fpga_ioctl_load(struct cen_fpga_target *target, void *data)
{
	struct cen_fpga_load *arg = data;
	struct cen_fpga_how how = {
		.flags = arg->flags,
		.enable_timeout_us = arg->enable_timeout_us,
		.disable_timeout_us = arg->disable_timeout_us,
		.complete_timeout_us = arg->complete_timeout_us,
	};

	memset(&arg->result, 0, sizeof(arg->result));
	if (arg->flags & ~CEN_FPGA_FLAGS || arg->pad)
		return -EINVAL;
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	return cen_fpga_load(target, arg->fd, arg->offset, arg->length, &how, &arg->result);
}

static int cen_fpga_ioctl_load_dmabuf(struct cen_fpga_target *target, void *data)
{
	static const struct cen_fpga_how how;
	struct cen_fpga_result result = {};

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	return cen_fpga_load(target, *(__s32 *)data, 0, 0, &how, &result);
}

static const struct cen_fpga_ioctl {
	unsigned int cmd;
	int (*handler)(struct cen_fpga_target *target, void *data);
	bool out_on_error;	/* the reply says what failed */
} cen_fpga_ioctls[] = {
	{ CEN_FPGA_IOC_INFO, cen_fpga_ioctl_info },
	{ CEN_FPGA_IOC_LOAD, cen_fpga_ioctl_load, true },
	{ CEN_FPGA_IOC_LOAD_DMABUF, cen_fpga_ioctl_load_dmabuf },
};

/* Large enough for every argument above. */
union cen_fpga_arg {
	struct cen_fpga_info info;
	struct cen_fpga_load load;
	__s32 fd;
};

static const struct cen_fpga_ioctl *cen_fpga_ioctl_find(unsigned int cmd)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cen_fpga_ioctls); i++)
		if (_IOC_TYPE(cmd) == _IOC_TYPE(cen_fpga_ioctls[i].cmd) &&
		    _IOC_NR(cmd) == _IOC_NR(cen_fpga_ioctls[i].cmd) &&
		    _IOC_DIR(cmd) == _IOC_DIR(cen_fpga_ioctls[i].cmd))
			return &cen_fpga_ioctls[i];
	return NULL;
}

static long cen_fpga_ioctl(struct file *filp, unsigned int cmd, unsigned long uptr)
{
	const struct cen_fpga_ioctl *ioctl = cen_fpga_ioctl_find(cmd);
	void __user *user = (void __user *)uptr;
	union cen_fpga_arg arg;
	int ret;

	if (!ioctl)
		return -ENOTTY;
	ret = cen_ioctl_arg(&arg, sizeof(arg), ioctl->cmd, cmd, user);
	if (ret)
		return ret;

	ret = ioctl->handler(filp->private_data, &arg);
	/* what was programmed stays programmed, whether it can be told or not */
	if ((!ret || ioctl->out_on_error) && _IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &arg, _IOC_SIZE(ioctl->cmd)))
		ret = -EFAULT;
	return ret;
}

static const struct file_operations cen_fpga_fops = {
	.owner = THIS_MODULE,
	.open = cen_fpga_open,
	.unlocked_ioctl = cen_fpga_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static dev_t cen_fpga_devt;
static DEFINE_IDA(cen_fpga_minors);
static struct class cen_fpga_class = {
	.name = "cen_fpga",
};

int cen_fpga_node_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&cen_fpga_devt, 0, CEN_FPGA_MINORS, "cen_fpga");
	if (ret)
		return ret;
	ret = class_register(&cen_fpga_class);
	if (ret)
		unregister_chrdev_region(cen_fpga_devt, CEN_FPGA_MINORS);
	return ret;
}

void cen_fpga_node_exit(void)
{
	class_unregister(&cen_fpga_class);
	unregister_chrdev_region(cen_fpga_devt, CEN_FPGA_MINORS);
	ida_destroy(&cen_fpga_minors);
}

/* /dev/cen_fpga/NAME. Readable and writable by root only. */
int cen_fpga_node_add(struct cen_fpga_target *target)
{
	int minor, ret;

	minor = ida_alloc_max(&cen_fpga_minors, CEN_FPGA_MINORS - 1, GFP_KERNEL);
	if (minor < 0)
		return minor;
	target->node.devt = cen_fpga_devt + minor;
	target->node.class = &cen_fpga_class;
	ret = dev_set_name(&target->node, "cen_fpga!%s", target->name);
	if (ret)
		goto err_minor;
	cdev_init(&target->cdev, &cen_fpga_fops);
	target->cdev.owner = THIS_MODULE;
	ret = cdev_device_add(&target->cdev, &target->node);
	if (ret)
		goto err_minor;
	return 0;

err_minor:
	ida_free(&cen_fpga_minors, minor);
	return ret;
}

/* Files that are open stay so, and find the target gone. */
void cen_fpga_node_del(struct cen_fpga_target *target)
{
	cdev_device_del(&target->cdev, &target->node);
	ida_free(&cen_fpga_minors, target->node.devt - cen_fpga_devt);
}
