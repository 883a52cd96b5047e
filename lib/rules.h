/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _CEN_RULES_H
#define _CEN_RULES_H

#include <cen.h>

struct cen_rule {
	char name[CEN_NAME_LEN];	/* "bus:name" */
	struct cen_limits limits;
	char *origin;			/* "file:line" of its first section */
};

struct cen_rules {
	struct cen_rule *items;
	size_t count;
	char **problems;
	size_t problem_count;
};

#endif /* _CEN_RULES_H */
