// SPDX-License-Identifier: GPL-2.0
/*
 * A dma-buf importer for tests: the node, its ioctls and the objects they make.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../../../kernel/compat/compat.h"
#include "importer.h"

#define CTI_COPY_MAX	(64UL << 10)	/* bytes copied at once */

/* Takes @object over; on error it is the caller's still. */
int cti_object_add(struct cti_file *file, struct cti_object *object,
		   const struct cti_object_ops *ops)
{
	int ret;

	object->ops = ops;
	ret = xa_alloc(&file->ids, &object->id, object, XA_LIMIT(1, INT_MAX), GFP_KERNEL);
	if (!ret)
		list_add(&object->node, &file->objects);
	return ret;
}

struct cti_object *cti_object_find(struct cti_file *file, u32 id,
				   const struct cti_object_ops *ops)
{
	struct cti_object *object = xa_load(&file->ids, id);

	return object && (!ops || object->ops == ops) ? object : NULL;
}

static int cti_release_object(struct cti_file *file, u32 id)
{
	struct cti_object *object = xa_erase(&file->ids, id);

	if (!object)
		return -ENOENT;
	list_del(&object->node);
	object->ops->release(object);
	return 0;
}

static int cti_copy(struct cti_file *file, const struct cti_copy *arg, bool write)
{
	struct cti_object *object = cti_object_find(file, arg->id, NULL);
	void __user *user = u64_to_user_ptr(arg->data);
	u64 done = 0, piece, size;
	void *data;
	int ret = 0;

	if (!object || !object->ops->copy)
		return -ENOENT;
	size = object->ops->size(object);
	if (arg->pad || arg->offset > size || arg->length > size - arg->offset)
		return -EINVAL;

	data = kmalloc(CTI_COPY_MAX, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	for (; !ret && done < arg->length; done += piece) {
		piece = min(arg->length - done, CTI_COPY_MAX);
		if (write && copy_from_user(data, user + done, piece))
			ret = -EFAULT;
		if (!ret)
			ret = object->ops->copy(object, arg->offset + done, data, piece, write);
		if (!ret && !write && copy_to_user(user + done, data, piece))
			ret = -EFAULT;
	}
	kfree(data);
	return ret;
}

union cti_arg {
	struct cti_limits limits;
	struct cti_attach attach;
	struct cti_map map;
	struct cti_copy copy;
	struct cti_access access;
	struct cti_vmap vmap;
	struct cti_fence fence;
	struct cti_signal signal;
	struct cti_seg_size seg_size;
	struct cti_betrays betrays;
};

static int cti_dispatch(struct cti_file *file, unsigned int cmd, union cti_arg *arg)
{
	switch (cmd) {
	case CTI_IOC_LIMITS:
		return cti_device_limits(&arg->limits);
	case CTI_IOC_ATTACH:
		return cti_attach(file, &arg->attach);
	case CTI_IOC_MAP:
		return cti_map(file, &arg->map);
	case CTI_IOC_UNMAP:
		return cti_unmap(file, &arg->map);
	case CTI_IOC_READ:
		return cti_copy(file, &arg->copy, false);
	case CTI_IOC_WRITE:
		return cti_copy(file, &arg->copy, true);
	case CTI_IOC_BEGIN:
		return cti_access(file, &arg->access, true);
	case CTI_IOC_END:
		return cti_access(file, &arg->access, false);
	case CTI_IOC_VMAP:
		return cti_vmap(file, &arg->vmap);
	case CTI_IOC_FENCE:
		return cti_fence(file, &arg->fence);
	case CTI_IOC_SEG_SIZE:
		return cti_device_seg_size(&arg->seg_size);
	case CTI_IOC_BETRAYS:
		return cti_betrays(file, &arg->betrays);
	case CTI_IOC_SIGNAL:
		return cti_signal(file, &arg->signal);
	}
	return -ENOTTY;
}

static long cti_ioctl(struct file *filp, unsigned int cmd, unsigned long uptr)
{
	void __user *user = (void __user *)uptr;
	struct cti_file *file = filp->private_data;
	union cti_arg arg;
	int ret;

	if (_IOC_TYPE(cmd) != CTI_IOC_MAGIC || _IOC_SIZE(cmd) > sizeof(arg))
		return -ENOTTY;
	memset(&arg, 0, sizeof(arg));
	if (copy_from_user(&arg, user, _IOC_SIZE(cmd)))
		return -EFAULT;

	ret = mutex_lock_killable(&file->lock);
	if (ret)
		return ret;
	if (cmd == CTI_IOC_RELEASE)
		ret = cti_release_object(file, uptr);
	else
		ret = cti_dispatch(file, cmd, &arg);
	mutex_unlock(&file->lock);

	/* An id that does not arrive is of no harm: closing the file releases it. */
	if (!ret && _IOC_DIR(cmd) & _IOC_READ && copy_to_user(user, &arg, _IOC_SIZE(cmd)))
		ret = -EFAULT;
	return ret;
}

static int cti_open(struct inode *inode, struct file *filp)
{
	struct cti_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	mutex_init(&file->lock);
	xa_init_flags(&file->ids, XA_FLAGS_ALLOC1);
	INIT_LIST_HEAD(&file->objects);
	filp->private_data = file;
	return nonseekable_open(inode, filp);
}

static int cti_release(struct inode *inode, struct file *filp)
{
	struct cti_file *file = filp->private_data;
	struct cti_object *object, *next;

	list_for_each_entry_safe(object, next, &file->objects, node)
		object->ops->release(object);
	xa_destroy(&file->ids);
	mutex_destroy(&file->lock);
	kfree(file);
	return 0;
}

static const struct file_operations cti_fops = {
	.owner = THIS_MODULE,
	.open = cti_open,
	.release = cti_release,
	.unlocked_ioctl = cti_ioctl,
};

static struct miscdevice cti_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cen_test_importer",
	.fops = &cti_fops,
	.mode = 0666,	/* tests drop their privileges */
};

static int __init cti_init(void)
{
	int ret;

	ret = cti_devices_init();
	if (ret)
		return ret;
	ret = misc_register(&cti_misc);
	if (ret)
		cti_devices_exit();
	return ret;
}

static void __exit cti_exit(void)
{
	misc_deregister(&cti_misc);
	cti_devices_exit();
}

module_init(cti_init);
module_exit(cti_exit);

CEN_IMPORT_NS(DMA_BUF);
CEN_IMPORT_NS(CENALLOC);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("a dma-buf importer for tests");
MODULE_LICENSE("GPL");
