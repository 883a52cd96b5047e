#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cenctl ports, stream, link and top, with the virtual radio. The receiver's stream is a ramp, and
# the transmitter counts what is not.
#
# shellcheck disable=SC2016 # what is quoted is for later
. "$(dirname "$0")/cli_common.sh"

if ! modprobe cen_sim_sdr 2> /dev/null; then
	echo "1..0 # SKIP cen_sim_sdr does not load on this kernel"
	exit 0
fi
radio=/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.0
iio=
[ ! -e /sys/bus/iio/devices/iio:device0 ] || iio=yes

fresh() {
	echo ramp > $radio/rx/pattern
	echo ramp > $radio/tx/pattern
}

# key FILE: a number of a JSON file
number() {
	sed -n "s/^ *\"$2\": *\([-0-9.]*\).*/\1/p" "$1" | head -n 1
}

# Blocks the transmitter has sent since it is there.
blocks() {
	cat /sys/class/cen_port/sdr0-tx/blocks
}

sleeps() {
	grep -q '^State:.*S' "/proc/$1/status"
}

ended() {
	! grep -q '^State:.*[^Z] (' "/proc/$1/status" 2> /dev/null
}

mismatches() {
	cat $radio/tx/mismatches
}

# $1: a file of 32-bit words that count up from 0
is_ramp() {
	hexdump -v -e '1/4 "%u\n"' "$1" | awk '$1 != NR - 1 { bad = 1; exit } END { exit bad || !NR }'
}

run cenctl ports
is "$status" 0 "ports succeeds"
like "$out" '^sdr0-rx +source +sync +[0-9]+ ' "the receiver is a source"
like "$out" '^sdr0-tx +sink ' "the transmitter is a sink"
like "$out" 'platform:cen_sim_sdr.0$' "with the device behind"
run su nobody -s /bin/sh -c 'cenctl ports'
like "$out" '^sdr0-rx' "anybody may ask"

# device to device
fresh
run cenctl stream --from port:sdr0-rx --to port:sdr0-tx -n 64 -s 64K --json
is "$status" 0 "a stream between ports"
cp "$tmp/out" "$tmp/json"
is "$(number "$tmp/json" blocks)" 64 "of as many blocks as asked for"
is "$(number "$tmp/json" bytes)" 4194304 "and as many bytes"
is "$(mismatches)" 0 "arrives whole and in order"
run cenctl stream --from port:sdr0-rx --to port:sdr0-tx -n 5 -s 4K -d 2
like "$out" '^stream: 5 blocks of 4 KiB, 0.0 MiB in [0-9.]+ s: [0-9.]+ MiB/s, CPU [0-9.]+ %$' "the account"
like "$out" 'overruns [0-9]+, dropped 0' "tells of overruns"
is "$(buffers)" 0 "no buffer is left"

# files
fresh
run cenctl stream --from port:sdr0-rx --to "file:$tmp/x.iq" -n 16 -s 64K
is "$status" 0 "a recording"
is "$(stat -c %s "$tmp/x.iq")" 1048576 "of the size asked for"
is_ramp "$tmp/x.iq"
ok $? "has the receiver's bytes"
fresh
run cenctl stream --from "file:$tmp/x.iq" --to port:sdr0-tx -s 24K --json
is "$status" 0 "is played back"
cp "$tmp/out" "$tmp/json"
is "$(number "$tmp/json" bytes)" 1048576 "to its end, which is no whole block"
is "$(mismatches)" 0 "and arrives whole"
printf '123' >> "$tmp/x.iq"
run cenctl stream --from "file:$tmp/x.iq" --to port:sdr0-tx -s 64K
is "$status" 0 "a file that ends within a sample"
like "$out" 'the last 3 bytes are no whole sample' "loses the rest, and says so"
ends=port:sdr0-tx
[ -z "$iio" ] || ends="$ends iio:cen-sdr-tx"
for end in $ends; do
	fresh
	run cenctl stream --copy --from "file:$tmp/x.iq" --to "$end" -s 64K --json
	cp "$tmp/out" "$tmp/json"
	is "$status$(number "$tmp/json" lost_bytes)" 03 "also when copied to $end"
	is "$(mismatches)" 0 "the others arrive"
done
if [ -n "$iio" ]; then
	run cenctl stream --from "file:$tmp/x.iq" --to iio:cen-sdr-tx -s 64K
	is "$status" 0 "and to the IIO device"
	like "$out" 'the last 3 bytes are no whole sample' "behind which is a port"
