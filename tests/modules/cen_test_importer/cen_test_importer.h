/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * cen_test_importer: a dma-buf importer for tests. /dev/cen_test_importer does on
 * request what drivers do: attach, map, transfer, vmap, add fences. It acts for the
 * platform devices cen_test.0 … cen_test.7, whose limits are set here, or for any
 * device found by "platform:name" or "pci:name" whose limits are then left alone.
 *
 * Objects (attachments, kernel maps, fences) belong to the open file; closing it undoes them in
 * the reverse order. A transfer goes through the addresses the device was given, as
 * a bus master's would: what only a bounce buffer has got is not in the buffer.
 * No address ever leaves the kernel: checks are made here.
 */
#ifndef _CEN_TEST_IMPORTER_H
#define _CEN_TEST_IMPORTER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CTI_DEVICES	8
#define CTI_NAME_LEN	64

#define CTI_NONCOHERENT	(1U << 0)

/**
 * struct cti_limits - CTI_IOC_LIMITS: what a test device can reach, 0: no limit
 * @seg_size: dma_set_max_seg_size()
 * @seg_boundary: dma_set_seg_boundary(), a mask
 * @align: cen_device_limit()
 * @banks: cen_device_limit()
 * @device: number of the device
 * @addr_bits: its DMA mask
 * @max_segs: cen_device_limit()
 * @flags: CTI_NONCOHERENT: cen_device_limit(), and the DMA API where it matters
 */
struct cti_limits {
	__aligned_u64 seg_size;
	__aligned_u64 seg_boundary;
	__aligned_u64 align;
	__aligned_u64 banks;
	__u32 device;
	__u32 addr_bits;
	__u32 max_segs;
	__u32 flags;
};

/**
 * struct cti_seg_size - CTI_IOC_SEG_SIZE: dma_set_max_seg_size(), as a driver would
 * @name: "bus:device", also one that is not a test device
 * @seg_size: bytes
 */
struct cti_seg_size {
	char name[CTI_NAME_LEN];
	__aligned_u64 seg_size;
};

#define CTI_ATTACH_DYNAMIC	(1U << 0)	/* as an importer that copes with moves */

/**
 * struct cti_attach - CTI_IOC_ATTACH: dma_buf_attach()
 * @name: "bus:device"
 * @fd: dma-buf
 * @flags: CTI_ATTACH_*
 * @id: out: the attachment
 * @pad: zero
 */
struct cti_attach {
	char name[CTI_NAME_LEN];
	__s32 fd;
	__u32 flags;
	__u32 id;
	__u32 pad;
};

/* struct cti_map.violations */
#define CTI_BAD_LENGTH		(1U << 0)	/* segments are not the buffer's size together */
#define CTI_BAD_ADDR		(1U << 1)	/* an address beyond the DMA mask */
#define CTI_BAD_SEG_SIZE	(1U << 2)
#define CTI_BAD_BOUNDARY	(1U << 3)
#define CTI_BAD_ALIGN		(1U << 4)
#define CTI_BAD_SEGS		(1U << 5)	/* more segments than the device takes */
#define CTI_BAD_OVERLAP		(1U << 6)	/* two segments share memory */

enum cti_direction {
	CTI_BIDIRECTIONAL = 0,
	CTI_TO_DEVICE = 1,
	CTI_FROM_DEVICE = 2,
};

/**
 * struct cti_map - CTI_IOC_MAP: dma_buf_map_attachment(); CTI_IOC_UNMAP
 * @length: out: bytes of all segments
 * @largest: out: bytes of the largest segment
 * @id: an attachment
 * @direction: enum cti_direction; MAP only
 * @segments: out: DMA segments
 * @violations: out: CTI_BAD_*, against the limits the device has now
 * @addr_bits: out: bits of the highest address
 * @pad: zero
 */
struct cti_map {
	__aligned_u64 length;
	__aligned_u64 largest;
	__u32 id;
	__u32 direction;
	__u32 segments;
	__u32 violations;
	__u32 addr_bits;
	__u32 pad;
};

