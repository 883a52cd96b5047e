/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decisions: what a device was given, what was refused, what was taken back. No addresses.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cen_uio

#if !defined(_CEN_UIO_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _CEN_UIO_TRACE_H

#include <linux/cen_uio.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

TRACE_EVENT(cen_uio_attach,
	TP_PROTO(const char *device, u32 handle, u64 size, u32 segments, u32 direction),
	TP_ARGS(device, handle, size, segments, direction),
	TP_STRUCT__entry(
		__array(char, device, CEN_UIO_NAME_LEN)
		__field(u64, size)
		__field(u32, handle)
		__field(u32, segments)
		__field(u32, direction)
	),
	TP_fast_assign(
		strscpy_pad(__entry->device, device, CEN_UIO_NAME_LEN);
		__entry->size = size;
		__entry->handle = handle;
		__entry->segments = segments;
		__entry->direction = direction;
	),
	TP_printk("%s handle=%u size=%llu segments=%u direction=%u", __entry->device,
		  __entry->handle, __entry->size, __entry->segments, __entry->direction)
);

TRACE_EVENT(cen_uio_program,
	TP_PROTO(const char *device, u32 writes, bool started),
	TP_ARGS(device, writes, started),
	TP_STRUCT__entry(
		__array(char, device, CEN_UIO_NAME_LEN)
		__field(u32, writes)
		__field(bool, started)
	),
	TP_fast_assign(
		strscpy_pad(__entry->device, device, CEN_UIO_NAME_LEN);
		__entry->writes = writes;
		__entry->started = started;
	),
	TP_printk("%s writes=%u%s", __entry->device, __entry->writes,
		  __entry->started ? " started" : "")
);

TRACE_EVENT(cen_uio_refused,
	TP_PROTO(const char *device, const char *what, int error,
		 const struct cen_uio_reason *reason),
	TP_ARGS(device, what, error, reason),
	TP_STRUCT__entry(
		__array(char, device, CEN_UIO_NAME_LEN)
		__array(char, what, 8)
		__field(u64, wanted)
		__field(u64, offered)
		__field(int, error)
		__field(u32, code)
		__field(u32, index)
	),
	TP_fast_assign(
		strscpy_pad(__entry->device, device, CEN_UIO_NAME_LEN);
		strscpy_pad(__entry->what, what, 8);
		__entry->wanted = reason->wanted;
		__entry->offered = reason->offered;
		__entry->error = error;
		__entry->code = reason->code;
		__entry->index = reason->index;
	),
	TP_printk("%s %s error=%d code=%u index=%d wanted=%llu offered=%llu", __entry->device,
		  __entry->what, __entry->error, __entry->code, (int)__entry->index,
		  __entry->wanted, __entry->offered)
);

TRACE_EVENT(cen_uio_revoked,
	TP_PROTO(const char *device, u32 handles, bool stopped),
	TP_ARGS(device, handles, stopped),
	TP_STRUCT__entry(
		__array(char, device, CEN_UIO_NAME_LEN)
		__field(u32, handles)
		__field(bool, stopped)
	),
	TP_fast_assign(
		strscpy_pad(__entry->device, device, CEN_UIO_NAME_LEN);
		__entry->handles = handles;
		__entry->stopped = stopped;
	),
	TP_printk("%s handles=%u%s", __entry->device, __entry->handles,
		  __entry->stopped ? "" : " does not stop")
);

TRACE_EVENT(cen_uio_returned,
	TP_PROTO(const char *device, u32 interruptions),
	TP_ARGS(device, interruptions),
	TP_STRUCT__entry(
		__array(char, device, CEN_UIO_NAME_LEN)
		__field(u32, interruptions)
	),
	TP_fast_assign(
		strscpy_pad(__entry->device, device, CEN_UIO_NAME_LEN);
		__entry->interruptions = interruptions;
	),
	TP_printk("%s interruptions=%u", __entry->device, __entry->interruptions)
);

#endif /* _CEN_UIO_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
