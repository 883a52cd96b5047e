# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# TAP for host tests written in shell. Sourced by tests/cli/*.sh.

# shellcheck disable=SC2034 # for those who source this
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0
failed=0

# ok NAME COMMAND...: the command succeeds
ok() {
	local name=$1
	shift

	count=$((count + 1))
	if "$@"; then
		echo "ok $count - ${name//#/}"
	else
		failed=$((failed + 1))
		echo "not ok $count - ${name//#/}"
		return 1
	fi
}

is() {
	ok "$3" test "$1" = "$2" || printf '#   got:      %s\n#   expected: %s\n' "${1//$'\n'/$'\n'# }" "$2"
}

# $1 has a line that the extended regular expression $2 matches
like() {
	ok "$3" grep -qE -e "$2" <<< "$1" || printf '#   got:      %s\n#   expected: %s\n' "${1//$'\n'/$'\n'# }" "$2"
}

unlike() {
	ok "$3" lacks "$1" "$2" || printf '#   got:      %s\n#   not:      %s\n' "${1//$'\n'/$'\n'# }" "$2"
}

lacks() {
	! grep -qE -e "$2" <<< "$1"
}

# run COMMAND...: sets status, out and err
run() {
	status=0
	"$@" > "$tmp/out" 2> "$tmp/err" < /dev/null || status=$?
	out=$(cat "$tmp/out")
	# shellcheck disable=SC2034
	err=$(cat "$tmp/err")
}

done_testing() {
	echo "1..$count"
	exit $((failed > 0))
}
