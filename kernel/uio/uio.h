/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: cen_uio
 *
 * A bound device is a struct cen_uio. It has a device of the UIO core (/dev/uioN:
 * maps.c, pci.c, platform.c) and a node of ours (/dev/cen_uio/N: node.c), which
 * one open file at a time owns. The file holds dma-bufs (handle.c); what it may do
 * to registers the rules say (rules.h), program.c checks it and regs.c does it.
 * What the address and length registers hold is kept in cen_uio.state, a mirror of
 * the device that it cannot contradict because they are only written while
 * it is idle.
 *
 * Locking order:
 *
 *	mmap_lock
 *	  uio_device.info_lock		the UIO core's, around its hooks
 *	    cen_uio.lock		L: everything below, and the device's registers
 *	      dma_resv
 *	  cen_uio.map_sem		M: page faults against removal; nothing inside
 *
 * cen_uio.lock is held for register sequences, for attaching and for waiting until
 * the device is idle. User memory is never touched under it.
 */
#ifndef _CEN_UIO_H
#define _CEN_UIO_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uio_driver.h>
#include <linux/xarray.h>

#include "rules.h"

struct cen_uio;
struct dentry;
struct dma_buf_attachment;
struct sg_table;

/**
 * struct cen_uio_bus - what differs between buses
 * @go: let the device reach memory
 * @stop: cut it off. true: it is, whatever it does now. false: it must be waited for
 * @irq_set: let interrupts through or not
 * @present: is there still hardware behind the registers?
 *
 * All under cen_uio.lock but @irq_set, which the UIO core calls one at a time.
 */
struct cen_uio_bus {
	void (*go)(struct cen_uio *dev);
	bool (*stop)(struct cen_uio *dev);
	void (*irq_set)(struct cen_uio *dev, bool on);
	bool (*present)(struct cen_uio *dev);
};

/**
 * struct cen_uio_region - registers, a memory resource of the device
 * @start: CPU address, for mapping pages
 * @size: bytes, 0: there is none
 * @first: start of the part that registers with rules are in
 * @regs: that part, mapped; NULL: no such register
 */
struct cen_uio_region {
	resource_size_t start;
	u64 size;
	u64 first;
	void __iomem *regs;
};

/**
 * struct cen_uio_pages - pages that user space can map, a map of UIO
 * @window: as told to user space
 * @pgoff: where they begin in the page numbers of all maps
 * @name: for the UIO core
 */
struct cen_uio_pages {
	struct cen_uio_window window;
	unsigned long pgoff;
	char name[32];
};

/* What an address or length register holds */
enum cen_uio_holds {
	CEN_UIO_HOLDS_NOTHING,
	CEN_UIO_HOLDS_VALUE,	/* a length, or a place in the device's own memory */
	CEN_UIO_HOLDS_BUFFER,
	CEN_UIO_HOLDS_REST,	/* of a buffer: a transfer has used it, and may have counted on */
};

/**
 * struct cen_uio_state - what an address or length register holds
 * @holds: what sort of thing
 * @value: VALUE: it
 * @length: BUFFER: bytes given out from there
 * @handle: BUFFER, REST: of which
 */
struct cen_uio_state {
	enum cen_uio_holds holds;
	u64 value;
	u64 length;
	struct cen_uio_handle *handle;
};

/**
 * struct cen_uio_handle - a dma-buf attached for the device
 * @node: in cen_uio.orphans
 * @attach: its attachment; the dma-buf is counted
 * @sgt: mapped as long as the handle exists
 * @dir: of the mapping
 * @directions: CEN_UIO_*_DEVICE, what it was attached for
 * @id: the handle user space knows
 * @segments: pieces of memory in @sgt
 * @access: CEN_UIO_*_DEVICE of a begun access, 0: none
 * @given: its address was given to a device that cannot tell when it is done
 * @lost: a transfer may have been cut short since its access was begun
 */
