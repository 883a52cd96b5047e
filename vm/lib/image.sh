# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # busybox is vm/run's
#
# The guest's initramfs, in two archives that the kernel unpacks one over the other:
# a base (busybox, the lane's stock modules) kept in the cache, and what changes from
# run to run (our modules, programs, libraries, tests, the command).

# $1: a directory that becomes the root of a cpio archive on stdout.
image_pack() {
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --null --quiet --create --format=newc --owner=0:0)
}

# Names of modules -> files, dependencies included, relative to the module tree.
# A leading "?" asks for a module only if the kernel has it; built-in ones are silently had.
image_module_files() {
	local tree=$1 name want optional found
	shift

	for want in "$@"; do
		name=${want#\?}
		optional=$([ "$name" = "$want" ] || echo yes)
		found=$(awk -F: -v name="$name" '
			function base(path) {
				sub(/.*\//, "", path); sub(/\.ko.*/, "", path); gsub(/-/, "_", path)
				return path
			}
			BEGIN { gsub(/-/, "_", name) }
			base($1) == name { print $1 $2; exit }' "$tree/modules.dep")
		if [ -n "$found" ]; then
			tr ' ' '\n' <<< "$found"
		# not grep -q: who writes to one that has ended has failed
		elif [ -z "$optional" ] &&
		     ! sed 's,.*/,,;s,\.ko$,,;s,-,_,g' "$tree/modules.builtin" | grep -x "${name//-/_}" > /dev/null; then
			die "this kernel has no module $name"
		fi
	done | sort -u
}

# Makes the base once per lane data and kernel; prints its directory, which
# holds "root" (the tree) and "cpio" (the same, packed).
image_base() {
	local tree=${KERNEL[modules]} release=${KERNEL[release]} boot modules key dest work file link found

	read -ra boot <<< "${LANE[boot]:-}"
	read -ra modules <<< "${LANE[modules]:-}"
	key=$(echo 2 "$tree" "${boot[*]}" "${modules[*]}" "$(sha256sum < "$busybox")" \
		"$(stat -c %Y "$tree/modules.dep")" | sha256sum | cut -c 1-12)
	dest=$CEN_CACHE/images/$release-$key
	mkdir -p "$CEN_CACHE/images"
	exec 8> "$dest.lock"
	flock 8
	if [ ! -e "$dest/cpio" ]; then
		work=$dest.work
		rm -rf "$work" "$dest"
		mkdir -p "$work"/root/{bin,dev,proc,sys,tmp,etc/modprobe.d,root,run,mnt,cen,lib/modules/"$release"}
		install -m 755 "$busybox" "$work/root/bin/busybox"
		# The host's knows its own names, whatever the guest's machine is.
		for link in $(/bin/busybox --list); do
			[ "$link" = busybox ] || ln -s busybox "$work/root/bin/$link"
		done
		ln -s bin "$work/root/sbin"
		mkdir "$work/root/usr"
		ln -s ../bin "$work/root/usr/bin"
		echo root:x:0:0:root:/root:/bin/sh > "$work/root/etc/passwd"
		echo nobody:x:65534:65534:nobody:/:/bin/sh >> "$work/root/etc/passwd"
		echo root:x:0: > "$work/root/etc/group"
		echo nogroup:x:65534: >> "$work/root/etc/group"
		# what programs that draw want to know of terminals
		for file in l/linux v/vt100 x/xterm; do
			install -D -m 644 "/lib/terminfo/$file" "$work/root/lib/terminfo/$file"
		done
		found=$(image_module_files "$tree" "${boot[@]}" "${modules[@]}") || exit 1
		for file in $found; do
			install -D -m 644 "$tree/$file" "$work/root/lib/modules/$release/$file"
			case $file in *.xz) unxz "$work/root/lib/modules/$release/$file" ;; esac
		done
		cp "$tree"/modules.{order,builtin,builtin.modinfo} "$work/root/lib/modules/$release/"
		depmod -b "$work/root" "$release"
		image_pack "$work/root" > "$work/cpio"
		mv "$work" "$dest"
	fi
	exec 8>&-
	echo "$dest"
}

# The shared libraries that the given ELF files need, as "path in the guest<TAB>file".
image_needs() {
	if [ -n "${KERNEL[sysroot]:-}" ]; then
		cross_libraries "${KERNEL[sysroot]}" "$@"
		return
	fi
	# ldd says "not a dynamic executable" of scripts and static programs.
	{ ldd "$@" 2>/dev/null || true; } |
	awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// && $2 ~ /^\(/ { print $1 }' |
	sort -u | while read -r lib; do
		case $lib in "$CEN_BUILD"/*) continue ;; esac
		printf '%s\t%s\n' "$lib" "$(readlink -f "$lib")"
	done
}

# Copies them to where the dynamic linker of the guest will look.
image_libraries() {
	local root=$1 lib file
	shift

	image_needs "$@" | while IFS=$'\t' read -r lib file; do
		[ -e "$root$lib" ] || install -D -m 755 "$file" "$root$lib"
	done
}

# Our modules go where modprobe finds them, next to the stock ones they depend on.
image_our_modules() {
	local root=$1 base=$2 release=${KERNEL[release]} merged file
	shift 2

	mkdir -p "$root/cen/modules"
	[ $# -gt 0 ] || return 0
	merged=$root.modules
	mkdir -p "$merged/lib/modules" "$root/lib/modules/$release/updates"
	cp -al "$base/root/lib/modules/$release" "$merged/lib/modules/" 2>/dev/null ||
		cp -a "$base/root/lib/modules/$release" "$merged/lib/modules/"
	rm -f "$merged/lib/modules/$release"/modules.{alias,dep,devname,softdep,symbols}*
	rm -f "$merged/lib/modules/$release"/modules.builtin.{alias,bin}*
	mkdir -p "$merged/lib/modules/$release/updates"
	for file in "$@"; do
		cp "$file" "$root/lib/modules/$release/updates/"
		cp "$file" "$merged/lib/modules/$release/updates/"
		ln -sf "/lib/modules/$release/updates/${file##*/}" "$root/cen/modules/"
	done
	depmod -b "$merged" "$release"
	cp "$merged/lib/modules/$release"/modules.{dep,alias,symbols,softdep} "$root/lib/modules/$release/"
	rm -rf "$merged"
}
