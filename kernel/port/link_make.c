// SPDX-License-Identifier: GPL-2.0
/*
 * Links: built from ports and buffers, and taken apart.
 */
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "link.h"

void cen_link_free(struct cen_link *link)
{
	u32 i, j;

	cancel_work_sync(&link->ending);
	for (i = 0; i < link->nr_blocks && link->blocks; i++) {
		struct cen_block *block = &link->blocks[i];

		for (j = 0; j <= link->nr_sinks; j++) {
			struct cen_xfer *xfer = j ? block->sinks[j - 1] : block->source;

			if (!xfer)
				continue;
			cen_xfer_put(xfer);
		}
	}
	for (j = 0; j <= link->nr_sinks; j++) {
		struct cen_port *port;
		struct cen_pa *pa;

		if (!link->files[j])
			continue;
		port = link->files[j]->port;
		mutex_lock(&port->mutex);
		spin_lock_irq(&port->lock);
		list_for_each_entry(pa, &port->attachments, node)
			if (pa->link == link)
				pa->link = NULL;
		port->nr_links--;
		spin_unlock_irq(&port->lock);
		mutex_unlock(&port->mutex);
		fput(link->filps[j]);
	}
	kfree(link->blocks);
	kfree(link);
}

/* Take @dmabuf's attachment on @file for the link. */
static struct cen_pa *cen_link_claim(struct cen_link *link, struct cen_port_file *file,
				     struct dma_buf *dmabuf)
{
	struct cen_port *port = file->port;
	struct cen_pa *pa;
	int ret = 0;

	rcu_read_lock();
	pa = cen_pa_find(file, dmabuf);
	if (!pa) {
		ret = -ENOENT;
	} else {
		spin_lock_irq(&port->lock);
		if (port->gone)
			ret = -ENODEV;
		else if (pa->closing)
			ret = -ENOENT;
		else if (pa->link || pa->busy)
			ret = -EBUSY;
		else
			pa->link = link;
		spin_unlock_irq(&port->lock);
	}
	rcu_read_unlock();
	return ret ? ERR_PTR(ret) : pa;
}

static struct cen_xfer *cen_link_xfer(struct cen_link *link, struct cen_block *block,
				      struct cen_port_file *file, struct dma_buf *dmabuf)
{
	struct cen_xfer *xfer;
	struct cen_pa *pa;

	pa = cen_link_claim(link, file, dmabuf);
	if (IS_ERR(pa))
		return ERR_CAST(pa);
	xfer = cen_xfer_new(file->port, GFP_KERNEL_ACCOUNT);
	if (!xfer)
		return ERR_PTR(-ENOMEM);
	cen_xfer_use(xfer, pa);
	atomic_set(&xfer->waiting, 0);
	xfer->t.length = link->length;
	xfer->done = file == link->files[0] ? cen_link_filled : cen_link_emptied;
	xfer->done_ctx = block;
	return xfer;
}

static int cen_link_block(struct cen_link *link, struct cen_block *block, int fd)
{
	struct cen_xfer *xfer;
	struct dma_buf *dmabuf;
	long left;
	int ret = 0;
	u32 j;

	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	block->link = link;
	if (link->length > dmabuf->size)
		ret = -EINVAL;
	/* what others still do with it ends before the link takes it */
	if (!ret) {
		left = dma_resv_wait_timeout(dmabuf->resv, DMA_RESV_USAGE_READ, true,
					     MAX_SCHEDULE_TIMEOUT);
		ret = min(left, 0L);
	}
	for (j = 0; !ret && j <= link->nr_sinks; j++) {
		xfer = cen_link_xfer(link, block, link->files[j], dmabuf);
		if (IS_ERR(xfer))
			ret = PTR_ERR(xfer);
		else if (j)
			block->sinks[j - 1] = xfer;
		else
			block->source = xfer;
	}
	dma_buf_put(dmabuf);
	return ret;
}

static int cen_link_add_file(struct cen_link *link, u32 j, int fd)
{
	struct cen_port_file *file;
	struct file *filp;

	file = cen_port_file_from_fd(fd, &filp);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (file->port->desc.direction != CEN_PORT_SINK ||
	    link->length % file->port->desc.granule) {
		fput(filp);
		return -EINVAL;
	}
	link->files[j] = file;
	link->filps[j] = filp;
	spin_lock_irq(&file->port->lock);
	file->port->nr_links++;
	spin_unlock_irq(&file->port->lock);
	return 0;
}

static int cen_link_check(const struct cen_port_file *source, const struct cen_port_link *arg)
{
	const struct cen_port_desc *desc = &source->port->desc;

	if (arg->flags & ~CEN_LINK_DROP || arg->fd || desc->direction != CEN_PORT_SOURCE)
		return -EINVAL;
	if (arg->buffer_count < 2 || arg->buffer_count > CEN_PORT_DEPTH || !arg->sink_count ||
	    arg->sink_count > CEN_LINK_MAX_SINKS)
		return -EINVAL;
	if (!arg->length || arg->length % desc->granule ||
	    (desc->length_max && arg->length > desc->length_max))
		return -EINVAL;
	return 0;
}

/*
 * Build and start a link. @self is the source's own file. On success *@filp is the
 * link; putting it stops and frees everything.
 */
int cen_link_create(struct cen_port_file *source, struct file *self, struct cen_port_link *arg,
		    struct file **filp)
{
	const s32 __user *buffers = u64_to_user_ptr(arg->buffers);
	const s32 __user *sinks = u64_to_user_ptr(arg->sinks);
	struct cen_link *link;
	s32 fd;
	int ret;
	u32 i;

	ret = cen_link_check(source, arg);
	if (ret)
		return ret;
	link = kzalloc(sizeof(*link), GFP_KERNEL_ACCOUNT);
	if (!link)
		return -ENOMEM;
	cen_link_init(link);
	link->length = arg->length;
	link->left = arg->blocks ?: U64_MAX;
	link->flags = arg->flags;
	link->nr_sinks = arg->sink_count;
	link->files[0] = source;
	link->filps[0] = get_file(self);
	spin_lock_irq(&source->port->lock);
	source->port->nr_links++;
	spin_unlock_irq(&source->port->lock);

	for (i = 0; i < arg->sink_count; i++) {
		ret = get_user(fd, &sinks[i]) ? -EFAULT :
		      cen_link_add_file(link, i + 1, fd);
		if (ret)
			goto err_free;
	}
	ret = -ENOMEM;
	link->blocks = kcalloc(arg->buffer_count, sizeof(*link->blocks), GFP_KERNEL_ACCOUNT);
	if (!link->blocks)
		goto err_free;
	link->nr_blocks = arg->buffer_count;
	for (i = 0; i < arg->buffer_count; i++) {
		ret = get_user(fd, &buffers[i]) ? -EFAULT :
		      cen_link_block(link, &link->blocks[i], fd);
		if (ret)
			goto err_free;
	}

	*filp = cen_link_file(link);
	if (IS_ERR(*filp)) {
		ret = PTR_ERR(*filp);
		goto err_free;
	}
	cen_link_start(link);
	return 0;

err_free:
	cen_link_free(link);
	return ret;
}
