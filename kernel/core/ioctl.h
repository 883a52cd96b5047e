/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_IOCTL_H
#define _CEN_IOCTL_H

#include "buffer.h"

/**
 * struct cen_ioctl_ctx - what an ioctl leaves for after its reply was copied out
 * @dmabuf: dma-buf the ioctl looked up; put when it is done
 * @install: dma-buf to install as @install_fd once the reply is with the caller
 * @install_fd: reserved
 */
struct cen_ioctl_ctx {
	struct dma_buf *dmabuf;
	struct dma_buf *install;
	int install_fd;
};

/* The buffer behind @fd, held until the ioctl is done. -EBADF, -EINVAL: foreign. */
struct cen_buffer *cen_ioctl_get_buffer(struct cen_ioctl_ctx *ctx, int fd);

/* Look up @count devices; *@failed (may be NULL) tells which one was at fault. */
struct cen_use **cen_ioctl_get_uses(u64 uptr, u32 count, u32 *failed);
/* Free those that are still there (NULL: taken over). */
void cen_ioctl_put_uses(struct cen_use **uses, u32 count);

int cen_ioctl_explain(struct cen_ioctl_ctx *ctx, void *data);

#endif /* _CEN_IOCTL_H */
