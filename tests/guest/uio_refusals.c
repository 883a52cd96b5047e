// SPDX-License-Identifier: GPL-2.0
/*
 * Program lists that are refused: by which errno, for which reason, wanted against
 * offered; and that nothing of a refused list was written. edu is never started here
 * with anything wrong: QEMU would end the machine.
 */
#include <linux/udmabuf.h>

#include "uio_common.h"

static int both, in, out;	/* handles of 8 KiB */

static int setup(void **state)
{
	int ret = u_setup(state), fd;

	if (ret)
		return ret;
	fd = must_edu_buffer(8192);
	both = u_attach(fd, CEN_UIO_DIRECTIONS);
	in = u_attach(fd, CEN_UIO_TO_DEVICE);
	out = u_attach(fd, CEN_UIO_FROM_DEVICE);
	assert_true(both > 0 && in > 0 && out > 0);
	return 0;
}

static void expect(const char *what, int got, int error, uint32_t code, uint32_t index,
		   uint64_t wanted, uint64_t offered, int line)
{
	t_assert_errno(what, got, error, __FILE__, line);
	if (u_reason.code != code || u_reason.index != index || u_reason.wanted != wanted ||
	    u_reason.offered != offered) {
		print_error("# %s: code %u index %u wanted %#llx offered %#llx\n", what,
			    u_reason.code, u_reason.index, (unsigned long long)u_reason.wanted,
			    (unsigned long long)u_reason.offered);
		_fail(__FILE__, line);
	}
}

