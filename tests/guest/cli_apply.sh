#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cenctl apply: rule files become the kernel's rules, and nothing else does.
. "$(dirname "$0")/cli_common.sh"

configfs=/sys/kernel/config/cenalloc/devices
rules=$tmp/devices.d
mkdir "$rules"

run cenctl apply --clear
is "$status" 0 "--clear succeeds"
is "$(ls $configfs)" "" "and leaves no rule"

# Not behind an IOMMU, which would gather pages into one segment.
for dir in /sys/bus/platform/devices/*; do
	[ -e "$dir/iommu_group" ] || break
done
dev=platform:${dir##*/}
cat > "$rules/a.conf" <<-RULES
	[$dev]
	max-segments = 1
	address-bits = $low_bits
	[usb:1-1:1.0]
	segment-size = 1M
	segment-boundary = 16M
	alignment = 64K
	banks = 0 3
	non-coherent = yes
RULES
run cenctl apply --dir "$rules"
is "$status" 0 "rules are applied"
is "$err" "" "silently"
is "$(cat "$configfs/$dev/max_segments")" 1 "max-segments"
is "$(cat "$configfs/$dev/addr_bits")" $low_bits "address-bits"
is "$(cat $configfs/usb:1-1:1.0/seg_size)" 1048576 "segment-size"
is "$(cat $configfs/usb:1-1:1.0/seg_boundary)" 0xffffff "segment-boundary"
is "$(cat $configfs/usb:1-1:1.0/align)" 65536 "alignment"
is "$(cat $configfs/usb:1-1:1.0/banks)" 0x9 "banks"
is "$(cat $configfs/usb:1-1:1.0/noncoherent)" 1 "non-coherent"

run cenctl devices "$dev"
like "$out" 'max-segments=1' "the device has the limit"
like "$out" ' device,rule |[, ]rule ' "from a rule"
run cenctl explain --size 8M --device "$dev"
like "$out" '^plan: heap contiguous$' "which decides the plan"
run cenctl explain --size 1T --device "$dev"
like "$out" "if $dev can do more than its rule says, relax .* /etc/cenalloc/devices.d" \
	"and is what a refusal says could be relaxed"

# changed, with what a step in between must not refuse
cat > "$rules/a.conf" <<-RULES
	[$dev]
	segment-boundary = 4K
	segment-size = 4K
RULES
run cenctl apply --dir "$rules"
is "$status" 0 "changed rules are applied"
is "$(ls $configfs)" "$dev" "a rule without a file is gone"
is "$(cat "$configfs/$dev/max_segments")" 0 "a limit without a line is gone"
is "$(cat "$configfs/$dev/seg_boundary")" 0xfff "a new one is there"
run cenctl apply --dir "$rules"
is "$status" 0 "again makes no difference"
is "$(cat "$configfs/$dev/seg_size")" 4096 "at all"

# a mistake changes nothing
before=$(grep -r . $configfs)
cp "$rules/a.conf" "$tmp/good.conf"
printf '[%s]\nmax-segments = 0\n' "$dev" > "$rules/a.conf"
run cenctl apply --dir "$rules"
is "$status" 1 "a mistake is refused"
like "$err" "^cenctl: $rules/a.conf:2: \[$dev\]: max-segments = '0': .* is accepted$" "with file and line"
is "$(grep -r . $configfs)" "$before" "the kernel's rules are as before"
run cenctl apply --dry-run "$tmp/good.conf"
is "$status" 0 "--dry-run"
is "$(grep -r . $configfs)" "$before" "changes nothing either"

printf '[%sx]\nmax-segments = 1\n' "$dev" > "$rules/a.conf"
run cenctl apply --dir "$rules"
is "$status" 0 "a rule may wait for its device"
like "$err" "a.conf:1: no device '${dev}x' now; did you mean '$dev'\?" "but one nearly like another is suspicious"

# the place of the administrator, and without it
run cenctl apply
is "$status" 0 "no rules are fine"
is "$(ls $configfs)" "" "and then the kernel has none"

# a file there that cannot be read is no reason to take all rules back
mkdir -p /etc/cenalloc/devices.d
cp "$tmp/good.conf" /etc/cenalloc/devices.d/b.conf
run cenctl apply
is "$status" 0 "rules in their place"
ln -s nowhere /etc/cenalloc/devices.d/a.conf
run cenctl apply
is "$status" 4 "a link to nowhere among them"
like "$err" '^cenctl: /etc/cenalloc/devices.d/a.conf: No such file' "is told"
is "$(ls $configfs)" "$dev" "and leaves the kernel's rules alone"
rm /etc/cenalloc/devices.d/*
cenctl apply

run su nobody -s /bin/sh -c "cenctl apply '$tmp/good.conf'"
is "$status" 4 "somebody else may not" 
done_testing
