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

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/dma-direction.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/cenalloc_props.h>
#include <uapi/linux/cenalloc.h>

struct cen_heap;
struct device;
struct dma_buf;
struct dma_buf_attachment;
struct module;
struct page;
struct sg_table;

/* Limits of a device (kernel/core/limits.c, facts.c) */

int cen_device_limit(struct device *dev, const struct cen_limits *limits);
void cen_device_unlimit(struct device *dev);
int devm_cen_device_limit(struct device *dev, const struct cen_limits *limits);
int cen_device_get_limits(struct device *dev, struct cen_limits *limits);
void cen_device_name(struct device *dev, char name[CEN_NAME_LEN]);

/* Buffers (kernel/core/kapi.c) */

struct dma_buf *cen_buffer_create(u64 size, u64 align, u32 flags);
int cen_buffer_declare(struct dma_buf *dmabuf, struct device *dev,
		       const struct cen_limits *limits);
int cen_buffer_commit(struct dma_buf *dmabuf, struct cen_plan *plan);
bool cen_buffer_is(const struct dma_buf *dmabuf);
int cen_attachment_get_pages(struct dma_buf_attachment *attach, u64 offset, u64 length,
			     struct sg_table *sgt);
void cen_attachment_put_pages(struct dma_buf_attachment *attach, struct sg_table *sgt);

/* Coherency (kernel/core/access.c) */

bool cen_access_needed(const struct dma_buf_attachment *attach);
int cen_begin_access(struct dma_buf_attachment *attach, struct sg_table *sgt, u64 offset,
		     u64 length, enum dma_data_direction dir);
void cen_end_access(struct dma_buf_attachment *attach, struct sg_table *sgt, u64 offset, u64 length,
		    enum dma_data_direction dir);

/* Heaps (kernel/core/heap.c, storage.c) */

/**
 * struct cen_chunk - a physically contiguous piece of a buffer
 * @page: its first page; the pages behind it are contiguous and have valid
 *	struct pages
 * @nr_pages: its length
 */
struct cen_chunk {
	struct page *page;
	u32 nr_pages;
};

/**
 * struct cen_storage - the memory behind a buffer
 * @heap: where it came from; NULL while there is none
 * @chunks: together exactly the buffer's size
 * @nr_chunks: number of @chunks
 * @room: how many @chunks has room for
 * @size: bytes
 * @had: with -ENOMEM of ops->alloc, if it can tell: how much it could have given, bytes; of
 *	a request for one chunk the longest piece. Else what it had added counts.
 * @priv: the heap's own
 * @single: where @chunks is when there is but one
 *
 * Zeroed when the heap hands it out. Owned by one buffer.
 */
struct cen_storage {
	struct cen_heap *heap;
	struct cen_chunk *chunks;
	u32 nr_chunks;
	u32 room;
	u64 size;
	u64 had;
	void *priv;
	struct cen_chunk single;
};

/**
 * struct cen_alloc_request - what a heap is asked for
 * @size: bytes, whole pages
 * @chunk: every chunk but the last is this long or a multiple of it; the last holds
 *	the rest. A power of two, or not less than @size: one chunk.
 * @align: alignment of every chunk, bytes, power of two; 0: none
 * @window: memory must lie inside
 * @reach: index into the heap's reach[] that @window was taken from
 * @account: charge to the current memcg; fresh pages only
 * @dev: most constrained device, NULL when unknown: for heaps that use the DMA API
 */
struct cen_alloc_request {
	u64 size;
	u64 chunk;
	u64 align;
	struct cen_window window;
	u32 reach;
	bool account;
	struct device *dev;
};

/**
 * struct cen_heap_ops - what a heap does
 * @props: tell current properties into a zeroed @props. May sleep; called with a
 *	buffer's reservation and the registry's lock held, so it neither takes a
 *	reservation nor calls the registry.
 * @alloc: fill @storage by cen_storage_add(); memory zeroed. May sleep; may be
 *	interrupted by a fatal signal (-EINTR). Called with a buffer's reservation held,
 *	so it must not take one. -ENOMEM makes the caller try the next heap. On failure
 *	the memory is given back by the heap, the arrays by the caller.
 * @free: give the memory back; may sleep. The arrays are the caller's.
 * @pooled: bytes kept ready beyond those in buffers, may be NULL
 * @release: the last reference is gone, after cen_heap_unregister(). May be NULL.
 */
struct cen_heap_ops {
	void (*props)(struct cen_heap *heap, struct cen_heap_props *props);
	int (*alloc)(struct cen_heap *heap, const struct cen_alloc_request *req,
		     struct cen_storage *storage);
	void (*free)(struct cen_heap *heap, struct cen_storage *storage);
	u64 (*pooled)(struct cen_heap *heap);
	void (*release)(struct cen_heap *heap);
};

/**
 * struct cen_heap - a registered heap
 * @name: as users see it; its implementation's
 * @ops: what it does; its implementation's
 * @owner: its module; its implementation's
 * @flags: CEN_HEAP_*; its implementation's
 * @index: slot in the registry; the registry's own, as all that follows
 * @gone: unregistered; P: cen_heaps_lock
 * @refs: one by the registry, one by each storage
 * @used: bytes in buffers
 * @released: the last reference is gone
 *
 * Embedded by its implementation. Fields the implementation sets before
 * cen_heap_register(): @name, @ops, @flags (CEN_HEAP_*), @owner.
 *
 * Every storage holds a reference on the heap and on @owner: a module cannot go
 * while its memory is in use. A heap that goes away earlier than its module (its
 * device was unbound) has ops->release, stays valid until that is called, and its
 * slot is not reused before.
 */
struct cen_heap {
	const char *name;
	const struct cen_heap_ops *ops;
	struct module *owner;
	u32 flags;
	u32 index;
	bool gone;
	refcount_t refs;
	atomic64_t used;
	struct completion released;
};

int cen_heap_register(struct cen_heap *heap);
void cen_heap_unregister(struct cen_heap *heap);
int cen_storage_add(struct cen_storage *storage, struct page *page, u32 nr_pages);

#endif /* _LINUX_CENALLOC_H */
