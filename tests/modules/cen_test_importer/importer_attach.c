// SPDX-License-Identifier: GPL-2.0
/*
 * Attachments: attach, map, and a look whether the mapping is what the device can take.
 */
#include <linux/cenalloc.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "../../../kernel/compat/compat.h"
#include "importer.h"

static const enum dma_data_direction cti_directions[] = {
	[CTI_BIDIRECTIONAL] = DMA_BIDIRECTIONAL,
	[CTI_TO_DEVICE] = DMA_TO_DEVICE,
	[CTI_FROM_DEVICE] = DMA_FROM_DEVICE,
};

static struct cti_attachment *cti_attachment_from(struct cti_object *object)
{
	return container_of(object, struct cti_attachment, object);
}

static struct cti_attachment *cti_attachment_find(struct cti_file *file, u32 id)
{
	struct cti_object *object = cti_object_find(file, id, &cti_attachment_ops);

	return object ? cti_attachment_from(object) : NULL;
}

static void cti_attachment_unmap(struct cti_attachment *a)
{
	if (a->sgt)
		dma_buf_unmap_attachment_unlocked(a->attach, a->sgt, a->dir);
	a->sgt = NULL;
}

static void cti_attachment_release(struct cti_object *object)
{
	struct cti_attachment *a = cti_attachment_from(object);

	cti_attachment_unmap(a);
	dma_buf_detach(a->dmabuf, a->attach);
	dma_buf_put(a->dmabuf);
	put_device(a->dev);
	kfree(a);
}

static u64 cti_attachment_size(struct cti_object *object)
{
	return cti_attachment_from(object)->dmabuf->size;
}

const struct cti_object_ops cti_attachment_ops = {
	.release = cti_attachment_release,
	.copy = cti_attachment_copy,
	.size = cti_attachment_size,
};

static void cti_move_notify(struct dma_buf_attachment *attach)
{
}

static const struct dma_buf_attach_ops cti_attach_ops = {
	.cen_compat_invalidate = cti_move_notify,
};

int cti_attach(struct cti_file *file, struct cti_attach *arg)
{
	struct cti_attachment *a;
	int ret;

	if (arg->pad || arg->flags & ~CTI_ATTACH_DYNAMIC ||
	    strnlen(arg->name, CTI_NAME_LEN) == CTI_NAME_LEN)
		return -EINVAL;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->dev = cti_device_find(arg->name);
	if (IS_ERR(a->dev)) {
		ret = PTR_ERR(a->dev);
		goto err_free;
	}
	a->dmabuf = dma_buf_get(arg->fd);
	if (IS_ERR(a->dmabuf)) {
		ret = PTR_ERR(a->dmabuf);
		goto err_put_device;
	}
	if (arg->flags & CTI_ATTACH_DYNAMIC)
		a->attach = dma_buf_dynamic_attach(a->dmabuf, a->dev, &cti_attach_ops, a);
	else
		a->attach = dma_buf_attach(a->dmabuf, a->dev);
	if (IS_ERR(a->attach)) {
		ret = PTR_ERR(a->attach);
		goto err_put_dmabuf;
	}
	ret = cti_object_add(file, &a->object, &cti_attachment_ops);
	if (ret)
		goto err_detach;
	arg->id = a->object.id;
	return 0;

err_detach:
	dma_buf_detach(a->dmabuf, a->attach);
err_put_dmabuf:
	dma_buf_put(a->dmabuf);
err_put_device:
	put_device(a->dev);
err_free:
	kfree(a);
	return ret;
}

/* Does segment @sg, the @nr'th, meet another one? */
static bool cti_overlaps(struct sg_table *sgt, struct scatterlist *sg, int nr)
{
	u64 first = sg_dma_address(sg), last = first + sg_dma_len(sg) - 1;
	struct scatterlist *other;
	int i;

	for_each_sgtable_dma_sg(sgt, other, i) {
		u64 other_first = sg_dma_address(other);

		if (i != nr && other_first <= last &&
		    first <= other_first + sg_dma_len(other) - 1)
			return true;
	}
	return false;
}

