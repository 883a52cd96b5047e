/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * cenalloc: one dma-buf placed where every device that will use it can reach it.
 *
 * The protocol
 * ============
 *
 * Everything starts at /dev/cenalloc. A buffer is a dma-buf fd; it is used with
 * every driver that imports dma-bufs, and with the ioctls below, which take the
 * buffer's fd as an argument and are issued on a /dev/cenalloc fd. A program
 * needs no special right beyond opening the node.
 *
 *   fd = CEN_IOC_CREATE {size}         a buffer that is EMPTY: it costs no memory
 *   CEN_IOC_DECLARE {fd, devices}      "these devices will use it" (repeatable)
 *   CEN_IOC_COMMIT {fd}                choose a heap, allocate: the buffer is BACKED
 *   ... hand the fd to drivers, mmap() it, close() it ...
 *
 * COMMIT is optional: memory is allocated at the first of COMMIT, a device's
 * map, a kernel vmap or a page fault. It is there so that a program learns of a
 * refusal at a moment of its choice. DECLARE is there because many importers
 * (IIO, FunctionFS, V4L2, DRM) map as soon as they attach: the first attach
 * would freeze a placement that the second device cannot use.
 *
 * Constraints and the plan
 * ------------------------
 * Every device has limits (struct cen_limits). They come from struct device,
 * from the driver, from firmware properties and from the administrator's rules,
 * each able to tighten what came before. The limits of all declared and attached
 * devices are merged; the merge does not depend on order. The result is either a
 * plan (struct cen_plan): a heap, an address limit, a smallest chunk, an
 * alignment; or a refusal: a list of struct cen_reason, each saying which limit
 * of which device ruled out which heap, wanted against offered.
 *
 *   -EINVAL   the devices contradict each other: no memory could ever serve them
 *   -ENODEV   the devices agree, but no heap of this machine offers such memory
 *   -ENOMEM   a heap fits, but has no memory left, or not in pieces long enough
 *   -EDQUOT   the caller's user is over its quota
 *   -EBUSY    the buffer is BACKED by memory a new device cannot use, and it
 *             cannot be moved because a device maps it
 *   -ENOENT   no such device
 *   -EBADF    not a file descriptor; -ENOTTY/-EINVAL: a foreign one
 *
 * CEN_IOC_EXPLAIN asks for the plan or the refusal without doing anything: for
 * a buffer as it is, for a buffer plus further devices, or for a size and a set
 * of devices. It succeeds when it can tell: the verdict is in @error.
 *
 * Rules for all structures
 * ------------------------
 * Ioctls are dispatched on their number; the structures may grow at the end. A
 * caller compiled against a shorter structure gets zeroes for what it does not
 * know; a caller with a longer one is accepted when the tail it adds is zero.
 * Unknown flags and non-zero padding are -EINVAL. No structure holds an address
 * of memory, physical or bus: limits say what a device can do, never where a
 * buffer is.
 */
#ifndef _UAPI_LINUX_CENALLOC_H
#define _UAPI_LINUX_CENALLOC_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CEN_NAME_LEN		64	/* "bus:device", NUL included */
#define CEN_HEAP_NAME_LEN	32	/* NUL included */
#define CEN_MAX_DEVICES		64	/* per buffer, declared and attached */
#define CEN_MAX_HEAPS		32
#define CEN_NO_INDEX		(~0U)	/* "no device" / "no heap" in struct cen_reason */

/* struct cen_limits.flags */
#define CEN_LIMIT_NONCOHERENT	(1U << 0) /* caches must be maintained for it */
#define CEN_LIMIT_IOMMU		(1U << 1) /* behind a translating IOMMU */
#define CEN_LIMIT_FLAGS		(CEN_LIMIT_NONCOHERENT | CEN_LIMIT_IOMMU)

/**
 * struct cen_limits - what a device can reach
 * @addr_max: the highest bus address the device can emit, e.g. 0xfffffff for 28
 *	bits. Behind a translating IOMMU this limits I/O virtual addresses.
 * @seg_size: largest segment, in bytes
 * @seg_boundary: a mask: no segment may cross a multiple of @seg_boundary + 1.
 *	@seg_boundary + 1 is a power of two (~0: no boundary).
 * @align: alignment of the start of every segment, in bytes, a power of two
 * @banks: memory banks that will do, one bit each
 * @max_segs: most segments; 1 means contiguous
 * @flags: CEN_LIMIT_*
 *
 * In every field 0 means "no limit" (not said), so that a zeroed structure
 * limits nothing.
 */
