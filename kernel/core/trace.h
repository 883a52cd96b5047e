/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decisions, not function entries: what was planned, refused, backed, moved, and
 * maps that came too early. No addresses.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cenalloc

#if !defined(_CEN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _CEN_TRACE_H

#include <linux/tracepoint.h>

#include "buffer.h"

TRACE_EVENT(cen_plan,
	TP_PROTO(u64 size, const struct cen_plan *plan, u32 devices),
	TP_ARGS(size, plan, devices),
	TP_STRUCT__entry(
		__field(u64, size)
		__field(u64, chunk)
		__field(u64, align)
		__field(u32, heap)
		__field(u32, addr_bits)
		__field(u32, max_segs)
		__field(u32, devices)
	),
	TP_fast_assign(
		__entry->size = size;
		__entry->chunk = plan->chunk;
		__entry->align = plan->align;
		__entry->heap = plan->heap;
		__entry->addr_bits = plan->addr_bits;
		__entry->max_segs = plan->max_segs;
		__entry->devices = devices;
	),
	TP_printk("size=%llu devices=%u heap=%u addr_bits=%u chunk=%llu align=%llu max_segs=%u",
		  __entry->size, __entry->devices, __entry->heap, __entry->addr_bits,
		  __entry->chunk, __entry->align, __entry->max_segs)
);

TRACE_EVENT(cen_refusal,
	TP_PROTO(u64 buffer, u64 size, int error, const struct cen_reason *reason, u32 reasons),
	TP_ARGS(buffer, size, error, reason, reasons),
	TP_STRUCT__entry(
		__field(u64, buffer)
		__field(u64, size)
		__field(int, error)
		__field(u32, reasons)
		__field(u32, code)
		__field(u32, device)
		__field(u32, heap)
		__field(u64, wanted)
		__field(u64, offered)
	),
	TP_fast_assign(
		__entry->buffer = buffer;
		__entry->size = size;
		__entry->error = error;
		__entry->reasons = reasons;
		__entry->code = reasons ? reason->code : CEN_WHY_NONE;
		__entry->device = reasons ? reason->device : CEN_NO_INDEX;
		__entry->heap = reasons ? reason->heap : CEN_NO_INDEX;
		__entry->wanted = reasons ? reason->wanted : 0;
		__entry->offered = reasons ? reason->offered : 0;
	),
	TP_printk("buffer=%llu size=%llu error=%d reasons=%u first: code=%u device=%d heap=%d wanted=%llu offered=%llu",
		  __entry->buffer, __entry->size, __entry->error, __entry->reasons,
		  __entry->code, (int)__entry->device, (int)__entry->heap,
		  __entry->wanted, __entry->offered)
);

TRACE_EVENT(cen_back,
	TP_PROTO(const struct cen_buffer *buffer),
	TP_ARGS(buffer),
	TP_STRUCT__entry(
		__field(u64, buffer)
		__field(u64, size)
		__field(u32, heap)
		__field(u32, chunks)
		__field(u32, addr_bits)
	),
	TP_fast_assign(
		__entry->buffer = buffer->id;
		__entry->size = buffer->size;
		__entry->heap = buffer->plan.heap;
		__entry->chunks = buffer->storage.nr_chunks;
		__entry->addr_bits = buffer->addr_bits;
	),
	TP_printk("buffer=%llu size=%llu heap=%u chunks=%u addr_bits=%u",
		  __entry->buffer, __entry->size, __entry->heap, __entry->chunks,
		  __entry->addr_bits)
);

TRACE_EVENT(cen_move,
	TP_PROTO(const struct cen_buffer *buffer, u32 from),
	TP_ARGS(buffer, from),
	TP_STRUCT__entry(
		__field(u64, buffer)
		__field(u64, size)
		__field(u64, moves)
		__field(u32, from)
		__field(u32, to)
	),
	TP_fast_assign(
		__entry->buffer = buffer->id;
		__entry->size = buffer->size;
		__entry->moves = buffer->moves;
		__entry->from = from;
		__entry->to = buffer->plan.heap;
	),
	TP_printk("buffer=%llu size=%llu from heap=%u to heap=%u moves=%llu",
		  __entry->buffer, __entry->size, __entry->from, __entry->to, __entry->moves)
);

TRACE_EVENT(cen_early_map,
	TP_PROTO(const struct cen_buffer *buffer, const struct cen_use *mapper,
		 const struct cen_use *missing),
	TP_ARGS(buffer, mapper, missing),
	TP_STRUCT__entry(
		__field(u64, buffer)
		__array(char, mapper, CEN_NAME_LEN)
		__array(char, missing, CEN_NAME_LEN)
	),
	TP_fast_assign(
		__entry->buffer = buffer->id;
		memcpy(__entry->mapper, mapper->name, CEN_NAME_LEN);
		memcpy(__entry->missing, missing->name, CEN_NAME_LEN);
	),
	TP_printk("buffer=%llu mapped by %s while %s is missing",
		  __entry->buffer, __entry->mapper, __entry->missing)
);

#endif /* _CEN_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
