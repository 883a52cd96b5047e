#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What cenctl says to those who ask, and to those who ask wrongly. Needs no module.
. "$(dirname "$0")/../lib/tap.sh"

verbs="devices heaps explain alloc buffers apply fpga ports stream link top"

run cenctl --version
is "$status" 0 "--version succeeds"
like "$out" '^cenctl [0-9]+\.[0-9]+\.[0-9]+$' "--version is one line"

run cenctl --help
is "$status" 0 "--help succeeds"
for verb in $verbs; do
	like "$out" "  $verb " "--help tells of $verb"
done

for verb in $verbs; do
	run cenctl "$verb" --help
	is "$status" 0 "$verb --help succeeds"
	like "$out" "Usage: cenctl $verb" "$verb --help tells its usage"
	is "$err" "" "$verb --help complains of nothing"
	run cenctl help "$verb"
	like "$out" "Usage: cenctl $verb" "help $verb is the same"
	run cenctl "$verb" --usage
	is "$status" 0 "$verb --usage succeeds"
	run cenctl "$verb" --no-such-option
	is "$status" 2 "$verb: an unknown option is a usage error"
	like "$err" "cenctl $verb: unrecognized option" "$verb names it"
	is "$out" "" "$verb prints nothing then"
	like "$(cat "$top/man/cenctl.1")" "Ss $verb" "the manual has $verb"
done

# cenctl ARGUMENT... must be refused as usage, with a message that has the given words
refused() {
	local said=$1
	shift

	run cenctl "$@"
	is "$status" 2 "usage: cenctl $*"
	like "$err" "$said" "says why: $said"
	is "$out" "" "and nothing else"
}

refused 'Usage: cenctl VERB'
refused "unknown verb 'frobnicate'" frobnicate
refused 'exclude each other' heaps --module --fallback
refused 'Too many arguments' heaps more
refused 'Too many arguments' buffers more
refused '--size is missing' explain
refused '--size is missing' alloc
refused '0 bytes' explain --size 0
refused 'is no size' explain --size lots
refused 'is no size' explain --size -1
refused '64 bits' explain --size 99999999999999999999
refused 'no power of two' explain --size 4K --align 3K
refused 'is no size' explain --size 4K --align ''
refused 'is no device' explain --size 4K --device vivid.0
refused "unknown bus 'platfrom'" explain --size 4K --device platfrom:vivid.0
refused "unknown limit 'colour'" explain --size 4K --device platform:vivid.0,colour=red
refused 'from 1 to 64' explain --size 4K --limits dsp,address-bits=65
refused 'has no value' explain --size 4K --limits dsp,alignment
refused 'needs a name' explain --size 4K --limits ,alignment=4K
refused 'at most 63' explain --size 4K --device "platform:$(printf '%060d' 0)"
refused 'named twice' explain --size 4K --limits a,banks=1 --limits a,banks=2
refused 'seconds or "forever"' alloc --size 4K --hold soon
refused 'seconds or "forever"' alloc --size 4K --hold -1
refused 'exclude each other' alloc --size 4K --hold 1 -- true
refused 'exclude each other' apply --check --dry-run
refused 'exclude each other' apply --clear --dry-run
refused 'needs no rules' apply --clear --dir /
refused 'exclude each other' apply --dir / file.conf

refused 'from and --to are needed' stream
refused 'from and --to are needed' stream --from port:x
refused 'from and --to are needed' link --to port:x
refused 'given twice' stream --from port:x --from port:y --to file:-
refused '2 to 1024' stream --from port:x --to file:- --depth 1
refused '2 to 1024' link --from port:x --to port:y --depth 1025
refused '1 or more' link --from port:x --to port:y --blocks 0
refused '1 or more' stream --from port:x --to file:- --size 0
refused 'is no size' stream --from port:x --to file:- --rate fast
refused 'exclude each other' stream --from port:x --to file:- --rate 1M --copy
refused "'bogus' is no end" stream --from port:x --to bogus
refused 'cp.1. does that better' stream --from file:/dev/null --to file:/dev/null
echo kept > "$tmp/kept"
refused 'cp.1. does that better' stream --from "file:$tmp/kept" --to "file:$tmp/kept"
refused "'port:' is no end" stream --from port:x --to "file:$tmp/kept" --to port:
is "$(cat "$tmp/kept")" kept "a file is not touched then"
refused '0.05 to 3600' top --delay 0
refused '0.05 to 3600' top --delay nan
refused 'Too many arguments' ports more
refused 'Too many arguments' stream --from port:x --to file:- more

run cenctl ports
is "$status" 0 "ports needs no module"
like "$out" '^PORT +DIRECTION' "and prints its heading"
run cenctl ports --json
is "$status" 0 "ports --json succeeds"
run cenctl top --json
is "$status" 0 "top --json needs no module"
like "$out" '"links": \[' "and tells of links"

refused 'an action is missing' fpga
refused "unknown action 'frobnicate'" fpga frobnicate
refused "unknown action 'slot'" fpga slot
refused "too few arguments for 'load'" fpga load region0
refused "too few arguments for 'add'" fpga slot add region0
refused "too many arguments for 'list'" fpga list region0
refused "too many arguments for 'switch'" fpga switch region0 a b
refused "unknown flag 'whole'" fpga load --flags partial,whole region0 x
refused 'exclude each other' fpga slot add r i --file x --firmware y
refused 'takes no --firmware' fpga load r f --firmware x

run cenctl explain --size 4K --device /dev/no-such-node
is "$status" 4 "a node that is not there is no usage error"
like "$err" '/dev/no-such-node: No such file' "and is named"
run cenctl explain --size 4K --device /
is "$status" 2 "a directory is no device"
like "$err" 'is no device node' "says so"

if [ ! -e /dev/cenalloc ]; then
	for verb in heaps devices buffers; do
		run cenctl $verb --module
		is "$status" 3 "$verb without the module exits with 3"
		like "$err" 'module cenalloc is not loaded' "$verb says why"
	done
	run cenctl alloc --module --size 4K -- touch "$tmp/ran"
	is "$status" 3 "alloc without the module exits with 3"
	ok "the command did not run" test ! -e "$tmp/ran"
fi

for what in --help 'help stream' 'stream --help' 'stream --usage' ports; do
	# shellcheck disable=SC2086 # words
	cenctl $what > /dev/full 2> "$tmp/full"
	is $? 4 "output that is lost is an error: $what"
	like "$(cat "$tmp/full")" 'No space left' "and is told"
	# shellcheck disable=SC2086 # words
	cenctl $what >&- 2> "$tmp/full"
	is $? 4 "so is none: $what"
done
cenctl heaps --no-such-option >&- 2> "$tmp/full"
is $? 2 "who has nothing to say misses no output"
closing=$top/build/user/tests/guest/close_fails.so
if [ -e "$closing" ]; then
	for what in --help 'stream --help' ports; do
		# shellcheck disable=SC2086 # words
		CLOSE_FAILS=$tmp/closed LD_PRELOAD=$closing cenctl $what > "$tmp/closed" 2> "$tmp/full"
		is $? 4 "output that is lost when it is closed: $what"
		like "$(cat "$tmp/full")" 'standard output: Disk quota exceeded' "and is told"
	done
fi

done_testing
