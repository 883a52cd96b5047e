// SPDX-License-Identifier: GPL-2.0
/*
 * USB with every allocation of an operation failing once: it fails cleanly or succeeds, and what
 * was begun still ends.
 *
 * Needs a kernel with fault injection (/proc/self/fail-nth); skips without.
 */
#include <sys/stat.h>

#include "fail_nth.h"
#include "usb.h"

#define SIZE		8192
#define FUNCTION	"/sys/kernel/config/usb_gadget/t/functions/cen.more"

static int in, fd;

static void nothing(void)
{
}

static void new_buffer(void)
{
	in = p_open("usb-t-in0");
	fd = g_buffer(SIZE, G_SIM, -1);
	assert_ok(t_commit(fd));
}

static void new_attached(void)
{
	new_buffer();
	assert_ok(p_attach(in, fd));
}

static void close_all(void)
{
	close(in);
	close(fd);
}

static int op_attach(void)
{
	return p_attach(in, fd);
}

static int op_ffs_attach(void)
{
	return t_ioctl(in, _IOW('g', 131, int), &fd);
}

static int op_enqueue(void)
{
	return g_enqueue(in, fd, 0, SIZE, 1);
}

/* Queued or not: the host gets all of it or nothing. */
static void check_enqueue(int ret)
{
	uint8_t got[SIZE];

	if (ret < 0)
		return;
	assert_int_equal(g_host_read("ep1in", got, SIZE), SIZE);
	assert_int_equal(p_wait(in).status, 0);
}

static int op_ffs_transfer(void)
{
	struct { int fd; uint32_t flags; uint64_t length; } __attribute__((packed)) arg = {
		.fd = fd, .length = SIZE,
	};

	return t_ioctl(in, _IOW('g', 133, arg), &arg);
}

static void check_ffs_transfer(int ret)
{
	uint8_t got[SIZE];

	if (ret >= 0)
		assert_int_equal(g_host_read("ep1in", got, SIZE), SIZE);
}

static int op_mkdir(void)
{
	return mkdir(FUNCTION, 0700) ? -errno : 0;
}

static void undo_mkdir(void)
{
	rmdir(FUNCTION);
}

static const struct t_op ops[] = {
	{ "attach", new_buffer, op_attach, NULL, close_all },
	{ "FUNCTIONFS_DMABUF_ATTACH", new_buffer, op_ffs_attach, NULL, close_all },
	{ "enqueue", new_attached, op_enqueue, check_enqueue, close_all },
	{ "FUNCTIONFS_DMABUF_TRANSFER", new_attached, op_ffs_transfer, check_ffs_transfer, close_all },
	{ "a new function", nothing, op_mkdir, NULL, undo_mkdir },
};

static void out_of_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		assert_true(t_fail_each(&ops[i]) > 0);
}

static const struct CMUnitTest tests[] = {
	t_test(out_of_memory),
};

int main(void)
{
	int ret;

	if (t_fail_nth_init())
		t_skip_all("this kernel has no fault injection");
	g_load("cen_sim_udc", "");
	g_gadget(G_SIM, "in=1 out=0");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	g_gadget_remove();
	g_unload("cen_sim_udc");
	return ret;
}
