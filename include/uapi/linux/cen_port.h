/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Ports: data moves between devices in dma-bufs, without the CPU touching it.
 *
 * The protocol
 * ============
 *
 * A port is one direction of one device: a SOURCE writes to memory (a receiver, a
 * camera, the OUT endpoint of a USB gadget), a SINK reads from memory (a
 * transmitter, an IN endpoint). Each has a node, /dev/cen/NAME.
 *
 *   CEN_PORT_IOC_INFO      what the port is and can do
 *   CEN_PORT_IOC_ATTACH    attach a dma-buf, from any exporter, and map it once
 *   CEN_PORT_IOC_ENQUEUE   queue a transfer; returns at once
 *   read(), poll()         struct cen_completion, one for each transfer that ended
 *   CEN_PORT_IOC_CANCEL    end transfers early
 *   CEN_PORT_IOC_DETACH    or close()
 *
 *   CEN_PORT_IOC_LINK      circulate buffers between a source and sinks inside the
 *                          kernel: no system call and no wake-up per block
 *
 * Buffers
 * -------
 * Attaching maps the buffer for the port's device and keeps the map until it is
 * detached. A buffer is attached to a port once: a second attach is -EBUSY,
 * whoever asks. Attachments belong to the file they were made on; closing it
 * ends what is queued and detaches.
 *
 * Order and fences
 * ----------------
 * Transfers of a port start in the order they were queued. Each waits for the
 * buffer's implicit fences (a sink for writers, a source for writers and
 * readers) and its own in-fence, asynchronously: enqueue neither blocks nor
 * fails because another device is still busy with the buffer. The transfer's own
 * fence is in the buffer's reservation object and, when asked for, in a sync_file.
 * It always signals: on completion, error, cancel, unplug, close, module removal.
 *
 * Errors
 * ------
 *   -EBADF      not a file descriptor, or a port fd that is no port
 *   -EINVAL     unknown flags, non-zero padding, a range outside the buffer; from
 *               attach: the buffer is where the device cannot reach it (see
 *               CEN_IOC_EXPLAIN of cenalloc when it is one of its buffers)
 *   -ENOENT     the buffer is not attached on this file
 *   -EBUSY      attached already; detach of a buffer in use by a link
 *   -EAGAIN     the queue is full (CEN_PORT_INFO: depth); read(): nothing yet, O_NONBLOCK
 *   -EPERM      policy "enforce": the buffer is shared with devices of other coherency
 *   -ENODEV     the device is gone
 *   -EOPNOTSUPP the port cannot do it (cyclic), or the exporter cannot serve it
 */
#ifndef _UAPI_LINUX_CEN_PORT_H
#define _UAPI_LINUX_CEN_PORT_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <linux/cenalloc.h>

#define CEN_PORT_NAME_LEN	32
#define CEN_LINK_MAX_SINKS	8

enum cen_port_direction {
	CEN_PORT_SOURCE = 0,	/* device writes to memory */
	CEN_PORT_SINK = 1,	/* device reads from memory */
};

/* What a port does about caches, set when it is registered (module or driver). */
enum cen_port_policy {
	CEN_PORT_SYNC = 0,	/* maintain caches around each transfer */
	CEN_PORT_ENFORCE = 1,	/* refuse to share between coherent and non-coherent devices */
	CEN_PORT_TRUST = 2,	/* user space knows better */
};

/* struct cen_port_info.flags */
#define CEN_PORT_CYCLIC		(1U << 0)
/* no scatter-gather: the CPU's address is used, the controller copies or maps it itself */
#define CEN_PORT_VMAP		(1U << 1)

