/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * cen_uio: a user-space driver's device reaches dma-bufs, and no address is told.
 *
 * The protocol
 * ============
 *
 * A device bound to cen_uio has two nodes. /dev/uioN is what every UIO device
 * has: mmap() of register pages, read() waits for an interrupt, write() of a 0
 * or 1 turns interrupts off or on. Beside it is /dev/cen_uio/N, with the ioctls
 * below, for what plain UIO cannot do safely: give the device memory.
 *
 *   handle = CEN_UIO_IOC_ATTACH {fd, direction}    map a dma-buf for the device
 *   CEN_UIO_IOC_SYNC {handle, begin}               the device is about to use it
 *   CEN_UIO_IOC_PROGRAM {writes}                   addresses, length, "go"
 *   ... read() on /dev/uioN waits for the interrupt ...
 *   CEN_UIO_IOC_SYNC {handle, end}                 the CPU may look
 *   CEN_UIO_IOC_DETACH {handle}
 *
 * A program names memory as (handle, offset, length) and a register; the kernel
 * checks both and writes the bus address into the register itself. No reply of
 * this interface holds an address of memory, and a register that may hold one
 * cannot be read back.
 *
 * Rules
 * -----
 * What a device's registers mean is told to the kernel by the administrator, as
 * text (cen_uio(4)): which registers exist, which take an address, which a
 * length, which start a transfer and in what direction. Everything not named is
 * refused. Pages that hold a register whose writes are checked are left out of
 * the UIO maps and reached with REG_READ, REG_WRITE and PROGRAM only. A device
 * without rules has no maps and takes no memory; its interrupts work.
 *
 * Before a transfer is started, every address register that takes part must hold
 * an address given out for a buffer that was attached for that direction, with
 * room for as many bytes as the length register says, or, if the rules so say,
 * a place in the device's own memory. A start uses these up: the next transfer
 * is programmed anew, because devices count their registers on.
 *
 * Rights and lifetime
 * -------------------
 * One open file at a time owns the node; a second open is -EBUSY. Opening it, and
 * mapping registers, needs CAP_SYS_RAWIO unless a translating IOMMU confines the
 * device (CEN_UIO_CONFINED). Handles belong to the open file. When it is closed
 * the device is cut off from memory (PCI: bus mastering off) before anything is
 * unmapped; whoever opens it next gets it idle, with its address registers
 * cleared (open waits for that; open this node before /dev/uioN, so that no
 * interrupt of what was before is counted). When the device is unbound while the file is open, all that follows
 * is -ENODEV and register mappings turn into SIGBUS.
 *
 * Sleep and resets
 * ----------------
 * Before the system sleeps, and before a reset of the device, it is cut off from
 * memory as above; files stay open and handles valid. Afterwards read() and poll() on
 * /dev/uioN return as for an interrupt, because the one that was waited for may never come,
 * and @interruptions of struct cen_uio_info has grown. If the device was at work, the
 * SYNC end of the buffers it worked on is -ECANCELED: the access has ended, what the
 * buffers hold is not the whole transfer. The next PROGRAM finds the device idle and with
 * its address registers cleared, as after open.
 *
 * Refusals
 * --------
 * ATTACH and PROGRAM tell in struct cen_uio_reason what was wrong, wanted against
 * offered. A PROGRAM that is refused has written nothing.
 *
 *   -EINVAL   malformed: unknown flag, non-zero padding, empty list
 *   -E2BIG    more than CEN_UIO_MAX_WRITES writes
 *   -EPERM    the rules do not allow this register, value or command; at open:
 *             CAP_SYS_RAWIO is missing
 *   -EACCES   the buffer is attached for, or its fd is open for, the other direction
 *   -ENOENT   no such handle
 *   -ERANGE   the buffer does not fit: bounds, contiguity, address bits,
 *             alignment, boundary, or the length exceeds what was given out
 *   -EBUSY    the device is still at work, or it is being reset; at open: somebody has
 *             it open
 *   -ENOSPC   CEN_UIO_MAX_HANDLES are attached
 *   -ENODEV   the device has been unbound
 *   -EIO      the device does not come to rest: at open, from what was before; at the
 *             first PROGRAM after the system slept or somebody reset the device
 *   -ECANCELED  at the end of an access: a transfer in it may have been cut short, see below
 *
 * ATTACH also returns what the dma-buf's exporter says.
 *
 * Rules for all structures: as in <linux/cenalloc.h>. Ioctls are dispatched on
 * their number, structures may grow at the end, a non-zero tail that the kernel does not
 * know is -EINVAL.
 */
