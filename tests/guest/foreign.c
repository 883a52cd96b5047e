// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "foreign.h"

bool test_run(const char *line)
{
	return system(line) == 0;
}

void test_buffer_new(struct test_buffer *buf, struct cen_ctx *ctx, size_t size,
		     const char *const specs[])
{
	memset(buf, 0, sizeof(*buf));
	buf->size = size;
	buf->cen = cen_buffer_new(ctx, size);
	if (!buf->cen)
		fail_msg("cen_buffer_new: %s", cen_error());
	for (size_t i = 0; specs[i]; i++)
		if (cen_buffer_declare(buf->cen, specs[i]))
			fail_msg("declare %s: %s", specs[i], cen_error());
	if (cen_buffer_commit(buf->cen))
		fail_msg("commit: %s", cen_error());
	buf->map = cen_buffer_map(buf->cen, 0, 0, PROT_READ | PROT_WRITE);
	if (!buf->map)
		fail_msg("map: %s", cen_error());
	buf->data = cen_map_data(buf->map);
	buf->fd = cen_buffer_fd(buf->cen);
}

void test_buffer_free(struct test_buffer *buf)
{
	cen_buffer_unmap(buf->map);
	cen_buffer_free(buf->cen);
	memset(buf, 0, sizeof(*buf));
}

/* A hash: neighbours, pages and seeds all give different bytes. */
uint8_t test_byte(uint32_t seed, size_t offset)
{
	uint32_t x = (uint32_t)offset * 2654435761u + seed * 40503u;

	x ^= x >> 15;
	x *= 2246822519u;
	return x >> 24;
}

void test_buffer_fill(struct test_buffer *buf, uint32_t seed)
{
	CEN_SYNC_GUARD(guard);

	assert_int_equal(cen_sync_begin(&guard, buf->cen, 0, 0, CEN_SYNC_WRITE), 0);
	for (size_t i = 0; i < buf->size; i++)
		buf->data[i] = test_byte(seed, i);
	assert_int_equal(cen_sync_end(&guard), 0);
}

size_t test_buffer_wrong(struct test_buffer *buf, uint32_t seed, size_t offset, size_t length)
{
	size_t wrong = 0;
	CEN_SYNC_GUARD(guard);

	assert_int_equal(cen_sync_begin(&guard, buf->cen, 0, 0, CEN_SYNC_READ), 0);
	for (size_t i = offset; i < offset + length; i++)
		wrong += buf->data[i] != test_byte(seed, i);
	assert_int_equal(cen_sync_end(&guard), 0);
	return wrong;
}

static struct cen_info test_buffer_info(struct test_buffer *buf)
{
	struct cen_buffer_info *info = cen_buffer_info_new(buf->cen);
	struct cen_info copy;

	assert_non_null(info);
	copy = *cen_buffer_info_get(info);
	cen_buffer_info_free(info);
	return copy;
}

uint32_t test_buffer_maps(struct test_buffer *buf)
{
	return test_buffer_info(buf).maps;
}

uint64_t test_buffer_moves(struct test_buffer *buf)
{
	return test_buffer_info(buf).moves;
}

uint32_t test_buffer_bits(struct test_buffer *buf)
{
	return test_buffer_info(buf).addr_bits;
}

bool test_translated(struct cen_ctx *ctx, const char *name)
{
	struct cen_device_info info;

	assert_int_equal(cen_device_get_info(ctx, name, &info), 0);
	return info.limits.flags & CEN_LIMIT_IOMMU;
}
