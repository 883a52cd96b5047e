/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of libcen share: a machine made of files. */
#ifndef _CEN_LIB_TESTS_SUPPORT_H
#define _CEN_LIB_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../internal.h"

#define KIB	1024ULL
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)

/**
 * struct machine - a directory with dev, sys, proc and rules below it
 * @roots: the same for the library
 */
struct machine {
	char dir[64];
	char paths[4][96];
	struct cen_roots roots;
};

/* cmocka setup and teardown: *state is a struct machine */
int machine_setup(void **state);
int machine_teardown(void **state);

/* All paths are relative to the machine; directories are made on the way. */
void machine_write(const struct machine *m, const char *path, const char *text);
void machine_link(const struct machine *m, const char *path, const char *target);
void machine_dir(const struct machine *m, const char *path);
const char *machine_path(const struct machine *m, const char *path);

/* A PCI device with a driver and a DMA mask of that many bits. */
void machine_pci(const struct machine *m, const char *name, unsigned int bits);
/* Memory ends at @gib GiB. */
void machine_memory(const struct machine *m, unsigned int gib);

/* errno and the text of a failure. */
void assert_failed(int ret, int error, const char *text);
void assert_contains(const char *text, const char *part);

#endif /* _CEN_LIB_TESTS_SUPPORT_H */