struct cen_uio_handle {
	struct list_head node;
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	enum dma_data_direction dir;
	u32 directions;
	u32 id;
	u32 segments;
	u32 access;
	bool given;
	bool lost;
};

/**
 * struct cen_uio_file - the open file that owns the node
 * @dev: counted
 * @handles: id → struct cen_uio_handle; L
 * @next: where the search for a free id begins; L
 */
struct cen_uio_file {
	struct cen_uio *dev;
	struct xarray handles;
	u32 next;
};

/**
 * struct cen_uio - a bound device
 * @refs: one for the binding, for @node, for every open file and register mapping
 * @dev: may be used while !@gone
 * @bus: see there
 * @rules: counted, constant, never NULL
 * @name: "bus:device"
 * @confined: a translating IOMMU confines the device
 * @regions: constant while bound
 * @pages: constant while bound
 * @nr_pages: of @pages, and of maps of the UIO core
 * @cut: there were more windows than maps
 * @irq: enum cen_uio_irq
 * @irq_lock: innermost
 * @irq_on: interrupts are let through; uio_device.info_lock, @irq_lock
 * @irq_users: open files of /dev/uioN; uio_device.info_lock
 * @info: the UIO core's view
 * @opens: open files of /dev/uioN, struct cen_uio_open; L
 * @node: /dev/cen_uio/N; holds a reference until its last user has gone
 * @cdev: of @node
 * @lock: L
 * @owner: the open file of the node; L
 * @gone: the driver has been unbound; L
 * @running: the device may reach memory; L
 * @dirty: it may still do, or hold, what an earlier owner told it; L
 * @away: it sleeps or is being reset, and no register is touched; written under L
 * @interruptions: how often it was away; L
 * @stopped: jiffies when it was stopped last; L
 * @state: what registers hold, by index of the rule; L
 * @next: the same after a program that is being checked; L
 * @orphans: handles of closed files that the device may still use; L
 * @serial: names the device to a mapping that does not count it yet: odd, used once
 * @mappable: among the devices that have one
 * @map_sem: M
 * @unmapped: no page of registers can be mapped any more; M
 * @debugfs: the device's directory
 */
struct cen_uio {
	struct kref refs;
	struct device *dev;
	const struct cen_uio_bus *bus;
	struct cen_uio_rules *rules;
	char name[CEN_UIO_NAME_LEN];
	bool confined;
	struct cen_uio_region regions[CEN_UIO_MAX_REGIONS];
	struct cen_uio_pages pages[CEN_UIO_MAX_WINDOWS];
	u32 nr_pages;
	bool cut;
	enum cen_uio_irq irq;
	spinlock_t irq_lock;
	bool irq_on;
	u32 irq_users;
	struct uio_info info;
	struct list_head opens;
	struct device node;
	struct cdev cdev;

	struct mutex lock;
	struct cen_uio_file *owner;
	bool gone;
	bool running;
	bool dirty;
	bool away;
	u32 interruptions;
	unsigned long stopped;
	struct cen_uio_state state[CEN_UIO_MAX_REGS];
	struct cen_uio_state next[CEN_UIO_MAX_REGS];
	struct list_head orphans;

	unsigned long serial;
	struct list_head mappable;
	struct rw_semaphore map_sem;
	bool unmapped;
	struct dentry *debugfs;
};

/* device.c: binding and unbinding, what all buses share */
struct cen_uio *cen_uio_alloc(struct device *device, const struct cen_uio_bus *bus,
			      const char *model);
void cen_uio_put(struct cen_uio *dev);
int cen_uio_add_region(struct cen_uio *dev, u32 index, resource_size_t start, u64 size);
int cen_uio_register(struct cen_uio *dev);
void cen_uio_unregister(struct cen_uio *dev);
void cen_uio_revoke(struct cen_uio *dev);
void cen_uio_unmap_regions(struct cen_uio *dev);

/* maps.c: pages of registers in user space */
void cen_uio_maps_init(struct cen_uio *dev);
void cen_uio_maps_revoke(struct cen_uio *dev);

