/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IMPORTER_H
#define _IMPORTER_H

#include <linux/dma-buf.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "cen_test_importer.h"

/**
 * struct cti_object - what a file holds
 * @node: in cti_file.objects, newest first
 * @ops: tells its kind
 * @id: in cti_file.ids
 */
struct cti_object {
	struct list_head node;
	const struct cti_object_ops *ops;
	u32 id;
};

/**
 * struct cti_object_ops - a kind of object
 * @release: undo and free it
 * @copy: move @length bytes between @data and the buffer at @offset, in range; NULL: it has none
 * @size: bytes that @copy may touch
 */
struct cti_object_ops {
	void (*release)(struct cti_object *object);
	int (*copy)(struct cti_object *object, u64 offset, void *data, u64 length, bool write);
	u64 (*size)(struct cti_object *object);
};

/**
 * struct cti_file - an open file
 * @lock: serialises its ioctls
 * @ids: struct cti_object by id
 * @objects: the same, newest first
 */
struct cti_file {
	struct mutex lock;
	struct xarray ids;
	struct list_head objects;
};

/* importer_main.c */
int cti_object_add(struct cti_file *file, struct cti_object *object,
		   const struct cti_object_ops *ops);
struct cti_object *cti_object_find(struct cti_file *file, u32 id,
				   const struct cti_object_ops *ops);

/* importer_device.c */
int cti_devices_init(void);
void cti_devices_exit(void);
int cti_device_limits(const struct cti_limits *limits);
int cti_device_seg_size(const struct cti_seg_size *arg);
/* A device with a reference, or ERR_PTR(-ENOENT), ERR_PTR(-EINVAL). */
struct device *cti_device_find(const char *name);
/* The limits a test set for @dev; NULL for a device that is not a test device. */
const struct cti_limits *cti_device_get_limits(const struct device *dev);

/* importer_attach.c, importer_dma.c */
struct cti_attachment {
	struct cti_object object;
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attach;
	struct device *dev;
	struct sg_table *sgt;		/* while mapped */
	enum dma_data_direction dir;
};

extern const struct cti_object_ops cti_attachment_ops;
int cti_attach(struct cti_file *file, struct cti_attach *arg);
int cti_map(struct cti_file *file, struct cti_map *arg);
int cti_unmap(struct cti_file *file, struct cti_map *arg);
int cti_access(struct cti_file *file, const struct cti_access *arg, bool begin);
int cti_attachment_copy(struct cti_object *object, u64 offset, void *data, u64 length,
			bool write);

int cti_betrays(struct cti_file *file, struct cti_betrays *arg);

/* importer_vmap.c */
int cti_vmap(struct cti_file *file, struct cti_vmap *arg);

/* importer_fence.c */
int cti_fence(struct cti_file *file, struct cti_fence *arg);
int cti_signal(struct cti_file *file, const struct cti_signal *arg);

#endif /* _IMPORTER_H */
