#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Unloading: refused while a buffer lives or the node is open, clean afterwards, again and again.

n=0
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}
failed=0
loaded() { [ -d /sys/module/cenalloc ]; }

# Nothing of ours may depend on it during this test.
for module in /cen/modules/*.ko; do
	name=$(basename "$module" .ko | tr - _)
	[ "$name" = cenalloc ] || rmmod "$name" 2>/dev/null
done
for module in /cen/modules/*.ko; do
	name=$(basename "$module" .ko | tr - _)
	[ "$name" = cenalloc ] || rmmod "$name" 2>/dev/null
done

rmmod cenalloc && ! loaded
ok $? "unloads when nothing uses it"
if [ -d /sys/module/cen_dma_heap ]; then
	# One of the kernel's heaps, which stay.
	[ ! -e /dev/cenalloc ] && /cen/tests/reload_helper gone
	ok $? "its node goes with it, its dma-heap has nothing to give"
else
	[ ! -e /dev/cenalloc ] && [ ! -e /dev/dma_heap/cenalloc ]
	ok $? "its nodes go with it"
fi
modprobe cenalloc && [ -c /dev/cenalloc ] && [ -c /dev/dma_heap/cenalloc ]
ok $? "loads again, nodes and all"

exec 5<> /dev/cenalloc
! rmmod cenalloc 2>/dev/null && loaded
ok $? "does not unload while the node is open"
exec 5>&-
rmmod cenalloc
ok $? "unloads once it is closed"
modprobe cenalloc

# reload_helper holds a buffer of the kind its argument says until its input ends.
for kind in empty backed mapped attached vmapped contiguous heap; do
	mkfifo /tmp/hold /tmp/ready
	/cen/tests/reload_helper "$kind" < /tmp/hold > /tmp/ready &
	pid=$!
	exec 5> /tmp/hold
	read -r line < /tmp/ready
	[ "$line" = ready ]
	ok $? "a program holds a buffer: $kind"
	rmmod cen_test_importer 2>/dev/null
	! rmmod cenalloc 2>/dev/null && loaded
	ok $? "does not unload under a buffer: $kind"
	exec 5>&-
	wait "$pid"
	ok $? "the program ends well: $kind"
	rm -f /tmp/hold /tmp/ready
	rmmod cen_test_importer 2>/dev/null
	rmmod cenalloc
	ok $? "unloads once the buffer is gone: $kind"
	modprobe cenalloc
	ok $? "loads again: $kind"
done

i=0
while [ $i -lt 15 ]; do
	rmmod cenalloc && modprobe cenalloc || break
	i=$((i + 1))
done
[ $i = 15 ]
ok $? "fifteen times in a row"

rmmod cenalloc
modprobe cenalloc quota_mib=7 && [ "$(cat /sys/module/cenalloc/parameters/quota_mib)" = 7 ]
ok $? "takes its quota when it is loaded"
rmmod cenalloc
! modprobe cenalloc bounce=sometimes 2>/dev/null && ! loaded
ok $? "refuses a mode it does not know"
modprobe cenalloc && [ "$(cat /sys/module/cenalloc/parameters/quota_mib)" = 0 ]
ok $? "forgets parameters with the module"

echo "1..$n"
exit $failed
