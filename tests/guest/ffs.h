/* SPDX-License-Identifier: GPL-2.0 */
/* A gadget of mainline's FunctionFS, and its ioctls for dma-bufs, which our own nodes know too. */
#ifndef TEST_FFS_H
#define TEST_FFS_H

#include <linux/usb/functionfs.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* of 6.9 on; Debian 12's headers are older */
struct ffs_dmabuf_transfer {
	int fd;
	uint32_t flags;
	uint64_t length;
} __attribute__((packed));
#undef FUNCTIONFS_DMABUF_ATTACH
#undef FUNCTIONFS_DMABUF_DETACH
#undef FUNCTIONFS_DMABUF_TRANSFER
#define FUNCTIONFS_DMABUF_ATTACH	_IOW('g', 131, int)
#define FUNCTIONFS_DMABUF_DETACH	_IOW('g', 132, int)
#define FUNCTIONFS_DMABUF_TRANSFER	_IOW('g', 133, struct ffs_dmabuf_transfer)

/**
 * struct ffs - a FunctionFS gadget
 * @in: bulk endpoint to the host
 * @out: from the host, or -1
 */
struct ffs {
	int ep0;
	int in;
	int out;
};

/*
 * Bound to @udc and enabled by its host; @out: with an endpoint that way, too. One at a time. -1: what
 * went wrong is on standard error.
 */
int ffs_open(struct ffs *ffs, const char *udc, bool out);
int ffs_close(struct ffs *ffs);

/* On an endpoint's file, FunctionFS's or ours. 0 or -errno. */
int ffs_attach(int ep, int fd);
int ffs_detach(int ep, int fd);
int ffs_transfer(int ep, int fd, uint64_t length);

#endif