struct cen_limits {
	__aligned_u64 addr_max;
	__aligned_u64 seg_size;
	__aligned_u64 seg_boundary;
	__aligned_u64 align;
	__aligned_u64 banks;
	__u32 max_segs;
	__u32 flags;
};

/* struct cen_device.flags */
#define CEN_DEVICE_LIMITS	(1U << 0) /* @limits tighten what the kernel knows */
/* no such device: @limits is all there is, @name is free text for explanations */
#define CEN_DEVICE_ANONYMOUS	(1U << 1)
#define CEN_DEVICE_FLAGS	(CEN_DEVICE_LIMITS | CEN_DEVICE_ANONYMOUS)

/**
 * struct cen_device - a device that will use a buffer
 * @name: "bus:device", e.g. "pci:0000:00:04.0", "platform:vivid.0"; NUL-terminated
 * @limits: used with CEN_DEVICE_LIMITS or CEN_DEVICE_ANONYMOUS, otherwise zero
 * @flags: CEN_DEVICE_*
 * @pad: zero
 */
struct cen_device {
	char name[CEN_NAME_LEN];
	struct cen_limits limits;
	__u32 flags;
	__u32 pad;
};

/* struct cen_plan.flags */
/* a non-coherent device takes part: caches are maintained around its transfers */
#define CEN_PLAN_SYNC		(1U << 0)
#define CEN_PLAN_CONTIGUOUS	(1U << 1) /* one chunk holds the whole buffer */

enum cen_cache_mode {
	CEN_CACHE_CACHED = 0,
	CEN_CACHE_WRITECOMBINE = 1,
};

/**
 * struct cen_plan - where a buffer goes
 * @chunk: smallest chunk of contiguous memory that will do, in bytes; every chunk
 *	but the last is this long or a multiple of it, the last holds the rest
 * @align: alignment of every chunk, in bytes
 * @heap: index of the chosen heap, as in CEN_IOC_HEAP_INFO
 * @addr_bits: memory whose addresses need at most this many bits
 * @max_segs: most segments a device will see
 * @cache_mode: enum cen_cache_mode
 * @flags: CEN_PLAN_*
 * @heaps: mask of all heaps that would do, for those that want to know what
 *	happens when @heap is out of memory
 */
struct cen_plan {
	__aligned_u64 chunk;
	__aligned_u64 align;
	__u32 heap;
	__u32 addr_bits;
	__u32 max_segs;
	__u32 cache_mode;
	__u32 flags;
	__u32 heaps;
};

/**
 * enum cen_reason_code - which limit it was
 * @CEN_WHY_NONE: no reason
 * @CEN_WHY_ADDR: address bits: the device reaches @wanted bits, the heap's memory needs
 *	at least @offered bits
 * @CEN_WHY_WINDOW: the devices' address windows do not overlap, or no heap has memory
 *	inside; bits as above
 * @CEN_WHY_CONTIG: bytes in one piece: needs @wanted, the heap gives @offered
 * @CEN_WHY_SEGS: bytes: the buffer has @wanted, the device's segments together hold
 *	@offered (max_segs * usable segment)
 * @CEN_WHY_SEG_SIZE: bytes: the usable segment after boundary, size and alignment is
 *	@offered, at least @wanted is needed
 * @CEN_WHY_ALIGN: bytes of alignment
 * @CEN_WHY_BANK: bank masks: wanted & offered == 0
 * @CEN_WHY_SIZE: bytes: the heap's whole capacity is too small
 * @CEN_WHY_IOVA: bytes: the buffer has @wanted, the device's IOVA window holds @offered
 * @CEN_WHY_INVALID: the device's limits contradict themselves
 * @CEN_WHY_BOUNCE: bits: the device reaches @wanted, the buffer's memory needs @offered:
 *	only a bounce buffer could help
 * @CEN_WHY_MAPPED: the buffer cannot be moved: @offered maps hold it
 * @CEN_WHY_HEAP_FLAGS: the caller asked for another heap (CEN_CREATE_HEAP)
 * @CEN_WHY_DISABLED: heap not usable now: @offered is an errno
 * @CEN_WHY_MEMORY: bytes: the heap would do, but of the buffer's @wanted it could give
 *	@offered now, in pieces as the plan needs them (0: none, or not known)
 * @CEN_WHY_PIECE: bytes in one piece: the heap would do, but has no @wanted in one piece
 *	now. @offered is the longest that it found free or could have made free (0: none, or
 *	not known); when that is long enough, what lies in it did not move.
 *
 * @wanted is what the device needs, @offered what the heap (or the other device)
 * gives, both in the unit named here.
 */
