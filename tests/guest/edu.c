// SPDX-License-Identifier: GPL-2.0
/*
 * A real bus master with 28 address bits on buffers of cenalloc.
 *
 *	  CPU ──mmap──▶ ┌────────┐ ◀──DMA── edu ◀─ioctl─ this test
 *	                │ buffer │
 *	                └────────┘ below 2^28, or nothing works
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../examples/demo/edu.h"
#include "common.h"
#include "foreign.h"

#define SMALL	(128 << 10)

struct fixture {
	struct cen_ctx *ctx;
	struct edu edu;
	char spec[64];
	const char *declared[2];
};

static struct fixture fix;
static const char *const nobody[] = { NULL };

static int attach_errno(int fd, uint32_t flags)
{
	struct cen_edu_attach arg = { .fd = fd, .flags = flags };

	return ioctl(fix.edu.fd, CEN_EDU_IOC_ATTACH, &arg) ? errno : 0;
}

static int transfer_errno(struct cen_edu_transfer arg)
{
	return ioctl(fix.edu.fd, CEN_EDU_IOC_TRANSFER, &arg) ? errno : 0;
}

/* edu's limits come from its DMA mask; nobody told cenalloc about edu. */
static void test_limits_known(void **state)
{
	struct cen_device_info info;

	(void)state;
	assert_int_equal(cen_device_get_info(fix.ctx, fix.spec, &info), 0);
	assert_int_equal(info.limits.addr_max, T_LOW_MASK);
	assert_string_equal(info.driver, "cen_edu");
}

static void test_declared_buffer_is_in_reach(void **state)
{
	struct test_buffer buf;
	struct edu_buffer in;

	(void)state;
	test_buffer_new(&buf, fix.ctx, SMALL, fix.declared);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	assert_in_range(in.address_bits, 1, T_LOW_BITS);
	assert_int_equal(test_buffer_maps(&buf), 1);
	assert_int_equal(test_buffer_moves(&buf), 0);
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	assert_int_equal(test_buffer_maps(&buf), 0);
	test_buffer_free(&buf);
}

/* The CPU finds at @to what it put at @from: edu brought it there. */
static void check_copy(struct test_buffer *buf, uint32_t seed, uint64_t from, uint64_t to,
		       uint32_t length)
{
	CEN_SYNC_GUARD(guard);

	assert_int_equal(cen_sync_begin(&guard, buf->cen, 0, 0, CEN_SYNC_READ), 0);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(buf->data[to + i], test_byte(seed, from + i));
	assert_int_equal(cen_sync_end(&guard), 0);
}

/* Out of the buffer into edu, from edu to another place, also across pages. */
static void test_bytes_arrive(void **state)
{
	static const struct {
		uint64_t from, to;
		uint32_t length;
	} copies[] = {
		{ 0, 65536, 4095 },
		{ 4096 - 17, SMALL - 10000, 4001 },
		{ SMALL - 4095, 20001, 4095 },
		{ 50000, SMALL - 1, 1 },
	};
	struct test_buffer buf;
	struct edu_buffer in;

	(void)state;
	test_buffer_new(&buf, fix.ctx, SMALL, fix.declared);
	test_buffer_fill(&buf, 1);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		assert_int_equal(edu_read(&fix.edu, &in, copies[i].from, copies[i].length), 0);
		assert_int_equal(edu_write(&fix.edu, &in, copies[i].to, copies[i].length), 0);
		check_copy(&buf, 1, copies[i].from, copies[i].to, copies[i].length);
		/* and the byte before is still what it was */
		assert_int_equal(test_buffer_wrong(&buf, 1, copies[i].to - 1, 1), 0);
	}
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	test_buffer_free(&buf);
}

/* What the CPU writes while edu holds the buffer, edu reads: nothing is left in a cache. */
static void test_cpu_writes_arrive(void **state)
{
	struct test_buffer buf;
	struct edu_buffer in;

	(void)state;
	test_buffer_new(&buf, fix.ctx, SMALL, fix.declared);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	for (uint32_t seed = 10; seed < 13; seed++) {
		test_buffer_fill(&buf, seed);
		assert_int_equal(edu_read(&fix.edu, &in, 8000, 4095), 0);
		assert_int_equal(edu_write(&fix.edu, &in, 0, 4095), 0);
		check_copy(&buf, seed, 8000, 0, 4095);
	}
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	test_buffer_free(&buf);
}

