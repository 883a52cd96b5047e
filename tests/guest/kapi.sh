#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The in-kernel interface: cen_kapi_test runs the checks and tells in TAP. Around it,
# what only shows from outside: who may be unloaded when, and what is left.
dir=/sys/kernel/debug/cen_kapi_test
n=0

verdict() {
	status=$1
	shift
	n=$((n + 1))
	[ "$status" = 0 ] && echo "ok $n - $*" || echo "not ok $n - $*"
}

modprobe cen_kapi_test
verdict $? "the module loads"

# Its own numbers give way to ours; the plan must match what it printed.
echo 1 > $dir/run
cat $dir/results > /tmp/kapi
while read -r line; do
	case $line in
	"ok "*" - "*) verdict 0 "${line#* - }" ;;
	"not ok "*" - "*) verdict 1 "${line#* - }" ;;
	"#"*) echo "$line" ;;
	esac
done < /tmp/kapi
ran=$(grep -cE '^(not )?ok ' /tmp/kapi)
[ "$ran" -gt 100 ] && grep -qx "1..$ran" /tmp/kapi
verdict $? "it ran to its end ($ran checks)"

# A second run finds what the first left behind.
echo 1 > $dir/run
sed -n 's/^not ok/# second run: not ok/p' $dir/results
! grep -q '^not ok' $dir/results && grep -qx "1..$ran" $dir/results
verdict $? "a second run is like the first"

! rmmod cenalloc 2>/dev/null
verdict $? "cenalloc stays while a driver uses it"

# shellcheck disable=SC2320 # echo's status is that of the write
echo 1 > $dir/hold
# shellcheck disable=SC2320
verdict $? "a buffer in the module's heap"
grep -q 'kapi-bank: used 65536 ' /sys/kernel/debug/cenalloc/heaps
verdict $? "debugfs: the heap tells what is used"
grep -q 'BACKED, 65536 bytes, heap kapi-bank' /sys/kernel/debug/cenalloc/buffers
verdict $? "debugfs: the buffer tells its heap"
grep -q 'device platform:cen_kapi.2 declared:.* banks 0x200' /sys/kernel/debug/cenalloc/buffers
verdict $? "debugfs: and whose limits they are"
! rmmod cen_kapi_test 2>/dev/null && [ -d /sys/module/cen_kapi_test ]
verdict $? "a module stays while its memory is in use"
echo 0 > $dir/hold
! grep -q kapi-bank /sys/kernel/debug/cenalloc/heaps
verdict $? "the heap goes"
rmmod cen_kapi_test
verdict $? "the module goes"
! grep -q cen_kapi /sys/kernel/debug/cenalloc/devices /sys/kernel/debug/cenalloc/buffers
verdict $? "nothing is left of it"
echo "1..$n"