fi
rm "$tmp/x.iq"
fresh
cenctl stream --from port:sdr0-rx --to file:- -n 4 -s 16K 2> "$tmp/account" > "$tmp/piped"
is "$?" 0 "to standard output"
is_ramp "$tmp/piped"
ok $? "only data goes there"
like "$(cat "$tmp/account")" '^stream: 4 blocks' "and the account elsewhere"
fresh
cenctl stream --from port:sdr0-rx --to file:- -n 4 -s 16K --json 2> "$tmp/account" > "$tmp/piped"
is "$?$(stat -c %s "$tmp/piped")$(number "$tmp/account" blocks)" 0655364 "as JSON, too"
fresh
run sh -c "cenctl stream --from file:- --to port:sdr0-tx -s 16K < $tmp/piped"
is "$status$(mismatches)" 00 "from standard input"
cenctl stream --from port:sdr0-rx --to file:- -s 16K 2> "$tmp/err" | head -c 1000 > /dev/null
like "$(cat "$tmp/err")" 'Broken pipe' "a reader that leaves ends it"

# several sinks: the same block to a device and a file
fresh
run cenctl stream --from port:sdr0-rx --to port:sdr0-tx --to "file:$tmp/tee" -n 8 -s 64K
is "$status$(mismatches)" 00 "to two sinks at once"
is_ramp "$tmp/tee"
ok $? "both get everything"
rm -f "$tmp/tee"

# a sink that does not take it
for copy in '' --copy; do
	run cenctl stream $copy --from port:sdr0-rx --to port:sdr0-tx --to file:/dev/full -n 8 -s 64K --json
	cp "$tmp/out" "$tmp/json"
	is "$status$(number "$tmp/json" blocks)" 40 "what one sink did not get does not count $copy"
	like "$err" 'file:/dev/full: No space left' "and it says why"
done
mkdir "$tmp/small"
mount -t tmpfs -o size=100K tmpfs "$tmp/small"
run cenctl stream --from port:sdr0-rx --to "file:$tmp/small/x" -n 8 -s 64K --json
cp "$tmp/out" "$tmp/json"
is "$status$(number "$tmp/json" blocks)" 41 "a file system that gets full"
umount "$tmp/small"

# pace
run cenctl stream --from port:sdr0-rx --to port:sdr0-tx -n 10 -s 64K --rate 640K --json
cp "$tmp/out" "$tmp/json"
like "$(number "$tmp/json" seconds)" '^(0\.[89]|[1-9])' "--rate paces"

# the classic way
fresh
run cenctl stream --copy --from port:sdr0-rx --to port:sdr0-tx -n 20 -s 64K --json
is "$status$(mismatches)" 00 "--copy gives the same bytes"
like "$out" '"mode": "copy"' "and says what it is"
fresh
run cenctl stream --copy --from port:sdr0-rx --to "file:$tmp/copy" -n 4 -s 64K
is_ramp "$tmp/copy"
ok $? "--copy to a file"
rm -f "$tmp/copy"
is "$(buffers)" 0 "no buffer is left"

# through the IIO core
if [ -n "$iio" ]; then
	fresh
	run cenctl stream --from iio:cen-sdr-rx --to iio:cen-sdr-tx -n 40 -s 64K
	is "$status" 0 "mainline's interface at both ends"
	is "$(mismatches)" 0 "arrives whole"
	is "$(cat /sys/bus/iio/devices/iio:device*/buffer0/enable | sort -u)" 0 "the devices are off again"
	fresh
	run cenctl stream --from iio:iio:device0 --to port:sdr0-tx -n 10 -s 64K
	is "$status$(mismatches)" 00 "mixed with a port"
	fresh
	run cenctl stream --copy --from iio:cen-sdr-rx --to "file:$tmp/iio" -n 8 -s 64K
	is_ramp "$tmp/iio"
	ok $? "read() of the IIO device"
	rm -f "$tmp/iio"
	echo 1 > $radio/rx/fail
	run cenctl stream --from iio:cen-sdr-rx --to port:sdr0-tx -n 10 -s 64K
	is "$status" 4 "a device error is trouble"
	like "$err" 'iio:cen-sdr-rx: Input/output error' "and told, although mainline's status is lost"
	run cenctl link --from iio:cen-sdr-rx --to iio:cen-sdr-tx -n 10 -s 64K
	is "$status" 0 "an IIO device stands for the port behind it"
	run cenctl stream --from iio:cen-sdr-tx --to port:sdr0-tx
	is "$status" 2 "a transmitter is no source"
fi