#define refused(call, error, code, index, wanted, offered)			\
	expect(#call, call, error, CEN_UIO_WHY_##code, index, wanted, offered, __LINE__)

static void test_registers(void **state)
{
	struct cen_uio_write write;

	(void)state;
	refused(u_run(u_value(0x70, 1)), EPERM, REGISTER, 0, 0x70, 0);
	refused(u_run(u_value(0x82, 1)), EPERM, REGISTER, 0, 0x82, 0);
	refused(u_run(u_value(EDU_LIVENESS, 1), u_value(0xffffffffff, 1)), EPERM, REGISTER, 1,
		0xffffffffff, 0);
	refused(u_run(cen_uio_value(1, EDU_LIVENESS, 1)), EPERM, REGISTER, 0, EDU_LIVENESS, 0);
	refused(u_run(cen_uio_value(~0U, EDU_LIVENESS, 1)), EPERM, REGISTER, 0, EDU_LIVENESS, 0);
	write = u_value(EDU_LIVENESS, 1), write.width = 64;
	refused(u_program(&write, 1), EPERM, WIDTH, 0, 64, 32);
	write = u_value(EDU_SOURCE, EDU_OWN), write.width = 32;
	refused(u_program(&write, 1), EPERM, WIDTH, 0, 32, 64);
	refused(u_run(u_value(EDU_ID, 1)), EPERM, KIND, 0, CEN_UIO_REG_RW, CEN_UIO_REG_RO);
	refused(u_run(u_address(EDU_LIVENESS, both, 0, 1)), EPERM, KIND, 0, CEN_UIO_REG_ADDRESS,
		CEN_UIO_REG_RW);
	refused(u_run(u_address(EDU_COUNT, both, 0, 1)), EPERM, KIND, 0, CEN_UIO_REG_ADDRESS,
		CEN_UIO_REG_LENGTH);
}

static void test_values(void **state)
{
	(void)state;
	refused(u_run(u_value(EDU_COUNT, 0)), EPERM, VALUE, 0, 0, 1);
	refused(u_run(u_value(EDU_COUNT, 0x1000)), EPERM, VALUE, 0, 0x1000, 0xfff);
	refused(u_run(u_value(EDU_STATUS, 1)), EPERM, VALUE, 0, 1, 0x80);
	refused(u_run(u_value(EDU_LIVENESS, 1ULL << 32)), EPERM, VALUE, 0, 1ULL << 32, ~0U);
	/* a number in an address register is a place in edu's own memory and nothing else */
	refused(u_run(u_value(EDU_SOURCE, 1)), EPERM, VALUE, 0, 1, EDU_OWN);
	refused(u_run(u_value(EDU_SOURCE, EDU_OWN - 1)), EPERM, VALUE, 0, EDU_OWN - 1, EDU_OWN);
	refused(u_run(u_value(EDU_SOURCE, EDU_OWN + 0xfff)), EPERM, VALUE, 0, EDU_OWN + 0xfff,
		EDU_OWN + 0xffe);
	refused(u_run(u_value(EDU_DEST, ~0ULL)), EPERM, VALUE, 0, ~0ULL, EDU_OWN + 0xffe);
}

static void test_reading(void **state)
{
	uint64_t value;

	(void)state;
	refused(u_read(EDU_SOURCE, 64, &value), EPERM, KIND, CEN_UIO_NO_INDEX, CEN_UIO_REG_RO,
		CEN_UIO_REG_ADDRESS);
	refused(u_read(EDU_DEST, 64, &value), EPERM, KIND, CEN_UIO_NO_INDEX, CEN_UIO_REG_RO,
		CEN_UIO_REG_ADDRESS);
	refused(u_read(EDU_SOURCE, 32, &value), EPERM, KIND, CEN_UIO_NO_INDEX, CEN_UIO_REG_RO,
		CEN_UIO_REG_ADDRESS);
	refused(u_read(EDU_SOURCE + 4, 32, &value), EPERM, REGISTER, CEN_UIO_NO_INDEX,
		EDU_SOURCE + 4, 0);
	refused(u_read(EDU_IRQ_ACK, 32, &value), EPERM, KIND, CEN_UIO_NO_INDEX, CEN_UIO_REG_RO,
		CEN_UIO_REG_WO);
	refused(u_read(EDU_LIVENESS, 8, &value), EPERM, WIDTH, CEN_UIO_NO_INDEX, 8, 32);
	assert_ok(u_read(EDU_ID, 32, &value));
	assert_int_equal(value & 0xffff, 0x00ed);
}

static void test_buffers(void **state)
{
	(void)state;
	refused(u_run(u_address(EDU_SOURCE, both + 1000, 0, 1)), ENOENT, HANDLE, 0, both + 1000, 0);
	refused(u_run(u_address(EDU_SOURCE, both, 8192, 1)), ERANGE, BOUNDS, 0, 8193, 8192);
	refused(u_run(u_address(EDU_SOURCE, both, 8191, 2)), ERANGE, BOUNDS, 0, 8193, 8192);
	refused(u_run(u_address(EDU_SOURCE, both, 0, ~0ULL)), ERANGE, BOUNDS, 0, ~0ULL, 8192);
	refused(u_run(u_address(EDU_SOURCE, both, ~0ULL, 2)), ERANGE, BOUNDS, 0, ~0ULL, 8192);
	assert_ok(u_run(u_address(EDU_SOURCE, both, 8191, 1)));
}

#define GO_IN	u_value(EDU_COMMAND, EDU_RUN | EDU_WANT_IRQ)
#define GO_OUT	u_value(EDU_COMMAND, EDU_RUN | EDU_TO_MEMORY | EDU_WANT_IRQ)
#define OWN	EDU_OWN

/* A start whose registers do not hold what it uses. Each would hit memory not its own. */
static void test_starts(void **state)
{
	(void)state;
	/* nothing was written yet: whatever the registers hold, it is not ours */
	refused(u_run(GO_IN), EPERM, ADDRESS, 0, EDU_COUNT, 0);
	refused(u_run(u_value(EDU_COUNT, 64), GO_IN), EPERM, ADDRESS, 1, EDU_SOURCE, 0);
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64), GO_IN), EPERM,
		ADDRESS, 2, EDU_DEST, 0);
	/* "own memory" where the device would use it as memory of the machine */
	refused(u_run(u_value(EDU_COUNT, 64), u_value(EDU_SOURCE, OWN), u_value(EDU_DEST, OWN),
		      GO_IN), EPERM, ADDRESS, 3, EDU_SOURCE, 0);
	refused(u_run(u_value(EDU_COUNT, 64), u_value(EDU_SOURCE, OWN), u_value(EDU_DEST, OWN),
		      GO_OUT), EPERM, ADDRESS, 3, EDU_DEST, 0);
	/* and the other way round: hardware would end here */
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64),
		      u_address(EDU_DEST, out, 0, 64), GO_IN), EPERM, ADDRESS, 3, EDU_DEST, 0);
	/* an address that was taken back */
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64),
		      u_value(EDU_DEST, OWN), u_value(EDU_SOURCE, 0), GO_IN), EPERM, ADDRESS, 4,
		EDU_SOURCE, 0);
	/* directions */
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, out, 0, 64),
		      u_value(EDU_DEST, OWN), GO_IN), EACCES, DIRECTION, 3, CEN_UIO_TO_DEVICE,
		CEN_UIO_FROM_DEVICE);
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_DEST, in, 0, 64),
		      u_value(EDU_SOURCE, OWN), GO_OUT), EACCES, DIRECTION, 3, CEN_UIO_FROM_DEVICE,
		CEN_UIO_TO_DEVICE);
}

