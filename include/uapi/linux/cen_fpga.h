/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * cen_fpga: FPGA images out of dma-bufs, preloaded in slots, switched by one write.
 *
 * The protocol
 * ============
 *
 * Every FPGA region, and every FPGA manager, has a node /dev/cen_fpga/NAME that is called
 * as the kernel calls it (region0, fpga0). An image is programmed through a region
 * when there is one, so that its bridges are respected; the node of a manager that has
 * regions refuses to load.
 *
 *   CEN_FPGA_IOC_LOAD {fd, offset, length, flags}   program out of a dma-buf, return when done
 *   CEN_FPGA_IOC_INFO                               what it is, and what became of the last load
 *
 * A load is atomic: it claims the region, waits for whoever still writes the buffer,
 * programs, and lets go. Nothing of the buffer is kept. Buffers of cenalloc go in as they are, a
 * table of pages placed where the manager's device reaches them. Those of other exporters
 * are mapped for the CPU, and copied once when the manager's driver takes nothing but
 * tables. Buffers in I/O memory are refused.
 *
 * The node takes one more ioctl, that of a series proposed upstream: a pointer to a dma-buf's
 * fd, loaded whole and without flags (CEN_FPGA_IOC_LOAD_DMABUF).
 *
 * Slots
 * -----
 * Images that are switched often stay in memory, in slots of the region, which are
 * directories of configfs:
 *
 *   mkdir /sys/kernel/config/cen_fpga/region0			a region that has slots
 *   mkdir /sys/kernel/config/cen_fpga/region0/filter		a slot
 *   echo partial      > .../region0/filter/flags
 *   echo filter.bin   > .../region0/filter/firmware		read a file into its buffer, or
 *   echo 5            > .../region0/filter/dmabuf		take the writer's fd 5 as its buffer
 *   echo filter       > .../region0/active			switch
 *
 * cen_fpga(4) tells of the other files.
 *
 * When it fails
 * -------------
 * A failed load tells the step that failed, the errno, and the manager's state, in
 * struct cen_fpga_result, which is written on failure as well. Up to CEN_FPGA_STEP_HEADER the old
 * design is still in the FPGA, from CEN_FPGA_STEP_INIT on nobody knows. A region whose load
 * failed between its bridges is left isolated (CEN_FPGA_ISOLATED): its bridges are disabled.
 *
 *   -EINVAL      malformed: unknown flag, non-zero padding, no dma-buf; or the manager's driver
 *                refuses the image
 *   -EBADF       @fd is no open file
 *   -ERANGE      @offset and @length are not inside the buffer
 *   -EPERM       CAP_SYS_RAWIO is missing
 *   -EBUSY       the region, its manager or a bridge is in use, or a device-tree overlay is
 *                applied to the region; step CLAIM
 *   -EOPNOTSUPP  the node is that of a manager that has regions (step CLAIM), or the
 *                buffer is I/O memory or cannot be mapped (step BUFFER)
 *   -ENODEV      the region or manager is gone
 *   -ENOMEM, -EINTR
 *
 * and whatever the buffer's exporter, the manager's or a bridge's driver says. CAP_SYS_RAWIO is
 * wanted for all but INFO.
 *
 * Rules for all structures: as in <linux/cenalloc.h>. Ioctls are dispatched on
 * their number, structures may grow at the end, a non-zero tail that the kernel does not
 * know is -EINVAL.
 */
#ifndef _UAPI_LINUX_CEN_FPGA_H
#define _UAPI_LINUX_CEN_FPGA_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CEN_FPGA_NAME_LEN	64	/* of regions, managers, devices, images; NUL included */
#define CEN_FPGA_MESSAGE_LEN	128

/* What sort of image it is */
#define CEN_FPGA_PARTIAL	(1U << 0)
#define CEN_FPGA_ENCRYPTED	(1U << 1)
#define CEN_FPGA_COMPRESSED	(1U << 2)
#define CEN_FPGA_LSB_FIRST	(1U << 3)
#define CEN_FPGA_FLAGS		(CEN_FPGA_PARTIAL | CEN_FPGA_ENCRYPTED | CEN_FPGA_COMPRESSED | \
				 CEN_FPGA_LSB_FIRST)

