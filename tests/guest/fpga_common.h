/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of cen_fpga share: the simulated FPGAs, images for them, slots.
 *
 * Functions that return int return a value >= 0 or -errno, as in common.h.
 */
#ifndef TEST_FPGA_COMMON_H
#define TEST_FPGA_COMMON_H

#include <cen-fpga.h>

#include "common.h"
#include "../../kernel/sim/cen_sim_fpga.h"

#define F_HEADER	sizeof(struct cen_sim_fpga_header)
#define F_WHOLE		0

/* The simulated managers, by what they take. */
enum { F_TABLES, F_STREAMS, F_HEADERS, F_KINDS };

/* As the kernel calls them: two regions of the first manager, the managers. */
extern char f_region[2][32];
extern char f_manager[F_KINDS][32];

/* Loads the modules and finds the FPGAs; skips the program on a kernel without an FPGA core. */
void f_begin(void);
void f_end(void);
int f_setup(void **state);
int f_teardown(void **state);	/* slots go, faults are switched off */
/* The FPGAs again, after they were plugged. */
void f_find(void);
/* Has this kernel device-tree overlays? */
bool f_overlays(void);

#define f_test(f)	cmocka_unit_test_setup_teardown(f, f_setup, f_teardown)

/* --- images ------------------------------------------------------------------------------- */

/* An image of @size bytes, header included, at @to. */
void f_image(void *to, size_t size, uint32_t design, uint32_t region);
/* Its header again, after it was changed. */
void f_seal(void *image);
/* A committed buffer with such an image: its fd. */
int f_buffer(size_t size, uint32_t design, uint32_t region);
/* The same from the kernel's system heap; skips the test when there is none. */
int f_foreign(size_t size, uint32_t design, uint32_t region);
/* A firmware file with one. */
void f_firmware(const char *name, size_t size, uint32_t design, uint32_t region);
#define F_FIRMWARE_DIR	"/lib/firmware"

/* --- loading --------------------------------------------------------------------------------- */

int f_open(const char *name);
struct cen_fpga_info must_f_info(const char *name);
/* Returns once @name's manager is writing an image: with "stall_ms" it still is for a while. */
void must_be_writing(const char *name);
/* Loads all of @fd; f_result tells. */
int f_load(const char *name, int fd, uint32_t flags);
int f_load_part(const char *name, int fd, uint64_t offset, uint64_t length, uint32_t flags);
extern struct cen_fpga_result f_result;
/* What the manager of that kind reports: of the whole (0), of a region (1, 2). */
uint32_t f_design(int kind, int region);

/* --- the simulation's switches ---------------------------------------------------------------- */

/* A number in the debugfs directory of a manager ("0" … "2") or a region ("region.0", …). */
void f_set(const char *device, const char *file, unsigned long value);
unsigned long f_get(const char *device, const char *file);
#define F_MGR0		"cen_sim_fpga.0"
#define F_REGION0	"cen_sim_fpga_region.0"
#define F_REGION1	"cen_sim_fpga_region.1"

/* --- slots --------------------------------------------------------------------------------------- */

#define F_CONFIGFS	"/sys/kernel/config/cen_fpga"

int f_mkdir(const char *region, const char *slot);	/* @slot NULL: the region's */
int f_rmdir(const char *region, const char *slot);
/* Write, read a file of a slot or region. The text is without its newline. */
int f_put(const char *region, const char *slot, const char *file, const char *text);
const char *f_read(const char *region, const char *slot, const char *file);
void must_slot(const char *region, const char *slot, int fd);	/* partial, filled with @fd */

#endif
