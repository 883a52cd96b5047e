// SPDX-License-Identifier: GPL-2.0
/*
 * Slots: directories of configfs, filled once, switched by one write, truthful after a failure.
 */
#include <sys/stat.h>

#include "fpga_common.h"

#define SIZE	(256 * KIB)
#define R	f_region[0]

static void two_slots(void)
{
	must_slot(R, "a", f_buffer(SIZE, 0xa, 1));
	must_slot(R, "b", f_buffer(SIZE, 0xb, 1));
}

static void made_and_removed(void **state)
{
	(void)state;
	assert_errno(f_mkdir("region99", NULL), ENODEV);
	assert_errno(f_mkdir("bogus", NULL), ENODEV);
	assert_ok(f_mkdir(R, NULL));
	assert_errno(f_mkdir(R, NULL), EEXIST);
	assert_ok(f_mkdir(f_manager[F_STREAMS], NULL));
	assert_ok(f_mkdir(R, "a"));
	assert_errno(f_mkdir(R, "0123456789012345678901234567890123456789012345678901234567890123"),
		     ENAMETOOLONG);
	assert_string_equal(f_read(R, "a", "state"), "empty");
	assert_string_equal(f_read(R, "a", "size"), "0");
	assert_string_equal(f_read(R, "a", "firmware"), "");
	assert_string_equal(f_read(R, "a", "flags"), "");
	assert_string_equal(f_read(R, "a", "switches"), "0");
	assert_string_equal(f_read(R, NULL, "active"), "");
	assert_errno(f_rmdir(R, NULL), ENOTEMPTY);
	assert_ok(f_rmdir(R, "a"));
	assert_ok(f_rmdir(R, NULL));
}

static void switched(void **state)
{
	uint64_t before;

	(void)state;
	two_slots();
	before = strtoull(f_read(R, NULL, "switches"), NULL, 10);
	assert_string_equal(f_read(R, "a", "state"), "ready");
	assert_int_equal(strtoul(f_read(R, "a", "size"), NULL, 10), SIZE);
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_int_equal(f_design(F_TABLES, 1), 0xa);
	assert_string_equal(f_read(R, NULL, "active"), "a");
	assert_string_equal(f_read(R, "a", "state"), "active");
	assert_string_equal(f_read(R, "b", "state"), "ready");
	assert_ok(f_put(R, NULL, "active", "b\n"));
	assert_int_equal(f_design(F_TABLES, 1), 0xb);
	assert_string_equal(f_read(R, NULL, "active"), "b");
	assert_string_equal(f_read(R, NULL, "previous"), "a");
	assert_string_equal(f_read(R, "a", "state"), "ready");
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_string_equal(f_read(R, "b", "switches"), "2");
	assert_u64_equal(strtoull(f_read(R, NULL, "switches"), NULL, 10), before + 3);
	assert_string_equal(f_read(R, NULL, "state"), "operating");
	assert_string_equal(f_read(R, NULL, "message"), "");
	assert_string_equal(f_read(R, NULL, "isolated"), "0");
	assert_true(strtoull(f_read(R, NULL, "last_switch_ns"), NULL, 10) > 0);
	assert_string_equal(f_read(R, NULL, "last_switch_ns"), f_read(R, "b", "last_switch_ns"));
	assert_string_equal(must_f_info(R).active, "b");
}

/* Both regions, each with its own. */
static void regions_are_apart(void **state)
{
	(void)state;
	must_slot(R, "a", f_buffer(SIZE, 0xa, 1));
	must_slot(f_region[1], "a", f_buffer(SIZE, 0xaa, 2));
	assert_ok(f_put(f_region[1], NULL, "active", "a"));
	assert_string_equal(f_read(R, "a", "state"), "ready");
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_int_equal(f_design(F_TABLES, 1), 0xa);
	assert_int_equal(f_design(F_TABLES, 2), 0xaa);
}

/* Managers without regions have slots as well; the others cannot use theirs. */
static void slots_of_managers(void **state)
{
	(void)state;
	for (int kind = F_STREAMS; kind < F_KINDS; kind++) {
		must_slot(f_manager[kind], "own", f_buffer(SIZE, 0xc, F_WHOLE));
		assert_ok(f_put(f_manager[kind], "own", "flags", "\n"));
		must_slot(f_manager[kind], "foreign", f_foreign(SIZE, 0xf, F_WHOLE));
		assert_ok(f_put(f_manager[kind], "foreign", "flags", "\n"));
		assert_ok(f_put(f_manager[kind], NULL, "active", "own"));
		assert_int_equal(f_design(kind, 0), 0xc);
		assert_ok(f_put(f_manager[kind], NULL, "active", "foreign"));
		assert_int_equal(f_design(kind, 0), 0xf);
	}
	must_slot(f_manager[F_TABLES], "own", f_buffer(SIZE, 0xc, F_WHOLE));
	assert_errno(f_put(f_manager[F_TABLES], NULL, "active", "own"), EOPNOTSUPP);
}

