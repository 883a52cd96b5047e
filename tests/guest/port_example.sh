#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The example of docs/ports.md on a device that is there: what goes into edu's memory through
# its sink comes out through its source.
. "$(dirname "$0")/cli_common.sh"

rmmod cen_edu 2> /dev/null
if ! modprobe cen_port_edu 2> /dev/null || [ ! -e /dev/cen/edu-tx ]; then
	rmmod cen_port_edu 2> /dev/null
	echo "1..0 # SKIP no edu device, or another driver has it"
	exit 0
fi

run cenctl ports
like "$out" '^edu-rx +source .*pci:' "a source"
like "$out" '^edu-tx +sink .*pci:' "and a sink"

head -c 4092 /dev/urandom > "$tmp/in"
run cenctl stream --from "file:$tmp/in" --to port:edu-tx -s 4092
is "$status" 0 "into the device"
run cenctl stream --from port:edu-rx --to "file:$tmp/out.bin" -s 4092 -n 1
is "$status" 0 "and out of it"
cmp "$tmp/in" "$tmp/out.bin"
ok $? "byte by byte"

# both directions share one engine
run cenctl link --from port:edu-rx --to port:edu-tx -s 2048 -n 6 -d 4
is "$status" 0 "a link of the device with itself"
run cenctl stream --from port:edu-rx --to "file:$tmp/again.bin" -s 4092 -n 1
cmp "$tmp/in" "$tmp/again.bin"
ok $? "changes nothing"

run cenctl stream --from port:edu-rx --to "file:$tmp/x" -s 4096 -n 1
is "$status" 4 "more than it can"
cenctl link --from port:edu-rx --to port:edu-tx -s 2048 > /dev/null 2>&1 &
sleep 1
rmmod cen_port_edu
is "$?" 0 "the driver can go in the middle of it"
wait
is "$(buffers)" 0 "nothing is left"
done_testing
