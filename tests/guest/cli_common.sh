# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034 # for those who source this
#
# TAP for the guest's tests of cenctl. Not executable: it is no test itself.

n=0
failed=0
# Of a device that reaches little memory. QEMU's arm64 machine has none below 1 GiB.
low_bits=28
[ "$(uname -m)" != aarch64 ] || low_bits=31
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		[ -z "$3" ] || printf '%s\n' "$3" | sed 's/^/#   /'
		failed=1
	fi
}

is() {
	[ "$1" = "$2" ]
	ok $? "$3" "got '$1', not '$2'"
}

# A line of $1 matches $2.
like() {
	printf '%s\n' "$1" | grep -qE -e "$2"
	ok $? "$3" "no '$2' in: $1"
}

unlike() {
	! printf '%s\n' "$1" | grep -qE -e "$2"
	ok $? "$3" "'$2' in: $1"
}

# run COMMAND...: sets status, out, err
run() {
	"$@" > "$tmp/out" 2> "$tmp/err" < /dev/null
	status=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

# $1: a command that begins to succeed within 5 seconds, times the lane's slowness
soon() {
	for _ in $(seq $((50 * ${CEN_SLOW:-1}))); do
		eval "$1" && return 0
		sleep 0.1
	done
	return 1
}

# Process $1 has a handler for SIGINT. The first one takes it away.
catches_int() {
	grep -q '^SigCgt:.*[2367abef]$' "/proc/$1/status"
}

buffers() {
	cenctl buffers | grep -c '^buffer'
}

done_testing() {
	echo "1..$n"
	exit $failed
}
