// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The heaps that buffers can be placed in. */
#include "internal.h"

struct cen_heap_list {
	struct cen_heap_info heaps[CEN_MAX_HEAPS];
	size_t count;
};

CEN_API struct cen_heap_list *cen_heap_list_new(struct cen_ctx *ctx)
{
	struct cen_heap_list *list = calloc(1, sizeof(*list));

	if (!list)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	for (uint32_t index = 0; index < CEN_MAX_HEAPS; index++) {
		struct cen_heap_info *info = &list->heaps[list->count];
		int error;

		memset(info, 0, sizeof(*info));
		info->index = index;
		error = ctx->ops->heap_info(ctx, info);
		if (!error) {
			list->count++;
		} else if (error != -ENOENT) {
			free(list);
			return cen_ret_null(cen_say(error, "heap %u: %s", index,
						    strerror(-error)));
		}
	}
	return list;
}

CEN_API void cen_heap_list_free(struct cen_heap_list *list)
{
	free(list);
}

CEN_API size_t cen_heap_list_count(const struct cen_heap_list *list)
{
	return list->count;
}

CEN_API const struct cen_heap_info *cen_heap_list_get(const struct cen_heap_list *list,
						      size_t pos)
{
	return pos < list->count ? &list->heaps[pos] : NULL;
}

CEN_API const struct cen_heap_info *cen_heap_list_find(const struct cen_heap_list *list,
						       const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strncmp(list->heaps[i].name, name, sizeof(list->heaps[i].name)))
			return &list->heaps[i];
	return NULL;
}
