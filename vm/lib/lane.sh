# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Lanes are data: vm/lanes/NAME.lane, "key = value" or "key += value" a line,
# "base = OTHER" first to start from another lane. lane_load puts the values
# into the array LANE and what the lane's builder reports into KERNEL.

# shellcheck disable=SC2034 # LANE and KERNEL are for the caller
declare -A LANE KERNEL

lane_file() {
	local file=$CEN_TOP/vm/lanes/$1.lane

	[ -r "$file" ] || die "no lane '$1' (there are: $(lane_names | tr '\n' ' '))"
	echo "$file"
}

lane_names() {
	local file

	for file in "$CEN_TOP"/vm/lanes/*.lane; do
		basename "$file" .lane
	done
}

lane_read() {
	local file line number=0 key op value glue

	file=$(lane_file "$1") || exit 1
	while read -r line || [ -n "$line" ]; do
		number=$((number + 1))
		case $line in "" | "#"*) continue ;; esac
		[[ $line =~ ^([a-z]+)[[:space:]]*(\+?=)[[:space:]]*(.*)$ ]] ||
			die "${file##*/}:$number: not 'key = value': $line"
		key=${BASH_REMATCH[1]} op=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
		case $key in
		base) lane_read "$value" ;;
		about | builder | arch | qemu | console | smp | mem | append | check | boot | modules | \
		param | kmemleak | slow | allow | packages | devicetree)
			if [ "$op" = "+=" ]; then
				# a line for each module
				[ "$key" = param ] && glue=$'\n' || glue=" "
				LANE[$key]="${LANE[$key]:-}$glue$value"
			else
				LANE[$key]=$value
			fi
			# Lanes that only inherit a kernel share the modules built for it.
			[ "$key" != builder ] || LANE[tree]=$1
			;;
		*) die "${file##*/}:$number: unknown key '$key'" ;;
		esac
	done < "$file"
}

lane_load() {
	LANE=([slow]=1 [check]=no)
	lane_read "$1"
	LANE[name]=$1
}

# Runs the lane's builder (at once if its kernel is in the cache already).
lane_kernel() {
	local out key value words

	read -ra words <<< "${LANE[builder]}"
	out=$("$CEN_TOP/vm/builders/${words[0]}" "${words[@]:1}") || exit 1
	KERNEL=()
	while IFS="=" read -r key value; do
		KERNEL[$key]=$value
	done <<< "$out"
	[ -e "${KERNEL[kernel]}" ] || die "builder of lane ${LANE[name]} gave no kernel"
}