static void test_lengths(void **state)
{
	(void)state;
	refused(u_run(u_value(EDU_COUNT, 65), u_address(EDU_SOURCE, in, 0, 64),
		      u_value(EDU_DEST, OWN), GO_IN), ERANGE, LENGTH, 3, 65, 64);
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64),
		      u_value(EDU_DEST, OWN + 0xfff - 63), GO_IN), ERANGE, LENGTH, 3, 64, 63);
	/* the length comes later, in a list of its own: it counts */
	assert_ok(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64),
			u_value(EDU_DEST, OWN)));
	refused(u_run(u_value(EDU_COUNT, 4000), GO_IN), ERANGE, LENGTH, 1, 4000, 64);
	assert_ok(u_run(u_value(EDU_COUNT, 4000)));
	refused(u_run(GO_IN), ERANGE, LENGTH, 0, 4000, 64);
	refused(u_write(EDU_COMMAND, 64, EDU_RUN), ERANGE, LENGTH, 0, 4000, 64);
}

static void test_commands(void **state)
{
	(void)state;
	/* not named by any start line, so nobody knows what it does */
	refused(u_run(u_value(EDU_COMMAND, EDU_WANT_IRQ)), EPERM, COMMAND, 0, EDU_WANT_IRQ, 0);
	refused(u_run(u_value(EDU_COMMAND, 0)), EPERM, COMMAND, 0, 0, 0);
	refused(u_run(u_value(EDU_COMMAND, EDU_RUN | 8)), EPERM, VALUE, 0, EDU_RUN | 8, 7);
	/* behind a start the device is at work */
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64),
		      u_value(EDU_DEST, OWN), GO_IN, u_value(EDU_COUNT, 1)), EPERM, ORDER, 4,
		EDU_COUNT, 0);
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64),
		      u_value(EDU_DEST, OWN), GO_IN, GO_IN), EPERM, ORDER, 4, EDU_COMMAND, 0);
	/* but what has nothing to do with it may follow */
	assert_ok(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64),
			u_value(EDU_DEST, OWN), GO_IN, u_value(EDU_LIVENESS, 5)));
	must_idle();
}

/* What is refused while edu works. The answers first: they must come in time. */
static bool busy(void)
{
	struct cen_uio_reason reasons[3];
	int answers[3], detached;
	uint64_t value;
	bool in_time;

	assert_ok(u_start_in(in, 0, 0, 64));
	answers[0] = u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 64, 64),
			   u_value(EDU_DEST, OWN), GO_IN);
	reasons[0] = u_reason;
	answers[1] = u_run(u_value(EDU_COUNT, 1));
	reasons[1] = u_reason;
	answers[2] = u_run(u_value(EDU_SOURCE, 0));
	reasons[2] = u_reason;
	detached = u_detach(in);
	in_time = u_in_time();
	if (in_time) {
		for (int i = 0; i < 3; i++) {
			assert_errno(answers[i], EBUSY);
			assert_int_equal(reasons[i].code, CEN_UIO_WHY_BUSY);
			assert_int_equal(reasons[i].index, CEN_UIO_NO_INDEX);
		}
		/* a buffer it works with stays */
		assert_errno(detached, EBUSY);
	}
	/* the rest of the device is at hand meanwhile */
	assert_ok(u_write(EDU_LIVENESS, 32, 5));
	assert_ok(u_read(EDU_LIVENESS, 32, &value));
	assert_u64_equal(value, 0xfffffffa);
	must_idle();
	if (!in_time && !detached)
		in = u_attach(must_edu_buffer(8192), CEN_UIO_TO_DEVICE);
	return in_time;
}