/**
 * struct cti_copy - CTI_IOC_READ, CTI_IOC_WRITE: the device (or, for a kernel map, the kernel)
 *	reads or writes the buffer
 * @data: user pointer
 * @offset: in the buffer, bytes
 * @length: bytes
 * @id: a mapped attachment, or a kernel map
 * @pad: zero
 */
struct cti_copy {
	__aligned_u64 data;
	__aligned_u64 offset;
	__aligned_u64 length;
	__u32 id;
	__u32 pad;
};

/**
 * struct cti_access - CTI_IOC_BEGIN, CTI_IOC_END: cen_begin_access(), cen_end_access()
 * @id: a mapped attachment
 * @direction: enum cti_direction of the transfer
 */
struct cti_access {
	__u32 id;
	__u32 direction;
};

/**
 * struct cti_betrays - CTI_IOC_BETRAYS: does a number tell where a buffer is?
 * @number: whatever was seen somewhere
 * @id: a mapped attachment
 * @yes: out: 1 if it is an address of one of the buffer's pages, or its page frame number
 */
struct cti_betrays {
	__aligned_u64 number;
	__u32 id;
	__u32 yes;
};

/**
 * struct cti_vmap - CTI_IOC_VMAP: dma_buf_vmap()
 * @fd: dma-buf
 * @id: out: the kernel map
 */
struct cti_vmap {
	__s32 fd;
	__u32 id;
};

/**
 * struct cti_fence - CTI_IOC_FENCE: add a fence to the buffer's reservation object
 * @fd: dma-buf
 * @write: a writer's fence, otherwise a reader's
 * @id: out: the fence; closing the file signals it with -ECANCELED
 * @pad: zero
 */
struct cti_fence {
	__s32 fd;
	__u32 write;
	__u32 id;
	__u32 pad;
};

/**
 * struct cti_signal - CTI_IOC_SIGNAL: signal a fence
 * @id: a fence
 * @error: 0 or a negative errno
 */
struct cti_signal {
	__u32 id;
	__s32 error;
};

#define CTI_IOC_MAGIC	0xcf
#define CTI_IOC_LIMITS	_IOW(CTI_IOC_MAGIC, 0x00, struct cti_limits)
#define CTI_IOC_ATTACH	_IOWR(CTI_IOC_MAGIC, 0x01, struct cti_attach)
#define CTI_IOC_MAP	_IOWR(CTI_IOC_MAGIC, 0x02, struct cti_map)
#define CTI_IOC_UNMAP	_IOWR(CTI_IOC_MAGIC, 0x03, struct cti_map)
#define CTI_IOC_READ	_IOW(CTI_IOC_MAGIC, 0x04, struct cti_copy)
#define CTI_IOC_WRITE	_IOW(CTI_IOC_MAGIC, 0x05, struct cti_copy)
#define CTI_IOC_BEGIN	_IOW(CTI_IOC_MAGIC, 0x06, struct cti_access)
#define CTI_IOC_END	_IOW(CTI_IOC_MAGIC, 0x07, struct cti_access)
#define CTI_IOC_VMAP	_IOWR(CTI_IOC_MAGIC, 0x08, struct cti_vmap)
#define CTI_IOC_FENCE	_IOWR(CTI_IOC_MAGIC, 0x09, struct cti_fence)
#define CTI_IOC_SIGNAL	_IOW(CTI_IOC_MAGIC, 0x0a, struct cti_signal)
#define CTI_IOC_SEG_SIZE	_IOW(CTI_IOC_MAGIC, 0x0c, struct cti_seg_size)
#define CTI_IOC_BETRAYS		_IOWR(CTI_IOC_MAGIC, 0x0d, struct cti_betrays)
/* Undo: detach (unmapping first), vunmap, signal. The argument is the id itself. */
#define CTI_IOC_RELEASE	_IO(CTI_IOC_MAGIC, 0x0b)

#endif /* _CEN_TEST_IMPORTER_H */
