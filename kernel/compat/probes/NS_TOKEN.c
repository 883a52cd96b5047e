// SPDX-License-Identifier: GPL-2.0
/* From 6.13 on a bare word is an error; before, a string is none but means something else. */
#include <linux/module.h>
MODULE_IMPORT_NS(CENALLOC);