static void test_busy(void **state)
{
	int tries = U_TRIES;

	(void)state;
	while (tries && !busy())
		tries--;
	if (!tries)
		t_skip("this machine has too much else to do");
	/* another buffer may go at any time */
	assert_ok(u_detach(out));
	assert_ok(u_detach(in));
	/* with the buffer its address has gone from the register */
	refused(u_run(u_value(EDU_COUNT, 64), GO_IN), EPERM, ADDRESS, 1, EDU_SOURCE, 0);
}

/* A device may count its registers on, so none of them serves a second transfer. */
static void test_used_up(void **state)
{
	(void)state;
	must_in(in, 0, 0, 64);
	refused(u_run(GO_IN), EPERM, ADDRESS, 0, EDU_COUNT, 0);
	refused(u_run(u_value(EDU_COUNT, 64), GO_IN), EPERM, ADDRESS, 1, EDU_SOURCE, 0);
	refused(u_run(u_value(EDU_COUNT, 64), u_address(EDU_SOURCE, in, 0, 64), GO_IN), EPERM,
		ADDRESS, 2, EDU_DEST, 0);
	must_in(in, 0, 0, 64);
	assert_ok(u_detach(in));
}

/* All or nothing: a list that fails at its end has not begun. */
static void test_nothing_written(void **state)
{
	uint64_t value;

	(void)state;
	assert_ok(u_write(EDU_LIVENESS, 32, 0x11));
	refused(u_run(u_value(EDU_LIVENESS, 0x22), u_value(EDU_ID, 0)), EPERM, KIND, 1,
		CEN_UIO_REG_RW, CEN_UIO_REG_RO);
	assert_ok(u_read(EDU_LIVENESS, 32, &value));
	assert_u64_equal(value, 0xffffffee);
	assert_ok(u_run(u_value(EDU_COUNT, 100)));
	refused(u_run(u_value(EDU_COUNT, 200), u_value(EDU_ID, 0)), EPERM, KIND, 1,
		CEN_UIO_REG_RW, CEN_UIO_REG_RO);
	assert_ok(u_read(EDU_COUNT, 64, &value));
	assert_u64_equal(value, 100);
}

/* --- rules that are stricter than edu is ------------------------------------------------- */

#define STRICT									\
	"dma-bits 64; reg 0:0x80 width 32 address align 4096 boundary 0x2000;"	\
	"reg 0:0x88 width 64 address; reg 0:0x90 width 64 length min 1 max 0xfff;"	\
	"reg 0:0x98 width 64 command; settle 0;"				\
	"start 0:0x98 mask 0xff value 0x7f length 0:0x90 reads 0:0x80 writes 0:0x88"

static int one_write(uint64_t reg, uint32_t width, int handle, uint64_t offset, uint64_t length)
{
	struct cen_uio_write write = u_address(reg, handle, offset, length);

	write.width = width;
	return u_program(&write, 1);
}

static void test_placement(void **state)
{
	struct cen_device low = t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	int fd = must_create(64 * KIB), handle;

	(void)state;
	assert_ok(u_bind_text(STRICT));
	u_open();
	assert_ok(t_declare(fd, &low, 1));
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	/* what the register cannot hold */
	refused(one_write(EDU_SOURCE, 32, handle, 8, 8), ERANGE, ALIGN, 0, 4096, 0);
	refused(one_write(EDU_SOURCE, 32, handle, 4096, 0x2001), ERANGE, BOUNDARY, 0, 0x2000, 0);
	assert_ok(one_write(EDU_SOURCE, 32, handle, 4096, 4096));
	assert_ok(one_write(EDU_DEST, 64, handle, 8, 0x2001));
	/* no own memory was named */
	refused(u_run(u_value(EDU_DEST, EDU_OWN)), EPERM, KIND, 0, CEN_UIO_REG_RW,
		CEN_UIO_REG_ADDRESS);
}