/* --- filling ------------------------------------------------------------------------------------- */

static void filled_with_firmware(void **state)
{
	static const size_t sizes[] = {
		F_HEADER + 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1,
		100000, 128 * KIB, 192 * KIB, 192 * KIB + 1, MIB, 3 * MIB + 17,
	};
	char name[32];

	(void)state;
	assert_ok(f_mkdir(R, NULL));
	assert_ok(f_mkdir(R, "fw"));
	assert_ok(f_put(R, "fw", "flags", "partial"));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(name, sizeof(name), "cen-%zu.bin", sizes[i]);
		f_firmware(name, sizes[i], 0x100 + i, 1);
		assert_ok(f_put(R, "fw", "firmware", name));
		assert_string_equal(f_read(R, "fw", "firmware"), name);
		assert_int_equal(strtoul(f_read(R, "fw", "size"), NULL, 10), sizes[i]);
		/* one copy of it, in whole pages */
		assert_int_equal(t_buffers(), 1);
		assert_u64_equal(t_used(), (sizes[i] + PAGE - 1) & ~(PAGE - 1));
		assert_ok(t_sh("rm " F_FIRMWARE_DIR "/%s", name));
		assert_ok(f_put(R, NULL, "active", "fw"));
		assert_int_equal(f_design(F_TABLES, 1), 0x100 + i);
	}
}

static void firmware_that_is_not_there(void **state)
{
	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_errno(f_put(R, "b", "firmware", "no-such-file"), ENOENT);
	assert_true(!strncmp(f_read(R, NULL, "message"), "firmware: ", 10));
	assert_errno(f_put(R, "b", "firmware", "../etc/passwd"), EINVAL);
	assert_ok(t_sh(": > " F_FIRMWARE_DIR "/empty"));
	assert_true(f_put(R, "b", "firmware", "empty") < 0);
	assert_errno(f_put(R, "b", "firmware", "\n"), EINVAL);
	/* it holds what it held */
	assert_string_equal(f_read(R, "b", "state"), "ready");
	assert_string_equal(f_read(R, NULL, "active"), "a");
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_int_equal(f_design(F_TABLES, 1), 0xb);
}

static void filled_with_a_part(void **state)
{
	int fd = must_create(4 * SIZE);
	uint8_t *at = must_map(fd, 4 * SIZE);
	char text[64];

	(void)state;
	f_image(at + SIZE + 100, SIZE - 8, 0x200, 1);
	must_unmap(at, 4 * SIZE);
	assert_ok(f_mkdir(R, NULL));
	assert_ok(f_mkdir(R, "part"));
	assert_ok(f_put(R, "part", "flags", "partial"));
	snprintf(text, sizeof(text), "%d %lu 0x%lx\n", fd, SIZE + 100, SIZE - 8);
	assert_ok(f_put(R, "part", "dmabuf", text));
	close(fd);	/* the slot has it */
	assert_int_equal(strtoul(f_read(R, "part", "size"), NULL, 10), SIZE - 8);
	assert_ok(f_put(R, NULL, "active", "part"));
	assert_int_equal(f_design(F_TABLES, 1), 0x200);
}

