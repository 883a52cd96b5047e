// SPDX-License-Identifier: GPL-2.0
/* The same bus master again: Kbuild puts an object into one module only. */
#include "master.c"
