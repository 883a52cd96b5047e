#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What "make install" leaves is enough to build and run a program, shared and static.
. "$(dirname "$0")/../lib/tap.sh"

dest=$tmp/dest
for part in lib tools man; do
	run make -C "$top/$part" O="$top/build/user" DESTDIR="$dest" prefix=/usr install
	is "$status" 0 "$part installs"
done

for file in usr/bin/cenctl usr/lib/libcen.so.1 usr/lib/libcen.so usr/lib/libcen.a usr/include/cen.h \
	    usr/include/linux/cenalloc.h usr/share/man/man1/cenctl.1 usr/share/man/man3/libcen.3 \
	    usr/share/man/man3/cen_buffer_commit.3 usr/share/man/man4/cenalloc.4 \
	    usr/share/man/man5/cenalloc-devices.5 usr/lib/udev/rules.d/60-cenalloc.rules \
	    usr/lib/sysusers.d/cenalloc.conf usr/lib/systemd/system/cenalloc-rules.service \
	    usr/share/bash-completion/completions/cenctl \
	    usr/share/doc/cenalloc/devices.d/vivid.conf; do
	ok "$file is there" test -e "$dest/$file"
done
ok "the rules' directory is there" test -d "$dest/etc/cenalloc/devices.d"
like "$(cat "$dest/usr/lib/systemd/system/cenalloc-rules.service")" '^ExecStart=/usr/bin/cenctl apply$' \
	"the service knows where the tool is"
ok "the library asks for its own name" grep -q 'libcen.so.1' <(readelf -d "$dest/usr/lib/libcen.so.1")

export PKG_CONFIG_PATH=$dest/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dest
# shellcheck disable=SC2046 # words are wanted
run gcc -Wall -Wextra -Werror -o "$tmp/shared" "$top/examples/ten_lines.c" $(pkg-config --cflags --libs libcen)
is "$status$err" 0 "the ten lines build against what is installed"
# shellcheck disable=SC2046
run gcc -Wall -Wextra -Werror -static -o "$tmp/static" "$top/examples/ten_lines.c" \
	$(pkg-config --static --cflags --libs libcen)
is "$status$err" 0 "statically, too"
if command -v g++ > /dev/null; then
	# shellcheck disable=SC2046
	run g++ -x c++ -fsyntax-only -Wall -Wextra -Werror $(pkg-config --cflags libcen) "$dest/usr/include/cen.h"
	is "$status" 0 "the header is C++ as well"
fi

for program in shared static; do
	LD_LIBRARY_PATH=$dest/usr/lib run "$tmp/$program" limits:low,address-bits=1
	is "$status" 1 "$program: one bit of address is refused, or there is no allocator"
	like "$err" '^(shared|static): (refused|no module|/dev/cenalloc)' "$program: says which"
done

done_testing
