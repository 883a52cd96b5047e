#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Compile every probe against the kernel being built for; tell which succeed.
#
# usage: probe.sh OUTPUT COMPILER FLAGS...
# Called by the Kbuild files. The answers are shared between the modules of one
# build through a file beside the probes, under a lock: kbuild visits folders in parallel.
set -eu

out=$1
shift
dir=$(dirname "$0")/probes
shared=$(dirname "$0")/.compat_config.shared

exec 9>"$shared.lock"
flock 9

want=$(printf '%s\n' "$@" | cat - "$dir"/*.c | cksum)
if ! [ -f "$shared" ] || [ "$(sed -n 's,^/\* \(.*\) \*/$,\1,p' "$shared" | head -n 1)" != "$want" ]; then
	{
		echo "/* $want */"
		for probe in "$dir"/*.c; do
			name=$(basename "$probe" .c)
			if "$@" -Werror -Wno-missing-prototypes -DKBUILD_MODNAME='"probe"' \
				-DKBUILD_BASENAME='"probe"' -c -o "$shared.o" "$probe" 2>"$shared.log"; then
				echo "#define CEN_HAVE_$name 1"
			else
				echo "/* $name: $(grep -m 1 -o 'error:.*' "$shared.log" | tr -d '*/' || true) */"
			fi
		done
	} >"$shared.tmp"
	rm -f "$shared.o" "$shared.log"
	mv "$shared.tmp" "$shared"
fi
cmp -s "$shared" "$out" || cp "$shared" "$out"
