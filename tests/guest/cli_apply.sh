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

pci=pci:$(basename "$(find /sys/bus/pci/devices -name '0000:00:0*' | sort | head -n 1)")
cat > "$rules/a.conf" <<-RULES
	[$pci]
	max-segments = 1
	address-bits = 30
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
is "$(cat "$configfs/$pci/max_segments")" 1 "max-segments"
is "$(cat "$configfs/$pci/addr_bits")" 30 "address-bits"
is "$(cat $configfs/usb:1-1:1.0/seg_size)" 1048576 "segment-size"
is "$(cat $configfs/usb:1-1:1.0/seg_boundary)" 0xffffff "segment-boundary"
is "$(cat $configfs/usb:1-1:1.0/align)" 65536 "alignment"
is "$(cat $configfs/usb:1-1:1.0/banks)" 0x9 "banks"
is "$(cat $configfs/usb:1-1:1.0/noncoherent)" 1 "non-coherent"

run cenctl devices "$pci"
like "$out" 'max-segments=1' "the device has the limit"
like "$out" ' device,rule |[, ]rule ' "from a rule"
run cenctl explain --size 8M --device "$pci"
like "$out" '^plan: heap contiguous$' "which decides the plan"
run cenctl explain --size 1T --device "$pci"
like "$out" "if $pci can do more than its rule says, relax .* /etc/cenalloc/devices.d" \
	"and is what a refusal says could be relaxed"

# changed, with what a step in between must not refuse
cat > "$rules/a.conf" <<-RULES
	[$pci]
	segment-boundary = 4K
	segment-size = 4K
RULES
run cenctl apply --dir "$rules"
is "$status" 0 "changed rules are applied"
is "$(ls $configfs)" "$pci" "a rule without a file is gone"
is "$(cat "$configfs/$pci/max_segments")" 0 "a limit without a line is gone"
is "$(cat "$configfs/$pci/seg_boundary")" 0xfff "a new one is there"
run cenctl apply --dir "$rules"
is "$status" 0 "again makes no difference"
is "$(cat "$configfs/$pci/seg_size")" 4096 "at all"

# a mistake changes nothing
before=$(grep -r . $configfs)
cp "$rules/a.conf" "$tmp/good.conf"
printf '[%s]\nmax-segments = 0\n' "$pci" > "$rules/a.conf"
run cenctl apply --dir "$rules"
is "$status" 1 "a mistake is refused"
like "$err" "^cenctl: $rules/a.conf:2: \[$pci\]: max-segments = '0': .* is accepted$" "with file and line"
is "$(grep -r . $configfs)" "$before" "the kernel's rules are as before"
run cenctl apply --dry-run "$tmp/good.conf"
is "$status" 0 "--dry-run"
is "$(grep -r . $configfs)" "$before" "changes nothing either"

printf '[%sx]\nmax-segments = 1\n' "$pci" > "$rules/a.conf"
run cenctl apply --dir "$rules"
is "$status" 0 "a rule may wait for its device"
like "$err" "a.conf:1: no device '${pci}x' now; did you mean '$pci'\?" "but one nearly like another is suspicious"

# the place of the administrator, and without it
run cenctl apply
is "$status" 0 "no rules are fine"
is "$(ls $configfs)" "" "and then the kernel has none"

run su nobody -s /bin/sh -c "cenctl apply '$tmp/good.conf'"
is "$status" 4 "somebody else may not" 
done_testing
