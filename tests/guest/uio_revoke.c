// SPDX-License-Identifier: GPL-2.0
/*
 * What happens when something goes: the file that owns the device, the device, the
 * program, the module's other node. In all cases edu writes no byte any more to memory that
 * it has lost, and the next owner gets it idle.
 */
#include <signal.h>
#include <sys/wait.h>

#include "uio_scene.h"

/* The file is closed in the middle of a transfer: edu may not end it in memory. */
static bool close_in_transfer(void)
{
	int handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	bool in_time;

	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS));
	assert_ok(u_start_out(handle, 0, 0, EDU_MAX));
	assert_true(u_masters_the_bus());
	u_close();
	assert_false(u_masters_the_bus());
	assert_u64_equal(must_info(u_buffer).maps, 0);
	in_time = u_cut_off();
	/* that waits until edu is idle, however late it is */
	u_open();
	if (in_time)
		assert_int_equal(u_written(0x5a), 0);
	return in_time;
}

static void test_close_in_transfer(void **state)
{
	(void)state;
	must_fill_buffer(0x5a);
	assert_false(u_masters_the_bus());
	u_again(close_in_transfer);
}

/*
 * The next owner comes while edu still counts down to the transfer of the last: were bus
 * mastering turned on at once, the bytes would land in memory that was given back.
 */
static bool reopen_in_transfer(void)
{
	int handle = u_attach(u_buffer, CEN_UIO_FROM_DEVICE), again;
	bool in_time;
	size_t count;

	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_FROM_DEVICE));
	assert_ok(u_start_out(handle, 0, 0, EDU_MAX));
	u_close();
	count = u_written(0x5a);
	in_time = !count && u_in_time();
	u_open();
	again = u_attach(must_edu_buffer(4096), CEN_UIO_DIRECTIONS);
	assert_ok(again);
	must_in(again, 0, 0, 64);
	assert_true(u_masters_the_bus());
	must_out(again, 128, 0, 64);
	assert_int_equal(u_written(0x5a), count);
	assert_ok(u_detach(again));
	return in_time;
}

static void test_reopen_in_transfer(void **state)
{
	(void)state;
	must_fill_buffer(0x5a);
	u_again(reopen_in_transfer);
}

/* A new owner inherits no address: a start without programming is refused. */
static void test_registers_are_cleared(void **state)
{
	int handle;

	(void)state;
	must_fill_buffer(1);
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	must_in(handle, 0, 0, 64);
	u_close();
	u_open();
	assert_errno(u_write(EDU_COMMAND, 64, EDU_RUN), EPERM);
	assert_errno(u_run(u_value(EDU_COUNT, 4), u_value(EDU_DEST, EDU_OWN),
			   u_value(EDU_COMMAND, EDU_RUN)), EPERM);
	assert_int_equal(u_reason.code, CEN_UIO_WHY_ADDRESS);
	/* an old handle is nobody's */
	assert_errno(u_detach(handle), ENOENT);
}

/* The buffer is freed by the program; the device has it until it is detached. */
static void test_buffer_outlives_its_fd(void **state)
{
	int handle, fd = must_edu_buffer(4096);

	(void)state;
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	close(fd);
	must_in(handle, 0, 0, 4000);
	must_out(handle, 0, 0, 4000);
	assert_u64_not_equal(t_used(), 0);
	assert_ok(u_detach(handle));
	assert_u64_equal(t_buffers(), 0);
}

static void test_second_owner(void **state)
{
	int other;

	(void)state;
	assert_errno(u_try_open(), EBUSY);
	u_close();
	other = u_try_open();
	assert_ok(other);
	assert_errno(u_try_open(), EBUSY);
	close(other);
	assert_ok(other = u_try_open());
	close(other);
}