/* A buffer of many pieces: every byte at the seams goes where it belongs. */
static void test_scattered_buffer(void **state)
{
	struct cen_edu_transfer arg = { .direction = CEN_EDU_FROM_MEMORY, .length = 64 };
	const size_t size = 24 << 20;
	struct test_buffer buf;
	struct edu_buffer in;

	(void)state;
	if (t_swiotlb_forced())
		t_skip("a bounce buffer holds 256 KiB in one piece");
	test_buffer_new(&buf, fix.ctx, size, fix.declared);
	test_buffer_fill(&buf, 2);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	assert_in_range(in.segments, 1, size / 4096);
	arg.handle = in.handle;
	/* 4 MiB is the largest piece the page allocator has. */
	for (uint64_t seam = 4 << 20; seam < size; seam += 4 << 20) {
		arg.offset = seam - 32;
		arg.dmas = 0;
		assert_int_equal(ioctl(fix.edu.fd, CEN_EDU_IOC_TRANSFER, &arg), 0);
		assert_int_equal(arg.done, 64);
		assert_in_range(arg.dmas, 1, 2);
		assert_int_equal(edu_write(&fix.edu, &in, 0, 64), 0);
		check_copy(&buf, 2, arg.offset, 0, 64);
	}
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	test_buffer_free(&buf);
}

/*
 * Nobody was declared: the buffer is high up. edu comes late; the buffer goes to where
 * edu reaches it and takes its contents along, under a live mapping.
 */
static void test_late_attach_moves(void **state)
{
	struct test_buffer buf;
	struct edu_buffer in;

	(void)state;
	test_buffer_new(&buf, fix.ctx, SMALL, nobody);
	test_buffer_fill(&buf, 3);
	assert_in_range(test_buffer_bits(&buf), 29, 64);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	if (test_translated(fix.ctx, fix.spec)) {
		/* the IOMMU brings it into reach where it is */
		assert_int_equal(test_buffer_moves(&buf), 0);
		assert_in_range(in.address_bits, 1, T_LOW_BITS);
	} else {
		assert_int_equal(test_buffer_moves(&buf), 1);
		assert_in_range(test_buffer_bits(&buf), 1, T_LOW_BITS);
	}
	assert_int_equal(test_buffer_wrong(&buf, 3, 0, buf.size), 0);
	/* edu and the mapping from before the move see the same memory */
	assert_int_equal(edu_read(&fix.edu, &in, 65536, 4095), 0);
	assert_int_equal(edu_write(&fix.edu, &in, 0, 4095), 0);
	check_copy(&buf, 3, 65536, 0, 4095);
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	test_buffer_free(&buf);
}

static void test_closing_detaches(void **state)
{
	struct test_buffer buf;
	struct edu_buffer in;
	struct edu other;

	(void)state;
	test_buffer_new(&buf, fix.ctx, 64 << 10, fix.declared);
	assert_int_equal(edu_open(&other), 0);
	assert_int_equal(edu_attach(&other, buf.fd, &in), 0);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	assert_int_equal(test_buffer_maps(&buf), 2);
	edu_close(&other);
	assert_int_equal(test_buffer_maps(&buf), 1);
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	test_buffer_free(&buf);
}

/* The dma-buf lives while edu has it, whatever the program closes. */
static void test_import_outlives_the_fd(void **state)
{
	struct test_buffer buf;
	struct edu_buffer in;

	(void)state;
	test_buffer_new(&buf, fix.ctx, 64 << 10, fix.declared);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	test_buffer_free(&buf);
	assert_int_equal(edu_read(&fix.edu, &in, 0, 4095), 0);
	assert_int_equal(edu_write(&fix.edu, &in, 8192, 4095), 0);
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
}

static void test_bad_imports(void **state)
{
	struct test_buffer buf;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	test_buffer_new(&buf, fix.ctx, 4096, fix.declared);
	assert_int_equal(attach_errno(-1, 0), EBADF);
	assert_int_equal(attach_errno(null, 0), EINVAL);
	assert_int_equal(attach_errno(buf.fd, 1), EINVAL);
	assert_int_equal(test_buffer_maps(&buf), 0);
	assert_int_equal(ioctl(fix.edu.fd, _IO(CEN_EDU_IOC_MAGIC, 0x7f)) ? errno : 0, ENOTTY);
	close(null);
	test_buffer_free(&buf);
}

