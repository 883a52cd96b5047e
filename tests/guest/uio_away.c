// SPDX-License-Identifier: GPL-2.0
/*
 * The device goes away for a while, by a reset or because the system sleeps. edu itself
 * notices nothing of either: it counts down to the end of its transfer as if nothing had been,
 * so that only what the kernel does keeps it from memory.
 */
#include <poll.h>

#include "uio_scene.h"

#define FILL	0x5a

void (*u_away)(void);

static uint32_t interruptions(void)
{
	struct cen_uio_info info = {};

	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	return info.interruptions;
}

/* What has been written when it is back is all that is ever written. */
static size_t must_stay(void)
{
	size_t count = u_written(FILL);

	u_nap(500);
	assert_int_equal(u_written(FILL), count);
	return count;
}

static bool in_transfer(void)
{
	int handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS), ended;
	uint32_t before = interruptions();
	size_t count;

	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS));
	assert_ok(u_start_out(handle, 0, 0, EDU_MAX));
	u_away();
	assert_false(u_masters_the_bus());
	assert_int_equal(interruptions(), before + 1);
	assert_u64_equal(must_info(u_buffer).maps, 1);
	/* as after open: a start without programming is refused */
	assert_errno(u_write(EDU_COMMAND, 64, EDU_RUN), EPERM);
	assert_int_equal(u_reason.code, CEN_UIO_WHY_ADDRESS);

	count = must_stay();
	ended = u_sync(handle, CEN_UIO_SYNC_END | CEN_UIO_DIRECTIONS);
	/* it had ended before, and then it is all there */
	if (ended != -ECANCELED) {
		assert_ok(ended);
		assert_int_equal(count, EDU_MAX);
	}
	assert_errno(u_sync(handle, CEN_UIO_SYNC_END | CEN_UIO_DIRECTIONS), EINVAL);
	/* nothing was lost but the transfer */
	must_work(handle);
	return ended == -ECANCELED && !count;
}

void u_away_in_transfer(void **state)
{
	(void)state;
	must_fill_buffer(FILL);
	u_again(in_transfer);
}

/* Rules that do not say how to see that it is idle: any transfer may have been cut short. */
void u_away_without_idle_rule(void **state)
{
	int handle;

	(void)state;
	assert_ok(t_sh("sed 's/^idle.*/settle 400/' " U_RULES " > /tmp/settle.rules"));
	must_bind("/tmp/settle.rules");
	u_open();
	must_fill_buffer(FILL);
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	must_out(handle, 0, 0, 64);
	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_DIRECTIONS));
	assert_ok(u_start_out(handle, 0, 0, EDU_MAX));
	u_away();
	assert_false(u_masters_the_bus());
	must_stay();
	assert_errno(u_sync(handle, CEN_UIO_SYNC_END | CEN_UIO_DIRECTIONS), ECANCELED);
	must_work(handle);
	u_close();
	must_bind(U_RULES);
}

/* Nothing was going on: nothing is lost. */
void u_away_at_rest(void **state)
{
	int handle, other;

	(void)state;
	must_fill_buffer(FILL);
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	other = u_attach(must_edu_buffer(4096), CEN_UIO_DIRECTIONS);
	must_in(handle, 0, 0, 64);
	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_TO_DEVICE));
	u_away();
	assert_false(u_masters_the_bus());
	assert_ok(u_sync(handle, CEN_UIO_SYNC_END | CEN_UIO_TO_DEVICE));
	/* before anything was programmed */
	assert_ok(u_detach(other));
	must_work(handle);
}

/* An interrupt that was waited for may never come. */
void u_away_wakes(void **state)
{
	pid_t reader = u_sleeper(false), poller = u_sleeper(true);

	(void)state;
	u_away();
	assert_int_equal(u_slept(reader), sizeof(int32_t));
	assert_int_equal(u_slept(poller) & POLLIN, POLLIN);
}

/* A device that interrupts by messages masters the bus as long as it is open. */
void u_away_with_messages(void **state)
{
	int handle;

	(void)state;
	assert_ok(t_sh("{ cat " U_RULES "; echo irq msi; } > /tmp/msi.rules"));
	must_bind("/tmp/msi.rules");
	u_open();
	assert_true(u_masters_the_bus());
	must_fill_buffer(FILL);
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	must_in(handle, 0, 0, 64);
	u_away();
	assert_true(u_masters_the_bus());
	u_wait(0);
	/* one that nobody programmed */
	assert_ok(u_write(EDU_IRQ_RAISE, 32, 1));
	assert_ok(u_wait(30000));
	u_ack();
	must_work(handle);
	u_close();
	assert_false(u_masters_the_bus());
	must_bind(U_RULES);
}

void u_away_unowned(void **state)
{
	int handle;

	(void)state;
	u_away();
	assert_false(u_masters_the_bus());
	u_open();
	must_fill_buffer(FILL);
	handle = u_attach(u_buffer, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	must_work(handle);
}
