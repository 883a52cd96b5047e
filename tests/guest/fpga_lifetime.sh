#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Modules that go while slots are alive and nodes are open, in every order.
. "$(dirname "$0")/cli_common.sh"

if [ ! -e /cen/modules/cen_fpga.ko ]; then
	echo "1..0 # SKIP this kernel has no FPGA core, and its source was not there to build it from"
	exit 0
fi
configfs=/sys/kernel/config/cen_fpga
loaded() { [ -d "/sys/module/$1" ]; }
region() { basename /sys/devices/platform/cen_sim_fpga.0/fpga_region/*0; }

mkdir -p /lib/firmware
fpga_image /lib/firmware/life.bin 300000 0x11 1
ok $? "an image"

modprobe cen_sim_fpga && modprobe cen_fpga
ok $? "the simulation first, then cen_fpga"
region=$(region)
[ -c "/dev/cen_fpga/$region" ]
ok $? "finds what was there"
rmmod cen_fpga
ok $? "unloads while there are regions"
[ ! -e /dev/cen_fpga ]
ok $? "its nodes go with it"
unlike "$(ls /sys/class/fpga_manager /sys/devices)" 'cen_fpga$' "nothing of the placeholder is left"

modprobe cen_fpga
mkdir "$configfs/$region"
! rmmod cen_fpga 2> /dev/null && loaded cen_fpga
ok $? "does not unload while a region has a directory"
mkdir "$configfs/$region/a"
echo partial > "$configfs/$region/a/flags"
put() { echo "$1" > "$configfs/$region/$2"; }
put life.bin a/firmware
ok $? "a slot"
put a active
ok $? "is switched to"
rmmod cen_sim_fpga
ok $? "the manager's driver unloads although a slot is active"
[ ! -e "/dev/cen_fpga/$region" ]
ok $? "its node is gone"
is "$(cat "$configfs/$region/a/state")" ready "the slot is there still"
modprobe cen_sim_fpga
is "$(region)" "$region" "the driver comes back"
put a active
ok $? "so the slot serves again"
is "$(cat "$configfs/$region/active")" a "and is told as active"

exec 5<> "/dev/cen_fpga/$region"
rmdir "$configfs/$region/a" && rmdir "$configfs/$region"
ok $? "the directories go while the node is open"
! rmmod cen_fpga 2> /dev/null && loaded cen_fpga
ok $? "does not unload while a node is open"
rmmod cen_sim_fpga
ok $? "the manager's driver does"
! rmmod cen_fpga 2> /dev/null && loaded cen_fpga
ok $? "the open node of what is gone still counts"
exec 5>&-
rmmod cen_fpga
ok $? "unloads once it is closed"

# A slot holds its buffer, the buffer its allocator.
modprobe cen_fpga && modprobe cen_sim_fpga
mkdir "$configfs/$region" "$configfs/$region/a"
echo life.bin > "$configfs/$region/a/firmware"
! rmmod cenalloc 2> /dev/null
ok $? "cenalloc does not go before"
is "$(buffers)" 1 "one buffer for one slot"
rmdir "$configfs/$region/a" "$configfs/$region"
is "$(buffers)" 0 "none without"

for _ in 1 2 3 4 5; do
	rmmod cen_fpga && modprobe cen_fpga && rmmod cen_sim_fpga && modprobe cen_sim_fpga || break
done
ok $? "again and again"
rmmod cen_sim_fpga cen_fpga
ok $? "all gone"
rm -f /lib/firmware/life.bin
done_testing
