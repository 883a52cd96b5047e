// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/cen_uio/N: one table, one small function per ioctl. A handler sees a copy of
 * the argument in kernel memory and fills in the reply.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../ioctl_arg.h"
#include "uio.h"

/* The new owner gets the device idle, with no address in it; that may take a moment. */
static int cen_uio_take(struct cen_uio *dev, struct cen_uio_file *file)
{
	int ret;

	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	if (dev->gone)
		ret = -ENODEV;
	else if (dev->owner || dev->away)
		ret = -EBUSY;
	else
		ret = cen_uio_prepare(dev);
	if (!ret)
		dev->owner = file;
	mutex_unlock(&dev->lock);
	return ret;
}

static int cen_uio_open(struct inode *inode, struct file *filp)
{
	struct cen_uio *dev = container_of(inode->i_cdev, struct cen_uio, cdev);
	struct cen_uio_file *file;
	int ret;

	if (!dev->confined && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	xa_init_flags(&file->handles, XA_FLAGS_ALLOC1);
	file->next = 1;
	file->dev = dev;
	ret = cen_uio_take(dev, file);
	if (ret) {
		kfree(file);
		return ret;
	}
	kref_get(&dev->refs);
	filp->private_data = file;
	return nonseekable_open(inode, filp);
}

static int cen_uio_release(struct inode *inode, struct file *filp)
{
	struct cen_uio_file *file = filp->private_data;
	struct cen_uio *dev = file->dev;

	mutex_lock(&dev->lock);
	/* The device loses the memory before the memory loses its mapping. */
	if (!dev->gone)
		cen_uio_handles_drop(file, cen_uio_quiesce(dev));
	dev->owner = NULL;
	mutex_unlock(&dev->lock);

	xa_destroy(&file->handles);
	kfree(file);
	cen_uio_put(dev);
	return 0;
}

static int cen_uio_ioctl_info(struct cen_uio_file *file, void *data)
{
	return cen_uio_info(file->dev, data);
}

static int cen_uio_ioctl_attach(struct cen_uio_file *file, void *data)
{
	return cen_uio_handle_attach(file, data);
}

static int cen_uio_ioctl_detach(struct cen_uio_file *file, void *data)
{
	const struct cen_uio_detach *arg = data;

	return arg->flags ? -EINVAL : cen_uio_handle_detach(file, arg->handle);
}

static int cen_uio_ioctl_program(struct cen_uio_file *file, void *data)
{
	struct cen_uio_program *arg = data;
	struct cen_uio_write *writes;
	int ret;

	memset(&arg->reason, 0, sizeof(arg->reason));
	arg->reason.index = CEN_UIO_NO_INDEX;
	if (arg->flags || !arg->count)
		return -EINVAL;
	if (arg->count > CEN_UIO_MAX_WRITES)
		return -E2BIG;
	writes = memdup_user(u64_to_user_ptr(arg->writes), arg->count * sizeof(*writes));
	if (IS_ERR(writes))
		return PTR_ERR(writes);
	ret = cen_uio_program(file, writes, arg->count, &arg->reason);
	kfree(writes);
	return ret;
}

static int cen_uio_read_locked(struct cen_uio *dev, struct cen_uio_access *arg)
{
	const struct cen_uio_reg *rule;
	u8 reg;

	if (dev->gone)
		return -ENODEV;
	if (dev->away)
		return cen_uio_refuse(&arg->reason, -EBUSY, CEN_UIO_WHY_BUSY, 0, 0);
	reg = cen_uio_rules_find(dev->rules, arg->region, arg->reg);
	if (reg == CEN_UIO_NO_REG)
		return cen_uio_refuse(&arg->reason, -EPERM, CEN_UIO_WHY_REGISTER, arg->reg, 0);
	rule = &dev->rules->regs[reg];
	/* An address register may hold what nobody may know. */
	if (rule->kind == CEN_UIO_REG_ADDRESS || rule->kind == CEN_UIO_REG_WO)
		return cen_uio_refuse(&arg->reason, -EPERM, CEN_UIO_WHY_KIND, CEN_UIO_REG_RO,
				      rule->kind);
	if (arg->width != rule->width)
		return cen_uio_refuse(&arg->reason, -EPERM, CEN_UIO_WHY_WIDTH, arg->width,
				      rule->width);
	arg->value = cen_uio_reg_read(dev, reg);
	return 0;
}

static int cen_uio_ioctl_reg_read(struct cen_uio_file *file, void *data)
{
	struct cen_uio_access *arg = data;
	int ret;

	memset(&arg->reason, 0, sizeof(arg->reason));
	arg->reason.index = CEN_UIO_NO_INDEX;
	if (arg->value)
		return -EINVAL;
	ret = mutex_lock_interruptible(&file->dev->lock);
	if (ret)
		return ret;
	ret = cen_uio_read_locked(file->dev, arg);
	mutex_unlock(&file->dev->lock);
	return ret;
}

static int cen_uio_ioctl_reg_write(struct cen_uio_file *file, void *data)
{
	struct cen_uio_access *arg = data;
	struct cen_uio_write write = {
		.value = arg->value,
		.reg = arg->reg,
		.region = arg->region,
		.width = arg->width,
		.type = CEN_UIO_WRITE_VALUE,
	};

	return cen_uio_program(file, &write, 1, &arg->reason);
}

static int cen_uio_ioctl_sync(struct cen_uio_file *file, void *data)
{
	const struct cen_uio_sync *arg = data;

	return cen_uio_handle_sync(file, arg->handle, arg->flags);
}

#define CEN_UIO_IOC_FIRST	_IOC_NR(CEN_UIO_IOC_INFO)
#define CEN_UIO_IOC_INDEX(cmd)	(_IOC_NR(cmd) - CEN_UIO_IOC_FIRST)

static const struct {
	unsigned int cmd;
	int (*handler)(struct cen_uio_file *file, void *data);
	bool out_on_error;	/* the reply says what was at fault */
} cen_uio_ioctls[] = {
	[CEN_UIO_IOC_INDEX(CEN_UIO_IOC_INFO)] = { CEN_UIO_IOC_INFO, cen_uio_ioctl_info },
	[CEN_UIO_IOC_INDEX(CEN_UIO_IOC_ATTACH)] = { CEN_UIO_IOC_ATTACH, cen_uio_ioctl_attach,
						    true },
	[CEN_UIO_IOC_INDEX(CEN_UIO_IOC_DETACH)] = { CEN_UIO_IOC_DETACH, cen_uio_ioctl_detach },
	[CEN_UIO_IOC_INDEX(CEN_UIO_IOC_PROGRAM)] = { CEN_UIO_IOC_PROGRAM, cen_uio_ioctl_program,
						     true },
	[CEN_UIO_IOC_INDEX(CEN_UIO_IOC_REG_READ)] = { CEN_UIO_IOC_REG_READ,
						      cen_uio_ioctl_reg_read, true },
	[CEN_UIO_IOC_INDEX(CEN_UIO_IOC_REG_WRITE)] = { CEN_UIO_IOC_REG_WRITE,
						       cen_uio_ioctl_reg_write, true },
	[CEN_UIO_IOC_INDEX(CEN_UIO_IOC_SYNC)] = { CEN_UIO_IOC_SYNC, cen_uio_ioctl_sync },
};

/* Large enough for every argument above. */
union cen_uio_arg {
	struct cen_uio_info info;
	struct cen_uio_attach attach;
	struct cen_uio_detach detach;
	struct cen_uio_program program;
	struct cen_uio_access access;
	struct cen_uio_sync sync;
};

static long cen_uio_ioctl(struct file *filp, unsigned int cmd, unsigned long uptr)
{
	void __user *user = (void __user *)uptr;
	struct cen_uio_file *file = filp->private_data;
	u32 index = CEN_UIO_IOC_INDEX(cmd);
	union cen_uio_arg arg;
	int ret;

	if (_IOC_TYPE(cmd) != CEN_UIO_IOC_MAGIC || index >= ARRAY_SIZE(cen_uio_ioctls) ||
	    _IOC_DIR(cmd) != _IOC_DIR(cen_uio_ioctls[index].cmd))
		return -ENOTTY;
	ret = cen_ioctl_arg(&arg, sizeof(arg), cen_uio_ioctls[index].cmd, cmd, user);
	if (ret)
		return ret;

	ret = cen_uio_ioctls[index].handler(file, &arg);
	if ((!ret || cen_uio_ioctls[index].out_on_error) && _IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &arg, _IOC_SIZE(cen_uio_ioctls[index].cmd))) {
		/* A handle that nobody knows could not be given back. */
		if (!ret && index == CEN_UIO_IOC_INDEX(CEN_UIO_IOC_ATTACH))
			cen_uio_handle_detach(file, arg.attach.handle);
		ret = -EFAULT;
	}
	return ret;
}

