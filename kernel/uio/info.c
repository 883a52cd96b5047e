// SPDX-License-Identifier: GPL-2.0
/*
 * What is told about a device: CEN_UIO_IOC_INFO, and debugfs cen_uio/<bus:device>.
 */
#include <linux/debugfs.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>
#include <linux/uaccess.h>

#include "uio.h"

static u32 cen_uio_count_handles_locked(struct cen_uio *dev)
{
	struct cen_uio_handle *handle;
	unsigned long id;
	u32 count = 0;

	lockdep_assert_held(&dev->lock);
	if (dev->owner)
		xa_for_each(&dev->owner->handles, id, handle)
			count++;
	return count;
}

static int cen_uio_info_locked(struct cen_uio *dev, struct cen_uio_info *arg)
{
	lockdep_assert_held(&dev->lock);
	if (dev->gone)
		return -ENODEV;
	arg->flags = (dev->rules->stated ? CEN_UIO_RULES : 0) |
		     (dev->rules->dma ? CEN_UIO_DMA : 0) |
		     (dev->confined ? CEN_UIO_CONFINED : 0) |
		     (dev->cut ? CEN_UIO_CUT : 0) |
		     (dev->rules->cause.status != CEN_UIO_NO_REG ? CEN_UIO_ACKNOWLEDGES : 0);
	arg->uio = dev->info.uio_dev->minor;
	arg->irq = dev->irq;
	arg->dma_bits = fls64(dma_get_mask(dev->dev));
	arg->handles = cen_uio_count_handles_locked(dev);
	arg->interruptions = dev->interruptions;
	strscpy_pad(arg->name, dev->name, sizeof(arg->name));
	return 0;
}

/**
 * cen_uio_info - tell about the device
 * @dev: the device
 * @arg: see <linux/cen_uio.h>
 */
int cen_uio_info(struct cen_uio *dev, struct cen_uio_info *arg)
{
	struct cen_uio_window __user *windows = u64_to_user_ptr(arg->windows);
	u32 regs = min(arg->regs_count, dev->rules->nr_regs);
	u32 room = min(arg->windows_count, dev->nr_pages);
	u32 i;
	int ret;

	if (arg->flags || arg->interruptions)
		return -EINVAL;
	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		return ret;
	ret = cen_uio_info_locked(dev, arg);
	mutex_unlock(&dev->lock);
	if (ret)
		return ret;

	arg->windows_count = dev->nr_pages;
	arg->regs_count = dev->rules->nr_regs;
	for (i = 0; arg->windows && i < room; i++)
		if (copy_to_user(&windows[i], &dev->pages[i].window, sizeof(*windows)))
			return -EFAULT;
	if (arg->regs && copy_to_user(u64_to_user_ptr(arg->regs), dev->rules->regs,
				      regs * sizeof(dev->rules->regs[0])))
		return -EFAULT;
	return 0;
}

#if IS_ENABLED(CONFIG_DEBUG_FS)

static struct dentry *cen_uio_debugfs;

static void cen_uio_show_reg(struct seq_file *s, struct cen_uio *dev, u32 i)
{
	const struct cen_uio_reg *reg = &dev->rules->regs[i];
	const struct cen_uio_state *state = &dev->state[i];

	if (reg->kind != CEN_UIO_REG_ADDRESS && reg->kind != CEN_UIO_REG_LENGTH)
		return;
	seq_printf(s, "register %u:0x%llx: ", reg->region, reg->offset);
	switch (state->holds) {
	case CEN_UIO_HOLDS_NOTHING:
		seq_puts(s, "nothing\n");
		break;
	case CEN_UIO_HOLDS_VALUE:
		seq_printf(s, "0x%llx\n", state->value);
		break;
	case CEN_UIO_HOLDS_BUFFER:
		seq_printf(s, "handle %u, %llu bytes\n", state->handle->id, state->length);
		break;
	case CEN_UIO_HOLDS_REST:
		seq_printf(s, "handle %u, used\n", state->handle->id);
		break;
	}
}

static int cen_uio_debugfs_show(struct seq_file *s, void *unused)
{
	struct cen_uio *dev = s->private;
	struct cen_uio_handle *handle;
	unsigned long id;
	u32 i;

	mutex_lock(&dev->lock);
	seq_printf(s, "open: %s\nmay reach memory: %s\nconfined by an IOMMU: %s\n",
		   str_yes_no(dev->owner), str_yes_no(dev->running), str_yes_no(dev->confined));
	seq_printf(s, "slept or reset: %u\n", dev->interruptions);
	for (i = 0; i < dev->rules->nr_regs; i++)
		cen_uio_show_reg(s, dev, i);
	if (dev->owner)
		xa_for_each(&dev->owner->handles, id, handle)
			seq_printf(s, "handle %lu: inode %llu, %zu bytes, %u segments, %s%s\n", id,
				   (u64)file_inode(handle->attach->dmabuf->file)->i_ino,
				   handle->attach->dmabuf->size, handle->segments,
				   handle->directions == CEN_UIO_TO_DEVICE ? "to device" :
				   handle->directions == CEN_UIO_FROM_DEVICE ? "from device" :
				   "both ways",
				   handle->access ? ", begun" : "");
	list_for_each_entry(handle, &dev->orphans, node)
		seq_printf(s, "orphan: %zu bytes\n", handle->attach->dmabuf->size);
	mutex_unlock(&dev->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cen_uio_debugfs);

void cen_uio_debugfs_init(void)
{
	cen_uio_debugfs = debugfs_create_dir("cen_uio", NULL);
}

void cen_uio_debugfs_exit(void)
{
	debugfs_remove(cen_uio_debugfs);
}

void cen_uio_debugfs_add(struct cen_uio *dev)
{
	dev->debugfs = debugfs_create_file(dev->name, 0400, cen_uio_debugfs, dev,
					   &cen_uio_debugfs_fops);
}

/* Waits for readers. */
void cen_uio_debugfs_remove(struct cen_uio *dev)
{
	debugfs_remove(dev->debugfs);
}

#else

void cen_uio_debugfs_init(void)
{
}

void cen_uio_debugfs_exit(void)
{
}

void cen_uio_debugfs_add(struct cen_uio *dev)
{
}

void cen_uio_debugfs_remove(struct cen_uio *dev)
{
}

#endif
