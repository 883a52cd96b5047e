// SPDX-License-Identifier: GPL-2.0
/* Limits for people. */
#include <string.h>

#include "cenctl.h"

void limits_text(const struct cen_limits *limits, char *text, size_t room)
{
	size_t used;

	cen_limits_format(limits, text, room);
	used = strlen(text);
	if (limits->flags & CEN_LIMIT_IOMMU)
		snprintf(text + used, room - used, "%siommu", used ? "," : "");
	if (!*text)
		snprintf(text, room, "-");
}