enum cen_reason_code {
	CEN_WHY_NONE = 0,
	CEN_WHY_ADDR = 1,
	CEN_WHY_WINDOW = 2,
	CEN_WHY_CONTIG = 3,
	CEN_WHY_SEGS = 4,
	CEN_WHY_SEG_SIZE = 5,
	CEN_WHY_ALIGN = 6,
	CEN_WHY_BANK = 7,
	CEN_WHY_SIZE = 8,
	CEN_WHY_IOVA = 9,
	CEN_WHY_INVALID = 10,
	CEN_WHY_BOUNCE = 11,
	CEN_WHY_MAPPED = 12,
	CEN_WHY_HEAP_FLAGS = 13,
	CEN_WHY_DISABLED = 14,
	CEN_WHY_MEMORY = 15,
	CEN_WHY_PIECE = 16,
};

/**
 * struct cen_reason - one reason of a refusal
 * @code: enum cen_reason_code
 * @device: index of the device whose limit it was, or CEN_NO_INDEX
 * @other: index of the device it contradicts, or CEN_NO_INDEX
 * @heap: index of the heap ruled out, or CEN_NO_INDEX when all are
 * @wanted: see enum cen_reason_code
 * @offered: see enum cen_reason_code
 */
struct cen_reason {
	__u32 code;
	__u32 device;
	__u32 other;
	__u32 heap;
	__aligned_u64 wanted;
	__aligned_u64 offered;
};

/* CEN_IOC_CREATE flags */
/* charge memory to the caller's memcg; such a buffer takes fresh pages, not pooled ones */
#define CEN_CREATE_ACCOUNT	(1U << 0)
/* allocate at once, for a program without devices to declare; fails as COMMIT does */
#define CEN_CREATE_COMMIT	(1U << 1)
#define CEN_CREATE_FLAGS	(CEN_CREATE_ACCOUNT | CEN_CREATE_COMMIT)

/**
 * struct cen_create - CEN_IOC_CREATE: make an EMPTY buffer
 * @size: bytes, rounded up to whole pages; in: > 0, out: the rounded size
 * @align: alignment the program itself wants, a power of two (0: none)
 * @flags: CEN_CREATE_*
 * @fd: out: a dma-buf, O_RDWR | O_CLOEXEC
 * @heap_mask: heaps that may serve (0: any), bit n is heap n of CEN_IOC_HEAP_INFO
 * @pad: zero
 */
struct cen_create {
	__aligned_u64 size;
	__aligned_u64 align;
	__u32 flags;
	__s32 fd;
	__u32 heap_mask;
	__u32 pad;
};

/**
 * struct cen_declare - CEN_IOC_DECLARE: name devices that will use the buffer
 * @devices: user pointer to @count struct cen_device
 * @fd: the buffer
 * @count: 1 … CEN_MAX_DEVICES
 * @flags: zero
 * @failed: out: on error, index of the entry at fault, or CEN_NO_INDEX
 *
 * All or nothing. Declaring a device again replaces its entry. An empty
 * intersection of the limits is -EINVAL, no heap for it -ENODEV; on a BACKED
 * buffer the rules of a late attach apply (move, or -EBUSY).
 */
struct cen_declare {
	__aligned_u64 devices;
	__s32 fd;
	__u32 count;
	__u32 flags;
	__u32 failed;
};

/**
 * struct cen_commit - CEN_IOC_COMMIT: allocate now
 * @fd: the buffer; committing a BACKED buffer is no error
 * @flags: zero
 * @plan: out: the plan carried out
 */
struct cen_commit {
	__s32 fd;
	__u32 flags;
	struct cen_plan plan;
};

/* struct cen_explain.flags */
#define CEN_EXPLAIN_LAST	(1U << 0) /* tell the buffer's last refusal, -ENODATA if none */
#define CEN_EXPLAIN_FLAGS	(CEN_EXPLAIN_LAST)

