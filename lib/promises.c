// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What holds for a buffer, depending on who placed it. */
#include "internal.h"

static const struct {
	uint32_t promise;
	const char *text;
} promises[] = {
	{ CEN_PROMISE_DECLARED, "every declared device reaches the buffer's memory" },
	{ CEN_PROMISE_ATTACHED, "a device that attaches later moves the buffer or is refused" },
	{ CEN_PROMISE_NO_BOUNCE, "a map that would go through a bounce buffer is refused" },
	{ CEN_PROMISE_SEGMENTS, "each device sees segments within its own size and boundary" },
	{ CEN_PROMISE_RANGED_SYNC, "syncing a part of the buffer costs only that part" },
	{ CEN_PROMISE_ZEROED, "memory is handed out zeroed" },
	{ CEN_PROMISE_QUOTA, "memory counts against a quota of the user" },
	{ CEN_PROMISE_EXPLAINS, "a refused attach or map can be asked why" },
};

CEN_API uint32_t cen_buffer_promises(const struct cen_buffer *buf)
{
	if (buf->native)
		return CEN_PROMISES_ALL;
	/* Another exporter's: nothing is known. */
	if (!buf->fallback)
		return 0;
	return CEN_PROMISE_ZEROED | (cen_fallback_placed(buf) ? CEN_PROMISE_DECLARED : 0);
}

CEN_API const char *cen_promise_text(uint32_t promise)
{
	for (size_t i = 0; i < CEN_ARRAY_SIZE(promises); i++)
		if (promises[i].promise == promise)
			return promises[i].text;
	return NULL;
}
