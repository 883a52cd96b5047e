// SPDX-License-Identifier: GPL-2.0
/*
 * The devices that an image brings with it: a device-tree overlay, applied after the image was
 * programmed and removed before the next one is.
 *
 * The overlay must not name a firmware of its own (firmware-name): the region's driver
 * would program that as well.
 */
#include <linux/firmware.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat/compat_of.h"
#include "fpga.h"

/**
 * cen_fpga_overlay_read - read an overlay, to be applied later
 * @hw: on whose behalf
 * @name: of the file, below the kernel's firmware directories
 * @data: a copy, for kvfree()
 * @size: bytes of it
 *
 * Return: 0, -EOPNOTSUPP: this kernel has no overlays; what the firmware loader says.
 */
int cen_fpga_overlay_read(struct device *hw, const char *name, void **data, size_t *size)
{
	const struct firmware *firmware;
	int ret;

	if (!IS_ENABLED(CONFIG_OF_OVERLAY))
		return -EOPNOTSUPP;
	ret = request_firmware(&firmware, name, hw);
	if (ret)
		return ret;
	*data = kvmalloc(firmware->size, GFP_KERNEL);
	if (*data)
		memcpy(*data, firmware->data, firmware->size);
	*size = firmware->size;
	release_firmware(firmware);
	return *data ? 0 : -ENOMEM;
}

/**
 * cen_fpga_overlay_expect - keep others from loading, or let them
 * @target: the target
 * @expect: devices of an image are there, or will be as soon as it is programmed
 *
 * Under the target's lock: no load by others begins while there are.
 */
void cen_fpga_overlay_expect(struct cen_fpga_target *target, bool expect)
{
	mutex_lock(&target->lock);
	spin_lock(&target->status_lock);
	target->status.overlay = expect;
	spin_unlock(&target->status_lock);
	mutex_unlock(&target->lock);
}

/**
 * cen_fpga_overlay_apply - the image of @slot has been programmed: here are its devices
 * @region: the directory of @slot; cen_fpga_region.switching is held
 * @slot: its lock is held
 *
 * Return: 0, also when it has no overlay; what applying it says.
 */
int cen_fpga_overlay_apply(struct cen_fpga_region *region, struct cen_fpga_slot *slot)
{
	int ret;

	lockdep_assert_held(&region->switching);
	lockdep_assert_held(&slot->lock);
	if (!slot->overlay)
		return 0;
	ret = cen_compat_overlay_apply(slot->overlay, slot->overlay_size, &region->applied);
	if (ret) {
		/* with an id it was half applied, and may not be removable */
		if (region->applied > 0)
			of_overlay_remove(&region->applied);
		region->applied = 0;
		return ret;
	}
	region->applied_by = slot->id;
	return 0;
}

/**
 * cen_fpga_overlay_remove - take the devices of the last image away
 * @region: the directory; cen_fpga_region.switching is held
 * @target: its target, or NULL when it is gone
 *
 * Return: 0, also when there are none; what removing says: they are still there.
 */
int cen_fpga_overlay_remove(struct cen_fpga_region *region, struct cen_fpga_target *target)
{
	int ret;

	lockdep_assert_held(&region->switching);
	if (!region->applied)
		return 0;
	ret = of_overlay_remove(&region->applied);
	if (ret)
		return ret;
	region->applied = 0;
	region->applied_by = 0;
	if (target)
		cen_fpga_overlay_expect(target, false);
	return 0;
}
