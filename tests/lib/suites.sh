# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# tests/guest/SUITES: what a guest test wants beyond "every lane, two minutes, the
# boot all share". Two kinds of lines:
#
#	NAME key=value ...	lanes=GLOB,...  not=GLOB,...  timeout=SECONDS  boot=TAG
#	@TAG OPTION ...		a boot of its own: options of vm/run
#	@TAG:GLOB OPTION ...	the same for lanes that GLOB matches; the first such line counts

SUITES=$CEN_TOP/tests/guest/SUITES

# Every guest test there is, as "name file".
suites_tests() {
	local file

	for file in "$1"/tests/guest/* "$CEN_TOP"/tests/guest/*.sh; do
		[ -f "$file" ] && [ -x "$file" ] || continue
		echo "$(basename "$file" .sh) ${file##*/}"
	done | sort -u
}

suites_key() {
	local name=$1 key=$2

	[ -r "$SUITES" ] || return 0
	awk -v name="$name" -v key="$key=" '$1 == name {
		for (i = 2; i <= NF; i++)
			if (index($i, key) == 1) print substr($i, length(key) + 1)
	}' "$SUITES"
}

suites_match() {
	local lane=$1 globs=$2 glob

	for glob in ${globs//,/ }; do
		# shellcheck disable=SC2053 # a glob is what it is
		[[ $lane != $glob ]] || return 0
	done
	return 1
}

# The tests of a lane as "boot name file seconds". $1: where user programs are built, $2: the
# lane, $3: its slowness, $4: a glob names must match.
suites_plan() {
	local user=$1 lane=$2 slow=$3 only=$4 name file lanes not seconds boot

	while read -r name file; do
		# shellcheck disable=SC2053 # a glob is what it is
		[[ $name == $only ]] || continue
		lanes=$(suites_key "$name" lanes)
		not=$(suites_key "$name" not)
		seconds=$(suites_key "$name" timeout)
		boot=$(suites_key "$name" boot)
		[ -z "$lanes" ] || suites_match "$lane" "$lanes" || continue
		[ -z "$not" ] || ! suites_match "$lane" "$not" || continue
		echo "${boot:-default} $name $file $((${seconds:-120} * slow))"
	done < <(suites_tests "$user")
}

# The options of a boot in a lane, one a line; quoted as in the shell.
suites_boot_options() {
	local boot=$1 lane=$2 tag options glob words=()

	[ "$boot" != default ] || return 0
	while read -r tag options; do
		glob=${tag#"@$boot"}
		glob=${glob#:}
		# shellcheck disable=SC2053 # a glob is what it is
		if [ -z "$glob" ] || [[ $lane == $glob ]]; then
			eval "words=($options)"
			printf '%s\n' "${words[@]}"
			return 0
		fi
	done < <(grep -E "^@$boot(:[^[:space:]]*)?[[:space:]]" "$SUITES")
	die "tests/guest/SUITES names no boot @$boot"
}
