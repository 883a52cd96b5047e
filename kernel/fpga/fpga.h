/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DOC: cen_fpga
 *
 * What can be programmed is a struct cen_fpga_target: an FPGA region, or a manager for those
 * that have none (target.c). It has a node (node.c), and a directory in configfs once
 * somebody makes one (region.c), with slots in it (slot.c). Both hand an image (image.c)
 * to load.c, the only place that programs.
 *
 * The directory outlives the region: configfs directories are made and removed by user space
 * only. It looks its target up by name whenever it needs one.
 *
 * Locking order:
 *
 *	su_mutex of configfs
 *	  cen_fpga_region.switching	X: one switch at a time, overlays
 *	    cen_fpga_slot.lock		F: filling and programming
 *	      cen_fpga_region.lock	G: list of slots, which target
 *	      cen_fpga_target.lock	L: held while programming
 *	        the FPGA core's own, dma_resv
 *	          cen_fpga_targets_lock	T: list of targets
 *	          cen_fpga_target.status_lock	S: short
 *
 * A region's removal waits for cen_fpga_target.lock while it holds its class's mutex, so
 * nothing that registers devices, which applying an overlay does, is done under
 * cen_fpga_target.lock.
 */
#ifndef _CEN_FPGA_H
#define _CEN_FPGA_H

#include <linux/cdev.h>
#include <linux/cen_fpga.h>
#include <linux/configfs.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct dma_buf;
struct dma_buf_attachment;
struct fpga_image_info;
struct fpga_manager;
struct fpga_region;

/**
 * struct cen_fpga_status - what is known of a target
 * @loads: how many succeeded
 * @failures: how many failed
 * @slot: id of the slot that was programmed last, 0: none or not known
 * @active: its name
 * @previous: the name of the one before it
 * @last: of the last load
 * @loading: one is under way
 * @isolated: the last one left the bridges disabled
 * @overlay: an overlay is applied, or will be at once; written under L, too
 */
struct cen_fpga_status {
	u64 loads;
	u64 failures;
	u64 slot;
	char active[CEN_FPGA_NAME_LEN];
	char previous[CEN_FPGA_NAME_LEN];
	struct cen_fpga_result last;
	bool loading;
	bool isolated;
	bool overlay;
};

/**
 * struct cen_fpga_target - a region, or a manager
 * @node: /dev/cen_fpga/NAME; counts the users of this structure
 * @cdev: of @node
 * @list: in the list of all; T
 * @name: as the kernel calls it
 * @dev: its device, to be used while !@gone: the kernel gives its name to another once it is free
 * @hw: the device that reads images, parent of the manager; counted
 * @mgr: may be used while !@gone
 * @region: the same, or NULL
 * @lock: L
 * @manager: what the kernel calls the manager
 * @model: what the manager's driver calls it
 * @device: "bus:device" of @hw
 * @flags: what the manager's driver can do, CEN_FPGA_*
 * @gone: it has been unregistered; written under L and S
 * @status_lock: S
 * @status: S
 */
struct cen_fpga_target {
	struct device node;
	struct cdev cdev;
	struct list_head list;
	char name[CEN_FPGA_NAME_LEN];
	struct device *dev;
	struct device *hw;
	struct fpga_manager *mgr;
	struct fpga_region *region;
	char manager[CEN_FPGA_NAME_LEN];
	char model[CEN_FPGA_NAME_LEN];
	char device[CEN_FPGA_NAME_LEN];
	u32 flags;
	struct mutex lock;
	bool gone;
	spinlock_t status_lock;
	struct cen_fpga_status status;
};

/* target.c */
int cen_fpga_targets_init(void);
void cen_fpga_targets_exit(void);
/* With a reference, or NULL. */
struct cen_fpga_target *cen_fpga_target_get(const char *name);
void cen_fpga_target_put(struct cen_fpga_target *target);
bool cen_fpga_manager_has_regions(const struct fpga_manager *mgr);

/* status.c */
u32 cen_fpga_state_of(const struct fpga_manager *mgr);
int cen_fpga_failed(struct cen_fpga_result *result, u32 step, int error);
/* And the manager's state now. -ENODEV: it is gone. */
int cen_fpga_status_get(struct cen_fpga_target *target, struct cen_fpga_status *status,
			u32 *state);
void cen_fpga_status_begin(struct cen_fpga_target *target);
void cen_fpga_status_end(struct cen_fpga_target *target, const struct cen_fpga_result *result,
			 u64 slot, const char *name);
void cen_fpga_status_failed(struct cen_fpga_target *target, const struct cen_fpga_result *result);
void cen_fpga_status_forget(struct cen_fpga_target *target, u64 slot);

/**
 * struct cen_fpga_image - an image in a dma-buf, ready for a target
 * @dmabuf: counted
 * @hw: the device it is ready for; counted
 * @attach: own buffers: attached for @hw
 * @sgt: own buffers: their pages, not mapped
 * @offset: where the image begins
 * @length: bytes
 */
