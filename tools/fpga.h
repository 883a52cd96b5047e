/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of "cenctl fpga" share. */
#ifndef _CENCTL_FPGA_H
#define _CENCTL_FPGA_H

#include <cen-fpga.h>

#include "cenctl.h"

/**
 * struct fpga_options - the command line of "cenctl fpga"
 * @args: what is no option, the action's words included
 */
struct fpga_options {
	bool json;
	bool progress;
	uint32_t flags;
	bool flags_given;
	const char *firmware;
	const char *file;
	const char *overlay;
	char **args;
	int arg_count;
};

/*
 * fpga_image.c: an image file in a buffer placed for @device ("bus:device"). NULL: said why, and
 * *code is the exit code.
 */
struct cen_buffer *fpga_read_image(struct cen_ctx *ctx, const char *device, const char *path,
				   bool progress, uint64_t *size, int *code);

/* fpga_progress.c: tell on stderr what the FPGA is doing, from begin to end. */
struct fpga_progress;
struct fpga_progress *fpga_progress_begin(const char *region);
void fpga_progress_end(struct fpga_progress *progress);
/* Bytes so far of a file that is read; the last time @done is @all. */
void fpga_progress_bytes(const char *what, uint64_t done, uint64_t all);

/* fpga_slot.c: slot add, list, remove, and switch; args: behind the action's words */
int fpga_slot_add(const struct fpga_options *options, char **args);
int fpga_slot_list(const struct fpga_options *options, char **args);
int fpga_slot_remove(const struct fpga_options *options, char **args);
int fpga_switch(const struct fpga_options *options, char **args);
struct json_object *json_from_slots(const char *region);

#endif /* _CENCTL_FPGA_H */
