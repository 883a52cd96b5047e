/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * cen_edu: user interface of the example driver for QEMU's "edu" PCI device.
 *
 * edu is a small bus master: it can copy between the machine's memory and 4 KiB
 * of its own, and its addresses are 28 bits wide, so it reaches the lowest
 * 256 MiB only. Nothing but dma-bufs can be given to it:
 *
 *   handle = CEN_EDU_IOC_ATTACH {fd}     import a dma-buf; it is mapped for edu now
 *   CEN_EDU_IOC_TRANSFER {handle, ...}   one synchronous copy, either direction
 *   CEN_EDU_IOC_DETACH {handle}
 *
 * Handles belong to the open file; closing it detaches everything. The import is
 * where a buffer that edu cannot reach is refused: with the error of the exporter
 * or of the DMA API (for instance -EIO when only a bounce buffer could help and
 * there is none), or with -ERANGE when the mapping holds an address wider than
 * 28 bits. A transfer waits for the fences that implicit synchronisation asks it
 * to wait for. It leaves no fence itself: it is over when the ioctl returns.
 *
 * The driver maps once and does not maintain caches per transfer: edu exists on
 * cache-coherent PCI only. CPU accesses are bracketed with DMA_BUF_IOCTL_SYNC, as
 * for every dma-buf.
 */
#ifndef _UAPI_CEN_EDU_H
#define _UAPI_CEN_EDU_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Bytes of the device's memory that a transfer can use. It has 4096, but QEMU
 * before 8.0 ends the whole virtual machine when a transfer touches the last.
 */
#define CEN_EDU_WINDOW		4095U

/**
 * struct cen_edu_attach - CEN_EDU_IOC_ATTACH: import a dma-buf
 * @fd: the dma-buf
 * @flags: zero
 * @handle: out: names the buffer in the other calls, > 0
 * @segments: out: pieces of memory that edu sees
 * @address_bits: out: bits of the widest bus address in the mapping
 * @pad: zero
 *
 * -EBUSY: this open file already has as many buffers as it may have.
 */
struct cen_edu_attach {
	__s32 fd;
	__u32 flags;
	__u32 handle;
	__u32 segments;
	__u32 address_bits;
	__u32 pad;
};

/**
 * struct cen_edu_detach - CEN_EDU_IOC_DETACH: give a dma-buf back
 * @handle: from CEN_EDU_IOC_ATTACH; -ENOENT when it is none
 * @flags: zero
 */
struct cen_edu_detach {
	__u32 handle;
	__u32 flags;
};

enum cen_edu_direction {
	CEN_EDU_FROM_MEMORY = 0,	/* edu reads the buffer */
	CEN_EDU_TO_MEMORY = 1,		/* edu writes the buffer */
};

/**
 * struct cen_edu_transfer - CEN_EDU_IOC_TRANSFER: copy, and wait for the end
 * @offset: where in the buffer, bytes
 * @handle: from CEN_EDU_IOC_ATTACH; -ENOENT when it is none
 * @direction: enum cen_edu_direction
 * @device_offset: where in the device's memory, bytes
 * @length: bytes, > 0; must end within the buffer and within CEN_EDU_WINDOW
 * @done: out: bytes transferred, also when the call fails
 * @dmas: out: operations the device needed for them, one per segment touched
 *
 * -ETIMEDOUT: the device did not finish; it is cut off from memory and all that
 * follows is -EIO. -EINTR: a signal came after @done bytes. -ENODEV: the device
 * has gone.
 */
struct cen_edu_transfer {
	__aligned_u64 offset;
	__u32 handle;
	__u32 direction;
	__u32 device_offset;
	__u32 length;
	__u32 done;
	__u32 dmas;
};

#define CEN_EDU_IOC_MAGIC	0xed
#define CEN_EDU_IOC_ATTACH	_IOWR(CEN_EDU_IOC_MAGIC, 0x00, struct cen_edu_attach)
#define CEN_EDU_IOC_DETACH	_IOW(CEN_EDU_IOC_MAGIC, 0x01, struct cen_edu_detach)
#define CEN_EDU_IOC_TRANSFER	_IOWR(CEN_EDU_IOC_MAGIC, 0x02, struct cen_edu_transfer)

#endif /* _UAPI_CEN_EDU_H */
