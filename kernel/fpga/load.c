// SPDX-License-Identifier: GPL-2.0
/*
 * Programming: through a region, or a manager that has none.
 *
 * The region core takes everything in one call and says no more than an errno, so the
 * step that failed is told from what it has left behind.
 */
#include <linux/fpga/fpga-mgr.h>
#include <linux/fpga/fpga-region.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "fpga.h"
#include "trace.h"

/* The core writes a header's size first of all; no manager asks for as many bytes. */
#define CEN_FPGA_NOT_ENTERED	SIZE_MAX

static u32 cen_fpga_core_flags(u32 flags)
{
	return (flags & CEN_FPGA_PARTIAL ? FPGA_MGR_PARTIAL_RECONFIG : 0) |
	       (flags & CEN_FPGA_ENCRYPTED ? FPGA_MGR_ENCRYPTED_BITSTREAM : 0) |
	       (flags & CEN_FPGA_COMPRESSED ? FPGA_MGR_COMPRESSED_BITSTREAM : 0) |
	       (flags & CEN_FPGA_LSB_FIRST ? FPGA_MGR_BITSTREAM_LSB_FIRST : 0);
}

/* The step at which fpga_mgr_load(), or what is around it in a region, has failed. */
static u32 cen_fpga_failed_step(const struct cen_fpga_target *target,
				const struct fpga_image_info *info, int error)
{
	if (info->header_size == CEN_FPGA_NOT_ENTERED)
		return error == -EBUSY ? CEN_FPGA_STEP_CLAIM : CEN_FPGA_STEP_BRIDGES_OFF;
	switch (cen_fpga_state_of(target->mgr)) {
	case CEN_FPGA_STATE_HEADER:
	case CEN_FPGA_STATE_HEADER_ERR:
		return CEN_FPGA_STEP_HEADER;
	case CEN_FPGA_STATE_INIT:
	case CEN_FPGA_STATE_INIT_ERR:
		return CEN_FPGA_STEP_INIT;
	case CEN_FPGA_STATE_COMPLETE:
	case CEN_FPGA_STATE_COMPLETE_ERR:
		return CEN_FPGA_STEP_COMPLETE;
	case CEN_FPGA_STATE_OPERATING:
		return CEN_FPGA_STEP_BRIDGES_ON;
	default:
		return CEN_FPGA_STEP_WRITE;
	}
}

/*
 * Given a table, the core writes as much of the image as there is and is content. The
 * header may have told of more.
 */
static bool cen_fpga_truncated(const struct fpga_image_info *info, u64 length)
{
	return info->data_size && (info->header_size > length ||
				   info->data_size > length - info->header_size);
}

static int cen_fpga_program_manager(struct cen_fpga_target *target, struct fpga_image_info *info,
				    u64 length, u32 *step)
{
	int ret;

	*step = CEN_FPGA_STEP_CLAIM;
	if (cen_fpga_manager_has_regions(target->mgr))
		return -EOPNOTSUPP;
	ret = fpga_mgr_lock(target->mgr);
	if (ret)
		return ret;
	ret = fpga_mgr_load(target->mgr, info);
	fpga_mgr_unlock(target->mgr);
	if (ret) {
		*step = cen_fpga_failed_step(target, info, ret);
		return ret;
	}
	*step = CEN_FPGA_STEP_WRITE;
	return cen_fpga_truncated(info, length) ? -EINVAL : 0;
}

/*
 * Whoever put an image into region->info has the region: an overlay that stays applied, a
 * driver that programs it now. The core has no lock for that, so it is taken in one go.
 */
static int cen_fpga_program_region(struct cen_fpga_target *target, struct fpga_image_info *info,
				   u64 length, u32 *step)
{
	struct fpga_region *region = target->region;
	int ret;

	*step = CEN_FPGA_STEP_CLAIM;
	if (cmpxchg(&region->info, NULL, info))
		return -EBUSY;
	ret = fpga_region_program_fpga(region);
	if (ret) {
		*step = cen_fpga_failed_step(target, info, ret);
	} else {
		if (cen_fpga_truncated(info, length)) {
			*step = CEN_FPGA_STEP_WRITE;
			ret = -EINVAL;
			fpga_bridges_disable(&region->bridge_list);
		}
		/* got by the core, which leaves it to us to put them */
		if (region->get_bridges)
			fpga_bridges_put(&region->bridge_list);
	}
	WRITE_ONCE(region->info, NULL);
	return ret;
}

static int cen_fpga_program_image(struct cen_fpga_target *target, struct cen_fpga_image *image,
				  const struct cen_fpga_how *how, u32 *step)
{
	struct fpga_image_info *info;
	int ret;

	*step = CEN_FPGA_STEP_BUFFER;
	ret = cen_fpga_image_ready(image, target);
	if (ret)
		return ret;
	info = fpga_image_info_alloc(target->dev);
	if (!info)
		return -ENOMEM;
	info->flags = cen_fpga_core_flags(how->flags);
	info->enable_timeout_us = how->enable_timeout_us;
	info->disable_timeout_us = how->disable_timeout_us;
	info->config_complete_timeout_us = how->complete_timeout_us;
	info->header_size = CEN_FPGA_NOT_ENTERED;
	ret = cen_fpga_image_begin(image, info);
	if (!ret) {
		if (target->region)
			ret = cen_fpga_program_region(target, info, image->length, step);
		else
			ret = cen_fpga_program_manager(target, info, image->length, step);
		cen_fpga_image_end(image, info);
	}
	fpga_image_info_free(info);
	return ret;
}

/*
 * The overlay of a slot is a set of devices that are at work in the region. Who switches
 * slots takes it away before; nobody else may pull the rug from under it.
 */
static bool cen_fpga_in_use(struct cen_fpga_target *target, u64 slot)
{
	return !slot && target->status.overlay;
}

/**
 * cen_fpga_program - put an image into the FPGA
 * @target: where
 * @image: what
 * @how: how
 * @slot: id of the slot @image is of, or 0
 * @name: its name, or ""
 * @result: filled in, also on failure
 *
 * Context: May sleep, for as long as the manager's driver takes.
 * Return: 0, or the errno of the step that failed; -ENODEV: @target is gone; -EINTR before
 * anything was done.
 */
int cen_fpga_program(struct cen_fpga_target *target, struct cen_fpga_image *image,
		     const struct cen_fpga_how *how, u64 slot, const char *name,
		     struct cen_fpga_result *result)
{
	u32 step = CEN_FPGA_STEP_NONE;
	u64 start;
	int ret;

	memset(result, 0, sizeof(*result));
	if (mutex_lock_interruptible(&target->lock))
		return cen_fpga_failed(result, CEN_FPGA_STEP_CLAIM, -EINTR);
	if (target->gone) {
		ret = cen_fpga_failed(result, CEN_FPGA_STEP_CLAIM, -ENODEV);
		goto unlock;
	}

	start = ktime_get_ns();
	cen_fpga_status_begin(target);
	if (cen_fpga_in_use(target, slot)) {
		step = CEN_FPGA_STEP_CLAIM;
		ret = -EBUSY;
	} else {
		ret = cen_fpga_program_image(target, image, how, &step);
	}
	result->duration = ktime_get_ns() - start;
	result->state = cen_fpga_state_of(target->mgr);
	/* a driver may say anything, but not that it failed without an errno */
	if (ret > 0)
		ret = -EIO;
	if (ret)
		cen_fpga_failed(result, step, ret);
	cen_fpga_status_end(target, result, slot, name);
	trace_cen_fpga_load(target->name, name, image->length, result);
unlock:
	mutex_unlock(&target->lock);
	return ret;
}