# links
fresh
run cenctl link --from port:sdr0-rx --to port:sdr0-tx -n 100 -s 64K --json
is "$status$(mismatches)" 00 "a link"
like "$out" '"mode": "link"' "says what it is"
is "$(echo "$out" | sed -n 's/^ *"blocks": \([0-9]*\).*/\1/p')" 100 "of as many blocks as asked for"
run cenctl link --from port:sdr0-rx --to port:sdr0-tx --seconds 1 -s 64K
is "$status" 0 "--seconds ends it"
like "$out" 'latency, from filled to emptied: mean [0-9]+ us' "with its latency"
like "$out" ' us \.\.\. +[0-9]+  #+ [0-9]+' "and histogram"

# stopping
fresh
before=$(blocks)
cenctl link --from port:sdr0-rx --to port:sdr0-tx -s 64K > "$tmp/link" 2>&1 &
linker=$!
soon '[ "$(blocks)" -gt $((before + 20)) ]'
is "$?" 0 "a link without end"
run cenctl top --once
is "$status" 0 "top, one look"
like "$out" '^buffers: 8, 8 of them with memory, 512 KiB$' "has the buffers"
like "$out" '^sdr0-rx +source +[0-9.]*[1-9][0-9.]* +[1-9]' "the ports' rates"
like "$out" "^sdr0-rx > sdr0-tx +[0-9.]*[1-9].* runs +$linker +cenctl" "and the link"
run cenctl top --json
like "$out" '"sinks": \[' "as JSON, too"
like "$(cat /sys/kernel/debug/cen_port/links)" 'cen-link-source:.*sdr0-rx' "debugfs has it"
run su nobody -s /bin/sh -c 'cenctl top --once'
is "$status" 0 "top is for everybody"
unlike "$out" 'sdr0-rx >' "who does not see other people's links"
like "$out" 'processes could not be looked into' "and is told"
kill -INT $linker
wait $linker
is "$?" 130 "Ctrl-C ends it"
like "$(cat "$tmp/link")" '^link: [0-9]+ blocks' "with its account"
is "$(mismatches)" 0 "nothing was torn"

fresh
before=$(blocks)
cenctl stream --from port:sdr0-rx --to port:sdr0-tx -s 64K --json > "$tmp/json" 2>&1 &
streamer=$!
soon '[ "$(blocks)" -gt "$before" ]'
kill -TERM $streamer
wait $streamer
is "$?" 143 "SIGTERM ends a stream"
is "$(number "$tmp/json" blocks)" $(($(blocks) - before)) "what was filled was delivered"
is "$(mismatches)" 0 "nothing was torn"
like "$(cat "$tmp/json")" '"interrupted": true' "and it says so"

# the same by copying, while it waits for the transmitter
fresh
before=$(blocks)
echo 1 > $radio/tx/hang
cenctl stream --copy --from port:sdr0-rx --to port:sdr0-tx -s 64K --json > "$tmp/json" 2>&1 &
streamer=$!
soon '[ "$(cat /sys/class/cen_port/sdr0-tx/queued)" = 4 ] && catches_int $streamer && sleeps $streamer'
kill -INT $streamer
soon '! catches_int $streamer'
echo 0 > $radio/tx/hang
wait $streamer
is "$?" 130 "Ctrl-C ends --copy"
is "$(number "$tmp/json" blocks)" $(($(blocks) - before)) "what was read was delivered"
is "$(mismatches)" 0 "nothing was torn"

# a hanging device does not keep us
echo 1 > $radio/tx/hang
cenctl stream --from port:sdr0-rx --to port:sdr0-tx -s 64K > /dev/null 2>&1 &
streamer=$!
soon '[ "$(cat /sys/class/cen_port/sdr0-tx/queued)" -gt 0 ] && catches_int $streamer'
is "$?" 0 "a transmitter hangs"
kill -INT $streamer
soon '! catches_int $streamer'
kill -INT $streamer
wait $streamer
is "$?" 130 "the second Ctrl-C does not wait for a device that hangs"
cenctl stream --from port:sdr0-rx --to port:sdr0-tx -s 64K > /dev/null 2>&1 &
streamer=$!
soon '[ "$(cat /sys/class/cen_port/sdr0-tx/queued)" -gt 0 ] && catches_int $streamer'
kill -INT $streamer
soon '! catches_int $streamer'
kill -TERM $streamer
soon 'ended $streamer'
is "$?" 0 "nor does another signal behind the first"
kill -KILL $streamer 2> /dev/null
wait $streamer
is "$?" 143 "which ends it"
echo 0 > $radio/tx/hang

