/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _CEN_FALLBACK_H
#define _CEN_FALLBACK_H

#include "../kernel/solver/solver.h"
#include "internal.h"

enum fallback_kind {
	FALLBACK_PAGES,		/* single pages, anywhere */
	FALLBACK_CONTIGUOUS,	/* one piece, anywhere */
	FALLBACK_UDMABUF,	/* a memfd's pages */
	FALLBACK_UNKNOWN,	/* only when asked for by name: it may be secure memory */
};

struct fallback_heap {
	char name[CEN_HEAP_NAME_LEN];
	enum fallback_kind kind;
	struct cen_heap_props props;
};

struct cen_fallback {
	struct fallback_heap heaps[CEN_MAX_HEAPS];
	uint32_t heap_count;
	uint64_t page;
	uint64_t top;		/* highest address of the machine's memory */
	struct cen_rules *rules;
};

/* fallback_heaps.c: find the heaps. -ENOENT: not one. */
int cen_fallback_find_heaps(struct cen_fallback *fb, const struct cen_roots *roots);
/* Allocate @size bytes, whole pages: an fd or -errno. */
int cen_fallback_alloc(const struct fallback_heap *heap, const struct cen_roots *roots,
		       uint64_t size);

/* fallback_device.c: what sysfs and the rule files tell of @info->name. */
int cen_fallback_device_info(struct cen_ctx *ctx, struct cen_device_info *info);

#endif /* _CEN_FALLBACK_H */
