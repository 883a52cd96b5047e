#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cenctl fpga.
. "$(dirname "$0")/cli_common.sh"

run cenctl fpga list
if [ ! -e /sys/module/cen_fpga ]; then
	is "$status" 4 "without the module"
	like "$err" 'the module cen_fpga is not loaded' "it says so"
fi
if [ ! -e /cen/modules/cen_fpga.ko ]; then
	echo "# this kernel has no FPGA core, and its source was not there to build it from"
	done_testing
fi
modprobe cen_fpga
run cenctl fpga list
is "$status" 0 "no FPGA is no error"
modprobe cen_sim_fpga
r0=$(basename /sys/devices/platform/cen_sim_fpga.0/fpga_region/*0)
stream=$(basename /sys/devices/platform/cen_sim_fpga.1/fpga_manager/*)
manager=$(basename /sys/devices/platform/cen_sim_fpga.0/fpga_manager/*)
design1=/sys/class/fpga_manager/$manager/design1
mkdir -p /lib/firmware
fpga_image /lib/firmware/one.bin 1000000 0x111 1 && fpga_image "$tmp/two.bin" 500000 0x222 1 &&
	fpga_image "$tmp/whole.bin" 300000 0x333 0
ok $? "images"

run cenctl fpga list
is "$status" 0 "list"
like "$out" "^NAME +MANAGER +STATE +ACTIVE +LOADS +FAILURES +TAKES +DEVICE +MODEL\$" "with a heading"
like "$out" "^$r0 +$manager +power-up +- +0 +0 +tables +platform:cen_sim_fpga.0 +cen_sim tables\$" "a region"
like "$out" "^$stream +$stream .* stream +platform:cen_sim_fpga.1" "a manager"
run cenctl fpga list --json
like "$out" "\"name\": \"$r0\"" "as JSON"
like "$out" '"takes": "stream"' "all of it"

run cenctl fpga load "$r0" "$tmp/two.bin" --flags partial
is "$status" 0 "load"
like "$out" "^$r0: 500000 bytes in [0-9.]+ ms, operating\$" "tells what it did"
is "$(cat "$design1")" 0x00000222 "the design is there"
run cenctl fpga load "/dev/cen_fpga/$stream" "$tmp/whole.bin" --json
is "$status" 0 "load by node"
like "$out" '"state": "operating"' "--json"
like "$out" '"step": null' "with no failing step"
run cenctl fpga load "$r0" "$tmp/two.bin" --flags partial --progress
like "$err" '100 %' "progress of the file"
echo $((1200 * ${CEN_SLOW:-1})) > /sys/kernel/debug/cen_sim_fpga/cen_sim_fpga.0/stall_ms
run cenctl fpga load "$r0" "$tmp/two.bin" --flags partial --progress
like "$err" "$r0: write, [0-9.]+ s" "progress of a long load"
echo 0 > /sys/kernel/debug/cen_sim_fpga/cen_sim_fpga.0/stall_ms

truncate -s $((1 << 46)) "$tmp/huge.bin"
run cenctl fpga load "$r0" "$tmp/huge.bin" --flags partial
is "$status" 1 "an image that no memory holds is a refusal"
run cenctl fpga slot add "$r0" huge --file "$tmp/huge.bin"
is "$status" 1 "for a slot, too"
rm "$tmp/huge.bin"
run cenctl fpga load "$r0" "$tmp/whole.bin" --flags partial
is "$status" 4 "the wrong image"
like "$err" "^cenctl.*: $r0: init: .*(EXDEV|-18)" "names the step"
run cenctl fpga load "$r0" "$tmp/whole.bin" --flags partial --json
like "$out" '"step": "init"' "in JSON as well"
like "$out" '"error": "EXDEV"' "with the errno"
run cenctl fpga status "$r0"
is "$status" 0 "status"
like "$out" "^$r0: init-error, manager $manager" "tells the state"
like "$out" 'isolated: ' "and that the bridges are shut"
like "$out" 'init: ' "and the step"
run cenctl fpga load "$manager" "$tmp/whole.bin"
is "$status" 4 "a manager with regions"
like "$err" 'claim: ' "is not loaded"
run cenctl fpga load "$r0" /no/such/file
is "$status" 4 "no file"
like "$err" '/no/such/file: No such file' "is named"
run cenctl fpga load region99 "$tmp/two.bin"
is "$status" 4 "no region"
like "$err" 'region99 does not exist: no such region or manager' "is named"

run cenctl fpga slot list "$r0"
is "$status" 0 "no slots"
run cenctl fpga slot add "$r0" one --firmware one.bin --flags partial
is "$status$out$err" 0 "slot add --firmware"
run cenctl fpga slot add "$r0" two --file "$tmp/two.bin" --flags partial
is "$status$out$err" 0 "slot add --file"
run cenctl fpga slot list "$r0"
like "$out" '^one +ready +1000000 bytes +0 +- +partial +one.bin$' "slot list"
like "$out" '^two +ready .* partial +-$' "both"
run cenctl fpga switch "$r0" one
is "$status" 0 "switch"
like "$out" "^$r0: one is active, after [0-9.]+ ms\$" "tells how long it took"
is "$(cat "$design1")" 0x00000111 "to the one"
run cenctl fpga switch "$r0" two --json
like "$out" '"state": "active"' "switch --json"
is "$(cat "$design1")" 0x00000222 "to the other"
run cenctl fpga status "$r0" --json
like "$out" '"active": "two"' "status --json"
like "$out" '"firmware": "one.bin"' "with the slots"
run cenctl fpga list
like "$out" "^$r0 .* operating +two " "list shows what is active"

run cenctl fpga slot add "$r0" two
is "$status" 4 "a slot twice"
like "$err" "has a slot 'two' already" "is refused"
run cenctl fpga slot add "$r0" three --firmware no-such-file
is "$status" 4 "a slot that cannot be filled"
like "$err" 'no-such-file' "names the file"
run cenctl fpga slot list "$r0"
unlike "$out" three "is not left behind"
if ! grep -qw of_overlay_fdt_apply /proc/kallsyms; then
	run cenctl fpga slot add "$r0" three --overlay x.dtbo
	like "$err" 'no device-tree overlays' "overlays"
fi
run cenctl fpga slot add "$r0" empty
run cenctl fpga switch "$r0" empty
is "$status" 4 "an empty slot"
like "$err" "the slot 'empty' of $r0 is empty" "is not switched to"
run cenctl fpga switch "$r0" nothing
like "$err" "has no slot 'nothing'" "nor is one that is not there"
echo 5 > /sys/kernel/debug/cen_sim_fpga/cen_sim_fpga.0/write
run cenctl fpga switch "$r0" one
is "$status" 4 "a switch that fails"
like "$err" 'one: write: .*(EIO|-5)' "names the step"
echo 0 > /sys/kernel/debug/cen_sim_fpga/cen_sim_fpga.0/write

# No output holds anything that looks like an address.
echo 1 > /sys/kernel/tracing/events/cen_fpga/enable
cenctl fpga switch "$r0" one > /dev/null
everything=$(cenctl fpga list; cenctl fpga status --json; cenctl fpga slot list "$r0"
	for file in "/sys/kernel/config/cen_fpga/$r0"/* "/sys/kernel/config/cen_fpga/$r0"/*/*; do
		[ ! -f "$file" ] || cat "$file" 2> /dev/null
	done
	cat /sys/kernel/tracing/trace)
echo 0 > /sys/kernel/tracing/events/cen_fpga/enable
like "$everything" 'cen_fpga_load: .* slot=one length=1000000 ' "the tracepoint tells of the switch"
unlike "$everything" '(ffff[0-9a-f]{12}|0x[0-9a-f]{9,})' "nothing tells an address"

for slot in one two empty; do
	run cenctl fpga slot remove "$r0" $slot
	is "$status$out$err" 0 "slot remove $slot"
done
run cenctl fpga slot remove "$r0" one
is "$status" 4 "a slot that is not there"
[ ! -d "/sys/kernel/config/cen_fpga/$r0" ]
ok $? "the region's directory went with the last slot"
is "$(buffers)" 0 "no buffer is left"
rmmod cen_sim_fpga cen_fpga
ok $? "the modules go"
rm -f /lib/firmware/one.bin
done_testing
