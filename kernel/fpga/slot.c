// SPDX-License-Identifier: GPL-2.0
/*
 * Slots: images that stay in memory, ready to be programmed.
 */
#include <linux/atomic.h>
#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fpga.h"

static atomic64_t cen_fpga_slot_ids;

/* What the slot held is not what is told as active any more. */
static void cen_fpga_slot_forget(struct cen_fpga_slot *slot)
{
	struct cen_fpga_target *target = cen_fpga_region_target(slot->region);

	if (target)
		cen_fpga_status_forget(target, slot->id);
	cen_fpga_target_put(target);
}

/*
 * What was done once for a load is done here, so that the first switch is as fast as
 * those after it. Not being able to is no failure yet: the switch will tell.
 */
static void cen_fpga_slot_prepare(struct cen_fpga_slot *slot)
{
	struct cen_fpga_target *target = cen_fpga_region_target(slot->region);

	if (!target)
		return;
	mutex_lock(&target->lock);
	if (!target->gone)
		cen_fpga_image_ready(&slot->image, target);
	mutex_unlock(&target->lock);
	cen_fpga_target_put(target);
}

/**
 * cen_fpga_slot_fill - make a part of a dma-buf the slot's image
 * @slot: its lock is held
 * @dmabuf: its reference becomes the slot's, on success
 * @offset: where the image begins
 * @length: bytes; 0: up to the end
 *
 * Context: May sleep.
 * Return: 0, -ERANGE: the slot holds what it held.
 */
int cen_fpga_slot_fill(struct cen_fpga_slot *slot, struct dma_buf *dmabuf, u64 offset,
		       u64 length)
{
	struct cen_fpga_image image;
	int ret;

	lockdep_assert_held(&slot->lock);
	ret = cen_fpga_image_open(&image, dmabuf, offset, length);
	if (ret)
		return ret;
	cen_fpga_slot_forget(slot);
	cen_fpga_image_close(&slot->image);
	slot->image = image;
	slot->failed = false;
	kfree(slot->firmware);
	slot->firmware = NULL;
	cen_fpga_slot_prepare(slot);
	return 0;
}

/**
 * cen_fpga_slot_read - fill the slot with a firmware file
 * @slot: its lock is held
 * @name: the file
 *
 * Context: May sleep.
 * Return: 0; -ENODEV: the region is gone; see cen_fpga_firmware_read().
 */
int cen_fpga_slot_read(struct cen_fpga_slot *slot, const char *name)
{
	struct cen_fpga_target *target = cen_fpga_region_target(slot->region);
	struct cen_fpga_result result = {};
	struct dma_buf *dmabuf;
	char *copy;
	u64 length;
	int ret;

	lockdep_assert_held(&slot->lock);
	if (!target)
		return -ENODEV;
	copy = kstrdup(name, GFP_KERNEL);
	if (!copy) {
		ret = -ENOMEM;
		goto put_target;
	}
	dmabuf = cen_fpga_firmware_read(target->hw, name, &length);
	if (IS_ERR(dmabuf)) {
		ret = cen_fpga_failed(&result, CEN_FPGA_STEP_FIRMWARE, PTR_ERR(dmabuf));
		cen_fpga_status_failed(target, &result);
		goto free_copy;
	}
	ret = cen_fpga_slot_fill(slot, dmabuf, 0, length);
	if (ret) {
		dma_buf_put(dmabuf);
		goto free_copy;
	}
	slot->firmware = copy;
	cen_fpga_target_put(target);
	return 0;

free_copy:
	kfree(copy);
put_target:
	cen_fpga_target_put(target);
	return ret;
}