# trouble
echo 1 > $radio/tx/fail
run cenctl stream --from port:sdr0-rx --to port:sdr0-tx -n 50 -s 64K
is "$status" 4 "a device that fails is trouble"
like "$err" 'port:sdr0-tx: Input/output error' "and named"
echo 1 > $radio/tx/fail
run cenctl link --from port:sdr0-rx --to port:sdr0-tx -n 50 -s 64K
is "$status" 4 "in a link, too"
like "$err" '^cenctl: link from port:sdr0-rx: Input/output error' "which does not say that it was the source"
run cenctl stream --from port:sdr0-tx --to port:sdr0-tx
is "$status" 2 "a sink is no source"
run cenctl stream --from port:sdr9-rx --to port:sdr0-tx
is "$status" 4 "a port that is not there"
like "$err" 'no such port; there is sdr0-rx' "has a neighbour"
run cenctl stream --from "file:$tmp/nothing" --to port:sdr0-tx
is "$status" 4 "a file that is not there"
run cenctl stream --from file:/dev/null --to file:/dev/null
is "$status" 2 "from file to file is not ours"
echo kept > "$tmp/kept"
run cenctl stream --from port:sdr0-rx --to "file:$tmp/kept" --to port:sdr9-tx
is "$status$(cat "$tmp/kept")" 4kept "an end that is not there leaves a file alone"
run cenctl stream --from port:sdr0-rx --to "file:$tmp/kept" -s 64T
is "$status$(cat "$tmp/kept")" 1kept "so does a refusal"
run cenctl stream --from "file:$tmp/kept" --to port:sdr0-tx --to "file:$tmp/kept"
is "$status$(cat "$tmp/kept")" 2kept "a file cannot be both ends"
head -c 40000 /dev/zero > "$tmp/kept"
run cenctl stream --from port:sdr0-rx --to "file:$tmp/kept" -s 4K -n 2
is "$status $(stat -c %s "$tmp/kept")" "0 8192" "a stream that runs begins with an empty file"
rm "$tmp/kept"
run cenctl link --from port:sdr0-rx --to file:/dev/null
is "$status" 2 "a file in a link"
run cenctl stream --from bogus --to port:sdr0-tx
is "$status" 2 "an end that is none"
like "$err" "port:NAME, usb:NAME, iio:DEVICE or file:PATH" "what is accepted"
run cenctl stream --from port:sdr0-rx --to port:sdr0-tx -s 1001 -n 1
is "$status" 4 "no whole samples"
like "$err" 'multiples of 8' "are explained"
head -c 4004 /dev/zero > "$tmp/zero"
for copy in '' --copy; do
	run cenctl stream $copy --from "file:$tmp/zero" --to port:sdr0-tx -s 1001
	is "$status" 4 "nor are a file's blocks cut in the middle $copy"
	like "$err" 'port:sdr0-tx: .*multiples of 8' "which is explained"
done
rm "$tmp/zero"
run cenctl stream --from port:sdr0-rx --to port:sdr0-tx -s 64T -n 1
is "$status" 1 "a buffer that cannot be is a refusal"
printf '[platform:cen_sim_sdr.0]\naddress-bits = 16\nalignment = 1G\nmax-segments = 1\n' > "$tmp/far.conf"
cenctl apply "$tmp/far.conf"
run cenctl explain --size 64K --device platform:cen_sim_sdr.0
why=$out
for verb in stream link; do
	run cenctl $verb --from port:sdr0-rx --to port:sdr0-tx -s 64K -n 1
	is "$status" 1 "$verb: so is one that no heap has"
	is "${err#cenctl: }" "$why" "with all its reasons"
done
cenctl apply --clear
for verb in stream link; do
	run sh -c "ulimit -n 24; exec cenctl $verb --from port:sdr0-rx --to port:sdr0-tx -s 4K -n 1 -d 64"
	is "$status" 4 "$verb: too few file descriptors are none"
	like "$err" 'Too many open files' "and told"
done

# unplugged in the middle
before=$(blocks)
cenctl stream --from port:sdr0-rx --to port:sdr0-tx -s 64K > /dev/null 2> "$tmp/err" &
streamer=$!
soon '[ "$(blocks)" -gt "$before" ]'
echo 1 > $radio/unplug
wait $streamer
is "$?" 4 "unplugged is trouble"
like "$(cat "$tmp/err")" 'No such device' "and told"

is "$(buffers)" 0 "nothing is left at the end"
rmmod cen_sim_sdr
is "$?" 0 "the radio can go"
done_testing
