# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Building for, and filling a guest of, an architecture that is not this machine's: compilers
# are this machine's packages, libraries are the other architecture's, unpacked into the
# cache.

# cross_of ARCH: how the kernel, the compiler and Debian's library directories call Debian's ARCH.
# shellcheck disable=SC2034 # cross_linux, cross_triplet and cross_prefix are for the caller
cross_of() {
	case $1 in
	arm64) cross_linux=arm64 cross_triplet=aarch64-linux-gnu ;;
	*) die "no cross compiler is known for $1" ;;
	esac
	cross_prefix=$cross_triplet-
}

# Debian's name for an architecture of QEMU's.
cross_debian() {
	case $1 in
	aarch64) echo arm64 ;;
	x86_64) echo amd64 ;;
	*) die "no Debian is known for $1" ;;
	esac
}

# What programs of ours are built against and run with.
CROSS_PACKAGES=(busybox-static libc6 libgcc-s1 libcmocka-dev libcmocka0 libjson-c-dev libjson-c5
	libinih-dev libinih1 libncurses-dev libncurses6 libtinfo6 libdrm-dev libdrm2 libusb-1.0-0-dev libusb-1.0-0 libudev1)

# cross_sysroot ARCH: prints where they are; takes them from the release of this machine, whose
# compilers are to match.
cross_sysroot() {
	local arch=$1 debian dest key file name

	debian=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
	key=$(echo "2 $debian ${CROSS_PACKAGES[*]}" | sha256sum | cut -c 1-12)
	dest=$CEN_CACHE/sysroots/$arch-$key
	mkdir -p "$CEN_CACHE/sysroots" "$CEN_CACHE/apt"
	(
		flock 6
		if [ ! -e "$dest" ]; then
			. "$CEN_TOP/vm/lib/apt.sh"
			apt_open "$debian-user-$arch" "$arch" "$debian" "$debian-security"
			note "fetching libraries for $arch"
			rm -rf "$dest.work"
			apt_unpack "$dest.work" "${CROSS_PACKAGES[@]}" >&2
			# Of a dangling libX.so the linker says nothing, and takes libX.a.
			find "$dest.work" -type l -lname '/*' -printf '%p %l\n' |
				while read -r file name; do ln -sfrn "$dest.work$name" "$file"; done
			mv "$dest.work" "$dest"
		fi
	) 6> "$dest.lock" || exit 1
	echo "$dest"
}

# cross_libraries SYSROOT FILE...: the shared libraries those ELF files need, and what these
# need, as "path in the guest<TAB>file"; the program interpreter among them.
cross_libraries() {
	local sysroot=$1 file name found todo done=" "
	shift
	todo=("$@")

	while [ ${#todo[@]} -gt 0 ]; do
		file=${todo[0]}
		todo=("${todo[@]:1}")
		while read -r name; do
			case $done in *" $name "*) continue ;; esac
			done+="$name "
			found=$(find "$sysroot/lib" "$sysroot/usr/lib" -name "${name##*/}" 2>/dev/null | head -n 1)
			[ -n "$found" ] || continue # one of ours
			case $name in
			/*) printf '%s\t%s\n' "$name" "$(readlink -f "$found")" ;;
			*) printf '/lib/%s\t%s\n' "$name" "$(readlink -f "$found")" ;;
			esac
			todo+=("$found")
		done < <(readelf -dlW "$file" 2>/dev/null |
			sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p; s/.*program interpreter: \(.*\)\]/\1/p')
	done
}