static void test_bad_transfers(void **state)
{
	struct cen_edu_transfer good = { .length = 16 }, bad;
	struct test_buffer buf;
	struct edu_buffer in;

	(void)state;
	test_buffer_new(&buf, fix.ctx, 8192, fix.declared);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	good.handle = in.handle;
	assert_int_equal(transfer_errno(good), 0);

	bad = good, bad.length = 0;
	assert_int_equal(transfer_errno(bad), EINVAL);
	bad = good, bad.length = CEN_EDU_WINDOW + 1;
	assert_int_equal(transfer_errno(bad), EINVAL);
	bad = good, bad.device_offset = CEN_EDU_WINDOW - 15;
	assert_int_equal(transfer_errno(bad), EINVAL);
	bad = good, bad.device_offset = ~0U;
	assert_int_equal(transfer_errno(bad), EINVAL);
	bad = good, bad.direction = 2;
	assert_int_equal(transfer_errno(bad), EINVAL);
	bad = good, bad.offset = 8192 - 15;
	assert_int_equal(transfer_errno(bad), EINVAL);
	bad = good, bad.offset = ~0ULL;
	assert_int_equal(transfer_errno(bad), EINVAL);
	bad = good, bad.handle = in.handle + 1;
	assert_int_equal(transfer_errno(bad), ENOENT);

	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	assert_int_equal(edu_detach(&fix.edu, &in), -ENOENT);
	assert_int_equal(transfer_errno(good), ENOENT);
	test_buffer_free(&buf);
}

static void test_too_many_imports(void **state)
{
	struct edu_buffer in[65];
	struct test_buffer buf;
	struct edu other;

	(void)state;
	test_buffer_new(&buf, fix.ctx, 4096, fix.declared);
	assert_int_equal(edu_open(&other), 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(edu_attach(&other, buf.fd, &in[i]), 0);
	assert_int_equal(edu_attach(&other, buf.fd, &in[64]), -EBUSY);
	assert_int_equal(test_buffer_maps(&buf), 64);
	edu_close(&other);
	assert_int_equal(test_buffer_maps(&buf), 0);
	test_buffer_free(&buf);
}

/* The driver goes while a program holds it open: mappings end, calls say ENODEV. */
static void test_unbind_while_open(void **state)
{
	struct test_buffer buf;
	struct edu_buffer in;
	char line[128];

	(void)state;
	test_buffer_new(&buf, fix.ctx, 64 << 10, fix.declared);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	snprintf(line, sizeof(line), "echo %s > /sys/bus/pci/drivers/cen_edu/unbind", fix.edu.pci);
	assert_true(test_run(line));
	assert_int_equal(test_buffer_maps(&buf), 0);
	assert_int_equal(edu_read(&fix.edu, &in, 0, 16), -ENODEV);
	assert_int_equal(edu_detach(&fix.edu, &in), -ENODEV);
	assert_int_equal(attach_errno(buf.fd, 0), ENODEV);

	snprintf(line, sizeof(line), "echo %s > /sys/bus/pci/drivers/cen_edu/bind", fix.edu.pci);
	assert_true(test_run(line));
	edu_close(&fix.edu);
	assert_int_equal(edu_open(&fix.edu), 0);
	assert_int_equal(edu_attach(&fix.edu, buf.fd, &in), 0);
	assert_int_equal(edu_read(&fix.edu, &in, 0, 16), 0);
	assert_int_equal(edu_detach(&fix.edu, &in), 0);
	test_buffer_free(&buf);
}

static int setup(void **state)
{
	(void)state;
	fix.ctx = cen_ctx_open(CEN_CTX_MODULE);
	if (!fix.ctx || edu_open(&fix.edu))
		return -1;
	snprintf(fix.spec, sizeof(fix.spec), "pci:%s", fix.edu.pci);
	fix.declared[0] = fix.spec;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	edu_close(&fix.edu);
	cen_ctx_close(fix.ctx);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits_known),
		cmocka_unit_test(test_declared_buffer_is_in_reach),
		cmocka_unit_test(test_bytes_arrive),
		cmocka_unit_test(test_cpu_writes_arrive),
		cmocka_unit_test(test_scattered_buffer),
		cmocka_unit_test(test_late_attach_moves),
		cmocka_unit_test(test_closing_detaches),
		cmocka_unit_test(test_import_outlives_the_fd),
		cmocka_unit_test(test_bad_imports),
		cmocka_unit_test(test_bad_transfers),
		cmocka_unit_test(test_too_many_imports),
		cmocka_unit_test(test_unbind_while_open),
	};

	if (!test_run("modprobe cen_edu")) {
		printf("1..0 # SKIP no module cen_edu\n");
		return 0;
	}
	return cmocka_run_group_tests_name("edu", tests, setup, teardown);
}
