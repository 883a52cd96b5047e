// SPDX-License-Identifier: GPL-2.0
/* Where a buffer goes: a heap, and how it is asked. */
#include "buffer.h"

/* Ask the heap of @place for the memory of @buffer, in the name of @dev, which may be NULL. */
int cen_place_alloc(const struct cen_place *place, const struct cen_buffer *buffer,
		    struct device *dev, struct cen_storage *storage)
{
	const struct cen_alloc_request req = {
		.size = buffer->size,
		.chunk = place->plan.chunk,
		.align = place->plan.align,
		.window = place->window,
		.reach = place->reach,
		.account = buffer->flags & CEN_CREATE_ACCOUNT,
		.dev = dev,
	};

	return cen_heap_alloc(place->plan.heap, &req, storage);
}
