// SPDX-License-Identifier: GPL-2.0
/*
 * What became of loads, in numbers and for people.
 */
#include <linux/err.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/string.h>

#include "fpga.h"
#include "names.h"

static const char *cen_fpga_step_help(u32 step)
{
	static const char * const texts[] = {
		[CEN_FPGA_STEP_NONE] = "",
		[CEN_FPGA_STEP_FIRMWARE] = "the file could not be read",
		[CEN_FPGA_STEP_BUFFER] = "the buffer cannot be used",
		[CEN_FPGA_STEP_CLAIM] = "region, manager or a bridge cannot be had",
		[CEN_FPGA_STEP_BRIDGES_OFF] = "a bridge was not disabled",
		[CEN_FPGA_STEP_HEADER] = "the manager refused the image's header",
		[CEN_FPGA_STEP_INIT] = "the manager did not prepare the FPGA",
		[CEN_FPGA_STEP_WRITE] = "the image was not written",
		[CEN_FPGA_STEP_COMPLETE] = "the FPGA did not start the image",
		[CEN_FPGA_STEP_BRIDGES_ON] = "programmed, but a bridge was not enabled",
		[CEN_FPGA_STEP_OVERLAY] = "the device-tree overlay was not changed",
	};

	return step < ARRAY_SIZE(texts) ? texts[step] : "?";
}

/* The kernel's numbers are its own business and have changed before. */
u32 cen_fpga_state_of(const struct fpga_manager *mgr)
{
	static const u32 states[] = {
		[FPGA_MGR_STATE_UNKNOWN] = CEN_FPGA_STATE_UNKNOWN,
		[FPGA_MGR_STATE_POWER_OFF] = CEN_FPGA_STATE_POWER_OFF,
		[FPGA_MGR_STATE_POWER_UP] = CEN_FPGA_STATE_POWER_UP,
		[FPGA_MGR_STATE_RESET] = CEN_FPGA_STATE_RESET,
		[FPGA_MGR_STATE_FIRMWARE_REQ] = CEN_FPGA_STATE_FIRMWARE,
		[FPGA_MGR_STATE_FIRMWARE_REQ_ERR] = CEN_FPGA_STATE_FIRMWARE_ERR,
		[FPGA_MGR_STATE_PARSE_HEADER] = CEN_FPGA_STATE_HEADER,
		[FPGA_MGR_STATE_PARSE_HEADER_ERR] = CEN_FPGA_STATE_HEADER_ERR,
		[FPGA_MGR_STATE_WRITE_INIT] = CEN_FPGA_STATE_INIT,
		[FPGA_MGR_STATE_WRITE_INIT_ERR] = CEN_FPGA_STATE_INIT_ERR,
		[FPGA_MGR_STATE_WRITE] = CEN_FPGA_STATE_WRITE,
		[FPGA_MGR_STATE_WRITE_ERR] = CEN_FPGA_STATE_WRITE_ERR,
		[FPGA_MGR_STATE_WRITE_COMPLETE] = CEN_FPGA_STATE_COMPLETE,
		[FPGA_MGR_STATE_WRITE_COMPLETE_ERR] = CEN_FPGA_STATE_COMPLETE_ERR,
		[FPGA_MGR_STATE_OPERATING] = CEN_FPGA_STATE_OPERATING,
	};
	unsigned int state = READ_ONCE(mgr->state);

	return state < ARRAY_SIZE(states) ? states[state] : CEN_FPGA_STATE_UNKNOWN;
}

/* Say that @step failed; returns @error. */
int cen_fpga_failed(struct cen_fpga_result *result, u32 step, int error)
{
	result->step = step;
	result->error = error;
	/* %pe of what is no errno would be an address, hashed or not */
	if (error < 0 && error >= -MAX_ERRNO)
		snprintf(result->message, sizeof(result->message), "%s: %s (%pe)",
			 cen_fpga_name_of_step(step), cen_fpga_step_help(step), ERR_PTR(error));
	else
		snprintf(result->message, sizeof(result->message), "%s: %s (%d)",
			 cen_fpga_name_of_step(step), cen_fpga_step_help(step), error);
	return error;
}

int cen_fpga_status_get(struct cen_fpga_target *target, struct cen_fpga_status *status,
			u32 *state)
{
	int ret = -ENODEV;

	spin_lock(&target->status_lock);
	*status = target->status;
	if (!target->gone) {
		*state = cen_fpga_state_of(target->mgr);
		ret = 0;
	}
	spin_unlock(&target->status_lock);
	return ret;
}

void cen_fpga_status_begin(struct cen_fpga_target *target)
{
	lockdep_assert_held(&target->lock);
	spin_lock(&target->status_lock);
	target->status.loading = true;
	spin_unlock(&target->status_lock);
}

/* What is in the FPGA after it failed at @step? */
static bool cen_fpga_old_remains(u32 step)
{
	return step < CEN_FPGA_STEP_INIT;
}

static bool cen_fpga_new_arrived(u32 step)
{
	return step == CEN_FPGA_STEP_NONE || step > CEN_FPGA_STEP_COMPLETE;
}

static void cen_fpga_status_count(struct cen_fpga_status *status,
				  const struct cen_fpga_result *result)
{
	status->last = *result;
	if (result->error)
		status->failures++;
	else
		status->loads++;
}

/*
 * A load of @slot (0: not of a slot), called @name, has ended. What is told as active is
 * what is in the FPGA as far as one can know.
 */
void cen_fpga_status_end(struct cen_fpga_target *target, const struct cen_fpga_result *result,
			 u64 slot, const char *name)
{
	struct cen_fpga_status *status = &target->status;
	u32 step = result->step;

	lockdep_assert_held(&target->lock);
	spin_lock(&target->status_lock);
	status->loading = false;
	cen_fpga_status_count(status, result);
	if (!cen_fpga_old_remains(step) || cen_fpga_new_arrived(step)) {
		if (status->active[0] && strcmp(status->active, name))
			strscpy(status->previous, status->active, sizeof(status->previous));
		status->slot = cen_fpga_new_arrived(step) ? slot : 0;
		strscpy(status->active, cen_fpga_new_arrived(step) ? name : "",
			sizeof(status->active));
	}
	/* a claim that failed, or what came before it, has left the bridges as they were */
	if (step == CEN_FPGA_STEP_NONE)
		status->isolated = false;
	else if (step >= CEN_FPGA_STEP_BRIDGES_OFF)
		status->isolated = target->region;
	spin_unlock(&target->status_lock);
}

/* Something around a load has failed: a file, an overlay. */
void cen_fpga_status_failed(struct cen_fpga_target *target, const struct cen_fpga_result *result)
{
	spin_lock(&target->status_lock);
	cen_fpga_status_count(&target->status, result);
	spin_unlock(&target->status_lock);
}

/* The slot is not what was programmed any more: emptied, filled anew, removed. */
void cen_fpga_status_forget(struct cen_fpga_target *target, u64 slot)
{
	struct cen_fpga_status *status = &target->status;

	spin_lock(&target->status_lock);
	if (status->slot == slot) {
		status->slot = 0;
		strscpy(status->previous, status->active, sizeof(status->previous));
		status->active[0] = '\0';
	}
	spin_unlock(&target->status_lock);
}
