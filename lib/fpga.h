/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the files of libcen about FPGAs share. */
#ifndef _CEN_FPGA_INTERNAL_H
#define _CEN_FPGA_INTERNAL_H

#include <cen-fpga.h>

#include "internal.h"

#define CEN_FPGA_NODES		"/dev/cen_fpga"
#define CEN_FPGA_CONFIGFS	"/sys/kernel/config/cen_fpga"

/* "region0" or "/dev/cen_fpga/region0" to "region0". -EINVAL. */
int cen_fpga_name(const char *text, char name[CEN_FPGA_NAME_LEN]);
/* Names in the directory @path, sorted: an array of @count for free(), each for free(). -errno. */
int cen_fpga_names(const char *path, bool directories, char ***names, size_t *count);
void cen_fpga_names_free(char **names, size_t count);

#endif /* _CEN_FPGA_INTERNAL_H */
