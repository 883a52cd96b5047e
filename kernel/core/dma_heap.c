// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/dma_heap/cenalloc: the dma-heap ABI, so that programs written for dma-heaps
 * get a buffer that is placed late without a changed line.
 *
 * A node of our own, for kernels whose dma_heap_add() is not exported (others:
 * dma_heap_add.c). What it checks, and in which order, is what a program sees of the
 * kernel's heaps.
 */
#include <linux/compat.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <uapi/linux/dma-heap.h>

#include "buffer.h"

static long cen_dma_heap_alloc(struct dma_heap_allocation_data __user *arg,
			       size_t in_size, size_t out_size)
{
	struct dma_heap_allocation_data data;
	struct cen_create_args args = {};
	struct dma_buf *dmabuf;
	size_t len;
	int ret, fd;

	/* A shorter structure reads as zeroes, the tail of a longer one is not ours. */
	memset(&data, 0, sizeof(data));
	if (copy_from_user(&data, arg, min(in_size, sizeof(data))))
		return -EFAULT;

	if (data.fd)
		return -EINVAL;
	if (data.fd_flags & ~DMA_HEAP_VALID_FD_FLAGS)
		return -EINVAL;
	if (data.heap_flags & ~DMA_HEAP_VALID_HEAP_FLAGS)
		return -EINVAL;
	len = PAGE_ALIGN(data.len);
	if (!len)
		return -EINVAL;

	args.size = len;
	args.file_flags = data.fd_flags;
	dmabuf = cen_buffer_export(&args);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);

	fd = get_unused_fd_flags(data.fd_flags);
	if (fd < 0) {
		ret = fd;
		goto err_put_dmabuf;
	}
	data.fd = fd;
	if (copy_to_user(arg, &data, min(out_size, sizeof(data)))) {
		ret = -EFAULT;
		goto err_put_fd;
	}
	fd_install(fd, dmabuf->file);
	return 0;

err_put_fd:
	put_unused_fd(fd);
err_put_dmabuf:
	dma_buf_put(dmabuf);
	return ret;
}

static long cen_dma_heap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	size_t size = _IOC_SIZE(cmd);

	/* The kernel's heaps look at the number only, and at the size and directions given. */
	if (_IOC_NR(cmd) != _IOC_NR(DMA_HEAP_IOCTL_ALLOC))
		return -EINVAL;
	return cen_dma_heap_alloc((void __user *)arg, cmd & IOC_IN ? size : 0,
				  cmd & IOC_OUT ? size : 0);
}

static const struct file_operations cen_dma_heap_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = cen_dma_heap_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice cen_dma_heap_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cenalloc-dma-heap",
	.nodename = "dma_heap/cenalloc",
	.mode = 0660,
	.fops = &cen_dma_heap_fops,
};

int cen_dma_heap_init(void)
{
	return misc_register(&cen_dma_heap_misc);
}

void cen_dma_heap_exit(void)
{
	misc_deregister(&cen_dma_heap_misc);
}
