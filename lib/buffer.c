// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Buffers: made, declared, committed, imported, shared. */
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "internal.h"

#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

static int buffer_create(struct cen_buffer *buf, uint64_t align, uint32_t heap_mask,
			 uint32_t flags)
{
	char asked[32];
	int error;

	cen_size_format(buf->size, asked, sizeof(asked));
	error = buf->ctx->ops->create(buf, align, heap_mask, flags);
	switch (error) {
	case 0:
		return 0;
	case -EINVAL:
		if (!buf->size)
			return cen_say(error, "a buffer of 0 bytes: 1 or more is accepted");
		if (align & (align - 1))
			return cen_say(error, "alignment %llu: a power of two is accepted",
				       (unsigned long long)align);
		return cen_say(error, "a buffer of %s, heap mask %#x, flags %#x: larger than any buffer, or no such heap or flag",
			       asked, heap_mask, flags);
	case -EDQUOT:
		return cen_say(error, "a buffer of %s could never fit this user's quota", asked);
	default:
		return cen_say(error, "a buffer of %s: %s", asked, strerror(-error));
	}
}

static struct cen_buffer *buffer_alloc(struct cen_ctx *ctx)
{
	struct cen_buffer *buf = calloc(1, sizeof(*buf));

	if (!buf)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	buf->ctx = ctx;
	buf->fd = -1;
	return buf;
}

CEN_API struct cen_buffer *cen_buffer_new_with(struct cen_ctx *ctx, uint64_t size,
					       uint64_t align, uint32_t heap_mask,
					       uint32_t flags)
{
	struct cen_buffer *buf = buffer_alloc(ctx);
	int error;

	if (!buf)
		return NULL;
	buf->size = size;
	error = buffer_create(buf, align, heap_mask, flags);
	if (error) {
		free(buf);
		return cen_ret_null(error);
	}
	return buf;
}

CEN_API struct cen_buffer *cen_buffer_new(struct cen_ctx *ctx, uint64_t size)
{
	return cen_buffer_new_with(ctx, size, 0, 0, 0);
}

static int buffer_adopt(struct cen_buffer *buf, int fd)
{
	struct cen_info info = { .id = 0 };
	struct statfs fs;
	off_t size;
	int error;

	if (fstatfs(fd, &fs))
		return cen_say(-errno, "fd %d: %s", fd, strerror(errno));
	if (fs.f_type != DMA_BUF_MAGIC)
		return cen_say(-ENOTTY, "fd %d is no dma-buf", fd);
	size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		return cen_say(-errno, "fd %d: %s", fd, strerror(errno));
	(void)lseek(fd, 0, SEEK_SET);
	buf->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (buf->fd < 0)
		return cen_say(-errno, "fd %d: %s", fd, strerror(errno));
	buf->size = (uint64_t)size;

	if (buf->ctx->fd < 0)
		return 0;
	/* Another exporter's is used as it is; anything else than its refusal is news. */
	info.fd = buf->fd;
	error = cen_ioctl(buf->ctx->fd, CEN_IOC_INFO, &info);
	buf->native = !error;
	if (!error && info.state == CEN_BUFFER_BACKED) {
		buf->plan = info.plan;
		buf->planned = true;
	}
	return 0;
}

CEN_API struct cen_buffer *cen_buffer_import(struct cen_ctx *ctx, int fd)
{
	struct cen_buffer *buf = buffer_alloc(ctx);
	int error;

	if (!buf)
		return NULL;
	error = buffer_adopt(buf, fd);
	if (error) {
		free(buf);
		return cen_ret_null(error);
	}
	return buf;
}

CEN_API void cen_buffer_free(struct cen_buffer *buf)
{
	int saved = errno;

	if (!buf)
		return;
	buf->ctx->ops->release(buf);
	if (buf->fd >= 0)
		close(buf->fd);
	free(buf);
	errno = saved;
}

static bool buffer_is_ours(const struct cen_buffer *buf)
{
	return buf->native || buf->fallback;
}

static int say_foreign(const struct cen_buffer *buf)
{
	return cen_say(-ENOTTY, "fd %d is another exporter's dma-buf: cenalloc cannot place it",
		       buf->fd);
}

static int buffer_commit(struct cen_buffer *buf)
{
	int error;

	if (!buffer_is_ours(buf))
		return say_foreign(buf);
	error = buf->ctx->ops->commit(buf, &buf->plan);
	if (!error) {
		buf->planned = true;
		return 0;
	}
	cen_say(error, "commit: %s", strerror(-error));
	/* The kernel remembers the refusal. */
	return cen_say_refusal(buf->ctx, buf, NULL, error);
}

CEN_API int cen_buffer_commit(struct cen_buffer *buf)
{
	return cen_ret(buffer_commit(buf));
}

CEN_API const struct cen_plan *cen_buffer_plan(struct cen_buffer *buf)
{
	if (!buf->planned)
		return cen_ret_null(cen_say(-ENODATA, "the buffer is not committed yet"));
	return &buf->plan;
}

static int buffer_fd(struct cen_buffer *buf)
{
	if (buf->fd < 0) {
		int error = buffer_commit(buf);

		if (error)
			return error;
	}
	return buf->fd;
}

CEN_API int cen_buffer_fd(struct cen_buffer *buf)
{
	return cen_ret(buffer_fd(buf));
}

CEN_API int cen_buffer_export(struct cen_buffer *buf)
{
	int fd = buffer_fd(buf);

	if (fd < 0)
		return cen_ret(fd);
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		cen_say(0, "export: %s", strerror(errno));
	return fd;
}

CEN_API uint64_t cen_buffer_size(const struct cen_buffer *buf)
{
	return buf->size;
}

CEN_API bool cen_buffer_is_native(const struct cen_buffer *buf)
{
	return buf->native;
}

static int buffer_declare(struct cen_buffer *buf, const struct cen_device_set *set)
{
	uint32_t failed = CEN_NO_INDEX;
	const char *name = "the devices";
	int error;

	if (!buffer_is_ours(buf))
		return say_foreign(buf);
	if (!set->count)
		return cen_say(-EINVAL, "declare: the set of devices is empty");
	error = buf->ctx->ops->declare(buf, set, &failed);
	if (!error)
		return 0;

	if (failed < set->count)
		name = set->entries[failed].name;
	if (error == -ENOENT || error == -EINVAL) {
		if (cen_say_unknown_device(buf->ctx, set->entries, set->count))
			return error;
	}
	if (error == -E2BIG)
		return cen_say(error, "declare %s: a buffer has at most %d devices", name,
			       CEN_MAX_DEVICES);
	cen_say(error, "declare %s: %s", name, strerror(-error));
	return cen_say_refusal(buf->ctx, buf, set, error);
}

CEN_API int cen_buffer_declare_set(struct cen_buffer *buf, const struct cen_device_set *set)
{
	return cen_ret(buffer_declare(buf, set));
}

CEN_API int cen_buffer_declare(struct cen_buffer *buf, const char *spec)
{
	struct cen_device_set *set = cen_device_set_new();
	int error;

	if (!set)
		return -1;
	error = cen_device_set_add(set, spec) ? -errno : buffer_declare(buf, set);
	cen_device_set_free(set);
	return cen_ret(error);
}