#ifndef _UAPI_LINUX_CEN_UIO_H
#define _UAPI_LINUX_CEN_UIO_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CEN_UIO_NAME_LEN	64	/* "bus:device", NUL included */
#define CEN_UIO_MAX_HANDLES	64	/* per open file */
#define CEN_UIO_MAX_WRITES	64	/* per CEN_UIO_IOC_PROGRAM */
#define CEN_UIO_MAX_REGS	64	/* per device */
#define CEN_UIO_MAX_WINDOWS	5	/* mappable windows per device: UIO's maps */
#define CEN_UIO_NO_INDEX	(~0U)

/* Directions, seen from the device */
#define CEN_UIO_TO_DEVICE	(1U << 0) /* the device reads the buffer */
#define CEN_UIO_FROM_DEVICE	(1U << 1) /* the device writes the buffer */
#define CEN_UIO_DIRECTIONS	(CEN_UIO_TO_DEVICE | CEN_UIO_FROM_DEVICE)

/**
 * enum cen_uio_why - what a refusal was about
 * @CEN_UIO_WHY_NONE: nothing more to say than the errno
 * @CEN_UIO_WHY_RULES: the device has no rules, or none with addresses
 * @CEN_UIO_WHY_REGISTER: wanted: offset of a register that the rules do not name
 * @CEN_UIO_WHY_WIDTH: bits: of the write, of the register
 * @CEN_UIO_WHY_KIND: enum cen_uio_kind: it would have to be, it is
 * @CEN_UIO_WHY_VALUE: the value, and the limit it is beyond: of the register's bits, its
 *	smallest or largest value, or the device's own memory
 * @CEN_UIO_WHY_HANDLE: wanted: the handle, which does not exist
 * @CEN_UIO_WHY_BOUNDS: bytes: where the access ends, the buffer's size
 * @CEN_UIO_WHY_SEGMENT: bytes in one piece from that offset on
 * @CEN_UIO_WHY_BITS: address bits: the buffer needs, the device or its register has
 * @CEN_UIO_WHY_ALIGN: bytes of alignment; the place has less
 * @CEN_UIO_WHY_BOUNDARY: bytes: a multiple of it would be crossed
 * @CEN_UIO_WHY_DIRECTION: CEN_UIO_TO_DEVICE and so on: of the transfer, of the buffer
 * @CEN_UIO_WHY_LENGTH: bytes: of the transfer, given out from that address
 * @CEN_UIO_WHY_ADDRESS: wanted: offset of a register that holds nothing the transfer may use
 * @CEN_UIO_WHY_COMMAND: wanted: a command that the rules do not name
 * @CEN_UIO_WHY_ORDER: wanted: offset of a register that is written behind a start
 * @CEN_UIO_WHY_BUSY: the device is at work
 *
 * What is told first is @wanted of struct cen_uio_reason, what is told second @offered.
 */
enum cen_uio_why {
	CEN_UIO_WHY_NONE = 0,
	CEN_UIO_WHY_RULES = 1,
	CEN_UIO_WHY_REGISTER = 2,
	CEN_UIO_WHY_WIDTH = 3,
	CEN_UIO_WHY_KIND = 4,
	CEN_UIO_WHY_VALUE = 5,
	CEN_UIO_WHY_HANDLE = 6,
	CEN_UIO_WHY_BOUNDS = 7,
	CEN_UIO_WHY_SEGMENT = 8,
	CEN_UIO_WHY_BITS = 9,
	CEN_UIO_WHY_ALIGN = 10,
	CEN_UIO_WHY_BOUNDARY = 11,
	CEN_UIO_WHY_DIRECTION = 12,
	CEN_UIO_WHY_LENGTH = 13,
	CEN_UIO_WHY_ADDRESS = 14,
	CEN_UIO_WHY_COMMAND = 15,
	CEN_UIO_WHY_ORDER = 16,
	CEN_UIO_WHY_BUSY = 17,
};

/**
 * struct cen_uio_reason - why something was refused
 * @code: enum cen_uio_why
 * @index: of the write at fault, or CEN_UIO_NO_INDEX
 * @wanted: see enum cen_uio_why
 * @offered: see enum cen_uio_why
 */
struct cen_uio_reason {
	__u32 code;
	__u32 index;
	__aligned_u64 wanted;
	__aligned_u64 offered;
};

/* struct cen_uio_info.flags */
#define CEN_UIO_RULES		(1U << 0) /* there are rules */
#define CEN_UIO_DMA		(1U << 1) /* and registers that take addresses */
#define CEN_UIO_CONFINED	(1U << 2) /* behind a translating IOMMU of its own */
#define CEN_UIO_CUT		(1U << 3) /* more mappable windows than UIO has maps */
#define CEN_UIO_ACKNOWLEDGES	(1U << 4) /* the kernel acknowledges interrupts, as rules say */

