# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Guest tests on the host's side. A boot has a directory of its own below $CEN_CHECK,
# NAME.t and NAME.status for each test, and for what the logs said.

# note_result DIR NAME STATUS < the TAP it printed
note_result() {
	cat > "$1/$2.t"
	echo "$3" > "$1/$2.status"
}

# Turns the kernel's and QEMU's logs into tests like any other.
log_results() {
	local dir=$1 boot=$1/boot

	# The same report a hundred times is one: times and processes apart. A stack trace
	# belongs to the report above it; the first reports are shown as the log has them.
	awk '
		FNR == NR { n = index($0, ":"); report[substr($0, 1, n - 1)] = substr($0, n + 1); next }
		{ line[FNR] = $0 }
		/cen-suite: / { during = $0; sub(/.*cen-suite: /, "", during); last = 0 }
		FNR in report {
			text = report[FNR]
			if (last && FNR - last < 80 && text ~ /Call Trace:|Mapped at:/)
				next
			last = FNR
			sub(/^\[[ 0-9.]*\] */, "", text); sub(/CPU: [0-9]+ PID: [0-9]+ /, "", text); gsub(/#/, "", text)
			text = "under " (during ? during : "boot") ": " text
			if (!times[text]++) {
				order[++kinds] = text
				seen[kinds] = FNR
			}
		}
		END {
			for (i = 1; i <= kinds; i++) {
				printf "not ok %d - no kernel report, but %s (%d times)\n", i, order[i], times[order[i]]
				for (j = seen[i] - 2; i <= 4 && j < seen[i] + 40 && j in line; j++)
					if (!(j in shown)) {
						shown[j]
						print "# " line[j]
					}
			}
			if (!kinds)
				print "ok " ++kinds " - no kernel report"
			print "1.." kinds
		}
	' "$boot/reports" <(tr -d '\000\r' < "$boot/console.log") | note_result "$dir" _kernel_log 0

	{
		echo 1..1
		grep -q '^clamping=0' "$boot/verdict" || printf 'not '
		echo "ok 1 - no device was handed an address out of its reach"
		grep clamping "$boot/qemu.log" | head -n 5 | sed 's/^/# /' || true
	} | note_result "$dir" _qemu_log 0
}

# The longest a boot may take with the tests of the file $1, whose seconds are the lane's already.
# Each test has a limit of its own in the guest: this one is for a guest that hangs.
boot_seconds() {
	# shellcheck disable=SC2153 # the lane that lane_load read
	local slow=${LANE[slow]}

	awk -v slow="$slow" '{ s += $3 } END { most = 1800 * slow; print 180 + (s < most ? s : most) }' "$1"
}

# boot_tests LANE DIR SUITE SECONDS OPTION...: one boot of SECONDS at most. The tests of the file
# SUITE ("name file seconds" a line) run in it; returns 1 if the guest did not live to the end.
boot_tests() {
	local lane=$1 dir=$2 suite=$3 total=$4 died
	shift 4

	mkdir -p "$dir"
	cp "$suite" "$dir/suite"
	"$CEN_TOP/vm/run" "$lane" -q --timeout "$total" --results "$dir/boot" "$@" \
		--file "$suite:/cen/suite" --bin "$CEN_TOP/tests/run-guest" -- run-guest 2> "$dir/run.log" || true
	if [ ! -e "$dir/boot/verdict" ]; then
		{ echo "1..1"; echo "not ok 1 - the guest starts"; sed 's/^/# /' "$dir/run.log"; } | note_result "$dir" _boot 1
		return 0
	fi
	cp "$dir"/boot/tap/* "$dir/" 2>/dev/null || true
	log_results "$dir"
	grep -qE '^status=(0|97|98)$' "$dir/boot/verdict" && return 0

	died=$(tests_not_run "$dir" | head -n 1)
	{
		cat "$dir/${died:-_end}.t" 2>/dev/null
		echo "# $(sed -n 's/^verdict=//p' "$dir/boot/verdict")"
		echo "not ok - the guest lives"
	} > "$dir/died"
	note_result "$dir" "${died:-_end}" "the guest died under it" < "$dir/died"
	return 1
}

# Names of those tests of a boot that have no exit status.
tests_not_run() {
	local name

	while read -r name _; do
		[ -e "$1/$name.status" ] || echo "$name"
	done < "$1/suite"
}

# Linux patches its code (static keys, tracepoints) by way of an int3, which it takes back when all
# CPUs have been told. QEMU's threads may run the translation that still has it; the kernel
# knows nothing of an int3 there any more. About one boot in some hundred; once is forgiven.
# Known of QEMU without our modules: "qemu-x86_64 booting with 8.0.0 stil see int3: when running LTP
# tracing testing", linux-kernel, July 2023; Red Hat's bug 2216496. Debian 12 has 7.2.
emulator_failed() {
	grep -aqs 'Oops: int3: ' "$1/boot/console.log"
}

# lane_tests LANE BOOT SUITE: all of one kind of boot. When the guest dies under a test, those
# after it get a boot of their own; all boots together get the time of two.
lane_tests() {
	local lane=$1 boot=$2 suite=$3 options=() dir try left void='' seconds deadline

	mapfile -t options < <(suites_boot_options "$boot" "$lane")
	deadline=$((SECONDS + 2 * $(boot_seconds "$suite")))
	for try in 1 2 3 4 5; do
		seconds=$(boot_seconds "$suite")
		[ "$seconds" -le "$((deadline - SECONDS))" ] || seconds=$((deadline - SECONDS))
		[ "$seconds" -ge 60 ] || break
		dir=$CEN_CHECK/$lane
		[ "$boot" = default ] || dir=$dir.$boot
		[ "$try" = 1 ] || dir=$dir-again$try
		note "$lane: $(wc -l < "$suite") test(s)${options[*]:+, ${options[*]}}"
		! boot_tests "$lane" "$dir" "$suite" "$seconds" "${options[@]}" || return 0
		if [ -z "$void" ] && emulator_failed "$dir"; then
			note "$lane: the emulator ran code that had been patched meanwhile; that boot again"
			mv "$dir" "${CEN_CHECK%/*}/void-${CEN_CHECK##*/}-$lane-$boot"
			void=yes
			continue
		fi
		left=$(tests_not_run "$dir")
		[ -n "$left" ] || return 0
		awk -v left=" ${left//$'\n'/ } " 'index(left, " " $1 " ")' "$suite" > "$suite.left"
		mv "$suite.left" "$suite"
	done
	# Five deaths, or all that time, are enough: what is left counts as failed.
	for left in $(tests_not_run "$dir"); do
		note_result "$dir" "$left" "never ran" < /dev/null
	done
}
