# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a run of the suite came to, told at its end: sourced by tests/run. Works on the
# files NAME.t and NAME.status of the directories below $CEN_CHECK (the current one).

# Files of a lane's results. A lane may have had several boots: LANE, LANE.TAG, LANE-again2.
report_files() {
	find . -path './*/boot' -prune -o -name '*.t' -printf '%P\n' | sort |
	grep -E "^$1(\\.[^/]*)?(-again[0-9])?/" || true
}

# report_lane LANE SECONDS: one line of numbers. A program that skips itself is one skip,
# cmocka 1.1 says "not ok # SKIP" of a test it skips.
report_lane() {
	report_files "$1" | xargs -r cat | awk -v lane="$1" -v seconds="$2" '
		/^((not )?ok|1\.\.0).*# *SKIP/ { skipped++; next }
		/^ok/ { passed++ }
		/^not ok/ { failed++ }
		END { printf "  %-14s %d passed, %d failed, %d skipped, %d s\n", lane, passed, failed, skipped, seconds }'
}

# Who skipped in a lane and why, a line for each pair: "LANE: REASON: TEST TEST...".
report_skips() {
	local lane=$1 file

	report_files "$lane" | while read -r file; do
		awk -v test="$(basename "$file" .t)" '
			function told(reason) {
				gsub(/^[ \t]+|[ \t]+$/, "", reason)
				print (reason == "" ? "no reason given" : reason) "\t" test
			}
			/^1\.\.0.*# *SKIP/ { sub(/.*# *SKIP:?/, ""); told($0); next }
			/^# skipped: / { sub(/^# skipped: /, ""); why = $0; next }
			/^not ok.*# *SKIP/ { told(why); why = ""; next }
			/^ok.*# *SKIP/ { sub(/.*# *SKIP:?/, ""); told($0); why = ""; next }
		' "$file"
	done | sort | uniq -c | awk -v lane="$lane" -F '\t' '{
			count = $1; sub(/^ */, "", count); reason = count
			sub(/ .*/, "", count); sub(/^[0-9]+ /, "", reason)
			if (!(reason in who))
				order[++n] = reason
			who[reason] = who[reason] " " $2 (count > 1 ? " (" count ")" : "")
		}
		END {
			for (i = 1; i <= n; i++)
				printf "  %s: %s:%s\n", lane, order[i], who[order[i]]
		}'
}

# Results that failed, by their file.
report_failed_files() {
	local file status

	for file in "$@"; do
		status=$(cat "${file%.t}.status" 2>/dev/null || echo none)
		if [ "$status" != 0 ] || awk '/^not ok/ && !/# *SKIP/ { bad = 1 } END { exit !bad }' "$file"; then
			echo "$file"
		fi
	done
}

# What a failed test said of its failures: its "not ok" lines and what stands around them,
# so that the log of a run tells the cause by itself. cmocka's diagnostics come before
# or after the line they belong to.
report_failure() {
	local file=$1

	echo "--- ${file%.t}: exit status $(cat "${file%.t}.status" 2>/dev/null || echo "none, the guest died under it")"
	tr -d '\000\r' < "$file" | awk -v most="${CEN_REPORT_LINES:-60}" '
		function out(line) { if (++lines <= most) print "    " substr(line, 1, 200) }
		/^(not )?ok/ && !/# *SKIP/ {
			if ($1 == "not") {
				bad++
				for (i = (n > 8 ? n - 7 : 1); i <= n; i++)
					out(said[i])
				out($0)
				after = 45
			} else {
				after = 0
			}
			n = 0
			next
		}
		/^(not )?ok|^1\.\./ { n = after = 0; next }
		after-- > 0 { out($0); next }
		{ said[++n] = last[++all] = $0 }
		END {
			# It ended badly without a word: the end of what it said has to do.
			if (!bad)
				for (i = (all > 25 ? all - 24 : 1); i <= all; i++)
					out(last[i])
			if (lines > most)
				print "    (" lines - most " lines more)"
		}'
}

# The same, a line for each: the last thing a cut log shows.
report_failure_line() {
	local file=$1 first

	first=$(awk '/^not ok/ && !/# *SKIP/' "$file" | head -n 1 | tr -d '\000' | cut -c 1-180)
	echo "  FAILED ${file%.t}: ${first:-exit status $(cat "${file%.t}.status" 2>/dev/null || echo none)}"
}
