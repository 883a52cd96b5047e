// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel maps of a buffer.
 */
#include <linux/iosys-map.h>
#include <linux/slab.h>

#include "../../../kernel/compat/compat.h"
#include "importer.h"

struct cti_kernel_map {
	struct cti_object object;
	struct dma_buf *dmabuf;
	struct iosys_map map;
};

static struct cti_kernel_map *cti_kernel_map_from(struct cti_object *object)
{
	return container_of(object, struct cti_kernel_map, object);
}

static void cti_kernel_map_release(struct cti_object *object)
{
	struct cti_kernel_map *k = cti_kernel_map_from(object);

	dma_buf_vunmap_unlocked(k->dmabuf, &k->map);
	dma_buf_put(k->dmabuf);
	kfree(k);
}

static int cti_kernel_map_copy(struct cti_object *object, u64 offset, void *data, u64 length,
			       bool write)
{
	struct cti_kernel_map *k = cti_kernel_map_from(object);

	if (write)
		iosys_map_memcpy_to(&k->map, offset, data, length);
	else
		iosys_map_memcpy_from(data, &k->map, offset, length);
	return 0;
}

static u64 cti_kernel_map_size(struct cti_object *object)
{
	return cti_kernel_map_from(object)->dmabuf->size;
}

static const struct cti_object_ops cti_kernel_map_ops = {
	.release = cti_kernel_map_release,
	.copy = cti_kernel_map_copy,
	.size = cti_kernel_map_size,
};

int cti_vmap(struct cti_file *file, struct cti_vmap *arg)
{
	struct cti_kernel_map *k;
	int ret;

	k = kzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return -ENOMEM;
	k->dmabuf = dma_buf_get(arg->fd);
	if (IS_ERR(k->dmabuf)) {
		ret = PTR_ERR(k->dmabuf);
		goto err_free;
	}
	ret = dma_buf_vmap_unlocked(k->dmabuf, &k->map);
	if (ret)
		goto err_put;
	ret = cti_object_add(file, &k->object, &cti_kernel_map_ops);
	if (ret)
		goto err_vunmap;
	arg->id = k->object.id;
	return 0;

err_vunmap:
	dma_buf_vunmap_unlocked(k->dmabuf, &k->map);
err_put:
	dma_buf_put(k->dmabuf);
err_free:
	kfree(k);
	return ret;
}
