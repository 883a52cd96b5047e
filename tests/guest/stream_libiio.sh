#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A foreign client: Debian's libiio, unmodified, finds the radio and reads and writes it. It was
# written when nobody thought of dma-bufs, and the same IIO buffer serves it.
. "$(dirname "$0")/cli_common.sh"

if [ ! -x "$(command -v iio_readdev)" ] || ! modprobe cen_sim_sdr 2> /dev/null; then
	echo "1..0 # SKIP no libiio-utils in this guest, or no radio on this kernel"
	exit 0
fi
if [ ! -e /sys/bus/iio/devices/iio:device0 ]; then
	rmmod cen_sim_sdr
	echo "1..0 # SKIP the radio is no IIO device on this kernel"
	exit 0
fi
radio=/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.0

fresh() {
	echo ramp > $radio/rx/pattern
	echo ramp > $radio/tx/pattern
}

is_ramp() {
	hexdump -v -e '1/4 "%u\n"' "$1" | awk '$1 != NR - 1 { bad = 1; exit } END { exit bad || !NR }'
}

run iio_info
is "$status" 0 "iio_info"
like "$out" 'cen-sdr-rx \(buffer capable\)' "finds the receiver"
like "$out" 'cen-sdr-tx \(buffer capable\)' "and the transmitter"
like "$out" 'sampling_frequency' "with its attributes"

fresh
run iio_readdev -u local: -b 8192 -s 65536 cen-sdr-rx
is "$status" 0 "iio_readdev"
is "$(stat -c %s "$tmp/out")" 524288 "reads as many samples as it was told to"
is_ramp "$tmp/out"
ok $? "and every one is the receiver's"

# a rate set where IIO programs set it paces the hardware
rate=$(dirname "$(grep -l cen-sdr-rx /sys/bus/iio/devices/*/name)")/sampling_frequency
echo 65536 > "$rate"
fresh
start=$(date +%s)
run iio_readdev -u local: -b 8192 -s 131072 cen-sdr-rx
is "$status" 0 "with a sample rate"
[ $(($(date +%s) - start)) -ge 1 ]
ok $? "it takes its time"
echo 0 > "$rate"

# what is still in the hardware when it closes the device is lost, as with any IIO driver
fresh
iio_readdev -u local: -b 8192 -s 524288 cen-sdr-rx > "$tmp/samples"
sent=$(cat $radio/tx/bytes)
iio_writedev -u local: -b 8192 cen-sdr-tx < "$tmp/samples" > /dev/null 2> "$tmp/err"
is "$?" 0 "iio_writedev"
is "$(cat $radio/tx/mismatches)" 0 "what it writes arrives in order"
[ $(($(cat $radio/tx/bytes) - sent)) -gt 1048576 ]
ok $? "and arrives" "only $(($(cat $radio/tx/bytes) - sent)) bytes"
rm -f "$tmp/samples"

is "$(buffers)" 0 "nothing is left"
rmmod cen_sim_sdr
is "$?" 0 "the radio can go"
done_testing
