// SPDX-License-Identifier: GPL-2.0
/*
 * Mainline FunctionFS with cenalloc buffers, the kernel as it is; and the same ioctls on our
 * own nodes, where they also work on a controller that takes no scatter-gather.
 */
#include <linux/usb/functionfs.h>
#include <poll.h>

#include "usb.h"

/* of 6.9 on; Debian 12's headers are older */
struct dmabuf_transfer {
	int fd;
	uint32_t flags;
	uint64_t length;
} __attribute__((packed));
#undef FUNCTIONFS_DMABUF_ATTACH
#undef FUNCTIONFS_DMABUF_DETACH
#undef FUNCTIONFS_DMABUF_TRANSFER
#define FUNCTIONFS_DMABUF_ATTACH	_IOW('g', 131, int)
#define FUNCTIONFS_DMABUF_DETACH	_IOW('g', 132, int)
#define FUNCTIONFS_DMABUF_TRANSFER	_IOW('g', 133, struct dmabuf_transfer)

#define GADGET	"/sys/kernel/config/usb_gadget/f"
#define SIZE	(256 * KIB)

static int ep0, ep_in, ep_out;

static int attach(int port, int fd)
{
	return t_ioctl(port, FUNCTIONFS_DMABUF_ATTACH, &fd);
}

static int detach(int port, int fd)
{
	return t_ioctl(port, FUNCTIONFS_DMABUF_DETACH, &fd);
}

static int transfer(int port, int fd, uint64_t length)
{
	struct dmabuf_transfer arg = { .fd = fd, .length = length };

	return t_ioctl(port, FUNCTIONFS_DMABUF_TRANSFER, &arg);
}

/* One interface, an endpoint each way, at the speed that has such packets. Returns the length. */
static size_t describe(uint8_t *to, uint16_t packet)
{
	struct usb_interface_descriptor interface = {
		.bLength = sizeof(interface), .bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = 2, .bInterfaceClass = USB_CLASS_VENDOR_SPEC, .iInterface = 1,
	};
	struct usb_endpoint_descriptor_no_audio ep = {
		.bLength = sizeof(ep), .bDescriptorType = USB_DT_ENDPOINT,
		.bmAttributes = USB_ENDPOINT_XFER_BULK, .wMaxPacketSize = packet,
	};
	struct usb_ss_ep_comp_descriptor comp = {
		.bLength = USB_DT_SS_EP_COMP_SIZE, .bDescriptorType = USB_DT_SS_ENDPOINT_COMP,
	};
	uint8_t *at = to;

	memcpy(at, &interface, sizeof(interface));
	at += sizeof(interface);
	for (int i = 1; i <= 2; i++) {
		ep.bEndpointAddress = i | (i == 1 ? USB_DIR_IN : 0);
		memcpy(at, &ep, sizeof(ep));
		at += sizeof(ep);
		if (packet == 1024) {
			memcpy(at, &comp, USB_DT_SS_EP_COMP_SIZE);
			at += USB_DT_SS_EP_COMP_SIZE;
		}
	}
	return at - to;
}

static void write_descriptors(void)
{
	struct {
		struct usb_functionfs_descs_head_v2 head;
		uint32_t fs, hs, ss;
		uint8_t data[256];
	} __attribute__((packed)) descs = {
		.head.magic = FUNCTIONFS_DESCRIPTORS_MAGIC_V2,
		.head.flags = FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC | FUNCTIONFS_HAS_SS_DESC,
		.fs = 3, .hs = 3, .ss = 5,
	};
	struct {
		struct usb_functionfs_strings_head head;
		uint16_t lang;
		char text[6];
	} __attribute__((packed)) strings = {
		.head.magic = FUNCTIONFS_STRINGS_MAGIC, .head.length = sizeof(strings),
		.head.str_count = 1, .head.lang_count = 1, .lang = 0x0409, .text = "test1",
	};
	size_t n = 0;

	n += describe(descs.data + n, 64);
	n += describe(descs.data + n, 512);
	n += describe(descs.data + n, 1024);
	n += offsetof(typeof(descs), data);
	descs.head.length = n;
	assert_int_equal(write(ep0, &descs, n), n);
	assert_int_equal(write(ep0, &strings, sizeof(strings)), sizeof(strings));
}

/* A FunctionFS gadget, bound to @udc and enabled by the host. */
static void ffs_start(const char *udc)
{
	struct usb_functionfs_event event;

	assert_int_equal(t_sh("modprobe usb_f_fs && mkdir -p /tmp/ffs " GADGET " && cd " GADGET
			      " && echo 0x1d6b > idVendor && echo 0x0104 > idProduct"
			      " && mkdir -p strings/0x409 configs/c.1 functions/ffs.f"
			      " && ln -s functions/ffs.f configs/c.1/"
			      " && mount -t functionfs f /tmp/ffs"), 0);
	ep0 = open("/tmp/ffs/ep0", O_RDWR | O_CLOEXEC);
	assert_true(ep0 >= 0);
	write_descriptors();
	assert_int_equal(t_sh("echo %s > " GADGET "/UDC", udc), 0);
	do {
		assert_true(p_poll(ep0, POLLIN, 5000) & POLLIN);
		assert_int_equal(read(ep0, &event, sizeof(event)), sizeof(event));
	} while (event.type != FUNCTIONFS_ENABLE);
	ep_in = open("/tmp/ffs/ep1", O_RDWR | O_CLOEXEC);
	ep_out = open("/tmp/ffs/ep2", O_RDWR | O_CLOEXEC);
	assert_true(ep_in >= 0 && ep_out >= 0);
}

