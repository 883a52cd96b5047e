# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the kernel and QEMU had to say about a run.

# A line that matches is a report: the kernel found something wrong with itself.
REPORT_PATTERN='WARNING: |BUG: |kernel BUG at|Oops|general protection fault|Unable to handle'
REPORT_PATTERN+='|KASAN: |UBSAN: |KFENCE: |kmemleak: .*(suspected|disabled)|ODEBUG: |refcount_t: |DMA-API: '
REPORT_PATTERN+='|Call Trace:|Call trace:|INFO: task .* blocked|INFO: rcu|rcu: INFO|lockup|self-detected stall'
REPORT_PATTERN+='|circular locking|recursive locking|inconsistent lock state|suspicious RCU usage'
REPORT_PATTERN+='|lock held when returning|held lock freed|bad unlock balance|non-static key|DEBUG_LOCKS_WARN'
REPORT_PATTERN+='|sleeping function called|scheduling while atomic|list_(add|del) corruption|Bad page state'
REPORT_PATTERN+='|Bad rss-counter|page allocation failure|Kernel panic|objects remaining'

# The lines of a kernel log ($1) that are reports and stand in none of the allow
# lists (the other arguments), as "number:line". An allowed line takes the stack
# trace that follows it along.
report_lines() {
	local log=$1
	shift

	# NULs and escapes of firmware and console are no part of a line.
	tr -d '\000\r' < "$log" |
	REPORT_PATTERN=$REPORT_PATTERN ALLOWED=$(cat /dev/null "$@" | grep -vE '^[[:space:]]*(#|$)') awk '
		BEGIN { n = split(ENVIRON["ALLOWED"], allowed, "\n") }
		/---\[ end trace|<\/TASK>/ { trace = 0 }
		NR > trace { trace = 0 }
		$0 ~ ENVIRON["REPORT_PATTERN"] {
			for (i = 1; i <= n; i++)
				if ($0 ~ allowed[i]) {
					trace = NR + 80
					next
				}
			if (!trace || $0 !~ /Call [Tt]race:|Mapped at:/)
				print NR ":" $0
		}'
}

# Prints the log around the first report, long enough for a stack trace.
report_show() {
	local log=$1 first=$2

	tr -d '\000\r' < "$log" | awk -v first="$first" 'NR >= first - 3 && NR <= first + 90'
}