#define CTI_OVERLAP_MAX	512	/* segments; a square of it is looked at */

static void cti_check(const struct cti_attachment *a, struct cti_map *arg)
{
	const struct cti_limits *limits = cti_device_get_limits(a->dev);
	u64 mask = dma_get_mask(a->dev), boundary = dma_get_seg_boundary(a->dev);
	struct scatterlist *sg;
	u64 highest = 0;
	int i;

	arg->length = 0;
	arg->largest = 0;
	arg->violations = 0;
	arg->segments = a->sgt->nents;
	for_each_sgtable_dma_sg(a->sgt, sg, i) {
		u64 first = sg_dma_address(sg), last = first + sg_dma_len(sg) - 1;

		arg->length += sg_dma_len(sg);
		arg->largest = max_t(u64, arg->largest, sg_dma_len(sg));
		highest = max(highest, last);
		if (last > mask)
			arg->violations |= CTI_BAD_ADDR;
		if (sg_dma_len(sg) > dma_get_max_seg_size(a->dev))
			arg->violations |= CTI_BAD_SEG_SIZE;
		if ((first & ~boundary) != (last & ~boundary))
			arg->violations |= CTI_BAD_BOUNDARY;
		if (limits && limits->align && first & (limits->align - 1))
			arg->violations |= CTI_BAD_ALIGN;
		if (a->sgt->nents <= CTI_OVERLAP_MAX && cti_overlaps(a->sgt, sg, i))
			arg->violations |= CTI_BAD_OVERLAP;
	}
	if (arg->length != a->dmabuf->size)
		arg->violations |= CTI_BAD_LENGTH;
	if (limits && limits->max_segs && a->sgt->nents > limits->max_segs)
		arg->violations |= CTI_BAD_SEGS;
	arg->addr_bits = fls64(highest);
}

int cti_map(struct cti_file *file, struct cti_map *arg)
{
	struct cti_attachment *a = cti_attachment_find(file, arg->id);
	struct sg_table *sgt;

	if (!a)
		return -ENOENT;
	if (arg->pad || arg->direction >= ARRAY_SIZE(cti_directions))
		return -EINVAL;
	if (a->sgt)
		return -EALREADY;

	a->dir = cti_directions[arg->direction];
	sgt = dma_buf_map_attachment_unlocked(a->attach, a->dir);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	a->sgt = sgt;
	cti_check(a, arg);
	return 0;
}

int cti_unmap(struct cti_file *file, struct cti_map *arg)
{
	struct cti_attachment *a = cti_attachment_find(file, arg->id);

	if (!a)
		return -ENOENT;
	if (!a->sgt)
		return -EALREADY;
	cti_attachment_unmap(a);
	return 0;
}

int cti_access(struct cti_file *file, const struct cti_access *arg, bool begin)
{
	struct cti_attachment *a = cti_attachment_find(file, arg->id);
	u64 size;

	if (!a)
		return -ENOENT;
	if (arg->direction >= ARRAY_SIZE(cti_directions) || !a->sgt)
		return -EINVAL;
	size = a->attach->dmabuf->size;
	if (begin)
		return cen_begin_access(a->attach, a->sgt, 0, size, cti_directions[arg->direction]);
	cen_end_access(a->attach, a->sgt, 0, size, cti_directions[arg->direction]);
	return 0;
}

int cti_betrays(struct cti_file *file, struct cti_betrays *arg)
{
	struct cti_attachment *a = cti_attachment_find(file, arg->id);
	struct scatterlist *sg;
	int i;

	if (!a || !a->sgt)
		return -ENOENT;
	arg->yes = 0;
	for_each_sgtable_dma_sg(a->sgt, sg, i) {
		u64 first = sg_dma_address(sg), last = first + sg_dma_len(sg) - 1;

		if ((arg->number >= first && arg->number <= last) ||
		    (arg->number >= PHYS_PFN(first) && arg->number <= PHYS_PFN(last)))
			arg->yes = 1;
	}
	return 0;
}
