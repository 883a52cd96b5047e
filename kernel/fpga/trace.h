/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decisions: what was programmed, and what became of it. No addresses.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cen_fpga

#if !defined(_CEN_FPGA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _CEN_FPGA_TRACE_H

#include <linux/cen_fpga.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

TRACE_EVENT(cen_fpga_load,
	TP_PROTO(const char *target, const char *slot, u64 length,
		 const struct cen_fpga_result *result),
	TP_ARGS(target, slot, length, result),
	TP_STRUCT__entry(
		__array(char, target, CEN_FPGA_NAME_LEN)
		__array(char, slot, CEN_FPGA_NAME_LEN)
		__field(u64, length)
		__field(u64, duration)
		__field(u32, state)
		__field(u32, step)
		__field(int, error)
	),
	TP_fast_assign(
		strscpy_pad(__entry->target, target, CEN_FPGA_NAME_LEN);
		strscpy_pad(__entry->slot, slot, CEN_FPGA_NAME_LEN);
		__entry->length = length;
		__entry->duration = result->duration;
		__entry->state = result->state;
		__entry->step = result->step;
		__entry->error = result->error;
	),
	TP_printk("%s slot=%s length=%llu ns=%llu state=%u step=%u error=%d", __entry->target,
		  __entry->slot, __entry->length, __entry->duration, __entry->state,
		  __entry->step, __entry->error)
);

#endif /* _CEN_FPGA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
