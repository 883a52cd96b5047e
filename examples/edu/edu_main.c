// SPDX-License-Identifier: GPL-2.0
/*
 * cen_edu: a driver for QEMU's "edu" PCI device that works on dma-bufs only.
 *
 * An example of an importer with a limit. It knows nothing of cenalloc: its
 * limit is its DMA mask, which every driver states anyway, and that is all the
 * allocator needs. So the very same driver serves for buffers of other exporters.
 */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../../kernel/compat/compat.h"
#include "edu.h"

static DEFINE_IDA(cen_edu_ids);

static void cen_edu_free(struct kref *refs)
{
	struct cen_edu *edu = container_of(refs, struct cen_edu, refs);

	ida_free(&cen_edu_ids, edu->id);
	mutex_destroy(&edu->lock);
	kfree(edu->misc.name);
	kfree(edu);
}

static int cen_edu_open(struct inode *inode, struct file *filp)
{
	/* misc_open() keeps the device registered, so it is bound. */
	struct cen_edu *edu = container_of(filp->private_data, struct cen_edu, misc);
	struct cen_edu_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	xa_init_flags(&file->buffers, XA_FLAGS_ALLOC1);
	kref_get(&edu->refs);
	file->edu = edu;

	mutex_lock(&edu->lock);
	list_add_tail(&file->link, &edu->files);
	mutex_unlock(&edu->lock);

	filp->private_data = file;
	return nonseekable_open(inode, filp);
}

static int cen_edu_release(struct inode *inode, struct file *filp)
{
	struct cen_edu_file *file = filp->private_data;
	struct cen_edu *edu = file->edu;

	mutex_lock(&edu->lock);
	cen_edu_buffer_detach_all(file);
	list_del(&file->link);
	mutex_unlock(&edu->lock);

	xa_destroy(&file->buffers);
	kfree(file);
	kref_put(&edu->refs, cen_edu_free);
	return 0;
}

static long cen_edu_ioctl_attach(struct cen_edu_file *file, void __user *user)
{
	struct cen_edu_attach arg;
	int ret;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	ret = cen_edu_buffer_attach(file, &arg);
	if (ret)
		return ret;
	if (copy_to_user(user, &arg, sizeof(arg))) {
		struct cen_edu_detach undo = { .handle = arg.handle };

		cen_edu_buffer_detach(file, &undo);
		return -EFAULT;
	}
	return 0;
}

static long cen_edu_ioctl_detach(struct cen_edu_file *file, void __user *user)
{
	struct cen_edu_detach arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	return cen_edu_buffer_detach(file, &arg);
}

static long cen_edu_ioctl_transfer(struct cen_edu_file *file, void __user *user)
{
	struct cen_edu_transfer arg;
	int ret;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	ret = cen_edu_buffer_transfer(file, &arg);
	/* A failed transfer tells how far it came; its own error goes first. */
	if (copy_to_user(user, &arg, sizeof(arg)) && !ret)
		ret = -EFAULT;
	return ret;
}

static long cen_edu_ioctl(struct file *filp, unsigned int cmd, unsigned long user)
{
	struct cen_edu_file *file = filp->private_data;
	void __user *arg = (void __user *)user;

	switch (cmd) {
	case CEN_EDU_IOC_ATTACH:
		return cen_edu_ioctl_attach(file, arg);
	case CEN_EDU_IOC_DETACH:
		return cen_edu_ioctl_detach(file, arg);
	case CEN_EDU_IOC_TRANSFER:
		return cen_edu_ioctl_transfer(file, arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations cen_edu_fops = {
	.owner		= THIS_MODULE,
	.open		= cen_edu_open,
	.release	= cen_edu_release,
	.unlocked_ioctl	= cen_edu_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static void cen_edu_put(void *edu)
{
	kref_put(&((struct cen_edu *)edu)->refs, cen_edu_free);
}

static struct cen_edu *cen_edu_alloc(struct pci_dev *pdev)
{
	struct cen_edu *edu;

	/* Not managed: open files outlive the binding. */
	edu = kzalloc(sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return NULL;
	edu->id = ida_alloc(&cen_edu_ids, GFP_KERNEL);
	if (edu->id < 0)
		goto err_free;
	edu->misc.name = kasprintf(GFP_KERNEL, "cen_edu%d", edu->id);
	if (!edu->misc.name)
		goto err_free_id;

	kref_init(&edu->refs);
	mutex_init(&edu->lock);
	INIT_LIST_HEAD(&edu->files);
	edu->pdev = pdev;
	edu->misc.minor = MISC_DYNAMIC_MINOR;
	edu->misc.fops = &cen_edu_fops;
	edu->misc.parent = &pdev->dev;
	return edu;

err_free_id:
	ida_free(&cen_edu_ids, edu->id);
err_free:
	kfree(edu);
	return NULL;
}

static int cen_edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct cen_edu *edu;
	int ret;

	edu = cen_edu_alloc(pdev);
	if (!edu)
		return -ENOMEM;
	/* Registered first, so undone last: the interrupt handler uses @edu. */
	ret = devm_add_action_or_reset(&pdev->dev, cen_edu_put, edu);
	if (ret)
		return ret;

	ret = cen_edu_engine_init(edu);
	if (ret)
		return ret;

	pci_set_drvdata(pdev, edu);
	return misc_register(&edu->misc);
}

static void cen_edu_remove(struct pci_dev *pdev)
{
	struct cen_edu *edu = pci_get_drvdata(pdev);
	struct cen_edu_file *file;

	misc_deregister(&edu->misc);

	/* Mappings may not outlive the binding; the open files do. */
	mutex_lock(&edu->lock);
	edu->gone = true;
	list_for_each_entry(file, &edu->files, link)
		cen_edu_buffer_detach_all(file);
	mutex_unlock(&edu->lock);

	pci_clear_master(pdev);
}

static const struct pci_device_id cen_edu_table[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, cen_edu_table);

static struct pci_driver cen_edu_driver = {
	.name		= "cen_edu",
	.id_table	= cen_edu_table,
	.probe		= cen_edu_probe,
	.remove		= cen_edu_remove,
};
module_pci_driver(cen_edu_driver);

MODULE_DESCRIPTION("QEMU edu device as a dma-buf importer");
MODULE_LICENSE("GPL");
CEN_IMPORT_NS(DMA_BUF);