struct cen_fpga_image {
	struct dma_buf *dmabuf;
	struct device *hw;
	struct dma_buf_attachment *attach;
	struct sg_table sgt;
	u64 offset;
	u64 length;
};

/* image.c */
int cen_fpga_image_open(struct cen_fpga_image *image, struct dma_buf *dmabuf, u64 offset,
			u64 length);
void cen_fpga_image_close(struct cen_fpga_image *image);
int cen_fpga_image_ready(struct cen_fpga_image *image, struct cen_fpga_target *target);
int cen_fpga_image_begin(struct cen_fpga_image *image, struct fpga_image_info *info);
void cen_fpga_image_end(struct cen_fpga_image *image, struct fpga_image_info *info);

/* firmware.c */
struct dma_buf *cen_fpga_firmware_read(struct device *hw, const char *name, u64 *length);

/**
 * struct cen_fpga_how - how an image is programmed
 * @flags: CEN_FPGA_*
 * @enable_timeout_us: see struct cen_fpga_load
 * @disable_timeout_us: see there
 * @complete_timeout_us: see there
 */
struct cen_fpga_how {
	u32 flags;
	u32 enable_timeout_us;
	u32 disable_timeout_us;
	u32 complete_timeout_us;
};

/* load.c */
int cen_fpga_program(struct cen_fpga_target *target, struct cen_fpga_image *image,
		     const struct cen_fpga_how *how, u64 slot, const char *name,
		     struct cen_fpga_result *result);

/**
 * struct cen_fpga_region - a directory of configfs
 * @group: its name is the region's
 * @switching: X
 * @applied: id of the overlay that is applied, 0: none; X
 * @applied_by: id of the slot it belongs to; X
 * @lock: G
 * @slots: struct cen_fpga_slot; G
 * @target: counted, or NULL: looked up anew when it is gone; G
 */
struct cen_fpga_region {
	struct config_group group;
	struct mutex switching;
	int applied;
	u64 applied_by;
	struct mutex lock;
	struct list_head slots;
	struct cen_fpga_target *target;
};

/**
 * struct cen_fpga_slot - an image that stays in memory
 * @item: its name is the image's
 * @region: the directory it is in
 * @list: in cen_fpga_region.slots; G
 * @id: never reused
 * @lock: F
 * @dead: its directory was removed; F
 * @failed: the last switch to it failed; F
 * @image: dmabuf is NULL while it is empty; F
 * @how: F
 * @firmware: name of the file it was filled from, or NULL; F
 * @overlay: device-tree overlay or NULL; F
 * @overlay_size: bytes of it; F
 * @overlay_name: its file's name; F
 * @switches: how often it was switched to; F
 * @duration: ns the last one took; F
 */
struct cen_fpga_slot {
	struct config_item item;
	struct cen_fpga_region *region;
	struct list_head list;
	u64 id;
	struct mutex lock;
	bool dead;
	bool failed;
	struct cen_fpga_image image;
	struct cen_fpga_how how;
	char *firmware;
	void *overlay;
	size_t overlay_size;
	char *overlay_name;
	u64 switches;
	u64 duration;
};

/* overlay.c: X */
int cen_fpga_overlay_read(struct device *hw, const char *name, void **data, size_t *size);
void cen_fpga_overlay_expect(struct cen_fpga_target *target, bool expect);
int cen_fpga_overlay_apply(struct cen_fpga_region *region, struct cen_fpga_slot *slot);
int cen_fpga_overlay_remove(struct cen_fpga_region *region, struct cen_fpga_target *target);

/* node.c: /dev/cen_fpga/NAME */
int cen_fpga_node_init(void);
void cen_fpga_node_exit(void);
int cen_fpga_node_add(struct cen_fpga_target *target);
void cen_fpga_node_del(struct cen_fpga_target *target);

/* region.c, slot.c, slot_attrs.c: configfs */
int cen_fpga_configfs_init(void);
void cen_fpga_configfs_exit(void);
/* The target of a directory, with a reference; NULL while there is none. */
struct cen_fpga_target *cen_fpga_region_target(struct cen_fpga_region *region);
struct config_item *cen_fpga_slot_make(struct cen_fpga_region *region, const char *name);
void cen_fpga_slot_drop(struct cen_fpga_slot *slot);
int cen_fpga_slot_switch(struct cen_fpga_slot *slot, struct cen_fpga_target *target);
int cen_fpga_slot_fill(struct cen_fpga_slot *slot, struct dma_buf *dmabuf, u64 offset,
		       u64 length);
int cen_fpga_slot_read(struct cen_fpga_slot *slot, const char *name);
extern struct configfs_attribute *cen_fpga_slot_attrs[];

static inline struct cen_fpga_slot *cen_fpga_slot_from(struct config_item *item)
{
	return container_of(item, struct cen_fpga_slot, item);
}

#endif /* _CEN_FPGA_H */
