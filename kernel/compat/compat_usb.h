/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel differences of USB gadgets, see compat.h.
 */
#ifndef _CEN_COMPAT_USB_H
#define _CEN_COMPAT_USB_H

#include "compat_config.h"

#include <linux/usb/functionfs.h>
#include <linux/usb/gadget.h>

/* Since 6.9 a request may bring a table that is mapped already. */
#ifdef CEN_HAVE_SG_WAS_MAPPED
#define CEN_COMPAT_USB_PREMAPPED	1
static inline void cen_compat_usb_premapped(struct usb_request *req)
{
	req->sg_was_mapped = true;
}
#else
#define CEN_COMPAT_USB_PREMAPPED	0
static inline void cen_compat_usb_premapped(struct usb_request *req)
{
}
#endif

/* The dma-buf ioctls of FunctionFS came with 6.9, too. */
#ifndef FUNCTIONFS_DMABUF_ATTACH
#define USB_FFS_DMABUF_TRANSFER_MASK	0x0
struct usb_ffs_dmabuf_transfer_req {
	int fd;
	__u32 flags;
	__u64 length;
} __packed;
#define FUNCTIONFS_DMABUF_ATTACH	_IOW('g', 131, int)
#define FUNCTIONFS_DMABUF_DETACH	_IOW('g', 132, int)
#define FUNCTIONFS_DMABUF_TRANSFER	_IOW('g', 133, struct usb_ffs_dmabuf_transfer_req)
#endif

#endif /* _CEN_COMPAT_USB_H */