/**
 * enum cen_fpga_state - what the manager says of itself
 * @CEN_FPGA_STATE_UNKNOWN: nothing
 * @CEN_FPGA_STATE_POWER_OFF: the FPGA is off
 * @CEN_FPGA_STATE_POWER_UP: it has power
 * @CEN_FPGA_STATE_RESET: it is held in reset
 * @CEN_FPGA_STATE_FIRMWARE: the FPGA core reads a firmware file
 * @CEN_FPGA_STATE_FIRMWARE_ERR: that failed
 * @CEN_FPGA_STATE_HEADER: a header is parsed
 * @CEN_FPGA_STATE_HEADER_ERR: that failed
 * @CEN_FPGA_STATE_INIT: the FPGA is being prepared
 * @CEN_FPGA_STATE_INIT_ERR: that failed
 * @CEN_FPGA_STATE_WRITE: the image is being written
 * @CEN_FPGA_STATE_WRITE_ERR: that failed
 * @CEN_FPGA_STATE_COMPLETE: the FPGA starts it
 * @CEN_FPGA_STATE_COMPLETE_ERR: that failed
 * @CEN_FPGA_STATE_OPERATING: it is at work
 *
 * As in the kernel's "state" attribute of an FPGA manager. The _ERR states are those in which
 * the manager was left by a failure, by whomever it was caused.
 */
enum cen_fpga_state {
	CEN_FPGA_STATE_UNKNOWN = 0,
	CEN_FPGA_STATE_POWER_OFF = 1,
	CEN_FPGA_STATE_POWER_UP = 2,
	CEN_FPGA_STATE_RESET = 3,
	CEN_FPGA_STATE_FIRMWARE = 4,
	CEN_FPGA_STATE_FIRMWARE_ERR = 5,
	CEN_FPGA_STATE_HEADER = 6,
	CEN_FPGA_STATE_HEADER_ERR = 7,
	CEN_FPGA_STATE_INIT = 8,
	CEN_FPGA_STATE_INIT_ERR = 9,
	CEN_FPGA_STATE_WRITE = 10,
	CEN_FPGA_STATE_WRITE_ERR = 11,
	CEN_FPGA_STATE_COMPLETE = 12,
	CEN_FPGA_STATE_COMPLETE_ERR = 13,
	CEN_FPGA_STATE_OPERATING = 14,
};

/**
 * enum cen_fpga_step - the steps of a load, in their order
 * @CEN_FPGA_STEP_NONE: nothing failed
 * @CEN_FPGA_STEP_FIRMWARE: read the firmware file into the slot
 * @CEN_FPGA_STEP_BUFFER: make the buffer ready: pages, CPU map, fences
 * @CEN_FPGA_STEP_CLAIM: claim the region, its manager and its bridges
 * @CEN_FPGA_STEP_BRIDGES_OFF: get and disable the bridges
 * @CEN_FPGA_STEP_HEADER: parse the image's header
 * @CEN_FPGA_STEP_INIT: prepare the FPGA; from here on the old design is lost
 * @CEN_FPGA_STEP_WRITE: write the image
 * @CEN_FPGA_STEP_COMPLETE: have the FPGA start it
 * @CEN_FPGA_STEP_BRIDGES_ON: enable the bridges; the new design is in the FPGA
 * @CEN_FPGA_STEP_OVERLAY: remove or apply a device-tree overlay
 */
enum cen_fpga_step {
	CEN_FPGA_STEP_NONE = 0,
	CEN_FPGA_STEP_FIRMWARE = 1,
	CEN_FPGA_STEP_BUFFER = 2,
	CEN_FPGA_STEP_CLAIM = 3,
	CEN_FPGA_STEP_BRIDGES_OFF = 4,
	CEN_FPGA_STEP_HEADER = 5,
	CEN_FPGA_STEP_INIT = 6,
	CEN_FPGA_STEP_WRITE = 7,
	CEN_FPGA_STEP_COMPLETE = 8,
	CEN_FPGA_STEP_BRIDGES_ON = 9,
	CEN_FPGA_STEP_OVERLAY = 10,
};

