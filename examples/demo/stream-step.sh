#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The demo's step with streams: a radio to a USB host and back, three ways. The host checks what the
# radio received, the radio what the host sent; exits with 0 when not a byte was wrong.

modprobe cen_sim_sdr && modprobe usb_f_cen && modprobe cen_sim_udc || exit 1
. /cen/tests/usb_common.sh

radio=/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.0
host=/sys/kernel/debug/cen_sim_udc/cen_sim_udc.0
status=0

usb_gadget cen0 cen_sim_udc.0 || exit 1
for _ in $(seq 50); do
	[ "$(cat "/sys/kernel/config/usb_gadget/cen0/functions/cen.cen0/state")" != enabled ] || break
	sleep 0.1
done

number() {
	sed -n "s/^ *\"$1\": *\([-0-9.e+]*\).*/\1/p" "/cen/results/$2.json" | head -n 1
}

# The ramp begins anew at both ends.
fresh() {
	echo 0 > $host/ep1in/stream
	echo 0 > $host/ep1out/stream
	echo ramp > $radio/rx/pattern
	echo ramp > $radio/tx/pattern
	echo 1 > "$host/$1/check"
	echo 1 > "$host/$1/stream"
}

# name, words that were wrong
row() {
	name=$1 wrong=$2
	printf '   %-28s %7.1f MiB/s %8.2f ms/MiB %9s %9s\n' "$name" \
		"$(awk -v b="$(number bytes_per_second "$name")" 'BEGIN { print b / 1048576 }')" \
		"$(awk -v c="$(number cpu_seconds "$name")" -v b="$(number bytes "$name")" \
			'BEGIN { print 1000 * c / (b / 1048576) }')" \
		"$(number overruns "$name")" "$wrong"
	[ "$wrong" = 0 ] || status=1
}

printf '   %-28s %13s %15s %9s %9s\n' "" rate "program's CPU" overruns wrong
# way, direction, source, sink: a table's row
flow() {
	name=$2-$(echo "${1##* }" | tr -d -)
	# shellcheck disable=SC2086 # words
	cenctl $1 --from "$3" --to "$4" -s 256K -n 400 --json > "/cen/results/$name.json" || status=1
}

for way in link stream "stream --copy"; do
	fresh ep1in
	before=$(cat $host/ep1in/mismatches)
	flow "$way" radio-to-usb port:sdr0-rx usb:cen0
	row "$name" $(($(cat $host/ep1in/mismatches) - before))
done
for way in link stream "stream --copy"; do
	fresh ep1out
	flow "$way" usb-to-radio usb:cen0 port:sdr0-tx
	row "$name" "$(cat $radio/tx/mismatches)"
done
echo 0 > $host/ep1out/stream
usb_gadget_remove cen0
rmmod cen_sim_udc && rmmod usb_f_cen && rmmod cen_sim_sdr || status=1
exit $status
