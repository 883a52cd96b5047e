// SPDX-License-Identifier: GPL-2.0
/*
 * Mainline FunctionFS with cenalloc buffers, the kernel as it is; and the same ioctls on our
 * own nodes, where they also work on a controller that takes no scatter-gather.
 */
#include <poll.h>

#include "ffs.h"
#include "usb.h"

#define SIZE	(256 * KIB)

static void done(int fd)
{
	assert_int_equal(p_poll(fd, POLLOUT, 5000), POLLOUT);
}

/* To the host and back, through the endpoints @in and @out. */
static void both_ways(int in, int out)
{
	int fd = g_buffer(SIZE, G_SIM, -1);
	uint8_t *at = must_map(fd, SIZE), *data = malloc(SIZE);

	assert_ok(ffs_attach(in, fd));
	assert_ok(ffs_attach(out, fd));
	for (int i = 0; i < 3; i++) {
		uint64_t length = i == 1 ? 100001 : SIZE;

		t_fill(at, SIZE, i);
		assert_ok(ffs_transfer(in, fd, length));
		assert_int_equal(g_host_read("ep1in", data, SIZE), length);
		assert_memory_equal(at, data, length);
		done(fd);

		t_fill(data, SIZE, 100 + i);
		memset(at, 0, SIZE);
		assert_ok(ffs_transfer(out, fd, SIZE));
		assert_int_equal(g_host_write("ep1out", data, length), length);
		done(fd);
		assert_memory_equal(at, data, length);
	}
	assert_ok(ffs_detach(in, fd));
	assert_ok(ffs_detach(out, fd));
	free(data);
	must_unmap(at, SIZE);
}

/* Its devices "must be coherent between themselves": it maintains no caches, nor bounces. */
static bool mainline_can(void)
{
	if (t_swiotlb_forced())
		t_skip("FunctionFS does not sync");
	else if (t_lane("*-6.1"))
		t_skip("FunctionFS of this kernel knows no dma-bufs");
	else
		return true;
	return false;
}

static void mainline(void **state)
{
	struct ffs ffs;
	(void)state;
	uint64_t refused = g_get("refused");

	if (!mainline_can())
		return;
	assert_ok(ffs_open(&ffs, G_SIM, true));
	both_ways(ffs.in, ffs.out);
	assert_u64_equal(g_get("refused"), refused);
	assert_ok(ffs_close(&ffs));
}

/* What is on its way when the file is closed, or the cable pulled, ends. */
static void mainline_ends_early(void **state)
{
	struct ffs ffs;
	(void)state;
	int fd = g_buffer(SIZE, G_SIM, -1);

	if (!mainline_can())
		return;
	assert_ok(ffs_open(&ffs, G_SIM, true));
	assert_ok(ffs_attach(ffs.in, fd));
	assert_ok(ffs_transfer(ffs.in, fd, SIZE));
	assert_int_equal(p_poll(fd, POLLOUT, 50) & POLLOUT, 0);
	assert_ok(ffs_detach(ffs.in, fd));
	done(fd);
	assert_ok(ffs_attach(ffs.in, fd));
	assert_ok(ffs_transfer(ffs.in, fd, SIZE));
	g_set("plug", "0");
	done(fd);
	g_set("plug", "1");
	assert_ok(ffs_close(&ffs));
}

/* A buffer for a controller that takes one segment is one segment. */
static void mainline_with_limits(void **state)
{
	struct ffs ffs;
	(void)state;
	if (!mainline_can())
		return;
	assert_int_equal(t_sh("rmmod cen_sim_udc && modprobe cen_sim_udc max_segs=1 seg_size=%lu",
			      SIZE), 0);
	assert_ok(ffs_open(&ffs, G_SIM, true));
	both_ways(ffs.in, ffs.out);
	assert_u64_equal(g_get("refused"), 0);
	assert_ok(ffs_close(&ffs));
	assert_int_equal(t_sh("rmmod cen_sim_udc && modprobe cen_sim_udc"), 0);
}

