// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection, one allocation at a time.
 */
#include "common.h"
#include "fail_nth.h"

#define NTH_MAX	600	/* more allocations than any operation makes */

static int t_fail_nth_fd = -1;

int t_fail_nth_init(void)
{
	static const char *const knobs[][2] = {
		{ "failslab/ignore-gfp-wait", "N" },
		{ "fail_page_alloc/ignore-gfp-wait", "N" },
		{ "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "fail_page_alloc/min-order", "0" },
	};
	char path[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s", knobs[i][0]);
		if (t_write_file(path, knobs[i][1]))
			return -ENOSYS;
	}
	t_fail_nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	return t_fail_nth_fd < 0 ? -errno : 0;
}

static void arm(unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	assert_int_equal(pwrite(t_fail_nth_fd, text, n, 0), n);
}

/* Has it struck? What is left of it is disarmed. */
static bool disarm(void)
{
	char text[16] = {};
	ssize_t n = pread(t_fail_nth_fd, text, sizeof(text) - 1, 0);

	/* it may strike this very read, or the write that disarms it */
	while (pwrite(t_fail_nth_fd, "0", 1, 0) != 1)
		;
	if (n < 0)
		return false;
	return atoi(text) == 0;
}

static bool clean_error(int ret)
{
	return ret == -ENOMEM || ret == -EFAULT;
}

unsigned int t_fail_each(const struct t_op *op)
{
	unsigned int nth, failed = 0;
	bool struck = true;
	int ret;

	for (nth = 1; struck; nth++) {
		assert_true(nth <= NTH_MAX);
		op->prepare();
		arm(nth);
		ret = op->run();
		struck = disarm();
		if (ret < 0) {
			failed++;
			if (!clean_error(ret) || !struck)
				print_error("# %s, allocation %u: %s%s\n", op->name, nth,
					    t_errname(-ret), struck ? "" : " without a fault");
			assert_true(clean_error(ret) && struck);
		}
		if (op->check)
			op->check(ret);
		op->undo();
		t_leaves_nothing(NULL);
	}
	printf("# %s: %u faults, %u of them failed it\n", op->name, nth - 2, failed);
	return nth - 2;
}
