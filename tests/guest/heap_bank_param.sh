#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The banks= parameter: what it takes, what it refuses and in which words, and that a
# refusal leaves nothing behind. Booted with memmap=64M$0x180000000 and
# reserve_mem=4M:4096:sram, or, where the kernel does not know that (before 6.12), with
# memmap=4M$0x190000000.
if [ "$(uname -m)" != x86_64 ]; then
	echo "1..0 # SKIP memory at an address of its own wants memmap=, which is x86's"
	exit 0
fi
range=64M@0x180000000
sram=mem=4M@0x190000000
grep -q reserve_mem= /proc/cmdline && sram=reserve=sram
n=0

verdict() {
	status=$1
	shift
	n=$((n + 1))
	[ "$status" = 0 ] && echo "ok $n - $*" || echo "not ok $n - $*"
}

claimed() {
	grep -cE ' : (fast|slow)$' /proc/iomem
}

# refuse BANKS WORDS: loading fails and the log says why
refuse() {
	dmesg -c > /dev/null
	if insmod /cen/modules/cenalloc.ko "banks=$1" 2> /dev/null; then
		rmmod cenalloc
		verdict 1 "'$1' is refused"
		return
	fi
	dmesg > /tmp/log
	grep -q "cenalloc: banks: .*$2" /tmp/log
	verdict $? "'$1' is refused: $2"
	grep cenalloc: /tmp/log | sed 's/^/# /'
	if [ "$(claimed)" != 0 ] || grep -q 180000000 /tmp/log; then
		verdict 1 "nothing is left of it, and no address is in the log"
	fi
}

accept() {
	insmod /cen/modules/cenalloc.ko "banks=$1"
	verdict $? "'$1' is taken"
	shift
	for heap; do
		grep -q "^heap .* $heap:" /sys/kernel/debug/cenalloc/heaps
		verdict $? "there is a heap $heap"
	done
	rmmod cenalloc
	verdict $? "and it goes again"
	[ "$(claimed)" = 0 ]
	verdict $? "with its range"
}

rmmod cen_test_importer 2> /dev/null
rmmod cenalloc 2> /dev/null
[ ! -d /sys/module/cenalloc ]
verdict $? "cenalloc is not loaded"

accept "fast:2:mem=$range" fast
accept "fast:2:mem=32M@0x180000000,slow:63:mem=32M@0x182000000,sram:3:$sram" fast slow sram
accept "" system

refuse "fast" "want NAME:BANK:SOURCE"
refuse "fast:2" "want NAME:BANK:SOURCE"
refuse "fast:2:mem=$range," "want NAME:BANK:SOURCE"
refuse ":2:mem=$range" "is no name for a heap"
refuse "fa/st:2:mem=$range" "is no name for a heap"
refuse "a-name-that-is-longer-than-a-heap:2:mem=$range" "is no name for a heap"
refuse "fast:64:mem=$range" "is no bank"
refuse "fast:-1:mem=$range" "is no bank"
refuse "fast::mem=$range" "is no bank"
refuse "fast:2:file=x" "want mem=SIZE@ADDRESS or reserve=NAME"
refuse "fast:2:mem=64M" "want mem=SIZE@ADDRESS"
refuse "fast:2:mem=@0x180000000" "want mem=SIZE@ADDRESS"
refuse "fast:2:mem=${range}x" "want mem=SIZE@ADDRESS"
refuse "fast:2:mem=0@0x180000000" "no such range"
refuse "fast:2:mem=64M@0xfffffffffc000000" "no such range"
refuse "fast:2:mem=63K@0x180000000" "must be multiples"
refuse "fast:2:mem=64M@0x180001000" "must be multiples"
refuse "fast:2:mem=64M@0x140000000" "the kernel uses this memory"
refuse "fast:2:mem=64M@0x17e000000" "the kernel uses this memory"
# what the firmware keeps; some kernels have a driver for it
refuse "fast:2:mem=2M@0xb0000000" "\(a driver or another bank has this range\|this is no memory\)"
refuse "fast:2:mem=2M@0xc0000000" "this is no memory"
refuse "fast:2:mem=$range,slow:3:mem=32M@0x182000000" "a driver or another bank has this range"
if [ $sram = reserve=sram ]; then
	refuse "fast:2:reserve=sram,slow:3:reserve=sram" "slow overlaps fast"
else
	n=$((n + 1))
	echo "ok $n # SKIP this kernel has no reserve_mem="
fi
refuse "fast:2:reserve=none" "nothing of that name"
refuse "fast:2:mem=$range,fast:3:$sram" "there is a heap of that name"
refuse "system:2:mem=$range" "there is a heap of that name"

modprobe cenalloc
verdict $? "cenalloc loads as before"
[ "$(stat -c %a /sys/module/cenalloc/parameters/banks)" = 400 ]
verdict $? "the parameter is for root's eyes only"
echo "1..$n"
