// SPDX-License-Identifier: GPL-2.0 OR MIT
/* States, steps and flags of FPGA loads as words, and back. */
#include "fpga.h"

CEN_API const char *cen_fpga_state_text(uint32_t state)
{
	static const char * const texts[] = {
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

	return state < CEN_ARRAY_SIZE(texts) ? texts[state] : "unknown";
}

CEN_API const char *cen_fpga_step_text(uint32_t step)
{
	static const char * const texts[] = {
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

	return step < CEN_ARRAY_SIZE(texts) ? texts[step] : "unknown";
}

static const struct {
	uint32_t flag;
	const char *name;
} flag_names[] = {
	{ CEN_FPGA_PARTIAL, "partial" },
	{ CEN_FPGA_ENCRYPTED, "encrypted" },
	{ CEN_FPGA_COMPRESSED, "compressed" },
	{ CEN_FPGA_LSB_FIRST, "lsb-first" },
};

static uint32_t flag_of(const char *word, size_t length)
{
	for (size_t i = 0; i < CEN_ARRAY_SIZE(flag_names); i++)
		if (strlen(flag_names[i].name) == length &&
		    !strncmp(flag_names[i].name, word, length))
			return flag_names[i].flag;
	return 0;
}

CEN_API int cen_fpga_flags_parse(uint32_t *flags, const char *text)
{
	static const char separators[] = ", \t\n";
	uint32_t all = 0;

	while (*(text += strspn(text, separators))) {
		size_t length = strcspn(text, separators);
		uint32_t flag = flag_of(text, length);

		if (!flag)
			return cen_ret(cen_say(-EINVAL, "unknown flag '%.*s'; partial, encrypted, "
					       "compressed and lsb-first are accepted",
					       (int)length, text));
		all |= flag;
		text += length;
	}
	*flags = all;
	return 0;
}

CEN_API int cen_fpga_flags_format(uint32_t flags, char separator, char *text, size_t room)
{
	char all[64] = "";
	size_t at = 0;

	for (size_t i = 0; i < CEN_ARRAY_SIZE(flag_names); i++) {
		if (!(flags & flag_names[i].flag))
			continue;
		if (at)
			all[at++] = separator;
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s", flag_names[i].name);
	}
	return snprintf(text, room, "%s", all);
}
