/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_HEAP_H
#define _CEN_HEAP_H

#include <linux/cenalloc.h>
#include <linux/types.h>

#include "../solver/solver.h"

/* registry (heap.c); the part that heaps use is in <linux/cenalloc.h> */

/*
 * Index n of the uAPI is slot n of the registry; slots of unregistered heaps are
 * reused by later heaps. Snapshot of properties for the solver: fills props[0] up to
 * the returned number of slots to pass to cen_solve(), at most CEN_MAX_HEAPS; an
 * empty slot among them is disabled with ENODEV.
 */
u32 cen_heaps_snapshot(struct cen_heap_props *props);
/*
 * As long as this is the same, so is what cen_heaps_snapshot() tells. 0: nobody knows, there
 * are heaps of other modules, and those are asked each time.
 */
u64 cen_heaps_stamp(void);
/* One of the built-in heaps has other properties from now on. */
void cen_heaps_changed(void);

/*
 * Allocate from slot @index: takes a module reference, accounts @used. -ENODEV: no such
 * heap any more; -ENOMEM, also when what the heap gave is not what was asked for; -EINTR.
 * After a failure @storage is empty but for @had.
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

/* Free the arrays, not the memory. */
void cen_storage_reset(struct cen_storage *storage);
/* @to becomes what @from is; @from is empty then. */
void cen_storage_move(struct cen_storage *to, struct cen_storage *from);
/* Bytes in all chunks that it has so far. */
u64 cen_storage_sum(const struct cen_storage *storage);
/* Does it hold what was asked for? */
bool cen_storage_fits(const struct cen_storage *storage, const struct cen_alloc_request *req);

/* The alignment of a chunk: @req->align, at least a page. */
u64 cen_request_align(const struct cen_alloc_request *req);
/* May a chunk lie there? */
bool cen_request_admits(const struct cen_alloc_request *req, u64 first, u64 bytes);

/* built-in heaps: called in order by main.c */
int cen_heap_system_init(void);
void cen_heap_system_exit(void);
int cen_heap_contig_init(void);
void cen_heap_contig_exit(void);
int cen_heap_bank_init(void);
void cen_heap_bank_exit(void);

#endif /* _CEN_HEAP_H */
