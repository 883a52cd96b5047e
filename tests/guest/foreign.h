/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests with foreign drivers share: buffers of cenalloc, filled and compared.
 */
#ifndef TEST_FOREIGN_H
#define TEST_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cen.h>

#include "common.h"
#include "low.h"

/* Of one buffer: fd, size and a mapping of all of it, ready to use. */
struct test_buffer {
	struct cen_buffer *cen;
	struct cen_map *map;
	uint8_t *data;
	size_t size;
	int fd;
};

/* Runs a line of shell; true when it ended with 0. */
bool test_run(const char *line);

/* A committed buffer of @ctx for the devices @specs (a NULL-terminated list); asserts. */
void test_buffer_new(struct test_buffer *buf, struct cen_ctx *ctx, size_t size,
		     const char *const specs[]);
void test_buffer_free(struct test_buffer *buf);

/* The same bytes for the same @seed; DMA_BUF_IOCTL_SYNC around it. */
void test_buffer_fill(struct test_buffer *buf, uint32_t seed);
/* Bytes that are not as test_buffer_fill() left them in @length bytes at @offset. */
size_t test_buffer_wrong(struct test_buffer *buf, uint32_t seed, size_t offset, size_t length);
uint8_t test_byte(uint32_t seed, size_t offset);

/* A field of CEN_IOC_INFO. */
uint32_t test_buffer_maps(struct test_buffer *buf);
uint64_t test_buffer_moves(struct test_buffer *buf);
uint32_t test_buffer_bits(struct test_buffer *buf);

/* Behind an IOMMU that translates, a device reaches memory anywhere. */
bool test_translated(struct cen_ctx *ctx, const char *name);

#endif