/* Killed in the middle of a transfer, with buffers attached. */
static bool killed(void)
{
	int handle, status, ready[2];
	char byte = 1;
	bool in_time;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	u_close();
	pid = fork();
	if (!pid) {
		u_open();
		handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
		if (u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS) ||
		    u_start_out(handle, 0, 0, EDU_MAX) || write(ready[1], &byte, 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	for (int i = 0; i < 500 && must_info(u_buffer).maps; i++)
		u_nap(2);
	close(ready[0]);
	assert_u64_equal(must_info(u_buffer).maps, 0);
	assert_false(u_masters_the_bus());
	in_time = u_cut_off();
	u_open();
	if (in_time)
		assert_int_equal(u_written(0x77), 0);
	return in_time;
}

static void test_killed(void **state)
{
	(void)state;
	must_fill_buffer(0x77);
	u_again(killed);
}

/* The driver goes under an owner, in the middle of a transfer. */
static bool unbind_in_transfer(void)
{
	struct cen_uio_info info = {};
	int handle, irq;
	uint64_t value;
	bool in_time;

	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS));
	assert_ok(u_start_out(handle, 0, 0, EDU_MAX));
	must_unbind();
	assert_u64_equal(must_info(u_buffer).maps, 0);
	assert_false(u_masters_the_bus());

	assert_errno(u_call(CEN_UIO_IOC_INFO, &info), ENODEV);
	assert_errno(u_attach(u_buffer, CEN_UIO_TO_DEVICE), ENODEV);
	assert_errno(u_detach(handle), ENODEV);
	assert_errno(u_read(EDU_ID, 32, &value), ENODEV);
	assert_errno(u_write(EDU_LIVENESS, 32, 1), ENODEV);
	assert_errno(u_start_in(handle, 0, 0, 1), ENODEV);
	assert_errno(u_sync(handle, CEN_UIO_TO_DEVICE), ENODEV);
	assert_errno(u_sync(handle, CEN_UIO_DIRECTIONS | CEN_UIO_SYNC_END), ENODEV);
	/* as the UIO core has it */
	assert_int_equal(read(u_uio, &irq, sizeof(irq)), -1);
	assert_int_equal(errno, EIO);
	in_time = u_cut_off();

	/* and it comes back while the old files are open */
	assert_ok(cen_uio_bind(u_name, NULL));
	assert_errno(u_call(CEN_UIO_IOC_INFO, &info), ENODEV);
	must_work_again(NULL);
	return in_time;
}

static void test_unbind_in_transfer(void **state)
{
	(void)state;
	must_fill_buffer(0x33);
	u_again(unbind_in_transfer);
}

/* Registers in a program's memory go with the driver. */
static void test_unbind_with_map(void **state)
{
	uint32_t *regs = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, u_uio, 0);
	int status;
	pid_t pid;

	(void)state;
	assert_ptr_not_equal(regs, MAP_FAILED);
	assert_int_equal(t_touch_reg(regs, true), 0);
	pid = fork();
	if (!pid) {
		/* a child has the pages, too */
		raise(SIGSTOP);
		_exit(t_touch_reg(regs, true) == SIGBUS ? 0 : 1);
	}
	waitpid(pid, &status, WUNTRACED);
	/* a hole in the middle: what is left still is where it was */
	assert_int_equal(munmap(regs, PAGE), 0);
	must_unbind();
	assert_int_equal(t_touch_reg((uint8_t *)regs + PAGE, true), SIGBUS);
	assert_int_equal(t_touch_reg((uint8_t *)regs + PAGE, false), SIGBUS);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_ok(cen_uio_bind(u_name, NULL));
	assert_int_equal(t_touch_reg((uint8_t *)regs + PAGE, true), SIGBUS);
	munmap((uint8_t *)regs + PAGE, PAGE);
}

/* Over and over, with a program that does not let go. */
static void test_rebind_often(void **state)
{
	int handle;

	(void)state;
	for (int i = 0; i < 20; i++) {
		handle = u_attach(must_edu_buffer(4096), CEN_UIO_DIRECTIONS);
		assert_ok(handle);
		assert_ok(u_start_in(handle, 0, 0, 100));
		must_unbind();
		assert_ok(cen_uio_bind(u_name, NULL));
		u_close();
		u_open();
	}
}

