#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cenctl alloc and buffers: who gets a buffer, who holds it, and that none is left behind.
#
# shellcheck disable=SC2016 # what is quoted is for another shell, or for later
. "$(dirname "$0")/cli_common.sh"

is "$(buffers)" 0 "no buffers at first"

run cenctl alloc --size 1M
is "$status" 0 "alloc succeeds"
like "$out" '^1 MiB from heap system: [0-9]+ pieces?, addresses of at most [0-9]+ bits \(buffer [0-9]+, inode [0-9]+\)$' \
	"and tells what it got"
unlike "$out" 'not promised' "the module promises everything"
is "$(buffers)" 0 "it is given back"

run cenctl alloc --size 5000 --json
like "$out" '"size": 8192' "whole pages"
like "$out" '"native": true' "of the module"

run cenctl alloc --size 1M --limits cam,max-segments=1 -q -- sh -c 'echo fd {fd} $CEN_FD; readlink /proc/self/fd/{fd}'
is "$status" 0 "a command runs"
like "$out" '^fd ([0-9]+) \1$' "with the fd in its arguments and its environment"
like "$out" '^/dmabuf:' "and open"
unlike "$out" 'MiB' "--quiet is quiet"
run cenctl alloc --size 4K -q -- sh -c 'exit 42'
is "$status" 42 "the command's status is cenctl's"
run cenctl alloc --size 4K -q -- sh -c 'kill -TERM $$'
is "$status" 143 "also when a signal ended it"
run cenctl alloc --size 4K -q -- /no/such/command
is "$status" 127 "a command that is not there"
like "$err" '/no/such/command' "is named"
is "$(buffers)" 0 "nothing is left"

# the heap can be chosen
run cenctl alloc --size 1M --heap contiguous
like "$out" '^1 MiB from heap contiguous: 1 piece' "--heap"
run cenctl alloc --size 1M --heap none
is "$status" 4 "an unknown heap"
like "$err" "no heap 'none'" "is named"
run cenctl alloc --size 1M --heap system --limits low,address-bits=12
is "$status" 1 "a heap that does not do is a refusal"
like "$err" 'refused \(ENODEV\)' "with its explanation"
like "$err" 'low reaches addresses of 12 bits' "in full"
run cenctl alloc --size 4K --account
is "$status" 0 "--account"

# more than there is
run cenctl alloc --size 1T
is "$status" 1 "more than the quota"
like "$err" '1 TiB could never fit this user.s quota' "says so"
run cenctl alloc --size 100T
is "$status" 1 "more than a buffer can have"
like "$err" '100 TiB' "says so"
run cenctl alloc --size 1M --device platform:nothing
is "$status" 4 "an unknown device"
like "$err" "no device 'platform:nothing'" "is named"
is "$(buffers)" 0 "nothing is left"

# holding
cenctl alloc --size 16M --limits cam,max-segments=1 --hold forever > "$tmp/hold" &
holder=$!
ok "$(soon '[ -s "$tmp/hold" ]'; echo $?)" "a holder holds"
run cenctl buffers
is "$status" 0 "buffers succeeds"
like "$out" '^buffer [0-9]+ \(inode [0-9]+\): 16 MiB, 1 piece from heap contiguous' "the buffer is listed"
like "$out" "made by cenctl \(PID $holder, UID 0\)" "with its maker"
like "$out" '  device cam: declared; limits max-segments=1' "its device"
like "$out" "  held by $holder \(cenctl\): 1 file descriptor, 0 mappings" "and its holder"
run cenctl buffers --json
like "$out" '"state": "backed"' "JSON: its state"
like "$out" "\"pid\": $holder" "JSON: its holder"
like "$out" '"hidden_processes": 0' "JSON: root sees all"
kill -INT "$holder"
wait "$holder"
is "$?" 130 "Ctrl-C ends the holding"
is "$(buffers)" 0 "and the buffer"

cenctl alloc --size 4M --hold 1 > /dev/null
is "$?" 0 "--hold ends by itself"
cenctl alloc --size 4M --hold 3 > "$tmp/hold" &
holder=$!
began=$(cut -d. -f1 /proc/uptime)
soon '[ -s "$tmp/hold" ]'
sleep 2
kill -STOP "$holder"
kill -CONT "$holder"
wait "$holder"
is "$?" 0 "also when it was stopped and continued meanwhile"
took=$(($(cut -d. -f1 /proc/uptime) - began))
[ "$took" -lt 5 ] || [ "${CEN_SLOW:-1}" -gt 1 ]
ok $? "and as long as told" "$took seconds, not 3"
cenctl alloc --size 4M -q -- sh -c 'echo $$ > "$0"; exec sleep 100' "$tmp/child" &
parent=$!
ok "$(soon '[ -s "$tmp/child" ] && [ "$(buffers)" = 1 ]'; echo $?)" "a command holds"
kill -KILL "$parent"
wait "$parent" 2> /dev/null
is "$(buffers)" 1 "its buffer survives cenctl's sudden death"
kill "$(cat "$tmp/child")"
ok "$(soon '[ "$(buffers)" = 0 ]'; echo $?)" "and goes with the command"

# dma-bufs of others
if [ -e /dev/dma_heap/system ]; then
	cenctl alloc --fallback --size 64K --hold forever > "$tmp/hold2" &
	holder=$!
	ok "$(soon '[ -s "$tmp/hold2" ]'; echo $?)" "the kernel's own heap"
	run cenctl buffers
	unlike "$out" "held by $holder" "is not ours"
	run cenctl buffers --foreign
	like "$out" '^dma-buf of another exporter \(inode [0-9]+\)$' "--foreign lists it"
	like "$out" "  held by $holder \(cenctl\): 1 file descriptor" "with its holder"
	kill "$holder"
	wait "$holder"
	is "$?" 143 "SIGTERM ends the holding as well"
fi

# another user sees its own only
chmod 666 /dev/cenalloc
cenctl alloc --size 4K --hold forever > "$tmp/hold3" &
holder=$!
ok "$(soon '[ -s "$tmp/hold3" ]'; echo $?)" "root holds a buffer"
run su nobody -s /bin/sh -c 'cenctl buffers'
is "$status" 0 "another user may ask"
is "$out" "" "and does not see root's buffer"
like "$err" '[0-9]+ processes could not be looked into; root can' "nor root's processes, and is told"
chmod 660 /dev/cenalloc
kill "$holder"
wait "$holder"

is "$(buffers)" 0 "nothing is left at the end"
done_testing
