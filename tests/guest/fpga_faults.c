// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation of loading and of slots fails once, see fail_nth.h. Kernel maps that fail make
 * the dma-buf core warn, so this has a boot of its own.
 */
#include "common.h"
#include "fail_nth.h"
#include "fpga_common.h"

#define SIZE	(64 * KIB)
#define R	f_region[0]

static int buffer = -1;

static void own_buffer(void)
{
	buffer = f_buffer(SIZE, 0xfa, 1);
}

static void foreign_buffer(void)
{
	buffer = f_foreign(SIZE, 0xfa, 1);
}

static void close_buffer(void)
{
	if (buffer >= 0)
		close(buffer);
	buffer = -1;
}

static int op_load(void)
{
	return f_load(R, buffer, CEN_FPGA_PARTIAL);
}

/* A load that failed for want of memory is told as that, and the next one works. */
static void check_load(int ret)
{
	struct cen_fpga_info info = must_f_info(R);

	if (ret == -ENOMEM && info.last.error) {
		assert_int_equal(info.last.error, -ENOMEM);
		assert_true(info.last.step != CEN_FPGA_STEP_NONE);
	}
	assert_ok(f_load(R, buffer, CEN_FPGA_PARTIAL));
	assert_int_equal(f_design(F_TABLES, 1), 0xfa);
}

static void loads(void **state)
{
	const struct t_op op = {
		.name = "load", .prepare = own_buffer, .run = op_load, .check = check_load,
		.undo = close_buffer,
	};

	(void)state;
	assert_true(t_fail_each(&op) > 3);
}

static void loads_foreign(void **state)
{
	const struct t_op op = {
		.name = "load foreign", .prepare = foreign_buffer, .run = op_load,
		.check = check_load, .undo = close_buffer,
	};

	(void)state;
	assert_true(t_fail_each(&op) > 3);
}

static void nothing(void)
{
}

static void drop_slots(void)
{
	f_rmdir(R, "a");
	f_rmdir(R, NULL);
	close_buffer();
}

static int op_mkdir(void)
{
	int ret = f_mkdir(R, NULL);

	return ret ? ret : f_mkdir(R, "a");
}

static void makes_slots(void **state)
{
	const struct t_op op = {
		.name = "mkdir", .prepare = nothing, .run = op_mkdir, .undo = drop_slots,
	};

	(void)state;
	assert_true(t_fail_each(&op) > 3);
}

static void empty_slot(void)
{
	assert_ok(f_mkdir(R, NULL));
	assert_ok(f_mkdir(R, "a"));
	assert_ok(f_put(R, "a", "flags", "partial"));
}

static void empty_slot_and_buffer(void)
{
	own_buffer();
	empty_slot();
}

static int op_fill(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", buffer);
	return f_put(R, "a", "dmabuf", text);
}

/* A slot that took the buffer can be switched to, whatever was not there when it took it. */
static void check_fill(int ret)
{
	if (ret < 0)
		return;
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_int_equal(f_design(F_TABLES, 1), 0xfa);
}

static void fills_slots(void **state)
{
	const struct t_op op = {
		.name = "dmabuf", .prepare = empty_slot_and_buffer, .run = op_fill,
		.check = check_fill, .undo = drop_slots,
	};

	(void)state;
	assert_true(t_fail_each(&op) > 3);
}

static int op_firmware(void)
{
	return f_put(R, "a", "firmware", "faults.bin");
}

static void reads_firmware(void **state)
{
	const struct t_op op = {
		.name = "firmware", .prepare = empty_slot, .run = op_firmware,
		.check = check_fill, .undo = drop_slots,
	};

	(void)state;
	f_firmware("faults.bin", 8 * KIB, 0xfa, 1);
	assert_true(t_fail_each(&op) > 3);
	unlink(F_FIRMWARE_DIR "/faults.bin");
}

static void full_slot(void)
{
	own_buffer();
	must_slot(R, "a", buffer);
}

static int op_switch(void)
{
	return f_put(R, NULL, "active", "a");
}

static void check_switch(int ret)
{
	(void)ret;
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_string_equal(f_read(R, NULL, "active"), "a");
	assert_int_equal(f_design(F_TABLES, 1), 0xfa);
}

static void switches(void **state)
{
	const struct t_op op = {
		.name = "active", .prepare = full_slot, .run = op_switch, .check = check_switch,
		.undo = drop_slots,
	};

	(void)state;
	assert_true(t_fail_each(&op) > 1);
}

static const struct CMUnitTest tests[] = {
	f_test(loads),
	f_test(loads_foreign),
	f_test(makes_slots),
	f_test(fills_slots),
	f_test(reads_firmware),
	f_test(switches),
};

int main(void)
{
	int ret;

	if (t_fail_nth_init())
		t_skip_all("no fault injection in this kernel");
	f_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	f_end();
	return ret;
}