/**
 * enum cen_uio_irq - how the device interrupts
 * @CEN_UIO_IRQ_NONE: not at all
 * @CEN_UIO_IRQ_INTX: by a line of PCI: off when it fires, on again by writing 1, unless the
 *	kernel has acknowledged it
 * @CEN_UIO_IRQ_MSI: by messages, while the node is open
 * @CEN_UIO_IRQ_LINE: by a platform interrupt, used as INTX
 */
enum cen_uio_irq {
	CEN_UIO_IRQ_NONE = 0,
	CEN_UIO_IRQ_INTX = 1,
	CEN_UIO_IRQ_MSI = 2,
	CEN_UIO_IRQ_LINE = 3,
};

/**
 * struct cen_uio_window - register pages that /dev/uioN maps
 * @offset: in the region, bytes
 * @size: bytes
 * @region: which resource: BAR number, or index of the platform memory resource
 * @map: which map of UIO: mmap() /dev/uioN at @map pages
 */
struct cen_uio_window {
	__aligned_u64 offset;
	__aligned_u64 size;
	__u32 region;
	__u32 map;
};

enum cen_uio_kind {
	CEN_UIO_REG_RO = 0,
	CEN_UIO_REG_WO = 1,
	CEN_UIO_REG_RW = 2,
	CEN_UIO_REG_ADDRESS = 3, /* write-only; CEN_UIO_WRITE_ADDRESS, or a place in @own */
	CEN_UIO_REG_LENGTH = 4,
	CEN_UIO_REG_COMMAND = 5,
};

/**
 * struct cen_uio_reg - a register as the rules describe it
 * @offset: in the region, bytes
 * @high: offset of the upper half of a split address register, otherwise 0
 * @min: smallest value, or of a length: smallest number
 * @max: largest value
 * @allow: bits that may be set
 * @own: start of the device's own memory, for an address register
 * @own_size: bytes of it, 0: none
 * @align: alignment of addresses, bytes
 * @boundary: no access may cross a multiple of it, bytes; 0: none
 * @unit: bytes that 1 in a length register means
 * @region: see struct cen_uio_window
 * @width: bits
 * @kind: enum cen_uio_kind
 * @pad: zero
 */
struct cen_uio_reg {
	__aligned_u64 offset;
	__aligned_u64 high;
	__aligned_u64 min;
	__aligned_u64 max;
	__aligned_u64 allow;
	__aligned_u64 own;
	__aligned_u64 own_size;
	__aligned_u64 align;
	__aligned_u64 boundary;
	__aligned_u64 unit;
	__u32 region;
	__u32 width;
	__u32 kind;
	__u32 pad;
};

/**
 * struct cen_uio_info - CEN_UIO_IOC_INFO: the device and its rules
 * @windows: user pointer to room for @windows_count struct cen_uio_window, or 0
 * @regs: user pointer to room for @regs_count struct cen_uio_reg, or 0
 * @windows_count: in: room; out: how many there are
 * @regs_count: in: room; out: how many there are
 * @flags: in: zero; out: CEN_UIO_RULES … CEN_UIO_ACKNOWLEDGES
 * @uio: out: N of /dev/uioN
 * @irq: out: enum cen_uio_irq
 * @dma_bits: out: address bits of the device
 * @handles: out: how many are attached
 * @interruptions: in: zero; out: how often the system slept or somebody reset the device since
 *	it was bound
 * @name: out: "bus:device"
 */
struct cen_uio_info {
	__aligned_u64 windows;
	__aligned_u64 regs;
	__u32 windows_count;
	__u32 regs_count;
	__u32 flags;
	__u32 uio;
	__u32 irq;
	__u32 dma_bits;
	__u32 handles;
	__u32 interruptions;
	char name[CEN_UIO_NAME_LEN];
};

/**
 * struct cen_uio_attach - CEN_UIO_IOC_ATTACH: let the device reach a dma-buf
 * @size: out: bytes
 * @fd: the dma-buf; for CEN_UIO_FROM_DEVICE it must be open for writing
 * @direction: CEN_UIO_TO_DEVICE, CEN_UIO_FROM_DEVICE or both
 * @flags: zero
 * @handle: out: > 0
 * @segments: out: pieces of memory that the device sees
 * @pad: zero
 * @reason: out: when refused
 */
struct cen_uio_attach {
	__aligned_u64 size;
	__s32 fd;
	__u32 direction;
	__u32 flags;
	__u32 handle;
	__u32 segments;
	__u32 pad;
	struct cen_uio_reason reason;
};

