#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The administrator's rules: what configfs takes, what it refuses and how, and
# what of it counts for a device.
rules=/sys/kernel/config/cenalloc/devices
rule=$rules/platform:cen_rule.0
listing=/sys/kernel/debug/cenalloc/devices
n=0

verdict() {
	status=$1
	shift
	n=$((n + 1))
	[ "$status" = 0 ] && echo "ok $n - $*" || echo "not ok $n - $*"
}

# takes ATTRIBUTE WRITTEN READ
takes() {
	echo "$2" > "$rule/$1" 2>/dev/null
	got=$(cat "$rule/$1")
	[ "$got" = "$3" ] || echo "# $1: read '$got', want '$3'"
	[ "$got" = "$3" ]
	verdict $? "$1 takes '$2'"
}

# refuses ATTRIBUTE WRITTEN: with EINVAL, and nothing changes
refuses() {
	before=$(cat "$rule/$1")
	error=$(sh -c "echo '$2' > $rule/$1" 2>&1)
	case $error in
	*"nvalid argument"*) [ "$(cat "$rule/$1")" = "$before" ] ;;
	*) echo "# $1: '$error'"; false ;;
	esac
	verdict $? "$1 refuses '$2'"
}

refuses_name() {
	error=$(mkdir "$rules/$1" 2>&1)
	case $error in
	*"nvalid argument"*) true ;;
	*) echo "# $error"; false ;;
	esac
	verdict $? "no rule for '$1'"
}

refuses_name nobus
refuses_name :device
refuses_name bus:
refuses_name "platform:$(printf '%055d' 0)"
mkdir "$rules/platform:$(printf '%054d' 0)" 2>/dev/null
verdict $? "a name of 63 bytes"
rmdir "$rules/platform:$(printf '%054d' 0)"

mkdir $rule
verdict $? "a rule for a device that does not exist"
for attribute in max_segments seg_size seg_boundary align banks addr_max addr_bits noncoherent; do
	case $(cat $rule/$attribute) in
	0 | 0x0) true ;;
	*) false ;;
	esac
	verdict $? "$attribute is no limit at first"
done

takes max_segments 1 1
takes max_segments 4294967295 4294967295
refuses max_segments 4294967296
refuses max_segments -1
refuses max_segments one
refuses max_segments "1 2"
takes max_segments "" 0
takes seg_size 0x10000 65536
takes seg_size 0 0
takes seg_boundary 0xfffff 0xfffff
refuses seg_boundary 0x100000
refuses seg_boundary 5
takes align 65536 65536
refuses align 3
refuses align 18446744073709551616
takes banks 0x200 0x200
takes noncoherent 1 1
refuses noncoherent 2
takes noncoherent 0 0
takes addr_bits 28 28
[ "$(cat $rule/addr_max)" = 0xfffffff ]
verdict $? "addr_bits and addr_max are one limit"
takes addr_max 0x3fffffff 0x3fffffff
[ "$(cat $rule/addr_bits)" = 30 ]
verdict $? "addr_max and addr_bits are one limit"
takes addr_bits 64 64
refuses addr_bits 65
takes addr_bits "" 0

grep -q '^rule platform:cen_rule.0: seg_boundary 0xfffff align 65536 banks 0x200$' $listing
verdict $? "debugfs lists the rule"

! rmmod cenalloc 2>/dev/null && [ -d /sys/module/cenalloc ]
verdict $? "cenalloc stays while there are rules"
rmdir $rule
verdict $? "the rule goes"
! grep -q cen_rule $listing
verdict $? "debugfs does not list it any more"

# A rule and a device that meets it: vivid's first is a platform device with a 32-bit mask.
if command -v cenctl > /dev/null; then
	modprobe vivid n_devs=1 && [ -d /sys/bus/platform/devices/vivid.0 ]
	verdict $? "a device"
	mkdir $rules/platform:vivid.0
	echo 1 > $rules/platform:vivid.0/max_segments
	echo 24 > $rules/platform:vivid.0/addr_bits
	cenctl devices platform:vivid.0 > /tmp/rule 2>&1
	grep -q 24 /tmp/rule && grep -qiE 'admin|rule' /tmp/rule
	verdict $? "its limits say so"
	rmdir $rules/platform:vivid.0
	cenctl devices platform:vivid.0 > /tmp/rule 2>&1
	! grep -qiE '(^|[^0-9])24([^0-9]|$)' /tmp/rule
	verdict $? "and no more without the rule"
	sed 's/^/# /' /tmp/rule
	rmmod vivid
fi
echo "1..$n"
