/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_BUFFER_H
#define _CEN_BUFFER_H

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/iosys-map.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/refcount.h>

#include "device.h"
#include "heap.h"
#include "quota.h"

/**
 * DOC: Buffers, their states and their locks
 *
 * A struct cen_buffer lives as long as its dma-buf or a listing that looks at
 * it. It owns its reservation object, which guards everything marked
 * "P: resv" below.
 *
 *	EMPTY --back--> BACKED --release--> gone
 *	                  |  ^
 *	                  +--+ move (late attach, nothing maps it)
 *
 * Locking order, outermost first:
 *
 *	mmap_lock (page fault)
 *	  buffer->resv
 *	    registry of heaps (cen_heaps_lock), rules, driver limits
 *	      reclaim, and with it the pool's shrinker
 *	        i_mmap lock (zapping user maps when a buffer moves)
 *	cen_buffers_lock (listing) and cen_kept_lock (places) are innermost: nothing is
 *	taken under them.
 *
 * Nothing that holds the reservation copies from or to user space.
 */

/**
 * struct cen_use - a device as a buffer knows it
 * @node: in cen_buffer.uses; P: resv
 * @dev: with a reference; NULL for a device that is only limits
 * @name: "bus:device"
 * @facts: its limits at the time it was declared or first attached
 * @flags: CEN_USE_*; P: resv
 * @attachments: how many; P: resv
 * @maps: how many of them are mapped; P: resv
 * @segments: entries of the newest sg_table; P: resv
 */
struct cen_use {
	struct list_head node;
	struct device *dev;
	char name[CEN_NAME_LEN];
	struct cen_facts facts;
	u32 flags;
	u32 attachments;
	u32 maps;
	u32 segments;
};

#define CEN_REFUSAL_REASONS	96
#define CEN_REFUSAL_NAMES	(CEN_MAX_DEVICES + 1)

/**
 * struct cen_refusal - why something was refused
 * @error: negative errno
 * @nr_reasons: entries in @reasons
 * @nr_names: entries in @names
 * @reasons: their device indices point into @names
 * @names: "bus:device"
 */
struct cen_refusal {
	int error;
	u32 nr_reasons;
	u32 nr_names;
	struct cen_reason reasons[CEN_REFUSAL_REASONS];
	char names[CEN_REFUSAL_NAMES][CEN_NAME_LEN];
};

/**
 * struct cen_buffer - a buffer
 * @ref: one by the dma-buf, one by each listing that looks
 * @id: never reused
 * @node: in the list of all buffers; P: cen_buffers_lock
 * @dmabuf: not counted; NULL once released; P: resv
 * @resv: the dma-buf's reservation object
 * @size: bytes, whole pages
 * @align: what its maker asked for, 0 or a power of two
 * @flags: CEN_CREATE_*
 * @heap_mask: heaps that may serve, 0 = any
 * @inode: of the dma-buf
 * @user: who pays
 * @creator: process
 * @comm: its name
 * @storage: the memory; storage.heap is NULL while EMPTY; P: resv
 * @plan: valid when BACKED; P: resv
 * @banks: of the storage's heap, when BACKED; P: resv
 * @uses: declared and attached devices, struct cen_use; P: resv
 * @nr_uses: number of @uses; P: resv
 * @attachments: struct cen_attachment; P: resv
 * @maps: device maps; P: resv
 * @sync_maps: those that need cache maintenance or are bounced; written under
 *	resv, read without it by the fast path of CPU access
 * @early_maps: see struct cen_info; P: resv
 * @moves: how often moved, also the generation of sg_tables; P: resv
 * @addr_bits: of the storage; P: resv
 * @vmap: kernel map and its users; P: resv
 * @mmaps: VMAs
 * @last: last refusal or NULL; P: resv
 */
struct cen_buffer {
	struct kref ref;
	u64 id;
	struct list_head node;
	struct dma_buf *dmabuf;
	struct dma_resv resv;
	u64 size;
	u64 align;
	u32 flags;
	u32 heap_mask;
	u64 inode;
	struct cen_user *user;
	struct pid *creator;
	char comm[TASK_COMM_LEN];

