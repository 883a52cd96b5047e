# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Minimal Debian systems below a directory, made with debootstrap from this machine's mirror
# and used with vm/lib/enter. Making one wants root.

# system_make ROOT RELEASE SUITE...: a system of that release, whose apt knows the suites.
system_make() {
	local root=$1 debian=$2 source uri suite
	shift 2

	[ "$(id -u)" = 0 ] || die "making a $debian system wants root"
	command -v debootstrap > /dev/null || die "debootstrap is not installed (apt-get install debootstrap)"
	source=$(apt_source "$debian") || die "apt has no Debian mirror on this machine to take $debian from"
	uri=${source##* }
	note "making a $debian system from this machine's mirror"
	rm -rf "$root" "$root.work"
	mkdir -p "$root.work"
	debootstrap --variant=minbase "$debian" "$root.work" "$uri" > "$root.log" 2>&1 ||
		{ tail -n 20 "$root.log" >&2; die "debootstrap of $debian failed"; }
	for suite in "$@"; do
		source=$(apt_source "$suite") && printf 'deb %s %s main\n' "${source##* }" "$suite"
	done > "$root.work/etc/apt/sources.list"
	# How this machine reaches its mirror (proxies).
	apt-config dump | grep -i '^Acquire::http' > "$root.work/etc/apt/apt.conf.d/10-host" || true
	# No daemon is to be started in there.
	printf '#!/bin/sh\nexit 101\n' > "$root.work/usr/sbin/policy-rc.d"
	chmod +x "$root.work/usr/sbin/policy-rc.d"
	mv "$root.work" "$root"
	rm -f "$root.log"
}

# system_run ROOT COMMAND...
system_run() {
	local root=$1
	shift

	"$CEN_TOP/vm/lib/enter" "$root" env LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

system_apt() {
	local root=$1
	shift

	system_run "$root" apt-get -qq -y -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root "$@"
}
