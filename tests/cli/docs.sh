#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is written about the library and the tool against what they are.
. "$(dirname "$0")/../lib/tap.sh"

# The names that a header declares as exported.
declared() {
	grep -v '^#' "$1" | tr '\n' ' ' | grep -oE 'CEN_API [^;]*;' | sed 's/(.*//; s/.*[ *]//' | sort -u
}

lib=$top/build/user/lib/libcen.so.1
functions=$(declared "$top/lib/include/cen.h")
all=$(for header in "$top"/lib/include/*.h; do declared "$header"; done | sort -u)
ok "the header declares functions" test "$(wc -w <<< "$functions")" -gt 60

exported=$(nm -D --defined-only "$lib" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u)
is "$exported" "$all" "the library exports them and nothing else"
unlike "$(nm -D --defined-only "$lib" | awk '$2 == "T"')" '[a-z]$' "each in a version node"

for function in $functions; do
	ok "$function has a manual page" grep -qE "^\.Nm $function( |$)" "$top"/man/*.3
done

for code in $(sed -n 's/^#define \(CEN_IOC_[A-Z_]*\)[[:space:]]*_IO.*/\1/p' "$top/include/uapi/linux/cenalloc.h"); do
	ok "cenalloc(4) has $code" grep -q "$code" "$top/man/cenalloc.4"
done
for key in max-segments segment-size segment-boundary alignment address-bits banks non-coherent; do
	ok "cenalloc-devices(5) has $key" grep -q "^\.It Ic $key" "$top/man/cenalloc-devices.5"
done

run groff -mandoc -ww -z "$top"/man/*.[1345]
is "$err$out" "" "groff finds nothing wrong with the manual"

# completion offers every option that --help tells of
for verb in devices heaps explain alloc buffers apply fpga ports stream link top; do
	for option in $(cenctl "$verb" --help | grep -oE -- '--[a-z-]+' | sort -u); do
		# shellcheck disable=SC2016 # for the inner shell
		ok "completion of $verb knows $option" bash -c '
			. "$1"
			COMP_WORDS=(cenctl "$2" "$3") COMP_CWORD=2 COMP_LINE="cenctl $2 $3"
			_cenctl 2> /dev/null
			[[ " ${COMPREPLY[*]} " == *" $3 "* ]]' - "$top/completion/cenctl" "$verb" "$option"
	done
done

unlike "$(cat "$top"/udev/*.rules)" 'MODE="066[6-7]"|MODE="0?[0-7][0-7][2367]"' "no node is for everybody"

done_testing
