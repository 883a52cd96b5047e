/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest tests share: the raw uAPI, the test importer, and order afterwards.
 *
 * Functions that return int return a value >= 0 or -errno, so that a test says
 * assert_errno(t_commit(fd), EINVAL). Those named must_*() assert themselves.
 *
 * Each test runs between t_setup() and t_teardown(), which undoes what it left: maps,
 * file descriptors, limits of test devices, module parameters. The last test of
 * every program looks whether the module has anything left.
 */
#ifndef TEST_COMMON_H
#define TEST_COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/cenalloc.h>
#include "../modules/cen_test_importer/cen_test_importer.h"
#include "low.h"

#define KIB		1024UL
#define MIB		(1024UL * KIB)
#define GIB		(1024UL * MIB)
#define PAGE		4096UL
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Of the running program. */
extern int t_cen;	/* /dev/cenalloc */
extern int t_cti;	/* /dev/cen_test_importer, a fresh one for each test; -1 when not asked for */

#define T_IMPORTER	(1U << 0)	/* the program needs the test importer */

int t_run(const struct CMUnitTest *tests, size_t count, unsigned int needs);
int t_setup(void **state);
int t_teardown(void **state);
void t_leaves_nothing(void **state);

#define t_test(f)	cmocka_unit_test_setup_teardown(f, t_setup, t_teardown)
#define t_end		cmocka_unit_test_setup_teardown(t_leaves_nothing, t_setup, t_teardown)
/* main() of a program: its tests, then the one that looks for leftovers. */
#define T_MAIN(tests, needs)							\
	int main(void)								\
	{									\
		return t_run(tests, ARRAY_SIZE(tests), needs);			\
	}

/* A whole program, or one test, that cannot run here. */
void t_skip_all(const char *reason, ...) __attribute__((format(printf, 1, 2), noreturn));
void t_skip(const char *reason, ...) __attribute__((format(printf, 1, 2)));

const char *t_errname(int error);
void t_assert_errno(const char *what, long got, int error, const char *file, int line);
void t_assert_ok(const char *what, long got, const char *file, int line);
#define assert_errno(call, error)	t_assert_errno(#call, call, error, __FILE__, __LINE__)
#define assert_ok(call)			t_assert_ok(#call, call, __FILE__, __LINE__)
void t_assert_u64(const char *what, uint64_t a, uint64_t b, bool equal, const char *file, int line);
#define assert_u64_equal(a, b)		t_assert_u64(#a, a, b, true, __FILE__, __LINE__)
#define assert_u64_not_equal(a, b)	t_assert_u64(#a, a, b, false, __FILE__, __LINE__)

/* --- the uAPI (common.c) ----------------------------------------------------------- */

int t_ioctl(int fd, unsigned long cmd, void *arg);
int t_call(unsigned long cmd, void *arg);	/* on t_cen */
int t_create(uint64_t size, uint64_t align, uint32_t flags, uint32_t heap_mask);
int must_create(uint64_t size);
int t_commit(int fd);
int t_commit_plan(int fd, struct cen_plan *plan);
int t_declare(int fd, const struct cen_device *devices, uint32_t count);
struct cen_device t_device(const char *name);
struct cen_device t_device_limits(const char *name, struct cen_limits limits);
struct cen_device t_anonymous(const char *name, struct cen_limits limits);
struct cen_info must_info(int fd);
/* The entry for @name, or false. */
bool t_info_device(int fd, const char *name, struct cen_buffer_device *device);
int t_sync(int fd, uint64_t offset, uint64_t length, uint32_t flags);
int t_dma_buf_sync(int fd, uint64_t flags);
int t_device_info(const char *name, struct cen_device_info *info);
int t_heap_info(uint32_t index, struct cen_heap_info *info);
/* Index of the heap called @name, or -ENOENT. */
int t_heap_index(const char *name);

#define T_REASONS	64
struct t_why {
	int error;
	uint32_t nr_reasons;
	uint32_t nr_names;
	struct cen_plan plan;
	struct cen_reason reasons[T_REASONS];
	char names[CEN_MAX_DEVICES][CEN_NAME_LEN];
};

/* @fd: a buffer, or -1 and a @size. 0 and @why->error tells, or -errno. */
int t_explain(int fd, uint64_t size, const struct cen_device *devices, uint32_t count,
	      struct t_why *why);
int t_explain_last(int fd, struct t_why *why);
/* The first reason with @code that names @device (NULL: any), or NULL. */
const struct cen_reason *t_reason(const struct t_why *why, uint32_t code, const char *device);
/*
 * The commit of @fd fails for want of memory, and the heap called @heap says so in a reason with
 * @code. Returns how much it had.
 */
uint64_t must_lack_memory(int fd, const char *heap, uint32_t code);

/* Of the whole module, as root sees it. */
uint32_t t_buffers(void);
uint64_t t_used(void);

/* --- memory ---------------------------------------------------------------------------- */

void *t_map(int fd, size_t size, int prot);	/* MAP_FAILED and errno */
void *must_map(int fd, size_t size);
void must_unmap(void *at, size_t size);
void t_fill(void *at, size_t size, uint32_t seed);
/* Where the first wrong byte is; @size: nowhere. */
size_t t_wrong(const void *at, size_t size, uint32_t seed);
size_t t_not_zero(const void *at, size_t size);
/* Touch a byte: 0, or the signal it was answered with. */
int t_touch(volatile void *at, bool write);
/* The same for a register of 32 bits: arm64 answers a width that the device has not with SIGBUS, too. */
int t_touch_reg(volatile void *at, bool write);

/* --- the test importer (importer.c) ------------------------------------------------ */

const char *t_name(unsigned int device);	/* "platform:cen_test.N" */
struct cen_device t_dev(unsigned int device);
void must_limit(struct cti_limits limits);
int t_attach(int fd, unsigned int device);
int t_attach_name(int fd, const char *name, uint32_t flags);
int must_attach(int fd, unsigned int device);
int t_dma_map(int id, enum cti_direction dir, struct cti_map *map);
struct cti_map must_dma_map(int id, enum cti_direction dir);
int t_dma_unmap(int id);
int t_dma_read(int id, uint64_t offset, void *data, uint64_t length);
int t_dma_write(int id, uint64_t offset, const void *data, uint64_t length);
int t_begin(int id, enum cti_direction dir);
int t_endacc(int id, enum cti_direction dir);
int t_vmap(int fd);
int t_fence(int fd, bool write);
int t_signal(int id, int error);
int t_release(int id);

/* --- the system (system.c) ------------------------------------------------------------ */

bool t_exists(const char *path);
/* Content of a small file, NUL-terminated; false when it cannot be read. */
bool t_read_file(const char *path, char *to, size_t size);
int t_write_file(const char *path, const char *text);
/* Of a line "NAME VALUE" of a file of /proc; -1: there is none. */
long long t_proc_value(const char *path, const char *name);
bool t_lane(const char *glob);		/* CEN_LANE */
bool t_swiotlb_forced(void);
bool t_bounce_sync(void);
/* Set a parameter of cenalloc until the end of the test. */
void must_set_param(const char *name, const char *value);
int t_sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A program's own random numbers: the same for the same seed. */
uint64_t t_random(uint64_t *state);
/* CEN_SEED of the environment, or @fallback; printed. */
uint64_t t_seed(uint64_t fallback);
/* How much slower than the default this lane is: to scale loop counts down. */
unsigned int t_slow(void);

#endif