/**
 * struct cen_port_info - CEN_PORT_IOC_INFO
 * @name: out: name of the port
 * @device: out: "bus:device" that does the DMA: declare it for buffers of this port
 * @limits: out: its limits as cenalloc knows them, zero without cenalloc
 * @granule: out: transfers are a multiple of this many bytes
 * @length_max: out: longest transfer, bytes; 0: no limit
 * @blocks: out: transfers completed
 * @bytes: out: bytes of them
 * @errors: out: transfers that ended with an error
 * @direction: out: enum cen_port_direction
 * @policy: out: enum cen_port_policy
 * @flags: in: zero; out: CEN_PORT_*
 * @depth: out: transfers that may be queued per file
 * @queued: out: transfers queued now, of all files
 * @attached: out: buffers attached now, to all files
 * @links: out: links that run through it
 * @pad: zero
 */
struct cen_port_info {
	char name[CEN_PORT_NAME_LEN];
	char device[CEN_NAME_LEN];
	struct cen_limits limits;
	__aligned_u64 granule;
	__aligned_u64 length_max;
	__aligned_u64 blocks;
	__aligned_u64 bytes;
	__aligned_u64 errors;
	__u32 direction;
	__u32 policy;
	__u32 flags;
	__u32 depth;
	__u32 queued;
	__u32 attached;
	__u32 links;
	__u32 pad;
};

/**
 * struct cen_port_attach - CEN_PORT_IOC_ATTACH, CEN_PORT_IOC_DETACH
 * @fd: a dma-buf
 * @flags: zero
 *
 * Detaching waits until transfers of the buffer that already run have ended;
 * those that did not start yet are cancelled.
 */
struct cen_port_attach {
	__s32 fd;
	__u32 flags;
};

/* struct cen_port_enqueue.flags */
#define CEN_ENQUEUE_CYCLIC	(1U << 0) /* again and again, until cancelled */
#define CEN_ENQUEUE_IN_FENCE	(1U << 1) /* @in_fence is a sync_file to wait for */
#define CEN_ENQUEUE_OUT_FENCE	(1U << 2) /* return a sync_file in @out_fence */
#define CEN_ENQUEUE_NO_IMPLICIT	(1U << 3) /* do not wait for the buffer's own fences */
#define CEN_ENQUEUE_QUIET	(1U << 4) /* no completion for read(), only fences */
#define CEN_ENQUEUE_FLAGS	(CEN_ENQUEUE_CYCLIC | CEN_ENQUEUE_IN_FENCE | \
				 CEN_ENQUEUE_OUT_FENCE | CEN_ENQUEUE_NO_IMPLICIT | \
				 CEN_ENQUEUE_QUIET)

/**
 * struct cen_port_enqueue - CEN_PORT_IOC_ENQUEUE: queue a transfer
 * @offset: bytes into the buffer
 * @length: bytes, > 0, a multiple of the port's granule
 * @user_data: comes back in the completion
 * @fd: an attached dma-buf
 * @flags: CEN_ENQUEUE_*
 * @in_fence: a sync_file with CEN_ENQUEUE_IN_FENCE, otherwise zero
 * @out_fence: out: a sync_file with CEN_ENQUEUE_OUT_FENCE
 */
struct cen_port_enqueue {
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 user_data;
	__s32 fd;
	__u32 flags;
	__s32 in_fence;
	__s32 out_fence;
};

/* struct cen_completion.flags: none yet */

/**
 * struct cen_completion - what read() returns, as many as fit
 * @user_data: of the transfer
 * @actual: bytes the device transferred; may be less than asked
 * @timestamp: CLOCK_MONOTONIC ns when the device was done
 * @status: 0; -ECANCELED; -ENODEV: unplugged; -EIO and others: the device's
 * @flags: zero
 */
struct cen_completion {
	__aligned_u64 user_data;
	__aligned_u64 actual;
	__aligned_u64 timestamp;
	__s32 status;
	__u32 flags;
};

#define CEN_CANCEL_ALL		(1U << 0)

/**
 * struct cen_port_cancel - CEN_PORT_IOC_CANCEL: end transfers early
 * @user_data: those with this value, or with CEN_CANCEL_ALL all of the file
 * @flags: CEN_CANCEL_*
 * @count: out: how many were told to end; each still completes, with -ECANCELED
 *	unless the device was faster
 */
