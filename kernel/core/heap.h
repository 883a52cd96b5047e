/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_HEAP_H
#define _CEN_HEAP_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/types.h>

#include "../solver/solver.h"

struct device;
struct module;
struct cen_heap;

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
 * @chunks: kvmalloc'ed; together exactly the buffer's size
 * @nr_chunks: number of @chunks
 * @size: bytes
 * @priv: the heap's own
 *
 * Zeroed when the heap hands it out. Owned by one buffer.
 */
struct cen_storage {
	struct cen_heap *heap;
	struct cen_chunk *chunks;
	u32 nr_chunks;
	u64 size;
	void *priv;
};

/**
 * struct cen_alloc_request - what a heap is asked for
 * @size: bytes, whole pages
 * @chunk: every chunk but the last is at least this long and naturally aligned;
 *	the last holds the rest in one piece. Chunks larger than that are welcome.
 * @align: alignment of every chunk, bytes, power of two
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
 * @props: tell current properties. Any context that may sleep, no locks held
 *	beyond the buffer's reservation.
 * @alloc: fill @storage (heap, chunks, nr_chunks, size are set by the heap via
 *	cen_storage_init()); memory zeroed. May sleep; may be interrupted by a fatal
 *	signal (-EINTR). Called with a buffer's reservation held, so it must not take one.
 *	-ENOMEM leaves nothing behind.
 * @free: give it back; may sleep.
 * @stat: bytes kept ready beyond those in buffers (pool), may be NULL
 */
struct cen_heap_ops {
	void (*props)(struct cen_heap *heap, struct cen_heap_props *props);
	int (*alloc)(struct cen_heap *heap, const struct cen_alloc_request *req,
		     struct cen_storage *storage);
	void (*free)(struct cen_heap *heap, struct cen_storage *storage);
	u64 (*pooled)(struct cen_heap *heap);
};

/**
 * struct cen_heap - a registered heap
 *
 * Embedded by its implementation. Fields the implementation sets before
 * cen_heap_register(): @name, @ops, @flags (CEN_HEAP_*), @owner. It must stay until
 * cen_heap_unregister() returned; that waits for nothing: every storage holds a
 * reference on @owner, so a heap module cannot go while its memory is in use.
 */
struct cen_heap {
	const char *name;
	const struct cen_heap_ops *ops;
	struct module *owner;
	u32 flags;
	/* the registry's own: */
	u32 index;
	atomic64_t used;
};

/* registry (heap.c) */
int cen_heap_register(struct cen_heap *heap);
void cen_heap_unregister(struct cen_heap *heap);

/*
 * Index n of the uAPI is slot n of the registry; slots of unregistered heaps are
 * reused by later heaps. Snapshot of properties for the solver: fills
 * props[0 … CEN_MAX_HEAPS), an empty slot is disabled with ENODEV; returns the number
 * of slots to pass to cen_solve().
 */
u32 cen_heaps_snapshot(struct cen_heap_props *props);

/* Allocate from slot @index: takes a module reference, accounts @used; -ENODEV when gone. */
int cen_heap_alloc(u32 index, const struct cen_alloc_request *req,
		   struct cen_storage *storage);
/* Free @storage, if it has any; afterwards it is empty. */
void cen_storage_free(struct cen_storage *storage);
/* uAPI: properties of the heap in slot @info->index. -ENOENT: empty; -EINVAL: no such slot. */
int cen_heap_get_info(struct cen_heap_info *info);
/* Copy the name of slot @index into @name, "?" when it is gone. */
void cen_heap_name(u32 index, char name[CEN_HEAP_NAME_LEN]);

/* storage helpers for heaps (storage.c) */
int cen_storage_init(struct cen_storage *storage, struct cen_heap *heap, u64 size, u32 room);
void cen_storage_reset(struct cen_storage *storage);	/* frees the arrays, not the memory */

/* built-in heaps: called in order by main.c */
int cen_heap_system_init(void);
void cen_heap_system_exit(void);
int cen_heap_contig_init(void);
void cen_heap_contig_exit(void);
int cen_heap_bank_init(void);
void cen_heap_bank_exit(void);

#endif /* _CEN_HEAP_H */