	struct cen_storage storage;
	struct cen_plan plan;
	u64 banks;
	struct list_head uses;
	u32 nr_uses;
	struct list_head attachments;
	u32 maps;
	u32 sync_maps;
	u32 early_maps;
	u64 moves;
	u32 addr_bits;
	struct {
		void *addr;
		u32 users;
	} vmap;
	atomic_t mmaps;
	struct cen_refusal *last;
};

/**
 * struct cen_place - where a buffer goes
 * @plan: the plan that is carried out if the heap serves; heap, chunk and align are what
 *	the heap is asked for
 * @window: memory must lie inside
 * @banks: of the heap
 * @reach: index into the heap's reach[] that @window was taken from
 */
struct cen_place {
	struct cen_plan plan;
	struct cen_window window;
	u64 banks;
	u32 reach;
};

/**
 * struct cen_attachment - dma_buf_attachment.priv
 * @node: in cen_buffer.attachments; P: resv
 * @attach: the attachment
 * @use: its device
 * @sgt: cut to the device's limits; built at the first map, kept for the next
 * @one: its entry when it has just one
 * @generation: of the buffer when @sgt was built
 * @dir: of the map
 * @have_sgt: @sgt is valid; P: resv
 * @mapped: P: resv
 * @pages: tables of pages handed out; P: resv
 * @sync: the map needs cache maintenance or is bounced
 */
struct cen_attachment {
	struct list_head node;
	struct dma_buf_attachment *attach;
	struct cen_use *use;
	struct sg_table sgt;
	struct scatterlist one;
	u64 generation;
	enum dma_data_direction dir;
	bool have_sgt;
	bool mapped;
	u32 pages;
	bool sync;
};

static inline bool cen_buffer_backed(const struct cen_buffer *buffer)
{
	return buffer->storage.heap;
}

extern const struct dma_buf_ops cen_dma_buf_ops;

/* buffer.c */
struct cen_create_args {
	u64 size;
	u64 align;
	u32 flags;
	u32 heap_mask;
	int file_flags;		/* of the dma-buf's file: O_RDWR, or what a dma-heap was asked for */
};

struct cen_buffer *cen_buffer_new(const struct cen_create_args *args);
void cen_buffer_release(struct cen_buffer *buffer);
void cen_buffer_put(struct cen_buffer *buffer);
/* The buffer behind @dmabuf, or ERR_PTR(-EINVAL) for a foreign one. No reference. */
struct cen_buffer *cen_buffer_from_dmabuf(const struct dma_buf *dmabuf);
/* The next buffer with an id above @id, with a reference; NULL after the last. */
struct cen_buffer *cen_buffer_next(u64 id);

/* uses.c: the devices of a buffer */
struct cen_use *cen_use_new(struct device *dev, const struct cen_limits *extra);
struct cen_use *cen_use_new_device(const struct cen_device *device);
void cen_use_free(struct cen_use *use);
bool cen_use_same(const struct cen_use *a, const struct cen_use *b);
struct cen_use *cen_use_find_locked(struct cen_buffer *buffer, const struct cen_use *like);
struct cen_use *cen_use_find_dev_locked(struct cen_buffer *buffer, struct device *dev);
/* Add @nr new uses, moving the buffer when it must; on error nothing has changed. Those that
 * replace an older entry are freed, the others belong to the buffer afterwards.
 */
int cen_buffer_admit_locked(struct cen_buffer *buffer, struct cen_use **fresh, u32 nr);
void cen_use_drop_locked(struct cen_buffer *buffer, struct cen_use *use);

/* place.c: ask a heap, and what was asked for a buffer without devices */
int cen_place_alloc(const struct cen_place *place, const struct cen_buffer *buffer,
		    struct device *dev, struct cen_storage *storage);
