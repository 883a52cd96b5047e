// SPDX-License-Identifier: GPL-2.0
/*
 * The system sleeps while a program has the device: as deep as /sys/power/pm_test has it, so
 * that it wakes by itself. What is done to a device on the way down and up is done.
 */
#include "uio_scene.h"

#define PM_TEST		"/sys/power/pm_test"
#define DELAY		"/sys/module/suspend/parameters/pm_test_delay"

static const char *level;

static void sleep_for_a_moment(void)
{
	assert_ok(t_write_file(PM_TEST, level));
	assert_ok(t_write_file("/sys/power/state", "freeze"));
	assert_ok(t_write_file(PM_TEST, "none"));
}

/* From here on: drivers' suspend and resume. */
static void drivers(void **state)
{
	(void)state;
	level = "devices";
}

/* And what the bus does while interrupts are off: configuration is saved and written back. */
static void buses(void **state)
{
	(void)state;
	level = "platform";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		t_test(drivers), U_AWAY_TESTS,
		t_test(buses), U_AWAY_TESTS,
	};
	char have[128];
	int ret;

	if (!getenv("CEN_SLEEPS"))
		t_skip_all("this boot's own devices do not survive a sleep");
	if (!t_read_file(PM_TEST, have, sizeof(have)))
		t_skip_all("this kernel has no CONFIG_PM_DEBUG");
	u_begin();
	u_away = sleep_for_a_moment;
	assert_ok(t_write_file(DELAY, "0"));
	/* it has no disks, and the transfer does not wait for them */
	t_write_file("/sys/power/sync_on_suspend", "0");
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
