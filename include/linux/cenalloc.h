/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In-kernel interface of cenalloc.
 *
 * Importing drivers need none of this to use a cenalloc buffer: it is a dma-buf.
 * They call cen_device_limit() to state limits struct device cannot express
 * (a segment count, a memory bank), and cen_begin_access()/cen_end_access()
 * around transfers when caches must be maintained. Exporting drivers create
 * buffers; memory providers register heaps.
 *
 * All symbols are exported GPL in the namespace CENALLOC:
 * MODULE_IMPORT_NS() it.
 */
#ifndef _LINUX_CENALLOC_H
#define _LINUX_CENALLOC_H

#include <linux/dma-direction.h>
#include <linux/types.h>
#include <uapi/linux/cenalloc.h>

struct cen_heap;
struct cen_heap_props;
struct cen_storage;
struct cen_alloc_request;
struct device;
struct dma_buf;
struct dma_buf_attachment;
struct sg_table;

/* Limits of a device (kernel/core/device.c) */

int cen_device_limit(struct device *dev, const struct cen_limits *limits);
void cen_device_unlimit(struct device *dev);
int devm_cen_device_limit(struct device *dev, const struct cen_limits *limits);
int cen_device_get_limits(struct device *dev, struct cen_limits *limits);

/* Buffers (kernel/core/kapi.c) */

struct dma_buf *cen_buffer_create(u64 size, u64 align, u32 flags);
int cen_buffer_declare(struct dma_buf *dmabuf, struct device *dev,
		       const struct cen_limits *limits);
int cen_buffer_commit(struct dma_buf *dmabuf, struct cen_plan *plan);
bool cen_buffer_is(const struct dma_buf *dmabuf);

/* Coherency (kernel/core/access.c) */

int cen_begin_access(struct dma_buf_attachment *attach, struct sg_table *sgt,
		     enum dma_data_direction dir);
void cen_end_access(struct dma_buf_attachment *attach, struct sg_table *sgt,
		    enum dma_data_direction dir);

#endif /* _LINUX_CENALLOC_H */
