// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The backend that is the module: each operation is an ioctl on /dev/cenalloc. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

int cen_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

static void module_close(struct cen_ctx *ctx)
{
	close(ctx->fd);
}

static int module_heap_info(struct cen_ctx *ctx, struct cen_heap_info *info)
{
	return cen_ioctl(ctx->fd, CEN_IOC_HEAP_INFO, info);
}

static int module_device_info(struct cen_ctx *ctx, struct cen_device_info *info)
{
	return cen_ioctl(ctx->fd, CEN_IOC_DEVICE_INFO, info);
}

static int module_explain(struct cen_ctx *ctx, struct cen_buffer *buf, struct cen_explain *arg)
{
	arg->fd = buf ? buf->fd : -1;
	return cen_ioctl(ctx->fd, CEN_IOC_EXPLAIN, arg);
}

static int module_create(struct cen_buffer *buf, uint64_t align, uint32_t heap_mask,
			 uint32_t flags)
{
	struct cen_create arg = {
		.size = buf->size,
		.align = align,
		.heap_mask = heap_mask,
		.flags = flags,
		.fd = -1,
	};
	int error = cen_ioctl(buf->ctx->fd, CEN_IOC_CREATE, &arg);

	if (error)
		return error;
	buf->size = arg.size;
	buf->fd = arg.fd;
	buf->native = true;
	return 0;
}

static int module_declare(struct cen_buffer *buf, const struct cen_device_set *set,
			  uint32_t *failed)
{
	struct cen_declare arg = {
		.devices = (uintptr_t)set->entries,
		.fd = buf->fd,
		.count = (uint32_t)set->count,
		.failed = CEN_NO_INDEX,
	};
	int error = cen_ioctl(buf->ctx->fd, CEN_IOC_DECLARE, &arg);

	*failed = arg.failed;
	return error;
}

static int module_commit(struct cen_buffer *buf, struct cen_plan *plan)
{
	struct cen_commit arg = { .fd = buf->fd };
	int error = cen_ioctl(buf->ctx->fd, CEN_IOC_COMMIT, &arg);

	if (!error)
		*plan = arg.plan;
	return error;
}

static void module_release(struct cen_buffer *buf)
{
	(void)buf;	/* the fd is all there is */
}

const struct cen_backend_ops cen_module_ops = {
	.close = module_close,
	.heap_info = module_heap_info,
	.device_info = module_device_info,
	.explain = module_explain,
	.create = module_create,
	.declare = module_declare,
	.commit = module_commit,
	.release = module_release,
};