/* The in-kernel driver takes over in the middle of a transfer, and gives back. */
static void test_other_driver(void **state)
{
	int handle;

	(void)state;
	if (t_sh("modprobe cen_edu"))
		t_skip("no module cen_edu");
	must_fill_buffer(9);
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	must_in(handle, 0, 0, 64);
	must_unbind();
	assert_ok(t_sh("echo > /sys/bus/pci/devices/%s/driver_override && "
		       "echo %s > /sys/bus/pci/drivers_probe", u_pci, u_pci));
	assert_true(t_exists("/dev/cen_edu0"));
	must_work_again(NULL);
	assert_ok(t_sh("rmmod cen_edu"));
}

/* A device that does not come to rest, as far as the rules can tell, is not used again. */
static void test_never_idle(void **state)
{
	(void)state;
	assert_ok(u_bind_text("dma-bits " T_LOW_BITS_TEXT ";reg 0:0x80 width 64 address;reg 0:0x88 width 64 address own 0x40000+0xfff;"
			      "reg 0:0x90 width 64 length min 1 max 0xfff;reg 0:0x98 width 64 command;"
			      "reg 0:4 width 32 rw;idle 0:4 mask 0xffffffff value 0x12345678 within 50;"
			      "start 0:0x98 mask 3 value 1 length 0:0x90 reads 0:0x80 own 0:0x88"));
	assert_errno(u_try_open(), EIO);
	assert_errno(u_try_open(), EIO);
	assert_false(u_masters_the_bus());
	u_close();
	must_bind(U_RULES);
}

/*
 * A device that cannot tell when it is idle, as far as the rules know: it is cut off
 * until it must have ended, and then goes on.
 */
static bool settle(void)
{
	int handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	int other = u_attach(must_edu_buffer(4096), CEN_UIO_DIRECTIONS);
	int go[2], status = 0;
	bool masters = true, in_time;
	char byte = 0;
	pid_t pid;

	/* somebody else lets it go, while we look on */
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (!pid)
		_exit(read(go[0], &byte, 1) != 1 || u_detach(handle));
	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS));
	assert_ok(u_start_out(handle, 0, 0, EDU_MAX));
	/* one that it never was told of can go at once */
	assert_ok(u_detach(other));
	assert_true(u_masters_the_bus());
	assert_int_equal(write(go[1], &byte, 1), 1);
	while (masters && !waitpid(pid, &status, WNOHANG))
		masters = u_masters_the_bus();
	in_time = u_in_time();
	assert_false(masters);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(go[0]);
	close(go[1]);
	assert_u64_equal(must_info(u_buffer).maps, 0);
	if (in_time)
		assert_int_equal(u_written(0x61), 0);
	assert_true(u_masters_the_bus());
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	must_work(handle);
	return in_time;
}

static void test_settle(void **state)
{
	(void)state;
	assert_ok(t_sh("sed 's/^idle.*/settle 400/' " U_RULES " > /tmp/settle.rules"));
	must_bind("/tmp/settle.rules");
	u_open();
	must_fill_buffer(0x61);
	u_again(settle);
	u_close();
	must_bind(U_RULES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		u_test_open(test_close_in_transfer),
		u_test_open(test_reopen_in_transfer),
		u_test_open(test_registers_are_cleared),
		u_test_open(test_buffer_outlives_its_fd),
		u_test_open(test_second_owner),
		u_test_open(test_killed),
		u_test_open(test_unbind_in_transfer),
		u_test_open(test_unbind_with_map),
		u_test_open(test_rebind_often),
		u_test_open(test_other_driver),
		u_test(test_never_idle),
		u_test(test_settle),
	};
	int ret;

	u_begin();
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