static void ffs_stop(void)
{
	close(ep_in);
	close(ep_out);
	t_sh("echo > " GADGET "/UDC 2>/dev/null");
	close(ep0);
	assert_int_equal(t_sh("cd " GADGET " && umount /tmp/ffs && rm configs/c.1/ffs.f"
			      " && rmdir configs/c.1 functions/ffs.f strings/0x409 && cd .. && rmdir f"),
			 0);
}

static void done(int fd)
{
	assert_int_equal(p_poll(fd, POLLOUT, 5000), POLLOUT);
}

/* To the host and back, through the endpoints @in and @out. */
static void both_ways(int in, int out)
{
	int fd = g_buffer(SIZE, G_SIM, -1);
	uint8_t *at = must_map(fd, SIZE), *data = malloc(SIZE);

	assert_ok(attach(in, fd));
	assert_ok(attach(out, fd));
	for (int i = 0; i < 3; i++) {
		uint64_t length = i == 1 ? 100001 : SIZE;

		t_fill(at, SIZE, i);
		assert_ok(transfer(in, fd, length));
		assert_int_equal(g_host_read("ep1in", data, SIZE), length);
		assert_memory_equal(at, data, length);
		done(fd);

		t_fill(data, SIZE, 100 + i);
		memset(at, 0, SIZE);
		assert_ok(transfer(out, fd, SIZE));
		assert_int_equal(g_host_write("ep1out", data, length), length);
		done(fd);
		assert_memory_equal(at, data, length);
	}
	assert_ok(detach(in, fd));
	assert_ok(detach(out, fd));
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
	(void)state;
	uint64_t refused = g_get("refused");

	if (!mainline_can())
		return;
	ffs_start(G_SIM);
	both_ways(ep_in, ep_out);
	assert_u64_equal(g_get("refused"), refused);
	ffs_stop();
}

/* What is on its way when the file is closed, or the cable pulled, ends. */
static void mainline_ends_early(void **state)
{
	(void)state;
	int fd = g_buffer(SIZE, G_SIM, -1);

	if (!mainline_can())
		return;
	ffs_start(G_SIM);
	assert_ok(attach(ep_in, fd));
	assert_ok(transfer(ep_in, fd, SIZE));
	assert_int_equal(p_poll(fd, POLLOUT, 50) & POLLOUT, 0);
	assert_ok(detach(ep_in, fd));
	done(fd);
	assert_ok(attach(ep_in, fd));
	assert_ok(transfer(ep_in, fd, SIZE));
	g_set("plug", "0");
	done(fd);
	g_set("plug", "1");
	ffs_stop();
}

/* A buffer for a controller that takes one segment is one segment. */
static void mainline_with_limits(void **state)
{
	(void)state;
	if (!mainline_can())
		return;
	assert_int_equal(t_sh("rmmod cen_sim_udc && modprobe cen_sim_udc max_segs=1 seg_size=%lu",
			      SIZE), 0);
	ffs_start(G_SIM);
	both_ways(ep_in, ep_out);
	assert_u64_equal(g_get("refused"), 0);
	ffs_stop();
	assert_int_equal(t_sh("rmmod cen_sim_udc && modprobe cen_sim_udc"), 0);
}

static void mainline_without_scatter_gather(void **state)
{
	(void)state;
	int fd;

	if (!mainline_can())
		return;
	if (t_sh("modprobe dummy_hcd")) {
		t_skip("no dummy_hcd");
		return;
	}
	fd = g_buffer(SIZE, G_DUMMY, -1);
	ffs_start(G_DUMMY);
	assert_errno(attach(ep_in, fd), EPERM);
	ffs_stop();
	assert_int_equal(t_sh("rmmod dummy_hcd"), 0);
}

/* The same program on our nodes. */
static void ours(void **state)
{
	(void)state;
	int in, out, fd = g_buffer(SIZE, G_SIM, -1);
	struct usb_endpoint_descriptor desc;
	struct dmabuf_transfer arg = { .fd = fd, .flags = 1, .length = SIZE };

	g_gadget(G_SIM, "in=1 out=1");
	in = p_open("usb-t-in0");
	out = p_open("usb-t-out0");
	both_ways(in, out);

	assert_errno(transfer(in, fd, SIZE), EPERM);
	assert_errno(detach(in, fd), EPERM);
	assert_ok(attach(in, fd));
	assert_errno(attach(in, fd), EBUSY);
	assert_errno(transfer(in, fd, 0), EINVAL);
	assert_errno(transfer(in, fd, SIZE + 1), EINVAL);
	assert_errno(t_ioctl(in, FUNCTIONFS_DMABUF_TRANSFER, &arg), EINVAL);
	assert_errno(attach(in, 9999), EBADF);
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
	assert_ok(attach(in, fd));
	assert_ok(transfer(in, fd, 4096));
	assert_ok(transfer(in, fd, 4096));	/* nor does it mind a second one */
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