/**
 * struct cen_explain - CEN_IOC_EXPLAIN: what would happen, and why
 * @devices: user pointer to @count struct cen_device, or 0
 * @reasons: user pointer to room for @reasons_count struct cen_reason, or 0
 * @names: user pointer to room for @names_count names of CEN_NAME_LEN bytes, or 0:
 *	the devices that indices in @reasons speak of, the buffer's own first, then
 *	@devices
 * @size: bytes, when @fd is -1; otherwise 0
 * @align: as in struct cen_create, when @fd is -1; otherwise 0
 * @fd: a buffer, or -1
 * @count: number of @devices
 * @reasons_count: in: room; out: how many there are (may exceed the room)
 * @names_count: in: room; out: how many there are
 * @flags: CEN_EXPLAIN_*
 * @error: out: 0 and @plan holds the plan, or the negative errno that the
 *	operation would fail with
 * @plan: out
 *
 * A buffer that refused its last attach, commit or map remembers why: asked
 * with @fd and no @devices while it cannot satisfy anything new, that is what
 * is told (see CEN_EXPLAIN_LAST).
 */
struct cen_explain {
	__aligned_u64 devices;
	__aligned_u64 reasons;
	__aligned_u64 names;
	__aligned_u64 size;
	__aligned_u64 align;
	__s32 fd;
	__u32 count;
	__u32 reasons_count;
	__u32 names_count;
	__u32 flags;
	__s32 error;
	struct cen_plan plan;
};

enum cen_buffer_state {
	CEN_BUFFER_EMPTY = 0,
	CEN_BUFFER_BACKED = 1,
};

/* struct cen_buffer_device.flags */
#define CEN_USE_DECLARED	(1U << 0)
#define CEN_USE_ATTACHED	(1U << 1)
#define CEN_USE_MAPPED		(1U << 2)

/**
 * struct cen_buffer_device - a device as a buffer knows it
 * @name: "bus:device"
 * @limits: its limits, merged from all sources
 * @flags: CEN_USE_*
 * @segments: entries of its sg_table while it maps the buffer, otherwise 0
 */
struct cen_buffer_device {
	char name[CEN_NAME_LEN];
	struct cen_limits limits;
	__u32 flags;
	__u32 segments;
};

/* struct cen_info.flags */
/* in: @id is a cursor, tell of the next buffer after it (start with 0) */
#define CEN_INFO_NEXT		(1U << 0)
#define CEN_INFO_FLAGS		(CEN_INFO_NEXT)

/**
 * struct cen_info - CEN_IOC_INFO: the state of a buffer
 * @id: with CEN_INFO_NEXT in: the last id seen; out: the buffer's id, > 0, never reused
 * @size: out: bytes
 * @inode: out: the dma-buf's inode number, as in /proc/PID/fdinfo and
 *	debugfs/dma_buf/bufinfo
 * @devices: user pointer to room for @devices_count struct cen_buffer_device, or 0
 * @moves: out: how often the buffer was moved
 * @fd: the buffer; -1 with CEN_INFO_NEXT
 * @flags: CEN_INFO_*
 * @devices_count: in: room; out: how many there are
 * @state: out: enum cen_buffer_state
 * @uid: out: the user that pays for it
 * @chunks: out: contiguous pieces of memory it consists of, 0 while EMPTY
 * @addr_bits: out: bits needed to address all of it, 0 while EMPTY
 * @maps: out: device maps
 * @early_maps: out: maps that came while a declared device was still missing
 * @vmaps: out: kernel maps
 * @mmaps: out: user maps
 * @creator: out: PID, in the reader's PID namespace, of the process that made it
 *	(0 when not visible)
 * @plan: out: the plan, when BACKED
 * @heap_name: out
 * @comm: out: name of the creating process
 * @last_error: out: errno of the last refusal, 0 when none
 * @pad: zero
 *
 * With CEN_INFO_NEXT a caller sees buffers of its own user; CAP_SYS_ADMIN sees
 * all. -ENOENT after the last one.
 */
struct cen_info {
	__aligned_u64 id;
	__aligned_u64 size;
	__aligned_u64 inode;
	__aligned_u64 devices;
	__aligned_u64 moves;
	__s32 fd;
	__u32 flags;
	__u32 devices_count;
	__u32 state;
	__u32 uid;
	__u32 chunks;
	__u32 addr_bits;
	__u32 maps;
	__u32 early_maps;
	__u32 vmaps;
	__u32 mmaps;
	__u32 creator;
	struct cen_plan plan;
	char heap_name[CEN_HEAP_NAME_LEN];
	char comm[16];
	__s32 last_error;
	__u32 pad;
};

