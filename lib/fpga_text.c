// SPDX-License-Identifier: GPL-2.0 OR MIT
/* States, steps and flags of FPGA loads as words, and back. */
#include "fpga.h"
#include "../kernel/fpga/names.h"

CEN_API const char *cen_fpga_state_text(uint32_t state)
{
	return cen_fpga_name_of_state(state);
}

CEN_API const char *cen_fpga_step_text(uint32_t step)
{
	return cen_fpga_name_of_step(step);
}

static uint32_t flag_of(const char *word, size_t length)
{
	const char *name;
	uint32_t flag;

	for (unsigned int i = 0; (name = cen_fpga_name_of_flag(i, &flag)); i++)
		if (strlen(name) == length && !strncmp(name, word, length))
			return flag;
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
	const char *name;
	uint32_t flag;
	size_t at = 0;

	for (unsigned int i = 0; (name = cen_fpga_name_of_flag(i, &flag)); i++) {
		if (!(flags & flag))
			continue;
		if (at)
			all[at++] = separator;
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s", name);
	}
	return snprintf(text, room, "%s", all);
}
