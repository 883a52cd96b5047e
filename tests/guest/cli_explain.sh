#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cenctl explain, devices and heaps against the module.
. "$(dirname "$0")/cli_common.sh"

# heaps
run cenctl heaps
is "$status" 0 "heaps succeeds"
is "$err" "" "with nothing to complain about"
like "$out" '^0 +system +[0-9]+ +(24|31|32)' "the system heap, and the fewest bits it keeps to"
like "$out" '^[0-9]+ +contiguous ' "the contiguous heap"
run cenctl heaps --json
like "$out" '"name": "system",' "JSON has it too"
like "$out" '"capacity": null,' "its capacity is all memory"

# devices
run cenctl devices
is "$status" 0 "devices succeeds"
like "$out" '^DEVICE +DRIVER +LIMITS +FROM +NODES$' "has a heading"
pci=$(basename "$(find /sys/bus/pci/devices -name '0000:00:0*' | sort | head -n 1)")
like "$out" "^pci:$pci " "lists a PCI device"
run cenctl devices --json "pci:$pci"
like "$out" "\"name\": \"pci:$pci\"" "JSON of one device"
is "$(printf '%s\n' "$out" | grep -c '"name"')" 1 "and of no other"
run cenctl devices "pci:${pci}x"
is "$status" 4 "an unknown device is refused"
like "$err" "no device 'pci:${pci}x'; did you mean 'pci:$pci'\?" "a near name is suggested"
run cenctl devices "pci:${pci#0000:}"
like "$err" "did you mean 'pci:$pci'\?" "also when the domain is left out"

# a plan
run cenctl explain --size 8M
is "$status" 0 "a plan is exit 0"
like "$out" '^plan: heap system$' "no device, no wish: system pages"
run cenctl explain --size 8M --limits cam,max-segments=1 --limits dsp,address-bits=$low_bits
is "$status" 0 "one piece within $low_bits bits has a plan"
like "$out" '^plan: heap contiguous$' "from the contiguous heap"
like "$out" 'one piece of 8 MiB' "in one piece"
like "$out" "addresses +at most $low_bits bits" "within $low_bits bits"
run cenctl explain --size 8M --limits cam,max-segments=1 --limits dsp,address-bits=$low_bits --json
is "$status" 0 "the same as JSON"
like "$out" '"verdict": "plan"' "JSON: a plan"
like "$out" '"heap": "contiguous"' "JSON: the heap"
like "$out" "\"address_bits\": $low_bits" "JSON: the bits"
like "$out" '"contiguous": true' "JSON: contiguous"
run cenctl explain --size 4K --align 64K --device "pci:$pci"
like "$out" 'aligned to 64 KiB' "the program's own alignment counts"

# refusals
run cenctl explain --size 8M --limits low,address-bits=12
is "$status" 1 "a refusal is exit 1"
like "$out" '^refused \(ENODEV\)' "with its errno"
like "$out" 'heap system: low reaches addresses of 12 bits, this memory needs at least [0-9]+ bits' \
	"which device, which limit, which heap, wanted and offered"
like "$out" '^what would help:$' "and what would help"
run cenctl explain --size 8M --limits low,address-bits=12 --json
is "$status" 1 "the same as JSON"
like "$out" '"verdict": "refusal"' "JSON: a refusal"
like "$out" '"errno": "ENODEV"' "JSON: the errno"
like "$out" '"wanted": 12' "JSON: what was wanted"
like "$out" '"plan": null' "JSON: no plan"
run cenctl explain --size 8M --limits a,banks=1 --limits b,banks=2
is "$status" 1 "devices that contradict each other are refused"
like "$out" '^refused \(EINVAL\)' "as EINVAL"
like "$out" 'b needs memory in bank 2, a in bank 1' "both are named"
run cenctl explain --size 1M --limits few,max-segments=4,segment-size=64K
like "$out" 'the buffer has 1 MiB, all segments of few together hold 256 KiB' "too few small segments"

# devices that are not there
run cenctl explain --size 4K --device "pci:${pci}x"
is "$status" 4 "an unknown device is no verdict"
like "$err" "did you mean 'pci:$pci'\?" "a near name is suggested"
is "$out" "" "nothing is printed"
run cenctl explain --size 4K --device /dev/null
is "$status" 4 "a node without a device"
like "$err" '/dev/null.*no' "is named"

is "$(buffers)" 0 "nothing was allocated"

# device nodes
if modprobe vivid 2> /dev/null; then
	node=$(basename "$(find /sys/devices/platform/vivid.0/video4linux/ -name 'video[0-9]' | head -n 1)")
	node=/dev/$node
	run cenctl devices "$node"
	is "$status" 0 "$node is a device"
	like "$out" '^platform:vivid.0 +vivid ' "namely its parent on the platform bus"
	run cenctl devices --json platform:vivid.0
	like "$out" "\"$node\"" "which knows its node"
	run cenctl explain --size 1M --device "$node,max-segments=1" --device /dev/media0
	is "$status" 0 "two nodes of one device are one device"
	like "$out" 'one piece of 1 MiB' "with both limits"
	run cenctl explain --size 1M --device "platform:vivid.00"
	like "$err" "did you mean 'platform:vivid.0'\?" "a slip is noticed"
	rmmod vivid
fi
if modprobe vgem 2> /dev/null; then
	# On newer kernels it is on the bus of devices that are none.
	bus=platform
	[ -d /sys/devices/platform/vgem ] || bus=faux
	node=/dev/dri/$(basename "$(find /sys/devices/$bus/vgem/drm/ -name 'card[0-9]*' | head -n 1)")
	run cenctl devices "$node"
	if [ $bus = platform ]; then
		like "$out" '^platform:vgem ' "$node is a device"
	else
		is "$status" 4 "$node is no device that does DMA"
	fi
	rmmod vgem
fi

# the ten lines of the README
run ten_lines "pci:$pci"
is "$status" 0 "the ten-line example runs"
like "$out" '^dma-buf [0-9]+ fits them all$' "and has its buffer"
run ten_lines platform:nothing
is "$status" 1 "it fails for an unknown device"
like "$err" "no device 'platform:nothing'" "and says why"
is "$(buffers)" 0 "nothing is left"

# somebody who may not
chmod 660 /dev/cenalloc
run su nobody -s /bin/sh -c 'cenctl heaps'
is "$status" 4 "without permission"
like "$err" '/dev/cenalloc: permission denied: its group \(cenalloc\)' "says who may"

done_testing
