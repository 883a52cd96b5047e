// SPDX-License-Identifier: GPL-2.0
/* A gadget of mainline's FunctionFS, with one bulk endpoint to the host. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "flows.h"

/* of 6.9 on; Debian 12's headers are older */
struct dmabuf_transfer {
	int fd;
	uint32_t flags;
	uint64_t length;
} __attribute__((packed));
#define DMABUF_ATTACH	_IOW('g', 131, int)
#define DMABUF_TRANSFER	_IOW('g', 133, struct dmabuf_transfer)

#define GADGET	"/sys/kernel/config/usb_gadget/benchffs"

static int ep0 = -1, ep_in = -1;

static void shell(const char *line)
{
	if (system(line))
		errx(1, "failed: %s", line);
}

static size_t describe(uint8_t *to, uint16_t packet)
{
	struct usb_interface_descriptor interface = {
		.bLength = sizeof(interface), .bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = 1, .bInterfaceClass = USB_CLASS_VENDOR_SPEC, .iInterface = 1,
	};
	struct usb_endpoint_descriptor_no_audio ep = {
		.bLength = sizeof(ep), .bDescriptorType = USB_DT_ENDPOINT,
		.bEndpointAddress = 1 | USB_DIR_IN, .bmAttributes = USB_ENDPOINT_XFER_BULK,
		.wMaxPacketSize = packet,
	};
	struct usb_ss_ep_comp_descriptor comp = {
		.bLength = USB_DT_SS_EP_COMP_SIZE, .bDescriptorType = USB_DT_SS_ENDPOINT_COMP,
	};
	size_t n = sizeof(interface);

	memcpy(to, &interface, n);
	memcpy(to + n, &ep, sizeof(ep));
	n += sizeof(ep);
	if (packet == 1024) {
		memcpy(to + n, &comp, USB_DT_SS_EP_COMP_SIZE);
		n += USB_DT_SS_EP_COMP_SIZE;
	}
	return n;
}

static void write_descriptors(void)
{
	struct {
		struct usb_functionfs_descs_head_v2 head;
		uint32_t fs, hs, ss;
		uint8_t data[128];
	} __attribute__((packed)) descs = {
		.head.magic = FUNCTIONFS_DESCRIPTORS_MAGIC_V2,
		.head.flags = FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC | FUNCTIONFS_HAS_SS_DESC,
		.fs = 2, .hs = 2, .ss = 3,
	};
	struct {
		struct usb_functionfs_strings_head head;
		uint16_t lang;
		char text[6];
	} __attribute__((packed)) strings = {
		.head.magic = FUNCTIONFS_STRINGS_MAGIC, .head.length = sizeof(strings),
		.head.str_count = 1, .head.lang_count = 1, .lang = 0x0409, .text = "bench",
	};
	size_t n = 0;

	n += describe(descs.data + n, 64);
	n += describe(descs.data + n, 512);
	n += describe(descs.data + n, 1024);
	n += offsetof(typeof(descs), data);
	descs.head.length = (uint32_t)n;
	if (write(ep0, &descs, n) != (ssize_t)n ||
	    write(ep0, &strings, sizeof(strings)) != sizeof(strings))
		err(1, "FunctionFS descriptors");
}

int ffs_open(const char *udc)
{
	struct usb_functionfs_event event;

	shell("modprobe usb_f_fs && mkdir -p /tmp/benchffs " GADGET " && cd " GADGET
	      " && echo 0x1d6b > idVendor && echo 0x0104 > idProduct"
	      " && mkdir -p strings/0x409 configs/c.1 functions/ffs.bench"
	      " && ln -s functions/ffs.bench configs/c.1/"
	      " && mount -t functionfs bench /tmp/benchffs");
	ep0 = open("/tmp/benchffs/ep0", O_RDWR | O_CLOEXEC);
	if (ep0 < 0)
		err(1, "FunctionFS");
	write_descriptors();
	write_file(GADGET "/UDC", udc);
	do {
		if (read(ep0, &event, sizeof(event)) != sizeof(event))
			err(1, "FunctionFS event");
	} while (event.type != FUNCTIONFS_ENABLE);
	ep_in = open("/tmp/benchffs/ep1", O_RDWR | O_CLOEXEC);
	if (ep_in < 0)
		err(1, "FunctionFS endpoint");
	return ep_in;
}

int ffs_attach(int ep, int fd)
{
	return ioctl(ep, DMABUF_ATTACH, &fd);
}

int ffs_transfer(int ep, int fd, uint64_t length)
{
	struct dmabuf_transfer arg = { .fd = fd, .length = length };

	return ioctl(ep, DMABUF_TRANSFER, &arg);
}

void ffs_close(void)
{
	close(ep_in);
	write_file(GADGET "/UDC", "\n");
	close(ep0);
	shell("cd " GADGET " && umount /tmp/benchffs && rm configs/c.1/ffs.bench"
	      " && rmdir configs/c.1 functions/ffs.bench strings/0x409 && cd .. && rmdir benchffs");
}