/**
 * struct cen_uio_detach - CEN_UIO_IOC_DETACH: take a dma-buf away from the device
 * @handle: from CEN_UIO_IOC_ATTACH
 * @flags: zero
 *
 * Address registers that hold it are cleared. -EBUSY while the device is at work and it
 * may be this buffer that it works on. A device that cannot tell (it has no idle
 * rule) is stopped for a moment; what it was doing is lost then.
 */
struct cen_uio_detach {
	__u32 handle;
	__u32 flags;
};

enum cen_uio_write_type {
	CEN_UIO_WRITE_VALUE = 0,
	CEN_UIO_WRITE_ADDRESS = 1,
};

/**
 * struct cen_uio_write - one register write
 * @value: VALUE: what to write; ADDRESS: offset in the buffer
 * @length: ADDRESS: bytes the device may use from there, > 0; VALUE: zero
 * @reg: offset of the register in its region
 * @region: see struct cen_uio_window
 * @width: bits, the register's; of the lower half for a split one
 * @type: enum cen_uio_write_type
 * @handle: ADDRESS: from CEN_UIO_IOC_ATTACH; VALUE: zero
 */
struct cen_uio_write {
	__aligned_u64 value;
	__aligned_u64 length;
	__aligned_u64 reg;
	__u32 region;
	__u32 width;
	__u32 type;
	__u32 handle;
};

/**
 * struct cen_uio_program - CEN_UIO_IOC_PROGRAM: write registers, all or nothing
 * @writes: user pointer to @count struct cen_uio_write, carried out in order
 * @count: 1 … CEN_UIO_MAX_WRITES
 * @flags: zero
 * @reason: out: when refused
 *
 * A start (a command that makes the device use memory) must be the last write of the list
 * that concerns the transfer. Registers of a transfer cannot be written while
 * the device is at work.
 */
struct cen_uio_program {
	__aligned_u64 writes;
	__u32 count;
	__u32 flags;
	struct cen_uio_reason reason;
};

/**
 * struct cen_uio_access - CEN_UIO_IOC_REG_READ, CEN_UIO_IOC_REG_WRITE
 * @value: READ: out; WRITE: in
 * @reg: offset of the register in its region
 * @region: see struct cen_uio_window
 * @width: bits, the register's
 * @reason: out: when refused
 *
 * A write is a CEN_UIO_IOC_PROGRAM of one value.
 */
struct cen_uio_access {
	__aligned_u64 value;
	__aligned_u64 reg;
	__u32 region;
	__u32 width;
	struct cen_uio_reason reason;
};

/* struct cen_uio_sync.flags: CEN_UIO_SYNC_BEGIN or _END, and directions */
#define CEN_UIO_SYNC_BEGIN	(0U << 2)
#define CEN_UIO_SYNC_END	(1U << 2)
#define CEN_UIO_SYNC_FLAGS	(CEN_UIO_DIRECTIONS | CEN_UIO_SYNC_END)

/**
 * struct cen_uio_sync - CEN_UIO_IOC_SYNC: caches around the device's transfers
 * @handle: from CEN_UIO_IOC_ATTACH
 * @flags: CEN_UIO_SYNC_*, and the directions of the transfers
 *
 * BEGIN waits for the fences of other devices that implicit synchronisation asks
 * to wait for, then makes memory visible to this one; END makes visible what it
 * wrote. On a cache-coherent machine the caches need nothing. Begun twice, or ended
 * without: -EINVAL. Not possible for this exporter: -EOPNOTSUPP. Ended, but a sleep or a
 * reset may have cut a transfer short: -ECANCELED.
 */
struct cen_uio_sync {
	__u32 handle;
	__u32 flags;
};

#define CEN_UIO_IOC_MAGIC	0xce
#define CEN_UIO_IOC_INFO	_IOWR(CEN_UIO_IOC_MAGIC, 0x60, struct cen_uio_info)
#define CEN_UIO_IOC_ATTACH	_IOWR(CEN_UIO_IOC_MAGIC, 0x61, struct cen_uio_attach)
#define CEN_UIO_IOC_DETACH	_IOW(CEN_UIO_IOC_MAGIC, 0x62, struct cen_uio_detach)
#define CEN_UIO_IOC_PROGRAM	_IOWR(CEN_UIO_IOC_MAGIC, 0x63, struct cen_uio_program)
#define CEN_UIO_IOC_REG_READ	_IOWR(CEN_UIO_IOC_MAGIC, 0x64, struct cen_uio_access)
#define CEN_UIO_IOC_REG_WRITE	_IOWR(CEN_UIO_IOC_MAGIC, 0x65, struct cen_uio_access)
#define CEN_UIO_IOC_SYNC	_IOW(CEN_UIO_IOC_MAGIC, 0x66, struct cen_uio_sync)

#endif /* _UAPI_LINUX_CEN_UIO_H */