static int cen_fpga_slot_switch_locked(struct cen_fpga_slot *slot, struct cen_fpga_target *target)
{
	struct cen_fpga_region *region = slot->region;
	struct cen_fpga_result result = {};
	int ret;

	lockdep_assert_held(&slot->lock);
	if (slot->dead)
		return -ENOENT;
	if (!slot->image.dmabuf)
		return -ENODATA;
	ret = cen_fpga_overlay_remove(region, target);
	if (ret)
		goto err_overlay;
	if (slot->overlay)
		cen_fpga_overlay_expect(target, true);
	ret = cen_fpga_program(target, &slot->image, &slot->how, slot->id,
			       config_item_name(&slot->item), &result);
	if (ret) {
		cen_fpga_overlay_expect(target, false);
		return ret;
	}
	slot->duration = result.duration;
	slot->switches++;
	ret = cen_fpga_overlay_apply(region, slot);
	if (ret) {
		cen_fpga_overlay_expect(target, false);
		goto err_overlay;
	}
	return 0;

err_overlay:
	cen_fpga_failed(&result, CEN_FPGA_STEP_OVERLAY, ret);
	cen_fpga_status_failed(target, &result);
	return ret;
}

/**
 * cen_fpga_slot_switch - program the slot's image
 * @slot: the slot; cen_fpga_region.switching is held
 * @target: where
 *
 * Context: May sleep.
 * Return: 0; -ENOENT: the slot was removed; -ENODATA: it is empty; what the failing step says.
 */
int cen_fpga_slot_switch(struct cen_fpga_slot *slot, struct cen_fpga_target *target)
{
	int ret;

	lockdep_assert_held(&slot->region->switching);
	ret = mutex_lock_interruptible(&slot->lock);
	if (ret)
		return ret;
	ret = cen_fpga_slot_switch_locked(slot, target);
	slot->failed = ret;
	mutex_unlock(&slot->lock);
	return ret;
}

static void cen_fpga_slot_release(struct config_item *item)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);

	mutex_destroy(&slot->lock);
	kfree(slot);
}

static struct configfs_item_operations cen_fpga_slot_item_ops = {
	.release = cen_fpga_slot_release,
};

static const struct config_item_type cen_fpga_slot_type = {
	.ct_item_ops = &cen_fpga_slot_item_ops,
	.ct_attrs = cen_fpga_slot_attrs,
	.ct_owner = THIS_MODULE,
};

struct config_item *cen_fpga_slot_make(struct cen_fpga_region *region, const char *name)
{
	struct cen_fpga_slot *slot;

	if (strlen(name) >= CEN_FPGA_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return ERR_PTR(-ENOMEM);
	mutex_init(&slot->lock);
	slot->region = region;
	slot->id = atomic64_inc_return(&cen_fpga_slot_ids);
	config_item_init_type_name(&slot->item, name, &cen_fpga_slot_type);
	/* A name that does not fit in the item is allocated, and that can fail. */
	if (!config_item_name(&slot->item)) {
		config_item_put(&slot->item);
		return ERR_PTR(-ENOMEM);
	}
	mutex_lock(&region->lock);
	list_add_tail(&slot->list, &region->slots);
	mutex_unlock(&region->lock);
	return &slot->item;
}

/*
 * Its directory is removed. The design stays in the FPGA, its devices go: their
 * description was the slot's. Waits for a switch.
 */
void cen_fpga_slot_drop(struct cen_fpga_slot *slot)
{
	struct cen_fpga_region *region = slot->region;
	struct cen_fpga_target *target = cen_fpga_region_target(region);

	mutex_lock(&region->switching);
	mutex_lock(&slot->lock);
	slot->dead = true;
	if (region->applied_by == slot->id && cen_fpga_overlay_remove(region, target))
		pr_err("cen_fpga: the devices of %s cannot be removed\n",
		       config_item_name(&slot->item));
	cen_fpga_slot_forget(slot);
	cen_fpga_image_close(&slot->image);
	kfree(slot->firmware);
	slot->firmware = NULL;
	kvfree(slot->overlay);
	slot->overlay = NULL;
	kfree(slot->overlay_name);
	slot->overlay_name = NULL;
	mutex_lock(&region->lock);
	list_del(&slot->list);
	mutex_unlock(&region->lock);
	mutex_unlock(&slot->lock);
	mutex_unlock(&region->switching);
	cen_fpga_target_put(target);
}
