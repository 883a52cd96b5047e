/* SPDX-License-Identifier: GPL-2.0 */
/* What common.c, importer.c and system.c know of each other. */
#ifndef TEST_INTERNAL_H
#define TEST_INTERNAL_H

void t_reset_limits(void);	/* importer.c: of all test devices that a test limited */
void t_reset_params(void);	/* system.c */

#endif
