#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The demo, inside the guest: devices and rule, the job, a question that has no answer,
# and a driver in user space. The exit status is that of the job. Figures go to /cen/results.

if [ "$CEN_COLOR" = 1 ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

# The bus:name of the first PCI device with this vendor and device id.
pci_device() {
	for dir in /sys/bus/pci/devices/*; do
		if [ "$(cat "$dir/vendor")" = "$1" ] && [ "$(cat "$dir/device")" = "$2" ]; then
			echo "pci:${dir##*/}"
			return
		fi
	done
}

modprobe cenalloc && modprobe cen_edu && modprobe vivid n_devs=2 allocators=0,1 || exit 1
cenctl apply || exit 1

cen_demo --json /cen/results/demo.json
status=$?

edu=$(pci_device 0x1234 0x11e8)
printf '\n%s4. And when it cannot be done%s\n\n' "$bold" "$plain"
echo "   \$ cenctl explain --size 512M -d platform:vivid.0 -d $edu"
cenctl explain --size 512M -d platform:vivid.0 -d "$edu" > /tmp/explained
explained=$?
sed 's/^/   /' /tmp/explained
cp /tmp/explained /cen/results/explain.txt
# 1 is a refusal that was explained; anything else is no answer to the question.
[ "$explained" = 1 ] && [ -s /tmp/explained ] || status=1

printf '\n%s5. A driver in user space, which never sees an address%s\n\n' "$bold" "$plain"
echo "   \$ cen_uio_edu $edu edu.rules"
modprobe cen_uio && cen_uio_edu "$edu" /cen/bin/edu.rules > /tmp/driven 2>&1 || status=1
sed 's/^/   /' /tmp/driven

printf '\n%s6. FPGA images that stay in memory, switched by one write%s\n\n' "$bold" "$plain"
if [ -e /cen/modules/cen_fpga.ko ]; then
	fpga-step.sh || status=1
else
	echo "   left out: this kernel has no FPGA core, nor was its source there to build it from"
fi

printf '\n%s7. A radio and a USB host, both ways: linked, by hand, and copied%s\n\n' "$bold" "$plain"
if [ -e /cen/modules/usb_f_cen.ko ]; then
	stream-step.sh || status=1
else
	echo "   left out: this kernel has no USB gadgets"
fi

exit "$status"
