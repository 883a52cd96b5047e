#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cenctl apply as far as it goes without the kernel: rule files good and bad.
. "$(dirname "$0")/../lib/tap.sh"

# json_is JSON FILTER EXPECTED NAME
json_is() {
	is "$(jq -rc "$2" <<< "$1" 2>&1)" "$3" "$4"
}

dir=$tmp/devices.d
mkdir "$dir"
cat > "$dir/cam.conf" <<-RULES
	# the camera
	[platform:cam.0]
	max-segments = 1
	address-bits = 32
RULES

run cenctl apply --check --dir "$dir"
is "$status" 0 "good rules are accepted"
is "$out" "platform:cam.0: max-segments=1,address-bits=32 ($dir/cam.conf:2)" "and shown with where they stand"
is "$err" "" "without a complaint"

run cenctl apply --dry-run --json --dir "$dir"
is "$status" 0 "as JSON too"
json_is "$out" '.rules[0].device' "platform:cam.0" "JSON: the device"
json_is "$out" '.rules[0].limits.max_segments' 1 "JSON: a limit"
json_is "$out" '.rules[0].limits | has("alignment")' false "JSON: no limit, no key"
json_is "$out" '.problems' '[]' "JSON: no problems"

run cenctl apply --check "$top/udev/devices.d/vivid.conf"
is "$status" 0 "the example is good"

cat > "$dir/bad.conf" <<-RULES
	[platform:dec]
	alignment = 48K
	[platform:enc]
	max-segments
RULES
run cenctl apply --check --dir "$dir"
is "$status" 1 "a mistake is exit 1"
like "$err" "^cenctl: $dir/bad.conf:2: \[platform:dec\]: alignment = '48K': .* is accepted$" "file, line, what is wrong, what is accepted"
like "$err" "^cenctl: $dir/bad.conf:4: not understood" "the second mistake as well"
like "$out" "platform:cam.0" "the good rule is still read"
unlike "$out" "platform:(dec|enc)" "the bad ones are not"

run cenctl apply --check --json --dir "$dir"
is "$status" 1 "the same as JSON"
json_is "$out" '.problems | length' 2 "JSON: both problems"

mkdir "$tmp/configfs"
run cenctl apply --dir "$dir" --configfs "$tmp/configfs"
is "$status" 1 "with a mistake nothing is applied"
is "$(ls "$tmp/configfs")" "" "not even the good rules"

rm "$dir/bad.conf"
run cenctl apply --dir "$dir" --configfs "$tmp/none"
is "$status" 3 "without the module there is nowhere to apply to"
like "$err" "is cenalloc loaded" "which is said"

echo "[platform:cam.0]
banks = 1" > "$dir/1.conf"
echo "[platform:cam.0]
banks = 2" > "$dir/2.conf"
run cenctl apply --check --dir "$dir"
is "$status" 1 "rules that contradict each other are a mistake"
like "$err" "2.conf:1: .* $dir/1.conf:1" "both places are named"

run cenctl apply --check --dir "$tmp/missing"
is "$status" 4 "a directory that is not there is said"
like "$err" "$tmp/missing: No such file" "by name"
run cenctl apply --check "$tmp/missing.conf"
is "$status" 4 "a file that is not there is said"
run cenctl apply --check /dev/null
is "$status" 0 "an empty file has no rules"
is "$out" "" "and shows none"

done_testing
