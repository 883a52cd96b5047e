#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cenctl without the module: the kernel's own heaps, the same solver, and honest words.
. "$(dirname "$0")/cli_common.sh"

if [ ! -e /dev/dma_heap/system ] || [ ! -e /dev/udmabuf ]; then
	echo "1..0 # SKIP this kernel has no dma-heap or no udmabuf"
	exit 0
fi

run cenctl heaps --fallback
is "$status" 0 "heaps"
like "$out" '^[0-9]+ +system ' "the system dma-heap"
like "$out" '^[0-9]+ +udmabuf ' "udmabuf"
unlike "$out" 'cenalloc' "not the module's own node"

run cenctl alloc --fallback --size 1M
is "$status" 0 "a buffer for nobody in particular"
like "$out" '^1 MiB from heap system$' "from the system heap"
like "$out" 'not promised: a map that would go through a bounce buffer is refused' "with what is not promised"
run cenctl alloc --fallback --size 1M --heap udmabuf -q -- sh -c 'readlink /proc/self/fd/{fd}'
is "$status" 0 "from udmabuf"
like "$out" '^/dmabuf:' "it is a dma-buf"
if cenctl heaps --fallback | grep -qE '^[0-9]+ +(default_cma_region|linux,cma|reserved)'; then
	run cenctl alloc --fallback --size 1M --limits cam,max-segments=1
	is "$status" 0 "one piece can be had where there is a CMA heap"
	like "$out" '^1 MiB from heap (default_cma_region|linux,cma|reserved)$' "from that"
else
	run cenctl alloc --fallback --size 1M --limits cam,max-segments=1
	is "$status" 1 "one piece cannot be had"
	like "$err" 'heap system: cam needs 1 MiB in one piece, this heap gives pieces of at most 4 KiB' "says why"
	like "$err" 'load the module cenalloc' "and what would help"
fi
run cenctl alloc --fallback --size 4K --account
is "$status" 4 "nobody would be charged"

# memory above 4 GiB: a 28-bit device cannot be promised anything
run cenctl explain --fallback --size 1M --limits edu,address-bits=28
is "$status" 1 "a 28-bit device is refused"
like "$out" 'heap system: edu reaches addresses of 28 bits' "says why"
run cenctl explain --fallback --size 1M --limits far,address-bits=52
is "$status" 0 "one that reaches everything is not"

run cenctl explain --fallback --size 1M --device platform:nothing
is "$status" 4 "an unknown device"
like "$err" "no device 'platform:nothing'" "is named"

# the module's absence is noticed and told
mods=$(lsmod | awk '$1 ~ /^cen_/ { print $1 }')
cenctl apply --clear
for _ in 1 2; do
	for mod in $mods; do
		rmmod "$mod" 2> /dev/null
	done
done
if rmmod cenalloc; then
	run cenctl alloc --size 64K
	is "$status" 0 "without the module a buffer can be had"
	like "$err" 'the module cenalloc is not loaded' "which is said"
	run cenctl alloc --module --size 64K
	is "$status" 3 "unless one insists"
	run cenctl apply
	is "$status" 3 "rules need the module"
	run ten_lines
	is "$status" 0 "programs need not know"
	modprobe cenalloc
	for mod in $mods; do
		modprobe "$mod"
	done
	run cenctl heaps --module
	is "$status" 0 "it is back"
else
	ok 1 "cenalloc unloads"
fi
done_testing
