#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The user-space driver of examples/uio_edu, and rules given when the module is loaded.

device=pci:$(basename "$(dirname "$(grep -l 0x11e8 /sys/bus/pci/devices/*/device | head -n 1)")")
if [ "$device" = pci:. ]; then
	echo "1..0 # SKIP no edu device"
	exit 0
fi

n=0
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

forget() {
	echo > "/sys/bus/pci/devices/${device#pci:}/driver_override"
	driver=/sys/bus/pci/devices/${device#pci:}/driver
	[ ! -e "$driver" ] || echo "${device#pci:}" > "$driver/unbind"
	rmdir "/sys/kernel/config/cen_uio/$device" 2>/dev/null
	rmmod cen_uio
}

modprobe cen_uio
out=$(cen_uio_edu "$device" /cen/bin/edu.rules 2>&1)
ok $? "the example copies through edu: $out"
out=$(cen_uio_edu "$device" 2>&1)
ok $? "and again, with the device bound as it is: $out"
forget
ok $? "the module goes"

# The same rules, as a parameter: statements end with ";".
rules=$(sed 's/#.*//' /cen/bin/edu.rules | grep . | tr '\n\t' '; ')
modprobe cen_uio "rules=device pci:9999:00:00.0; dma-bits 32; device pci-id:1234:11e8; $rules"
ok $? "rules as a parameter"
echo cen_uio > "/sys/bus/pci/devices/${device#pci:}/driver_override"
echo "${device#pci:}" > /sys/bus/pci/drivers_probe
out=$(cen_uio_edu "$device" 2>&1)
ok $? "serve as well: $out"
forget

modprobe cen_uio
echo 1234 11e8 > /sys/bus/pci/drivers/cen_uio/new_id
[ "$(basename "$(readlink "/sys/bus/pci/devices/${device#pci:}/driver")")" = cen_uio ]
ok $? "new_id binds, too"
forget

! modprobe cen_uio "rules=dma-bits 28" 2>/dev/null
ok $? "a parameter without a device is refused"
! modprobe cen_uio "rules=device pci:x; bogus 1" 2>/dev/null
ok $? "a parameter with a mistake is refused"
dmesg | grep -q 'rules of pci:x: "bogus" is no rule'
ok $? "and the kernel log names it"
echo "1..$n"