static void mainline_without_scatter_gather(void **state)
{
	struct ffs ffs;
	(void)state;
	int fd;

	if (!mainline_can())
		return;
	if (t_sh("modprobe dummy_hcd")) {
		t_skip("no dummy_hcd");
		return;
	}
	fd = g_buffer(SIZE, G_DUMMY, -1);
	assert_ok(ffs_open(&ffs, G_DUMMY, true));
	assert_errno(ffs_attach(ffs.in, fd), EPERM);
	assert_ok(ffs_close(&ffs));
	assert_int_equal(t_sh("rmmod dummy_hcd"), 0);
}

/* The same program on our nodes. */
static void ours(void **state)
{
	(void)state;
	int in, out, fd = g_buffer(SIZE, G_SIM, -1);
	struct usb_endpoint_descriptor desc;
	struct ffs_dmabuf_transfer arg = { .fd = fd, .flags = 1, .length = SIZE };

	g_gadget(G_SIM, "in=1 out=1");
	in = p_open("usb-t-in0");
	out = p_open("usb-t-out0");
	both_ways(in, out);

	assert_errno(ffs_transfer(in, fd, SIZE), EPERM);
	assert_errno(ffs_detach(in, fd), EPERM);
	assert_ok(ffs_attach(in, fd));
	assert_errno(ffs_attach(in, fd), EBUSY);
	assert_errno(ffs_transfer(in, fd, 0), EINVAL);
	assert_errno(ffs_transfer(in, fd, SIZE + 1), EINVAL);
	assert_errno(t_ioctl(in, FUNCTIONFS_DMABUF_TRANSFER, &arg), EINVAL);
	assert_errno(ffs_attach(in, 9999), EBADF);
	assert_errno(t_ioctl(in, FUNCTIONFS_DMABUF_ATTACH, NULL), EFAULT);
	assert_errno(t_ioctl(in, _IO('g', 99), NULL), ENOTTY);
	assert_int_equal(t_ioctl(in, FUNCTIONFS_ENDPOINT_REVMAP, NULL), 0x81);
	assert_int_equal(t_ioctl(out, FUNCTIONFS_ENDPOINT_REVMAP, NULL), 0x01);
	assert_ok(t_ioctl(in, FUNCTIONFS_ENDPOINT_DESC, &desc));
	assert_int_equal(desc.bEndpointAddress, 0x81);
	assert_int_equal(desc.wMaxPacketSize, 1024);
	g_set("plug", "0");
	assert_errno(t_ioctl(in, FUNCTIONFS_ENDPOINT_DESC, &desc), ESHUTDOWN);
	g_set("plug", "1");
	close(in);
	close(out);
	g_gadget_remove();
}

/* Where FunctionFS waits up to five seconds or fails: another device is not done yet. */
static void ours_does_not_wait(void **state)
{
	(void)state;
	int in, fd = g_buffer(4096, G_SIM, -1), writer = t_fence(fd, true);
	uint8_t data[4096];

	g_gadget(G_SIM, "in=1 out=0");
	in = p_open("usb-t-in0");
	assert_ok(writer);
	assert_ok(ffs_attach(in, fd));
	assert_ok(ffs_transfer(in, fd, 4096));
	assert_ok(ffs_transfer(in, fd, 4096));	/* nor does it mind a second one */
	usleep(20000);
	assert_int_equal(p_poll(fd, POLLOUT, 0) & POLLOUT, 0);
	assert_ok(t_signal(writer, 0));
	assert_int_equal(g_host_read("ep1in", data, 4096), 4096);
	assert_int_equal(g_host_read("ep1in", data, 4096), 4096);
	done(fd);
	/* no completions for read() that nobody would take */
	assert_int_equal(p_poll(in, POLLIN, 0) & POLLIN, 0);
	close(in);
	g_gadget_remove();
}

static const struct CMUnitTest tests[] = {
	t_test(mainline),
	t_test(mainline_ends_early),
	t_test(mainline_with_limits),
	t_test(mainline_without_scatter_gather),
	t_test(ours),
	t_test(ours_does_not_wait),
};

int main(void)
{
	int ret;

	g_load("cen_sim_udc", "");
	ret = t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
	g_unload("cen_sim_udc");
	return ret;
}
