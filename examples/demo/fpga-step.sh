#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The demo's step with the FPGA: two images in slots of a region, switched by one write, against
# the kernel's own way; and an image with a flipped bit. Exits with 0 when every design was found in
# the FPGA that had to be there.

modprobe cen_fpga && modprobe cen_sim_fpga dma_bits=64 || exit 1
region=$(basename /sys/devices/platform/cen_sim_fpga.0/fpga_region/*0)
manager=$(basename /sys/devices/platform/cen_sim_fpga.0/fpga_manager/*)
status=0

show() {
	echo "   \$ $*"
	"$@" > /tmp/shown 2>&1
	shown=$?
	sed 's/^/   /' /tmp/shown
	return $shown
}

# The manager's driver says what is in the FPGA.
holds() {
	design=$(cat "/sys/class/fpga_manager/$manager/design1")
	echo "   the FPGA holds design $design"
	[ "$design" = "$1" ] || status=1
}

mkdir -p /lib/firmware
fpga_image /lib/firmware/filter.bin 8388608 0xf117e4 1 &&
	fpga_image /lib/firmware/decoder.bin 8388608 0xdec0de 1 || exit 1
dd if=/lib/firmware/filter.bin of=/tmp/broken.bin bs=1M 2> /dev/null
printf '\377' | dd of=/tmp/broken.bin bs=1 seek=5000000 conv=notrunc 2> /dev/null
# The simulated manager reads by DMA; a real one's CPU has nothing to do meanwhile.
check=/sys/kernel/debug/cen_sim_fpga/cen_sim_fpga.0/check
echo N > $check

show cenctl fpga slot add "$region" filter --firmware filter.bin --flags partial || status=1
show cenctl fpga slot add "$region" decoder --firmware decoder.bin --flags partial || status=1
show cenctl fpga switch "$region" filter || status=1
holds 0x00f117e4
show cenctl fpga switch "$region" decoder || status=1
holds 0x00dec0de

# As a driver of a region does: request_firmware(), fpga_region_program_fpga().
before=$(cut -d ' ' -f 1 /proc/uptime | tr -d .)
echo filter.bin > /sys/kernel/debug/cen_sim_fpga/cen_sim_fpga_region.0/firmware || status=1
after=$(cut -d ' ' -f 1 /proc/uptime | tr -d .)
echo "   the kernel's own way, by firmware file: $(((after - before) * 10)) ms"
holds 0x00f117e4

echo Y > $check
echo
show cenctl fpga slot add "$region" broken --file /tmp/broken.bin --flags partial || status=1
# has to fail
show cenctl fpga switch "$region" broken && status=1
show cenctl fpga switch "$region" decoder || status=1
holds 0x00dec0de
show cenctl fpga slot list "$region" || status=1

for slot in filter decoder broken; do
	cenctl fpga slot remove "$region" $slot || status=1
done
rm -f /lib/firmware/filter.bin /lib/firmware/decoder.bin /tmp/broken.bin
rmmod cen_sim_fpga cen_fpga || status=1
exit $status
