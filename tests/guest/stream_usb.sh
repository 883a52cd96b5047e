#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cenctl stream and link between the radio and USB, both ways. The virtual host checks the ramp that
# the radio receives, and makes one that the radio, transmitting, checks.
#
# shellcheck disable=SC2016 # what is quoted is for later
. "$(dirname "$0")/cli_common.sh"
. "$(dirname "$0")/usb_common.sh"

if ! modprobe cen_sim_sdr 2> /dev/null || ! modprobe usb_f_cen 2> /dev/null ||
		! modprobe cen_sim_udc 2> /dev/null; then
	rmmod usb_f_cen 2> /dev/null
	rmmod cen_sim_sdr 2> /dev/null
	echo "1..0 # SKIP no radio, or no USB gadgets on this kernel"
	exit 0
fi
radio=/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.0
host=/sys/kernel/debug/cen_sim_udc/cen_sim_udc.0

# The host reads or writes by itself, and its ramp begins anew.
host_streams() {
	echo 0 > "$host/$1/stream"
	echo "$2" > "$host/$1/check"
	echo "$2" > "$host/$1/stream"
}

to_host() {
	echo ramp > $radio/rx/pattern
	host_streams ep1in 1
}

from_host() {
	echo ramp > $radio/tx/pattern
	host_streams ep1out 1
}

usb_gadget t cen_sim_udc.0
is "$?" 0 "a gadget"
soon '[ "$(cat $usb_gadgets/t/functions/cen.t/state)" = enabled ]'
is "$?" 0 "and a host"

for path in "stream --from port:sdr0-rx" "link --from port:sdr0-rx" "stream --copy --from port:sdr0-rx"; do
	to_host
	before=$(cat $host/ep1in/mismatches)
	bytes=$(cat $host/ep1in/bytes)
	# shellcheck disable=SC2086 # words
	run cenctl $path --to usb:t -n 100 -s 64K
	is "$status" 0 "$path: to the host"
	is "$(($(cat $host/ep1in/bytes) - bytes))" 6553600 "every byte arrives"
	is "$(cat $host/ep1in/mismatches)" "$before" "in order"
done
if [ -e /sys/bus/iio/devices/iio:device0 ]; then
	to_host
	before=$(cat $host/ep1in/mismatches)
	run cenctl stream --from iio:cen-sdr-rx --to usb:t -n 100 -s 64K
	is "$status" 0 "from the IIO device to the host"
	is "$(cat $host/ep1in/mismatches)" "$before" "in order"
	to_host
	run cenctl stream --copy --from iio:cen-sdr-rx --to usb:t -n 50 -s 64K
	is "$status" 0 "the same by copying"
	is "$(cat $host/ep1in/mismatches)" "$before" "in order"
fi
host_streams ep1in 0

from_host
run cenctl stream --from usb:t --to port:sdr0-tx -n 100 -s 64K
is "$status" 0 "a stream from the host"
is "$(cat $radio/tx/mismatches)" 0 "arrives in order"
host_streams ep1out 0
# what the host had begun to send is in the pipe: a link goes on where the stream ended
run cenctl ports
like "$out" '^usb-t-in0 +sink .*platform:cen_sim_udc.0$' "ports tells of USB"
like "$out" '^usb-t-out0 +source ' "both ways"

# to the host and into a file at once
to_host
before=$(cat $host/ep1in/mismatches)
run cenctl stream --from port:sdr0-rx --to usb:t --to "file:$tmp/x" -n 20 -s 64K
is "$status" 0 "to the host and a file"
is "$(cat $host/ep1in/mismatches)" "$before" "the host has it in order"
is "$(stat -c %s "$tmp/x")" 1310720 "the file has all of it"

host_streams ep1in 0

# a host that never comes does not keep us
echo 0 > $host/plug
cenctl link --from port:sdr0-rx --to usb:t -s 64K > /dev/null 2>&1 &
linker=$!
soon '[ "$(cat /sys/class/cen_port/usb-t-in0/links)" = 1 ]'
is "$?" 0 "a link waits for the host"
kill -INT $linker
soon '! catches_int $linker'
kill -INT $linker 2> /dev/null
wait $linker
is "$?" 130 "the second Ctrl-C does not"
echo 1 > $host/plug

usb_gadget_remove t
is "$(buffers)" 0 "nothing is left"
rmmod cen_sim_udc && rmmod usb_f_cen && rmmod cen_sim_sdr
is "$?" 0 "everything unloads"
done_testing