/**
 * struct cen_fpga_result - what became of a load
 * @state: enum cen_fpga_state, afterwards
 * @step: enum cen_fpga_step that failed
 * @error: 0, or the negative errno the step failed with
 * @pad: zero
 * @duration: ns from the claim to the end
 * @message: the same for people, naming the step; empty when nothing failed
 */
struct cen_fpga_result {
	__u32 state;
	__u32 step;
	__s32 error;
	__u32 pad;
	__aligned_u64 duration;
	char message[CEN_FPGA_MESSAGE_LEN];
};

/**
 * struct cen_fpga_load - CEN_FPGA_IOC_LOAD
 * @offset: in: where in the buffer the image begins
 * @length: in: bytes of it; 0: up to the buffer's end
 * @fd: in: a dma-buf
 * @flags: in: CEN_FPGA_PARTIAL and so on
 * @enable_timeout_us: in: for enabling a bridge; 0: the driver's own
 * @disable_timeout_us: in: for disabling one; 0: the driver's own
 * @complete_timeout_us: in: for the FPGA to start; 0: the driver's own
 * @pad: in: zero
 * @result: out, also on failure
 */
struct cen_fpga_load {
	__aligned_u64 offset;
	__aligned_u64 length;
	__s32 fd;
	__u32 flags;
	__u32 enable_timeout_us;
	__u32 disable_timeout_us;
	__u32 complete_timeout_us;
	__u32 pad;
	struct cen_fpga_result result;
};

/* struct cen_fpga_info.flags */
#define CEN_FPGA_REGION		(1U << 0) /* else a manager */
#define CEN_FPGA_TABLES		(1U << 1) /* its driver takes scatter-gather tables */
#define CEN_FPGA_STREAMS	(1U << 2) /* its driver takes a stream of bytes */
#define CEN_FPGA_HEADERS	(1U << 3) /* its driver parses headers */
#define CEN_FPGA_ISOLATED	(1U << 4) /* a failed load left the bridges disabled */
#define CEN_FPGA_LOADING	(1U << 5) /* a load is under way */
#define CEN_FPGA_OVERLAY	(1U << 6) /* an image's device-tree overlay is applied */

/**
 * struct cen_fpga_info - CEN_FPGA_IOC_INFO
 * @name: out: of the region or manager
 * @manager: out: of the manager
 * @model: out: what the manager's driver calls it
 * @device: out: "bus:device" that reads the image: declare it for buffers that hold one
 * @active: out: the slot whose image was programmed last; empty: none, or not known
 * @flags: in: zero; out: CEN_FPGA_REGION and so on
 * @pad: in: zero
 * @loads: out: how many succeeded
 * @failures: out: how many failed
 * @last: out: of the last load; @last.state is that of now
 */
struct cen_fpga_info {
	char name[CEN_FPGA_NAME_LEN];
	char manager[CEN_FPGA_NAME_LEN];
	char model[CEN_FPGA_NAME_LEN];
	char device[CEN_FPGA_NAME_LEN];
	char active[CEN_FPGA_NAME_LEN];
	__u32 flags;
	__u32 pad;
	__aligned_u64 loads;
	__aligned_u64 failures;
	struct cen_fpga_result last;
};

#define CEN_FPGA_IOC_MAGIC	0xce
#define CEN_FPGA_IOC_INFO	_IOWR(CEN_FPGA_IOC_MAGIC, 0x70, struct cen_fpga_info)
#define CEN_FPGA_IOC_LOAD	_IOWR(CEN_FPGA_IOC_MAGIC, 0x71, struct cen_fpga_load)

/* As proposed for the kernel's own FPGA manager, August 2026 */
#define CEN_FPGA_IOC_LOAD_DMABUF	_IOW('J', 1, __s32)

#endif /* _UAPI_LINUX_CEN_FPGA_H */