/* CEN_IOC_SYNC flags: one of START/END, at least one of READ/WRITE */
#define CEN_SYNC_READ		(1U << 0)
#define CEN_SYNC_WRITE		(1U << 1)
#define CEN_SYNC_START		(0U << 2)
#define CEN_SYNC_END		(1U << 2)
#define CEN_SYNC_FLAGS		(CEN_SYNC_READ | CEN_SYNC_WRITE | CEN_SYNC_END)

/**
 * struct cen_sync - CEN_IOC_SYNC: DMA_BUF_IOCTL_SYNC for a part of a buffer
 * @offset: bytes
 * @length: bytes, > 0; @offset + @length within the buffer
 * @fd: the buffer
 * @flags: CEN_SYNC_*
 *
 * START waits for the fences that DMA_BUF_IOCTL_SYNC would wait for.
 */
struct cen_sync {
	__aligned_u64 offset;
	__aligned_u64 length;
	__s32 fd;
	__u32 flags;
};

/* struct cen_device_info.sources: who tightened the limits */
#define CEN_FROM_DEVICE		(1U << 0) /* struct device */
#define CEN_FROM_DRIVER		(1U << 1) /* cen_device_limit() */
#define CEN_FROM_FIRMWARE	(1U << 2) /* cenalloc,* properties */
#define CEN_FROM_ADMIN		(1U << 3) /* configfs rules */

/**
 * struct cen_device_info - CEN_IOC_DEVICE_INFO: what the kernel knows of a device
 * @name: in: "bus:device"
 * @limits: out: all sources merged
 * @sources: out: CEN_FROM_*
 * @flags: zero
 * @windows: out: number of address windows (dma-ranges) behind @limits.addr_max
 * @pad: zero
 * @driver: out: name of the bound driver, empty when none
 */
struct cen_device_info {
	char name[CEN_NAME_LEN];
	struct cen_limits limits;
	__u32 sources;
	__u32 flags;
	__u32 windows;
	__u32 pad;
	char driver[CEN_HEAP_NAME_LEN];
};

/* struct cen_heap_info.flags */
#define CEN_HEAP_POOLED		(1U << 0)
#define CEN_HEAP_CONTIGUOUS	(1U << 1) /* always gives one piece */

/**
 * struct cen_heap_info - CEN_IOC_HEAP_INFO: a heap and its properties
 * @chunk_max: largest contiguous piece, bytes
 * @align_max: strongest alignment, bytes
 * @capacity: bytes it could ever hold (0: all of the machine's memory)
 * @used: bytes in buffers
 * @pooled: bytes kept ready, given back under memory pressure
 * @banks: memory banks it lies in
 * @index: in
 * @flags: out: CEN_HEAP_*; in: zero
 * @addr_bits_min: fewest address bits it can be asked to keep to
 * @priority: lower is tried first
 * @name: out
 *
 * Scan @index from 0 to CEN_MAX_HEAPS - 1; -ENOENT: no heap there (heaps come and
 * go with their modules, an index is not reused while a buffer lives in it).
 */
struct cen_heap_info {
	__aligned_u64 chunk_max;
	__aligned_u64 align_max;
	__aligned_u64 capacity;
	__aligned_u64 used;
	__aligned_u64 pooled;
	__aligned_u64 banks;
	__u32 index;
	__u32 flags;
	__u32 addr_bits_min;
	__u32 priority;
	char name[CEN_HEAP_NAME_LEN];
};

#define CEN_IOC_MAGIC		0xce
#define CEN_IOC_CREATE		_IOWR(CEN_IOC_MAGIC, 0x00, struct cen_create)
#define CEN_IOC_DECLARE		_IOWR(CEN_IOC_MAGIC, 0x01, struct cen_declare)
#define CEN_IOC_COMMIT		_IOWR(CEN_IOC_MAGIC, 0x02, struct cen_commit)
#define CEN_IOC_EXPLAIN		_IOWR(CEN_IOC_MAGIC, 0x03, struct cen_explain)
#define CEN_IOC_INFO		_IOWR(CEN_IOC_MAGIC, 0x04, struct cen_info)
#define CEN_IOC_SYNC		_IOW(CEN_IOC_MAGIC, 0x05, struct cen_sync)
#define CEN_IOC_DEVICE_INFO	_IOWR(CEN_IOC_MAGIC, 0x06, struct cen_device_info)
#define CEN_IOC_HEAP_INFO	_IOWR(CEN_IOC_MAGIC, 0x07, struct cen_heap_info)

#endif /* _UAPI_LINUX_CENALLOC_H */
