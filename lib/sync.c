// SPDX-License-Identifier: GPL-2.0 OR MIT
/* CPU access to a buffer: DMA_BUF_IOCTL_SYNC for all of it, CEN_IOC_SYNC for a part. */
#include <linux/dma-buf.h>
#include <sys/ioctl.h>

#include "internal.h"

_Static_assert(CEN_SYNC_READ == DMA_BUF_SYNC_READ && CEN_SYNC_WRITE == DMA_BUF_SYNC_WRITE &&
	       CEN_SYNC_END == DMA_BUF_SYNC_END, "the two syncs speak the same flags");

static int sync_ioctl(const struct cen_sync_guard *guard, uint32_t flags)
{
	struct dma_buf_sync whole = { .flags = flags };
	struct cen_sync part = {
		.offset = guard->offset,
		.length = guard->length,
		.fd = guard->buffer->fd,
		.flags = flags,
	};
	int ret;

	if (guard->whole)
		ret = ioctl(guard->buffer->fd, DMA_BUF_IOCTL_SYNC, &whole);
	else
		ret = ioctl(guard->buffer->ctx->fd, CEN_IOC_SYNC, &part);
	return ret < 0 ? -errno : 0;
}

static int sync_begin(struct cen_sync_guard *guard, struct cen_buffer *buf, uint64_t offset,
		      uint64_t length, uint32_t flags)
{
	int error;

	memset(guard, 0, sizeof(*guard));
	if (flags & ~(CEN_SYNC_READ | CEN_SYNC_WRITE) || !flags)
		return cen_say(-EINVAL, "sync: CEN_SYNC_READ, CEN_SYNC_WRITE or both are accepted");
	if (cen_buffer_fd(buf) < 0)
		return -errno;
	if (offset > buf->size || length > buf->size - offset || (!length && offset))
		return cen_say(-EINVAL, "sync: %llu bytes at %llu lie outside a buffer of %llu bytes",
			       (unsigned long long)length, (unsigned long long)offset,
			       (unsigned long long)buf->size);
	guard->buffer = buf;
	guard->offset = offset;
	guard->length = length;
	guard->flags = flags;
	/* Other exporters know no ranges: theirs is all of it. */
	guard->whole = !length || length == buf->size || !buf->native;
	error = sync_ioctl(guard, flags | CEN_SYNC_START);
	if (error) {
		guard->buffer = NULL;
		return cen_say(error, "sync: %s", strerror(-error));
	}
	return 0;
}

CEN_API int cen_sync_begin(struct cen_sync_guard *guard, struct cen_buffer *buf,
			   uint64_t offset, uint64_t length, uint32_t flags)
{
	return cen_ret(sync_begin(guard, buf, offset, length, flags));
}

CEN_API int cen_sync_end(struct cen_sync_guard *guard)
{
	int saved = errno;
	int error;

	if (!guard->buffer)
		return 0;
	/* An access left open would stay open: a signal is no excuse. */
	do {
		error = sync_ioctl(guard, guard->flags | CEN_SYNC_END);
	} while (error == -EINTR || error == -EAGAIN);
	guard->buffer = NULL;
	if (error)
		return cen_ret(cen_say(error, "sync: %s", strerror(-error)));
	errno = saved;
	return 0;
}
