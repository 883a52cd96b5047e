/* SPDX-License-Identifier: GPL-2.0 */
/* Transfers that ended. No addresses. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cen_port

#if !defined(_CEN_PORT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _CEN_PORT_TRACE_H

#include <linux/tracepoint.h>

#include "port.h"

TRACE_EVENT(cen_transfer,
	TP_PROTO(const struct cen_port *port, const struct cen_xfer *xfer),
	TP_ARGS(port, xfer),
	TP_STRUCT__entry(
		__array(char, port, CEN_PORT_NAME_LEN)
		__field(u64, user_data)
		__field(u64, length)
		__field(u64, actual)
		__field(int, status)
		__field(bool, link)
	),
	TP_fast_assign(
		memcpy(__entry->port, port->name, CEN_PORT_NAME_LEN);
		__entry->user_data = xfer->result.user_data;
		__entry->length = xfer->t.length;
		__entry->actual = xfer->result.actual;
		__entry->status = xfer->result.status;
		__entry->link = xfer->done;
	),
	TP_printk("port=%s user_data=%llu length=%llu actual=%llu status=%d%s",
		  __entry->port, __entry->user_data, __entry->length, __entry->actual,
		  __entry->status, __entry->link ? " link" : "")
);

#endif /* _CEN_PORT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
