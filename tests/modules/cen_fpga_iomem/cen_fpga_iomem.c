// SPDX-License-Identifier: GPL-2.0
/*
 * A dma-buf that says it is I/O memory, for importers that have to refuse that: reading
 * /dev/cen_fpga_iomem gives the number of a new fd, as text. With "novmap=1" one that cannot be
 * mapped for the CPU at all.
 */
#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/iosys-map.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../../../kernel/compat/compat.h"

#define IOMEM_SIZE	(16 * PAGE_SIZE)

static bool novmap;
module_param(novmap, bool, 0644);
MODULE_PARM_DESC(novmap, "new buffers have no vmap");

/* Nobody maps it for a device here. */
static struct sg_table *iomem_map(struct dma_buf_attachment *attach, enum dma_data_direction dir)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static void iomem_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			enum dma_data_direction dir)
{
}

static int iomem_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	/* It is no I/O memory, so whoever treats it as such on x86 reads what is there: zeroes. */
	iosys_map_set_vaddr_iomem(map, (void __iomem *)dmabuf->priv);
	return 0;
}

static void iomem_release(struct dma_buf *dmabuf)
{
	kvfree(dmabuf->priv);
}

static const struct dma_buf_ops iomem_ops = {
	.map_dma_buf = iomem_map,
	.unmap_dma_buf = iomem_unmap,
	.vmap = iomem_vmap,
	.release = iomem_release,
};

static const struct dma_buf_ops iomem_novmap_ops = {
	.map_dma_buf = iomem_map,
	.unmap_dma_buf = iomem_unmap,
	.release = iomem_release,
};

static int iomem_new_fd(void)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct dma_buf *dmabuf;
	void *memory;
	int fd;

	memory = kvzalloc(IOMEM_SIZE, GFP_KERNEL);
	if (!memory)
		return -ENOMEM;
	exp_info.ops = novmap ? &iomem_novmap_ops : &iomem_ops;
	exp_info.size = IOMEM_SIZE;
	exp_info.flags = O_RDWR;
	exp_info.priv = memory;
	dmabuf = dma_buf_export(&exp_info);
	if (IS_ERR(dmabuf)) {
		kvfree(memory);
		return PTR_ERR(dmabuf);
	}
	fd = dma_buf_fd(dmabuf, O_CLOEXEC);
	if (fd < 0)
		dma_buf_put(dmabuf);
	return fd;
}

static ssize_t iomem_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	char text[16];
	int fd;

	if (size < sizeof(text))
		return -EINVAL;
	fd = iomem_new_fd();
	if (fd < 0)
		return fd;
	size = scnprintf(text, sizeof(text), "%d", fd);
	return copy_to_user(to, text, size) ? -EFAULT : size;
}

static const struct file_operations iomem_fops = {
	.owner = THIS_MODULE,
	.read = iomem_read,
};

static struct miscdevice iomem_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cen_fpga_iomem",
	.fops = &iomem_fops,
	.mode = 0600,
};
module_misc_device(iomem_misc);

CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("dma-bufs in I/O memory, for tests of cenalloc");
MODULE_LICENSE("GPL");
