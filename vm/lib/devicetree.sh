# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the machine has is told to Linux in a device tree that QEMU makes; a lane may lay one of its
# own over that.

# devicetree_merge OVERLAY DTB QEMU-COMMAND...: the device tree DTB for that command.
devicetree_merge() {
	local overlay=$1 dtb=$2 qemu
	shift 2

	qemu=$("$@" -machine "dumpdtb=$dtb.qemu" 2>&1) || die "QEMU tells no device tree: $qemu"
	dtc -q -I dts -O dtb -o "$dtb.overlay" "$overlay" || die "$overlay is no device tree"
	fdtoverlay -i "$dtb.qemu" -o "$dtb" "$dtb.overlay" || die "$overlay does not fit the machine"
}
