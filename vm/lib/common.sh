# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script of the harness needs: where things are, how to say
# something, how to give up. To be sourced by bash scripts.

CEN_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CEN_BUILD=${CEN_BUILD:-$CEN_TOP/build}
CEN_CACHE=${CEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cenalloc}

note() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	note "$*"
	exit 1
}

# depmod and modprobe live in /sbin, which is not on everybody's PATH.
PATH=$PATH:/usr/sbin:/sbin