/* What an interrupt handler has to do after cen_uio_acknowledge() */
enum cen_uio_ack {
	CEN_UIO_ACK_NOTHING,	/* it was not this device */
	CEN_UIO_ACK_DONE,	/* nothing more */
	CEN_UIO_ACK_MASK,	/* turn the line off until user space has seen to the cause */
};

enum cen_uio_ack cen_uio_acknowledge(struct cen_uio *dev);

/* regs.c: registers and what they hold; L */
u64 cen_uio_reg_read(struct cen_uio *dev, u8 reg);
void cen_uio_reg_write(struct cen_uio *dev, u8 reg, u64 value);
bool cen_uio_idle(struct cen_uio *dev);
int cen_uio_prepare(struct cen_uio *dev);
bool cen_uio_quiesce(struct cen_uio *dev);
int cen_uio_pause(struct cen_uio *dev);
bool cen_uio_abandon(struct cen_uio *dev);
void cen_uio_forget(struct cen_uio *dev, struct cen_uio_handle *handle);

/* away.c: sleep and resets; takes the locks */
int cen_uio_leave(struct cen_uio *dev);
void cen_uio_return(struct cen_uio *dev);

/* program.c */
int cen_uio_program(struct cen_uio_file *file, const struct cen_uio_write *writes, u32 count,
		    struct cen_uio_reason *reason);

/* handle.c: dma-bufs */
int cen_uio_handle_attach(struct cen_uio_file *file, struct cen_uio_attach *arg);
int cen_uio_handle_detach(struct cen_uio_file *file, u32 id);
int cen_uio_handle_sync(struct cen_uio_file *file, u32 id, u32 flags);
struct cen_uio_handle *cen_uio_handle_find(struct cen_uio_file *file, u32 id);
/* A place in a buffer, its bus address and how much follows in one piece. false: none there. */
bool cen_uio_handle_place(const struct cen_uio_handle *handle, u64 offset,
			  dma_addr_t *addr, u64 *length);
void cen_uio_handle_release(struct cen_uio *dev, struct cen_uio_handle *handle);
/* The file lets go of all it has; @stopped: the device is known to use none of it. */
void cen_uio_handles_drop(struct cen_uio_file *file, bool stopped);
void cen_uio_orphans_release(struct cen_uio *dev);

/* node.c: /dev/cen_uio/N */
int cen_uio_node_init(void);
void cen_uio_node_exit(void);
int cen_uio_node_register(struct cen_uio *dev);
void cen_uio_node_unregister(struct cen_uio *dev);

/* info.c */
int cen_uio_info(struct cen_uio *dev, struct cen_uio_info *arg);
void cen_uio_debugfs_init(void);
void cen_uio_debugfs_exit(void);
void cen_uio_debugfs_add(struct cen_uio *dev);
void cen_uio_debugfs_remove(struct cen_uio *dev);

/* pci.c, platform.c */
int cen_uio_pci_init(void);
void cen_uio_pci_exit(void);
int cen_uio_platform_init(void);
void cen_uio_platform_exit(void);

static inline bool cen_uio_holds_handle(const struct cen_uio_state *state,
					const struct cen_uio_handle *handle)
{
	return (state->holds == CEN_UIO_HOLDS_BUFFER || state->holds == CEN_UIO_HOLDS_REST) &&
	       state->handle == handle;
}

/* Fill in @reason and return @error. */
static inline int cen_uio_refuse(struct cen_uio_reason *reason, int error, u32 code,
				 u64 wanted, u64 offered)
{
	reason->code = code;
	reason->wanted = wanted;
	reason->offered = offered;
	return error;
}

static inline enum dma_data_direction cen_uio_dma_direction(u32 directions)
{
	return directions == CEN_UIO_TO_DEVICE ? DMA_TO_DEVICE :
	       directions == CEN_UIO_FROM_DEVICE ? DMA_FROM_DEVICE : DMA_BIDIRECTIONAL;
}

#endif /* _CEN_UIO_H */
