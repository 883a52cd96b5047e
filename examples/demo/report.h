/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DEMO_REPORT_H
#define DEMO_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"

struct cen_device_info;
struct cen_plan;

/* Prints a numbered heading. */
void report_heading(const char *text);
/* One line about what a device needs. */
void report_device(const char *what, const char *node, const struct cen_device_info *info);
void report_plan(const struct cen_plan *plan, const char *heap, size_t size);
/* What a job came to, right after it ran. */
void report_job(const struct job *job);
/* All jobs side by side. */
void report_table(const struct job *jobs, size_t count);
void report_verdict(bool passed, const char *text);

/* The same as data. Returns 0 or -errno. */
int report_json(const char *path, const struct cen_device_info *devices, size_t device_count,
		const struct cen_plan *plan, const struct job *jobs, size_t count, bool passed);

#endif
