// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A context: the module's device node, or the heaps that are there without it. */
#include <fcntl.h>
#include <unistd.h>

#include "internal.h"

const struct cen_roots cen_roots_default = {
	.dev = "/dev",
	.sys = "/sys",
	.proc = "/proc",
	.rules = CEN_RULES_DIR,
};

static int ctx_open_module(struct cen_ctx *ctx)
{
	char path[256];
	int error;

	snprintf(path, sizeof(path), "%s/cenalloc", ctx->roots.dev);
	ctx->fd = open(path, O_RDWR | O_CLOEXEC);
	if (ctx->fd >= 0) {
		ctx->ops = &cen_module_ops;
		return 0;
	}
	error = -errno;
	switch (error) {
	case -ENOENT:
		return cen_say(error, "%s does not exist: the module cenalloc is not loaded", path);
	case -EACCES:
	case -EPERM:
		return cen_say(error, "%s: permission denied: its group (cenalloc) may open it", path);
	case -ENXIO:
	case -ENODEV:
		return cen_say(-ENOENT, "%s has no driver behind it: the module cenalloc is not loaded", path);
	default:
		return cen_say(error, "%s: %s", path, strerror(-error));
	}
}

static int ctx_open(struct cen_ctx *ctx, unsigned int flags)
{
	int error = -ENOENT;

	if (flags & ~(CEN_CTX_MODULE | CEN_CTX_FALLBACK) ||
	    flags == (CEN_CTX_MODULE | CEN_CTX_FALLBACK))
		return cen_say(-EINVAL, "flags %#x: 0, CEN_CTX_MODULE or CEN_CTX_FALLBACK is accepted",
			       flags);
	if (!(flags & CEN_CTX_FALLBACK))
		error = ctx_open_module(ctx);
	if (error != -ENOENT || flags & CEN_CTX_MODULE)
		return error;
	return cen_fallback_open(ctx);
}

struct cen_ctx *cen_ctx_open_at(unsigned int flags, const struct cen_roots *roots)
{
	struct cen_ctx *ctx = calloc(1, sizeof(*ctx));
	int error;

	if (!ctx)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	ctx->fd = -1;
	ctx->roots = *roots;
	error = ctx_open(ctx, flags);
	if (error) {
		free(ctx);
		return cen_ret_null(error);
	}
	return ctx;
}

CEN_API struct cen_ctx *cen_ctx_open(unsigned int flags)
{
	return cen_ctx_open_at(flags, &cen_roots_default);
}

CEN_API void cen_ctx_close(struct cen_ctx *ctx)
{
	int saved = errno;

	if (!ctx)
		return;
	ctx->ops->close(ctx);
	free(ctx);
	errno = saved;
}

CEN_API enum cen_backend cen_ctx_backend(const struct cen_ctx *ctx)
{
	return ctx->fallback ? CEN_BACKEND_FALLBACK : CEN_BACKEND_MODULE;
}

CEN_API int cen_ctx_fd(const struct cen_ctx *ctx)
{
	return ctx->fd;
}
