// SPDX-License-Identifier: GPL-2.0
/* A gadget of mainline's FunctionFS: tests and benchmarks use it. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ffs.h"

#define GADGET	"/sys/kernel/config/usb_gadget/mainline"
#define FILES	"/tmp/mainline-ffs"

/* One interface and its endpoints, at the speed that has such packets. Returns the length. */
static size_t describe(uint8_t *to, uint16_t packet, int endpoints)
{
	struct usb_interface_descriptor interface = {
		.bLength = sizeof(interface), .bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = (uint8_t)endpoints, .bInterfaceClass = USB_CLASS_VENDOR_SPEC,
		.iInterface = 1,
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
	for (int i = 1; i <= endpoints; i++) {
		ep.bEndpointAddress = (uint8_t)(i | (i == 1 ? USB_DIR_IN : 0));
		memcpy(at, &ep, sizeof(ep));
		at += sizeof(ep);
		if (packet == 1024) {
			memcpy(at, &comp, USB_DT_SS_EP_COMP_SIZE);
			at += USB_DT_SS_EP_COMP_SIZE;
		}
	}
	return (size_t)(at - to);
}

static int write_descriptors(int ep0, int endpoints)
{
	struct {
		struct usb_functionfs_descs_head_v2 head;
		uint32_t fs, hs, ss;
		uint8_t data[256];
	} __attribute__((packed)) descs = {
		.head.magic = FUNCTIONFS_DESCRIPTORS_MAGIC_V2,
		.head.flags = FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC | FUNCTIONFS_HAS_SS_DESC,
		.fs = 1 + (uint32_t)endpoints, .hs = 1 + (uint32_t)endpoints,
		.ss = 1 + 2 * (uint32_t)endpoints,
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

	n += describe(descs.data + n, 64, endpoints);
	n += describe(descs.data + n, 512, endpoints);
	n += describe(descs.data + n, 1024, endpoints);
	n += offsetof(typeof(descs), data);
	descs.head.length = (uint32_t)n;
	if (write(ep0, &descs, n) != (ssize_t)n ||
	    write(ep0, &strings, sizeof(strings)) != sizeof(strings)) {
		warn("FunctionFS descriptors");
		return -1;
	}
	return 0;
}

static int shell(const char *line)
{
	if (!system(line))
		return 0;
	warnx("failed: %s", line);
	return -1;
}

/* Bind the gadget and wait until its host has enabled it. */
static int enable(const struct ffs *ffs, const char *udc)
{
	struct usb_functionfs_event event = { 0 };
	struct pollfd fd = { .fd = ffs->ep0, .events = POLLIN };
	char line[160];

	snprintf(line, sizeof(line), "echo %s > " GADGET "/UDC", udc);
	if (shell(line))
		return -1;
	do {
		if (poll(&fd, 1, 20000) != 1 || read(ffs->ep0, &event, sizeof(event)) != sizeof(event)) {
			warn("FunctionFS: no host enables it");
			return -1;
		}
	} while (event.type != FUNCTIONFS_ENABLE);
	return 0;
}

int ffs_open(struct ffs *ffs, const char *udc, bool out)
{
	*ffs = (struct ffs) { .ep0 = -1, .in = -1, .out = -1 };
	if (shell("modprobe usb_f_fs && mkdir -p " FILES " " GADGET " && cd " GADGET
		  " && echo 0x1d6b > idVendor && echo 0x0104 > idProduct"
		  " && mkdir -p strings/0x409 configs/c.1 functions/ffs.mainline"
		  " && ln -s functions/ffs.mainline configs/c.1/"
		  " && mount -t functionfs mainline " FILES))
		return -1;
	ffs->ep0 = open(FILES "/ep0", O_RDWR | O_CLOEXEC);
	if (ffs->ep0 < 0) {
		warn("FunctionFS");
		return -1;
	}
	if (write_descriptors(ffs->ep0, out ? 2 : 1) || enable(ffs, udc))
		return -1;
	ffs->in = open(FILES "/ep1", O_RDWR | O_CLOEXEC);
	if (out)
		ffs->out = open(FILES "/ep2", O_RDWR | O_CLOEXEC);
	if (ffs->in < 0 || (out && ffs->out < 0)) {
		warn("FunctionFS endpoints");
		return -1;
	}
	return 0;
}

int ffs_close(struct ffs *ffs)
{
	close(ffs->in);
	if (ffs->out >= 0)
		close(ffs->out);
	/* there is nothing to unbind when the cable was pulled meanwhile */
	(void)system("echo > " GADGET "/UDC 2>/dev/null");
	close(ffs->ep0);
	return shell("cd " GADGET " && umount " FILES " && rm configs/c.1/ffs.mainline"
		     " && rmdir configs/c.1 functions/ffs.mainline strings/0x409 && cd .. && rmdir mainline");
}

static int call(int ep, unsigned long cmd, void *arg)
{
	return ioctl(ep, cmd, arg) ? -errno : 0;
}

int ffs_attach(int ep, int fd)
{
	return call(ep, FUNCTIONFS_DMABUF_ATTACH, &fd);
}

int ffs_detach(int ep, int fd)
{
	return call(ep, FUNCTIONFS_DMABUF_DETACH, &fd);
}

int ffs_transfer(int ep, int fd, uint64_t length)
{
	struct ffs_dmabuf_transfer arg = { .fd = fd, .length = length };

	return call(ep, FUNCTIONFS_DMABUF_TRANSFER, &arg);
}
