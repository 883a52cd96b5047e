/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_HEAP_H
#define _CEN_HEAP_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/mm_types.h>
#include <linux/refcount.h>
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
 * @room: how many @chunks has room for
 * @size: bytes
 * @priv: the heap's own
 *
 * Zeroed when the heap hands it out. Owned by one buffer; may be copied, then the
 * copy is the owner.
 */
struct cen_storage {
	struct cen_heap *heap;
	struct cen_chunk *chunks;
	u32 nr_chunks;
	u32 room;
	u64 size;
	void *priv;
};

/**
 * struct cen_alloc_request - what a heap is asked for
 * @size: bytes, whole pages
 * @chunk: every chunk but the last is at least this long and naturally aligned;
 *	the last holds the rest in one piece. Chunks larger than that are welcome.
 * @align: alignment of every chunk, bytes, power of two; 0: none
 * @boundary: a mask, 2^n - 1: a chunk of at most @boundary + 1 bytes may lie anywhere
 *	as long as it does not cross a multiple of that, a longer one starts at a
 *	multiple. U64_MAX: no boundary. 0: not told, chunks are naturally aligned.
 * @window: memory must lie inside
 * @reach: index into the heap's reach[] that @window was taken from
 * @account: charge to the current memcg; fresh pages only
 * @dev: most constrained device, NULL when unknown: for heaps that use the DMA API
 */
struct cen_alloc_request {
	u64 size;
	u64 chunk;
	u64 align;
	u64 boundary;
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
	/* the registry's own: */
	u32 index;
	bool gone;		/* P: cen_heaps_lock */
	refcount_t refs;
	atomic64_t used;
	struct completion released;
};

/* registry (heap.c) */

/* -EINVAL: no or too long a name; -EEXIST: name taken; -ENOSPC: no slot free. */
int cen_heap_register(struct cen_heap *heap);
/*
 * No new allocations afterwards. Without ops->release this waits until the last
 * buffer is gone, which is at once when called from the owner's module_exit.
 */
void cen_heap_unregister(struct cen_heap *heap);

/*
 * Index n of the uAPI is slot n of the registry; slots of unregistered heaps are
 * reused by later heaps. Snapshot of properties for the solver: fills props[0] up to
 * the returned number of slots to pass to cen_solve(), at most CEN_MAX_HEAPS; an
 * empty slot among them is disabled with ENODEV.
 */
u32 cen_heaps_snapshot(struct cen_heap_props *props);

/*
 * Allocate from slot @index: takes a module reference, accounts @used. -ENODEV: no such
 * heap any more; -ENOMEM, also when what the heap gave is not what was asked for; -EINTR.
 */
int cen_heap_alloc(u32 index, const struct cen_alloc_request *req,
		   struct cen_storage *storage);
/* Free @storage, if it has any; afterwards it is empty. May sleep. */
void cen_storage_free(struct cen_storage *storage);
/* uAPI: properties of the heap in slot @info->index. -ENOENT: empty; -EINVAL: no such slot. */
int cen_heap_get_info(struct cen_heap_info *info);
/* Copy the name of slot @index into @name, "?" when it is gone. */
void cen_heap_name(u32 index, char name[CEN_HEAP_NAME_LEN]);

/* storage helpers for heaps (storage.c) */

/* Append a chunk; grows the array. -ENOMEM leaves @storage as it was. */
int cen_storage_add(struct cen_storage *storage, struct page *page, u32 nr_pages);
/* Free the arrays, not the memory. */
void cen_storage_reset(struct cen_storage *storage);
/* Does it hold what was asked for? */
bool cen_storage_fits(const struct cen_storage *storage, const struct cen_alloc_request *req);

/* Where a chunk of @bytes may start, see struct cen_alloc_request. */
u64 cen_request_align(const struct cen_alloc_request *req, u64 bytes);
bool cen_request_admits(const struct cen_alloc_request *req, u64 first, u64 bytes);

/* built-in heaps: called in order by main.c */
int cen_heap_system_init(void);
void cen_heap_system_exit(void);
int cen_heap_contig_init(void);
void cen_heap_contig_exit(void);
int cen_heap_bank_init(void);
void cen_heap_bank_exit(void);

#endif /* _CEN_HEAP_H */