static void bad_texts(void **state)
{
	static const char *const dmabufs[] = { "x", "", " ", "1 2 3 4", "3,4", "-1", "0x", "3 -1" };
	static const char *const flags[] = { "whole", "partial,encrypted", "Partial", "partial x" };
	static const char *const timeouts[] = { "x", "-1", "4294967296", "1 2" };
	char text[64];
	int fd = f_buffer(SIZE, 0xa, 1), pipes[2];

	(void)state;
	must_slot(R, "a", fd);
	for (size_t i = 0; i < ARRAY_SIZE(dmabufs); i++)
		if (dmabufs[i][0])
			assert_errno(f_put(R, "a", "dmabuf", dmabufs[i]), EINVAL);
	assert_errno(f_put(R, "a", "dmabuf", "99999"), EBADF);
	assert_errno(f_put(R, "a", "dmabuf", "4294967299"), EBADF);
	assert_ok(pipe2(pipes, O_CLOEXEC) ? -errno : 0);
	snprintf(text, sizeof(text), "%d", pipes[0]);
	assert_errno(f_put(R, "a", "dmabuf", text), EINVAL);
	snprintf(text, sizeof(text), "%d %lu", fd, SIZE);
	assert_errno(f_put(R, "a", "dmabuf", text), ERANGE);
	snprintf(text, sizeof(text), "%d 1 %lu", fd, SIZE);
	assert_errno(f_put(R, "a", "dmabuf", text), ERANGE);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		assert_errno(f_put(R, "a", "flags", flags[i]), EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++)
		assert_errno(f_put(R, "a", "complete_timeout_us", timeouts[i]),
			     timeouts[i][0] == '4' ? ERANGE : EINVAL);
	assert_ok(f_put(R, "a", "flags", " lsb-first  partial\tcompressed encrypted\n"));
	assert_string_equal(f_read(R, "a", "flags"), "partial encrypted compressed lsb-first");
	assert_ok(f_put(R, "a", "flags", "partial"));
	assert_ok(f_put(R, "a", "enable_timeout_us", "1000"));
	assert_string_equal(f_read(R, "a", "enable_timeout_us"), "1000");
	assert_ok(f_put(R, NULL, "active", "a"));
}

static void unknown_and_empty(void **state)
{
	(void)state;
	two_slots();
	assert_ok(f_mkdir(R, "empty"));
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_errno(f_put(R, NULL, "active", "nothing"), ENOENT);
	assert_errno(f_put(R, NULL, "active", "\n"), ENOENT);
	assert_errno(f_put(R, NULL, "active", "empty"), ENODATA);
	assert_string_equal(f_read(R, NULL, "active"), "a");
}

static void overlays(void **state)
{
	(void)state;
	if (f_overlays())
		t_skip("this kernel has overlays, see fpga_overlay");
	must_slot(R, "a", f_buffer(SIZE, 0xa, 1));
	/* a clear refusal, and everything else works */
	assert_errno(f_put(R, "a", "overlay", "a.dtbo"), EOPNOTSUPP);
	assert_string_equal(f_read(R, "a", "overlay"), "");
	assert_ok(f_put(R, "a", "overlay", "\n"));
	assert_ok(f_put(R, NULL, "active", "a"));
}

/* --- failures ---------------------------------------------------------------------------------------- */

/* @active, @state: what is told after a switch from a to b that fails with @knob of @device. */
static void switch_fails(const char *device, const char *knob, const char *step,
			 const char *active, bool isolated)
{
	uint64_t failures;

	assert_ok(f_put(R, NULL, "active", "a"));
	failures = strtoull(f_read(R, NULL, "failures"), NULL, 10);
	f_set(device, knob, EIO);
	assert_errno(f_put(R, NULL, "active", "b"), EIO);
	if (strncmp(f_read(R, NULL, "message"), step, strlen(step)))
		fail_msg("'%s' does not name '%s'", f_read(R, NULL, "message"), step);
	assert_string_equal(f_read(R, NULL, "active"), active);
	if (!*active)
		assert_string_equal(f_read(R, NULL, "previous"), "a");
	assert_string_equal(f_read(R, NULL, "isolated"), isolated ? "1" : "0");
	assert_string_equal(f_read(R, "b", "state"), *active == 'b' ? "active" : "failed");
	assert_u64_equal(strtoull(f_read(R, NULL, "failures"), NULL, 10), failures + 1);
	f_set(device, knob, 0);
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_int_equal(f_design(F_TABLES, 1), 0xb);
	assert_string_equal(f_read(R, NULL, "message"), "");
	assert_string_equal(f_read(R, NULL, "isolated"), "0");
}

static void truthful_after_failures(void **state)
{
	(void)state;
	two_slots();
	switch_fails(F_REGION0, "get", "bridges-off: ", "a", true);
	switch_fails(F_REGION0, "disable", "bridges-off: ", "a", true);
	switch_fails(F_MGR0, "init", "init: ", "", true);
	switch_fails(F_MGR0, "write", "write: ", "", true);
	switch_fails(F_MGR0, "complete", "complete: ", "", true);
	switch_fails(F_REGION0, "enable", "bridges-on: ", "b", true);
}

static void busy_changes_nothing(void **state)
{
	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	f_set(F_REGION0, "claimed", 1);
	assert_errno(f_put(R, NULL, "active", "b"), EBUSY);
	assert_true(!strncmp(f_read(R, NULL, "message"), "claim: ", 7));
	assert_string_equal(f_read(R, NULL, "active"), "a");
	assert_string_equal(f_read(R, "a", "state"), "active");
	assert_string_equal(f_read(R, NULL, "isolated"), "0");
}