bool cen_place_recall(const struct cen_buffer *buffer, struct cen_place *place);
void cen_place_keep(const struct cen_buffer *buffer, u64 heaps, const struct cen_place *place);

/* plan.c: solve, back, move */
struct cen_work;
int cen_plan_init(void);
void cen_plan_exit(void);
struct cen_work *cen_work_new(void);
void cen_work_free(struct cen_work *work);
int cen_buffer_back_locked(struct cen_buffer *buffer);
/* What would happen with @nr further uses? 0 or the errno; *move: it would be moved. */
int cen_buffer_check_locked(struct cen_buffer *buffer, struct cen_use **fresh, u32 nr,
			    struct cen_work *work, bool *move);
int cen_buffer_move_locked(struct cen_buffer *buffer, struct cen_work *work);
/* The same without a buffer. */
int cen_plan_uses(const struct cen_create_args *args, struct cen_use **uses, u32 nr,
		  struct cen_work *work);
/* Remember why, for CEN_EXPLAIN_LAST. Best effort. */
void cen_buffer_refuse_locked(struct cen_buffer *buffer, int error, struct cen_work *work);
/* What the last check found. */
const struct cen_plan *cen_work_plan(const struct cen_work *work);
const struct cen_reason *cen_work_reasons(const struct cen_work *work, u32 *nr);
u32 cen_work_names(const struct cen_work *work, char (*names)[CEN_NAME_LEN], u32 room);
void cen_buffer_refuse_one_locked(struct cen_buffer *buffer, int error, struct cen_use *use,
				  u32 code, u64 wanted, u64 offered);

/* sgtable.c: map the storage for a device */
int cen_attachment_map_locked(struct cen_buffer *buffer, struct cen_attachment *a,
			      enum dma_data_direction dir);
void cen_attachment_unmap_locked(struct cen_buffer *buffer, struct cen_attachment *a);
void cen_attachment_drop_sgt(struct cen_attachment *a);
/* [offset, offset + length), which is inside, as a table of pages; sg_free_table() is the caller's. */
int cen_attachment_pages_locked(struct cen_buffer *buffer, struct cen_attachment *a, u64 offset,
				u64 length, struct sg_table *sgt);
void cen_attachment_pages_put_locked(struct cen_buffer *buffer, struct cen_attachment *a);
/* Would the tables that @use has mapped obey @c as well? */
bool cen_use_maps_keep_locked(struct cen_buffer *buffer, const struct cen_use *use,
			      const struct cen_constraints *c);
/* The limits of @use have changed: no table is good for another map. */
void cen_use_recut_locked(struct cen_buffer *buffer, const struct cen_use *use);
bool cen_bounce_allowed(void);

/* access.c: CPU and device access */
int cen_buffer_begin_cpu(struct cen_buffer *buffer, enum dma_data_direction dir,
			 u64 offset, u64 length);
int cen_buffer_end_cpu(struct cen_buffer *buffer, enum dma_data_direction dir,
		       u64 offset, u64 length);

/* cpumap.c: mmap and vmap */
int cen_buffer_mmap(struct cen_buffer *buffer, struct vm_area_struct *vma);
int cen_buffer_vmap_locked(struct cen_buffer *buffer, struct iosys_map *map);
void cen_buffer_vunmap_locked(struct cen_buffer *buffer);
void cen_buffer_zap_locked(struct cen_buffer *buffer);

/* export.c */
struct dma_buf *cen_buffer_export(const struct cen_create_args *args);

/* info.c */
struct cen_buffer_device;
int cen_buffer_info(struct cen_buffer *buffer, struct cen_info *info,
		    struct cen_buffer_device *devices, u32 room);

/* dma_heap.c, ioctl.c, debugfs.c: user-visible nodes, set up by main.c */
int cen_ioctl_init(void);
void cen_ioctl_exit(void);
int cen_dma_heap_init(void);
void cen_dma_heap_exit(void);
void cen_debugfs_init(void);
void cen_debugfs_exit(void);

#endif /* _CEN_BUFFER_H */
