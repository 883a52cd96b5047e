# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# USB gadgets for tests, made in configfs. Sourced.
#
#	usb_gadget NAME UDC [KEY=VALUE...]	a gadget with the function cen.NAME, bound to UDC
#	usb_bind NAME UDC, usb_unbind NAME
#	usb_gadget_remove NAME			all of it away again
#
# Ports are /dev/cen/usb-NAME-in0 … and -out0 …; KEYs are the function's attributes.

usb_gadgets=/sys/kernel/config/usb_gadget

usb_bind() {
	echo "$2" > "$usb_gadgets/$1/UDC"
}

usb_unbind() {
	echo > "$usb_gadgets/$1/UDC"
}

usb_gadget_make() {
	usb_g=$usb_gadgets/$1
	mkdir "$usb_g" || return
	echo 0x1d6b > "$usb_g/idVendor"
	echo 0x0104 > "$usb_g/idProduct"
	mkdir "$usb_g/strings/0x409"
	echo "$1" > "$usb_g/strings/0x409/serialnumber"
	echo cenalloc > "$usb_g/strings/0x409/product"
	mkdir "$usb_g/configs/c.1" "$usb_g/functions/cen.$1" || return
	shift
	for usb_pair in "$@"; do
		echo "${usb_pair#*=}" > "$usb_g/functions/cen.${usb_g##*/}/${usb_pair%%=*}" || return
	done
	ln -s "$usb_g/functions/cen.${usb_g##*/}" "$usb_g/configs/c.1/"
}

usb_gadget() {
	modprobe libcomposite && modprobe usb_f_cen || return
	usb_name=$1 usb_udc=$2
	shift 2
	usb_gadget_make "$usb_name" "$@" && usb_bind "$usb_name" "$usb_udc"
}

usb_gadget_remove() {
	usb_g=$usb_gadgets/$1
	[ -d "$usb_g" ] || return 0
	[ -z "$(cat "$usb_g/UDC")" ] || usb_unbind "$1"
	rm -f "$usb_g/configs/c.1/cen.$1"
	rmdir "$usb_g/configs/c.1" "$usb_g/functions/cen.$1" "$usb_g/strings/0x409" 2>/dev/null
	rmdir "$usb_g"
}
