// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes through edu and back, started from user space, which knows handles only.
 *
 *	  CPU ──mmap──▶ ┌────────┐ ◀──DMA── edu ◀─registers─ cen_uio ◀─program─ this test
 *	                │ buffer │                             ▲
 *	                └────────┘ ◀──────────attach───────────┘
 */
#include "uio_common.h"

/* Every byte where it belongs, and none beside it. */
static void test_bytes_both_ways(void **state)
{
	static const struct {
		uint64_t from, to, own;
		uint32_t length;
	} copies[] = {
		{ 0, 0, 0, EDU_MAX },
		{ 4096 - 17, 8192 - 2000, 0, 4001 },
		{ 65536 - EDU_MAX, 12345, 0, EDU_MAX },
		{ 777, 65535, 100, 1 },
		{ 20001, 30003, 4000, 95 },
	};
	const size_t size = 64 * KIB;
	int from = must_edu_buffer(size), to = must_edu_buffer(size);
	uint8_t *source = must_map(from, size), *dest = must_map(to, size);
	int in, out;

	(void)state;
	t_dma_buf_sync(from, CEN_SYNC_WRITE | CEN_SYNC_START);
	t_fill(source, size, 1);
	t_dma_buf_sync(from, CEN_SYNC_WRITE | CEN_SYNC_END);
	in = u_attach(from, CEN_UIO_TO_DEVICE);
	assert_ok(in);
	out = u_attach(to, CEN_UIO_FROM_DEVICE);
	assert_ok(out);
	for (size_t i = 0; i < ARRAY_SIZE(copies); i++) {
		size_t end = copies[i].to + copies[i].length;

		t_dma_buf_sync(to, CEN_SYNC_WRITE | CEN_SYNC_START);
		memset(dest, 0xa5, size);
		t_dma_buf_sync(to, CEN_SYNC_WRITE | CEN_SYNC_END);
		must_in(in, copies[i].from, copies[i].own, copies[i].length);
		must_out(out, copies[i].to, copies[i].own, copies[i].length);
		t_dma_buf_sync(to, CEN_SYNC_READ | CEN_SYNC_START);
		assert_memory_equal(dest + copies[i].to, source + copies[i].from, copies[i].length);
		for (size_t j = 0; j < size; j++)
			if ((j < copies[i].to || j >= end) && dest[j] != 0xa5)
				fail_msg("copy %zu wrote byte %zu", i, j);
		t_dma_buf_sync(to, CEN_SYNC_READ | CEN_SYNC_END);
	}
	assert_ok(u_detach(in));
	assert_ok(u_detach(out));
}

/* One buffer, both directions, one handle. */
static void test_one_buffer_both_ways(void **state)
{
	const size_t size = 16 * KIB;
	int fd = must_edu_buffer(size), handle;
	uint8_t *data = must_map(fd, size);

	(void)state;
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_START);
	t_fill(data, size, 7);
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_END);
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	must_in(handle, 0, 0, 3000);
	must_out(handle, 9000, 0, 3000);
	t_dma_buf_sync(fd, CEN_SYNC_READ | CEN_SYNC_START);
	assert_memory_equal(data, data + 9000, 3000);
	t_dma_buf_sync(fd, CEN_SYNC_READ | CEN_SYNC_END);
}

/* The rules' dma-bits are the device's limits for cenalloc, and edu never sees more. */
static void test_28_bits(void **state)
{
	struct cen_device_info known;
	struct cen_info info;
	int fd;

	(void)state;
	assert_ok(t_device_info(u_name, &known));
	assert_u64_equal(known.limits.addr_max, T_LOW_MASK);
	assert_string_equal(known.driver, "cen_uio");
	fd = must_edu_buffer(128 * KIB);
	info = must_info(fd);
	if (!u_confined())
		assert_in_range(info.addr_bits, 1, T_LOW_BITS);
	assert_ok(u_attach(fd, CEN_UIO_DIRECTIONS));
}

/* Nobody said that edu would come, so the buffer is out of its reach: it moves. */
static void test_late_attach(void **state)
{
	int fd = must_create(128 * KIB), handle;
	uint8_t *data;

	(void)state;
	if (t_swiotlb_forced())
		t_skip("every mapping bounces, so any buffer is in reach");
	assert_ok(t_commit(fd));
	data = must_map(fd, 128 * KIB);
	t_fill(data, 128 * KIB, 3);
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	assert_u64_equal(must_info(fd).moves, u_confined() ? 0 : 1);
	assert_int_equal(t_wrong(data, 128 * KIB, 3), 128 * KIB);
	must_in(handle, 100000, 0, 4000);
	must_out(handle, 0, 0, 4000);
	assert_memory_equal(data, data + 100000, 4000);
}

/* The same through libcen, with its own words for what goes wrong. */
static void test_libcen(void **state)
{
	struct cen_ctx *ctx = cen_ctx_open(CEN_CTX_MODULE);
	struct cen_uio *dev = cen_uio_open(u_name);
	struct cen_buffer *buf = cen_buffer_new(ctx, 8192);
	uint64_t value;
	int handle;

	(void)state;
	assert_non_null(dev);
	assert_string_equal(cen_uio_get_info(dev)->name, u_name);
	assert_int_equal(cen_uio_get_info(dev)->dma_bits, T_LOW_BITS);
	assert_int_equal(cen_uio_find_reg(dev, 0, EDU_SOURCE)->kind, CEN_UIO_REG_ADDRESS);
	assert_null(cen_uio_find_reg(dev, 0, 0x70));
	assert_int_equal(cen_uio_write(dev, 0, EDU_LIVENESS, 0x12345678), 0);
	assert_int_equal(cen_uio_read(dev, 0, EDU_LIVENESS, &value), 0);
	assert_int_equal(value, 0xedcba987);
	/* a page away from the registers, where edu has nothing */
	assert_non_null((void *)cen_uio_map(dev, 0, 0x1000, 0x1000));
	assert_null((void *)cen_uio_map(dev, 0, 0x80, 8));
	assert_int_equal(errno, EPERM);

	handle = cen_uio_attach(dev, buf, CEN_UIO_TO_DEVICE);
	assert_true(handle > 0);
	const struct cen_uio_write beyond = u_address(EDU_SOURCE, handle, 8000, 4000);

	assert_int_equal(cen_uio_program(dev, &beyond, 1), -1);
	assert_int_equal(errno, ERANGE);
	assert_string_equal(cen_error(), "program: write 0: would end at 12000, the buffer ends at 8192");
	assert_int_equal(cen_uio_last_reason(dev)->code, CEN_UIO_WHY_BOUNDS);
	assert_int_equal(cen_uio_wait(dev, 10), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(cen_uio_write(dev, 0, EDU_IRQ_RAISE, 1), 0);
	assert_true(cen_uio_wait(dev, 10000) > 0);
	assert_int_equal(cen_uio_write(dev, 0, EDU_IRQ_ACK, 1), 0);
	assert_int_equal(cen_uio_irq(dev, true), 0);
	assert_null(cen_uio_open(u_name));
	assert_int_equal(errno, EBUSY);
	assert_int_equal(cen_uio_detach(dev, handle), 0);
	cen_buffer_free(buf);
	cen_uio_close(dev);
	cen_ctx_close(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		u_test_open(test_bytes_both_ways),
		u_test_open(test_one_buffer_both_ways),
		u_test_open(test_28_bits),
		u_test_open(test_late_attach),
		u_test(test_libcen),
	};
	int ret;

	u_begin();
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