/* --- what is active --------------------------------------------------------------------------------------- */

static void load_makes_slots_inactive(void **state)
{
	int fd = f_buffer(SIZE, 0xc, 1);

	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_ok(f_load(R, fd, CEN_FPGA_PARTIAL));
	assert_string_equal(f_read(R, NULL, "active"), "");
	assert_string_equal(f_read(R, NULL, "previous"), "a");
	assert_string_equal(f_read(R, "a", "state"), "ready");
}

static void filled_anew_or_removed_it_is_not_active(void **state)
{
	char text[16];

	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	snprintf(text, sizeof(text), "%d", f_buffer(SIZE, 0xc, 1));
	assert_ok(f_put(R, "a", "dmabuf", text));
	assert_string_equal(f_read(R, NULL, "active"), "");
	assert_string_equal(f_read(R, "a", "state"), "ready");
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_int_equal(f_design(F_TABLES, 1), 0xc);
	assert_ok(f_rmdir(R, "a"));
	assert_string_equal(f_read(R, NULL, "active"), "");
	/* the design stays, and one of the same name is another */
	assert_int_equal(f_design(F_TABLES, 1), 0xc);
	must_slot(R, "a", f_buffer(SIZE, 0xd, 1));
	assert_string_equal(f_read(R, "a", "state"), "ready");
}

/* The slot keeps its buffer where the manager reaches it. */
static void the_buffer_stays(void **state)
{
	int fd = f_buffer(SIZE, 0xa, 1), id;

	(void)state;
	must_slot(R, "a", fd);
	assert_true(must_info(fd).addr_bits <= 32);
	assert_int_equal(must_info(fd).maps, 1);
	must_limit((struct cti_limits){ .device = 1, .addr_bits = T_TIGHT_BITS });
	id = t_attach(fd, 1);
	assert_errno(id, EBUSY);
	assert_ok(f_rmdir(R, "a"));
	assert_int_equal(must_info(fd).maps, 0);
}

/* --- it goes and comes back ----------------------------------------------------------------------------------- */

static void unplugged(void **state)
{
	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	f_set(F_MGR0, "plugged", 0);
	assert_errno(f_put(R, NULL, "active", "b"), ENODEV);
	assert_string_equal(f_read(R, NULL, "active"), strerror(ENODEV));
	assert_string_equal(f_read(R, "a", "state"), "ready");
	assert_errno(f_put(R, "a", "firmware", "x"), ENODEV);
	assert_errno(f_mkdir(f_region[1], NULL), ENODEV);
	assert_ok(f_mkdir(R, "c"));
	assert_ok(f_rmdir(R, "c"));
	f_set(F_MGR0, "plugged", 1);
	/* a new one: nothing is known of it */
	assert_string_equal(f_read(R, NULL, "active"), "");
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_int_equal(f_design(F_TABLES, 1), 0xb);
}

static void removed_while_unplugged(void **state)
{
	(void)state;
	two_slots();
	f_set(F_MGR0, "plugged", 0);
	assert_ok(f_rmdir(R, "a"));
	assert_ok(f_rmdir(R, "b"));
	assert_ok(f_rmdir(R, NULL));
	assert_int_equal(t_buffers(), 0 + 2);	/* our fds */
}

/* The simulation goes altogether and comes back: other devices of the same names. */
static void hardware_replaced(void **state)
{
	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_ok(t_sh("rmmod cen_sim_fpga && modprobe cen_sim_fpga dma_bits=" T_LOW_BITS_TEXT));
	f_find();
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_int_equal(f_design(F_TABLES, 1), 0xb);
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_int_equal(f_design(F_TABLES, 1), 0xa);
	assert_ok(t_sh("rmmod cen_sim_fpga && modprobe cen_sim_fpga"));
	f_find();
}

static const struct CMUnitTest tests[] = {
	f_test(made_and_removed),
	f_test(switched),
	f_test(regions_are_apart),
	f_test(slots_of_managers),
	f_test(filled_with_firmware),
	f_test(firmware_that_is_not_there),
	f_test(filled_with_a_part),
	f_test(bad_texts),
	f_test(unknown_and_empty),
	f_test(overlays),
	f_test(truthful_after_failures),
	f_test(busy_changes_nothing),
	f_test(load_makes_slots_inactive),
	f_test(filled_anew_or_removed_it_is_not_active),
	f_test(the_buffer_stays),
	f_test(unplugged),
	f_test(removed_while_unplugged),
	f_test(hardware_replaced),
};

int main(void)
{
	int ret;

	f_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
	f_end();
	return ret;
}