static const struct file_operations cen_uio_fops = {
	.owner = THIS_MODULE,
	.open = cen_uio_open,
	.release = cen_uio_release,
	.unlocked_ioctl = cen_uio_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

#define CEN_UIO_MINORS	256

static dev_t cen_uio_devt;
static struct class cen_uio_class = {
	.name = "cen_uio",
};

int cen_uio_node_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&cen_uio_devt, 0, CEN_UIO_MINORS, "cen_uio");
	if (ret)
		return ret;
	ret = class_register(&cen_uio_class);
	if (ret)
		unregister_chrdev_region(cen_uio_devt, CEN_UIO_MINORS);
	return ret;
}

void cen_uio_node_exit(void)
{
	class_unregister(&cen_uio_class);
	unregister_chrdev_region(cen_uio_devt, CEN_UIO_MINORS);
}

static void cen_uio_node_release(struct device *node)
{
	cen_uio_put(container_of(node, struct cen_uio, node));
}

/* /dev/cen_uio/N, numbered as the UIO device is. Readable and writable by root only. */
int cen_uio_node_register(struct cen_uio *dev)
{
	int number = dev->info.uio_dev->minor;
	int ret;

	if (number >= CEN_UIO_MINORS)
		return -ENOSPC;
	device_initialize(&dev->node);
	kref_get(&dev->refs);
	dev->node.devt = cen_uio_devt + number;
	dev->node.class = &cen_uio_class;
	dev->node.parent = dev->dev;
	dev->node.release = cen_uio_node_release;
	ret = dev_set_name(&dev->node, "cen_uio!%d", number);
	if (ret)
		goto err_put;
	cdev_init(&dev->cdev, &cen_uio_fops);
	dev->cdev.owner = THIS_MODULE;
	ret = cdev_device_add(&dev->cdev, &dev->node);
	if (ret)
		goto err_put;
	return 0;

err_put:
	put_device(&dev->node);
	return ret;
}

/* An open that is under way finds the device gone. */
void cen_uio_node_unregister(struct cen_uio *dev)
{
	cdev_device_del(&dev->cdev, &dev->node);
	put_device(&dev->node);
}
