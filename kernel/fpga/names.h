/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Numbers of <linux/cen_fpga.h> as words: for configfs and for libcen, so that both say the same.
 */
#ifndef _CEN_FPGA_NAMES_H
#define _CEN_FPGA_NAMES_H

#include <linux/cen_fpga.h>

#define CEN_FPGA_NAME(names, number) \
	((number) < sizeof(names) / sizeof((names)[0]) ? (names)[number] : "unknown")

static inline const char *cen_fpga_name_of_state(__u32 state)
{
	static const char * const names[] = {
		[CEN_FPGA_STATE_UNKNOWN] = "unknown",
		[CEN_FPGA_STATE_POWER_OFF] = "power-off",
		[CEN_FPGA_STATE_POWER_UP] = "power-up",
		[CEN_FPGA_STATE_RESET] = "reset",
		[CEN_FPGA_STATE_FIRMWARE] = "firmware",
		[CEN_FPGA_STATE_FIRMWARE_ERR] = "firmware-error",
		[CEN_FPGA_STATE_HEADER] = "header",
		[CEN_FPGA_STATE_HEADER_ERR] = "header-error",
		[CEN_FPGA_STATE_INIT] = "init",
		[CEN_FPGA_STATE_INIT_ERR] = "init-error",
		[CEN_FPGA_STATE_WRITE] = "write",
		[CEN_FPGA_STATE_WRITE_ERR] = "write-error",
		[CEN_FPGA_STATE_COMPLETE] = "complete",
		[CEN_FPGA_STATE_COMPLETE_ERR] = "complete-error",
		[CEN_FPGA_STATE_OPERATING] = "operating",
	};

	return CEN_FPGA_NAME(names, state);
}

static inline const char *cen_fpga_name_of_step(__u32 step)
{
	static const char * const names[] = {
		[CEN_FPGA_STEP_NONE] = "none",
		[CEN_FPGA_STEP_FIRMWARE] = "firmware",
		[CEN_FPGA_STEP_BUFFER] = "buffer",
		[CEN_FPGA_STEP_CLAIM] = "claim",
		[CEN_FPGA_STEP_BRIDGES_OFF] = "bridges-off",
		[CEN_FPGA_STEP_HEADER] = "header",
		[CEN_FPGA_STEP_INIT] = "init",
		[CEN_FPGA_STEP_WRITE] = "write",
		[CEN_FPGA_STEP_COMPLETE] = "complete",
		[CEN_FPGA_STEP_BRIDGES_ON] = "bridges-on",
		[CEN_FPGA_STEP_OVERLAY] = "overlay",
	};

	return CEN_FPGA_NAME(names, step);
}

#undef CEN_FPGA_NAME

/* The flags of an image one after the other, from 0 on; NULL ends them. */
static inline const char *cen_fpga_name_of_flag(unsigned int i, __u32 *flag)
{
	static const struct {
		__u32 flag;
		const char *name;
	} flags[] = {
		{ CEN_FPGA_PARTIAL, "partial" },
		{ CEN_FPGA_ENCRYPTED, "encrypted" },
		{ CEN_FPGA_COMPRESSED, "compressed" },
		{ CEN_FPGA_LSB_FIRST, "lsb-first" },
		{ 0, NULL }
	};

	*flag = flags[i].flag;
	return flags[i].name;
}

#endif /* _CEN_FPGA_NAMES_H */
