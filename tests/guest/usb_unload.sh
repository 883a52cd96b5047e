#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Unloading the function and the controller in every state: refused or clean, never in between.

# shellcheck source=tests/guest/usb_common.sh disable=SC1091
. /cen/tests/usb_common.sh
# shellcheck disable=SC2154 # set there
gadgets=$usb_gadgets

n=0
failed=0
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}
loaded() { [ -d "/sys/module/$1" ]; }
host=/sys/kernel/debug/cen_sim_udc/cen_sim_udc.0

# $1: a command that begins to succeed within 10 seconds, times the lane's slowness
soon() {
	for _ in $(seq $((100 * ${CEN_SLOW:-1}))); do
		eval "$1" && return 0
		sleep 0.1
	done
	return 1
}

refused() {
	! rmmod "$1" 2>/dev/null && loaded "$1"
	ok $? "$1 does not unload while $2"
}

goes() {
	rmmod "$1" && ! loaded "$1"
	ok $? "$1 unloads $2"
}

if ! modprobe usb_f_cen 2>/dev/null || ! modprobe cen_sim_udc 2>/dev/null; then
	echo "1..0 # SKIP no usb_f_cen or cen_sim_udc for this kernel"
	exit 0
fi

goes usb_f_cen "when nothing uses it"
goes cen_sim_udc "when nothing uses it"

modprobe usb_f_cen
mkdir "$gadgets/u" "$gadgets/u/functions/cen.u"
refused usb_f_cen "a function exists"
rmdir "$gadgets/u/functions/cen.u" "$gadgets/u"
goes usb_f_cen "once it does not"

modprobe cen_sim_udc
usb_gadget t cen_sim_udc.0
soon "grep -q configured $host/state"
ok $? "a gadget is configured"
refused usb_f_cen "it is bound"
exec 5< $host/ep1in/data
refused cen_sim_udc "its host is at work"
exec 5<&-

# A program that reads from the host's end waits; the controller goes under another one
# that has a port open.
exec 6<> /dev/cen/usb-t-in0
goes cen_sim_udc "with a gadget bound and a port open"
[ ! -e /dev/cen/usb-t-in0 ] && grep -q unbound "$gadgets/t/functions/cen.t/state"
ok $? "ports go with it"
refused usb_f_cen "a configuration has its function"
usb_gadget_remove t
goes usb_f_cen "with a port's file still open"
refused cen_port "a port's file is open"
exec 6<&-

modprobe cen_sim_udc
usb_gadget t cen_sim_udc.0 && soon "[ -c /dev/cen/usb-t-in0 ]"
ok $? "all of it again"
echo 0 > $host/plug
goes cen_sim_udc "unplugged, with a gadget bound"
usb_gadget_remove t
goes usb_f_cen "after that"

if modprobe dummy_hcd 2>/dev/null; then
	usb_gadget t dummy_udc.0
	soon "grep -q enabled $gadgets/t/functions/cen.t/state"
	ok $? "Linux as the host configures a gadget"
	goes dummy_hcd "with a gadget bound"
	usb_gadget_remove t
	goes usb_f_cen "after that, too"
fi

bad=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
	modprobe cen_sim_udc && usb_gadget t cen_sim_udc.0 in=3 out=3 || bad=1
	rmmod cen_sim_udc || bad=1
	usb_gadget_remove t
	rmmod usb_f_cen || bad=1
done
ok $bad "ten times"
echo "1..$n"
exit $failed
