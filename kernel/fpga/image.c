// SPDX-License-Identifier: GPL-2.0
/*
 * Images in dma-bufs.
 *
 * A buffer of cenalloc is attached for the device that reads the image, which places it, and
 * goes to the FPGA core as a table of its pages: the manager's driver maps it for DMA
 * itself. Nobody may look at the pages of a foreign one: it is mapped for the CPU. A
 * driver that takes tables only would have the core look for the pages behind that
 * mapping, so then a buffer of our own takes its place.
 */
#include <linux/cenalloc.h>
#include <linux/dma-buf.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/iosys-map.h>
#include <linux/string.h>

#include "../compat/compat.h"
#include "fpga.h"

/**
 * cen_fpga_image_open - a part of a dma-buf is an image
 * @image: overwritten
 * @dmabuf: its reference becomes the image's, on success
 * @offset: where it begins
 * @length: bytes; 0: up to the end
 *
 * Return: 0, -ERANGE.
 */
int cen_fpga_image_open(struct cen_fpga_image *image, struct dma_buf *dmabuf, u64 offset,
			u64 length)
{
	if (offset >= dmabuf->size || length > dmabuf->size - offset)
		return -ERANGE;
	*image = (struct cen_fpga_image) {
		.dmabuf = dmabuf,
		.offset = offset,
		.length = length ?: dmabuf->size - offset,
	};
	return 0;
}

static void cen_fpga_image_detach(struct cen_fpga_image *image)
{
	if (image->attach) {
		cen_attachment_put_pages(image->attach, &image->sgt);
		dma_buf_detach(image->dmabuf, image->attach);
		image->attach = NULL;
	}
	put_device(image->hw);
	image->hw = NULL;
}

void cen_fpga_image_close(struct cen_fpga_image *image)
{
	if (!image->dmabuf)
		return;
	cen_fpga_image_detach(image);
	dma_buf_put(image->dmabuf);
	image->dmabuf = NULL;
}

/* The image in the kernel's address space, for the CPU to read; -EOPNOTSUPP: it is not memory. */
static int cen_fpga_image_map(struct dma_buf *dmabuf, struct iosys_map *map)
{
	int ret;

	/* waits for those who write it */
	ret = dma_buf_begin_cpu_access(dmabuf, DMA_FROM_DEVICE);
	if (ret)
		return ret;
	ret = dma_buf_vmap_unlocked(dmabuf, map);
	/* exporters say all sorts of things when they mean that they cannot */
	if (ret == -EINVAL)
		ret = -EOPNOTSUPP;
	if (!ret && map->is_iomem) {
		dma_buf_vunmap_unlocked(dmabuf, map);
		ret = -EOPNOTSUPP;
	}
	if (ret)
		dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE);
	return ret;
}

static void cen_fpga_image_unmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	dma_buf_vunmap_unlocked(dmabuf, map);
	dma_buf_end_cpu_access(dmabuf, DMA_FROM_DEVICE);
}

/* An own buffer with the same image in it, in place of the foreign one. */
static int cen_fpga_image_copy(struct cen_fpga_image *image, struct device *hw)
{
	struct iosys_map from, to;
	struct dma_buf *copy;
	int ret;

	copy = cen_buffer_create(image->length, 0, 0);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	ret = cen_buffer_declare(copy, hw, NULL);
	if (ret)
		goto put_copy;
	ret = dma_buf_vmap_unlocked(copy, &to);
	if (ret)
		goto put_copy;
	ret = cen_fpga_image_map(image->dmabuf, &from);
	if (ret)
		goto unmap_copy;
	memcpy(to.vaddr, from.vaddr + image->offset, image->length);
	cen_fpga_image_unmap(image->dmabuf, &from);
	dma_buf_vunmap_unlocked(copy, &to);
	dma_buf_put(image->dmabuf);
	image->dmabuf = copy;
	image->offset = 0;
	return 0;

unmap_copy:
	dma_buf_vunmap_unlocked(copy, &to);
put_copy:
	dma_buf_put(copy);
	return ret;
}

static int cen_fpga_image_attach(struct cen_fpga_image *image, struct device *hw)
{
	struct dma_buf_attachment *attach;
	int ret;

	attach = dma_buf_attach(image->dmabuf, hw);
	if (IS_ERR(attach))
		return PTR_ERR(attach);
	ret = cen_attachment_get_pages(attach, image->offset, image->length, &image->sgt);
	if (ret) {
		dma_buf_detach(image->dmabuf, attach);
		return ret;
	}
	image->attach = attach;
	return 0;
}

/**
 * cen_fpga_image_ready - do once what can be done before a load
 * @image: the image
 * @target: where it will go; not gone
 *
 * Nothing, when it was done before for the same device.
 *
 * Context: May sleep; takes the buffer's reservation. cen_fpga_target.lock is held.
 * Return: 0; what attaching to the buffer says; -EOPNOTSUPP: I/O memory.
 */
int cen_fpga_image_ready(struct cen_fpga_image *image, struct cen_fpga_target *target)
{
	int ret;

	lockdep_assert_held(&target->lock);
	if (image->hw == target->hw)
		return 0;
	cen_fpga_image_detach(image);
	if (!cen_buffer_is(image->dmabuf) && !target->mgr->mops->write) {
		ret = cen_fpga_image_copy(image, target->hw);
		if (ret)
			return ret;
	}
	if (cen_buffer_is(image->dmabuf)) {
		ret = cen_fpga_image_attach(image, target->hw);
		if (ret)
			return ret;
	}
	image->hw = get_device(target->hw);
	return 0;
}

/* Give it to the core. Own buffers: the CPU may look at the pages, many drivers do. */
int cen_fpga_image_begin(struct cen_fpga_image *image, struct fpga_image_info *info)
{
	struct iosys_map map;
	int ret;

	if (image->attach) {
		ret = dma_buf_begin_cpu_access(image->dmabuf, DMA_FROM_DEVICE);
		if (!ret)
			info->sgt = &image->sgt;
		return ret;
	}
	ret = cen_fpga_image_map(image->dmabuf, &map);
	if (ret)
		return ret;
	info->buf = map.vaddr + image->offset;
	info->count = image->length;
	return 0;
}

void cen_fpga_image_end(struct cen_fpga_image *image, struct fpga_image_info *info)
{
	struct iosys_map map;

	if (image->attach) {
		dma_buf_end_cpu_access(image->dmabuf, DMA_FROM_DEVICE);
		info->sgt = NULL;
		return;
	}
	iosys_map_set_vaddr(&map, (void *)(info->buf - image->offset));
	cen_fpga_image_unmap(image->dmabuf, &map);
	info->buf = NULL;
}