/* 6 GiB of memory: a buffer that nobody declared is above 4 GiB, a 32-bit register below. */
static void test_register_width(void **state)
{
	int fd, handle;

	(void)state;
	if (u_confined())
		t_skip("the IOMMU gives it a low address");
	if (t_swiotlb_forced())
		t_skip("bounce buffers are low");
	assert_ok(u_bind_text(STRICT));
	u_open();
	fd = must_create(64 * KIB);
	assert_ok(t_commit(fd));
	assert_true(must_info(fd).addr_bits > 32);
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	refused(one_write(EDU_SOURCE, 32, handle, 0, 4096), ERANGE, BITS, 0, must_info(fd).addr_bits,
		32);
	assert_ok(one_write(EDU_DEST, 64, handle, 0, 4096));
}

/* A udmabuf that has the same page twice cannot be one piece. */
static int twice_the_same_page(void)
{
	struct {
		struct udmabuf_create_list list;
		struct udmabuf_create_item items[2];
	} arg = { .list = { .flags = UDMABUF_FLAGS_CLOEXEC, .count = 2 } };
	int memfd = memfd_create("uio", MFD_ALLOW_SEALING), udmabuf = open("/dev/udmabuf", O_RDWR);

	if (udmabuf < 0)
		return -errno;
	assert_ok(ftruncate(memfd, 4096));
	assert_ok(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK));
	for (int i = 0; i < 2; i++)
		arg.items[i] = (struct udmabuf_create_item) { .memfd = memfd, .size = 4096 };
	return t_ioctl(udmabuf, UDMABUF_CREATE_LIST, &arg);
}

static void test_segments(void **state)
{
	int fd = twice_the_same_page(), handle;

	(void)state;
	if (fd < 0)
		t_skip("no udmabuf");
	if (u_confined() || t_swiotlb_forced())
		t_skip("its pages are one piece to this device");
	assert_ok(u_bind_text(STRICT));
	u_open();
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	refused(one_write(EDU_DEST, 64, handle, 0, 4097), ERANGE, SEGMENT, 0, 4097, 4096);
	refused(one_write(EDU_DEST, 64, handle, 4095, 2), ERANGE, SEGMENT, 0, 2, 1);
	assert_ok(one_write(EDU_DEST, 64, handle, 0, 4096));
	assert_ok(one_write(EDU_DEST, 64, handle, 4096, 4096));
}

/* 28 bits again: memory that is out of reach is refused when it is attached. */
static void test_out_of_reach(void **state)
{
	int fd = must_create(64 * KIB), vmap;

	(void)state;
	if (u_confined() || t_swiotlb_forced())
		t_skip("this device reaches all memory");
	/* A kernel map keeps cenalloc from moving it. */
	assert_ok(t_commit(fd));
	vmap = t_vmap(fd);
	assert_ok(vmap);
	assert_errno(u_attach(fd, CEN_UIO_TO_DEVICE), EBUSY);
	assert_ok(t_release(vmap));
	assert_ok(u_attach(fd, CEN_UIO_TO_DEVICE));
}

#define r_test(f)	cmocka_unit_test_setup_teardown(f, setup, u_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		r_test(test_registers),
		r_test(test_values),
		r_test(test_reading),
		r_test(test_buffers),
		r_test(test_starts),
		r_test(test_lengths),
		r_test(test_commands),
		r_test(test_busy),
		r_test(test_used_up),
		r_test(test_nothing_written),
		r_test(test_out_of_reach),
		u_test(test_placement),
		u_test(test_register_width),
		u_test(test_segments),
	};
	int ret;

	u_begin();
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
	u_end();
	return ret;
}