struct cen_port_cancel {
	__aligned_u64 user_data;
	__u32 flags;
	__u32 count;
};

/* struct cen_port_link.flags */
/* a source without an empty buffer gets back what no sink has begun; such blocks are counted */
#define CEN_LINK_DROP		(1U << 0)

/**
 * struct cen_port_link - CEN_PORT_IOC_LINK: a link from this source to sinks
 * @buffers: user pointer to @buffer_count dma-buf fds (__s32), attached on this file and on
 *	the sinks' files
 * @length: bytes of each block
 * @blocks: end after so many blocks, 0: until stopped
 * @sinks: user pointer to @sink_count fds (__s32) of open sink ports
 * @buffer_count: at least 2
 * @sink_count: 1 … CEN_LINK_MAX_SINKS
 * @flags: CEN_LINK_*
 * @fd: out: the link. close() stops it; poll() says when it ended
 */
struct cen_port_link {
	__aligned_u64 buffers;
	__aligned_u64 length;
	__aligned_u64 blocks;
	__aligned_u64 sinks;
	__u32 buffer_count;
	__u32 sink_count;
	__u32 flags;
	__s32 fd;
};

#define CEN_LINK_BUCKETS	24
/**
 * struct cen_link_stats - CEN_LINK_IOC_STATS, on a link's fd
 * @blocks: blocks that arrived: the last sink that had it is done. At all sinks, unless with
 *	CEN_LINK_DROP one began the block just when it was being taken back from others
 * @bytes: bytes of them
 * @overruns: times the source had no empty buffer
 * @dropped: blocks that were taken back from all sinks for a late one (CEN_LINK_DROP). A block
 *	is in @blocks or in @dropped, never in both
 * @latency_ns_total: sum over blocks, from source done to last sink done
 * @latency: histogram of the same: bucket n counts 2^n … 2^(n+1) - 1 µs
 * @status: 0 while running or ended as asked; errno of what ended it: -EMSGSIZE: the source filled
 *	a block that is no multiple of a sink's granule; others: a device's
 * @running: 1 while it runs
 */
struct cen_link_stats {
	__aligned_u64 blocks;
	__aligned_u64 bytes;
	__aligned_u64 overruns;
	__aligned_u64 dropped;
	__aligned_u64 latency_ns_total;
	__aligned_u64 latency[CEN_LINK_BUCKETS];
	__s32 status;
	__u32 running;
};

#define CEN_LINK_STOP_NOW	0	/* cancel what runs */
#define CEN_LINK_STOP_DRAIN	1	/* deliver what the source has filled, then end */
struct cen_link_stop {
	__u32 mode;
	__u32 pad;
};

#define CEN_PORT_IOC_MAGIC	0xcf
#define CEN_PORT_IOC_INFO	_IOWR(CEN_PORT_IOC_MAGIC, 0x00, struct cen_port_info)
#define CEN_PORT_IOC_ATTACH	_IOW(CEN_PORT_IOC_MAGIC, 0x01, struct cen_port_attach)
#define CEN_PORT_IOC_DETACH	_IOW(CEN_PORT_IOC_MAGIC, 0x02, struct cen_port_attach)
#define CEN_PORT_IOC_ENQUEUE	_IOWR(CEN_PORT_IOC_MAGIC, 0x03, struct cen_port_enqueue)
#define CEN_PORT_IOC_CANCEL	_IOWR(CEN_PORT_IOC_MAGIC, 0x04, struct cen_port_cancel)
#define CEN_PORT_IOC_LINK	_IOWR(CEN_PORT_IOC_MAGIC, 0x05, struct cen_port_link)
#define CEN_LINK_IOC_STATS	_IOR(CEN_PORT_IOC_MAGIC, 0x10, struct cen_link_stats)
#define CEN_LINK_IOC_STOP	_IOW(CEN_PORT_IOC_MAGIC, 0x11, struct cen_link_stop)

#endif /* _UAPI_LINUX_CEN_PORT_H */
