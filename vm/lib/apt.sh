# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Packages of another suite or architecture than this machine's, to be unpacked into the
# cache: from the mirrors this machine has, with an apt that keeps its lists to itself.
# Installs nothing, changes nothing outside the cache, needs no root.

# Every one-line source ("[options] URI suite") of this machine, from both formats that apt reads.
apt_sources() {
	{
		find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.list' -exec cat {} + 2>/dev/null || true
		# deb822: one paragraph a source.
		find /etc/apt/sources.list.d -name '*.sources' -exec sh -c 'cat "$@"; echo' - {} + 2>/dev/null |
		awk -v RS= -F '\n' '{
			uri = suites = key = ""; off = 0
			for (i = 1; i <= NF; i++) {
				value = $i; sub(/^[^:]*:[ \t]*/, "", value)
				if ($i ~ /^URIs:/) uri = value
				if ($i ~ /^Suites:/) suites = value
				if ($i ~ /^Signed-By:/) key = value
				if ($i ~ /^Enabled:[ \t]*no/) off = 1
			}
			n = split(suites, suite, /[ \t]+/); split(uri, uris, /[ \t]+/)
			for (i = 1; i <= n && !off; i++)
				print "deb", (key ~ /^\// ? "[signed-by=" key "] " : "") uris[1], suite[i], "main"
		}'
	} | awk '
		$1 == "deb" {
			line = $0; sub(/^deb[ \t]+/, "", line); options = ""
			if (match(line, /^\[[^]]*\][ \t]*/)) {
				options = substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1)
			}
			split(line, word, /[ \t]+/)
			print options word[1], word[2]
		}'
}

# apt_source SUITE: where this machine has it from, "[options] URI", or would have.
apt_source() {
	local suite=$1 codename sources like line

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	sources=$(apt_sources)
	# A suite it does not use stands beside the one of its own release that is like it.
	case $suite in
	*-security) like=$codename-security ;;
	*) like=$codename ;;
	esac
	for like in "$suite" "$like"; do
		line=$(awk -v suite="$like" '$NF == suite { sub(/ [^ ]*$/, ""); print; exit }' <<< "$sources")
		[ -z "$line" ] || break
	done
	# The archive of security updates stands beside the release on the same mirror.
	if [ -z "$line" ] && [ "$suite" != "${suite%-security}" ]; then
		line=$(awk -v suite="$codename" '$NF == suite { sub(/ [^ ]*$/, ""); print; exit }' <<< "$sources")
		[ -z "$line" ] || line=${line%/}-security
	fi
	[ -n "$line" ] || return 1
	echo "${line%/}"
}

# apt_open NAME "ARCH..." SUITE...: the private apt NAME knows those from now on.
apt_open() {
	local name=$1 archs=$2 suite source arch wanted
	shift 2

	apt_dir=$CEN_CACHE/apt/$name
	mkdir -p "$apt_dir"/{state/lists/partial,cache/archives/partial}
	wanted=$(for suite in "$@"; do
		source=$(apt_source "$suite") || continue
		echo "deb $source $suite main"
	done)
	[ -n "$wanted" ] || die "apt has no Debian mirror on this machine to take $* from"
	[ -e "$apt_dir/sources.list" ] && [ "$(cat "$apt_dir/sources.list")" = "$wanted" ] ||
		{ echo "$wanted" > "$apt_dir/sources.list"; rm -f "$apt_dir/updated"; }
	: >> "$apt_dir/state/status"
	apt_options=(-o "APT::Architecture=${archs%% *}" -o APT::Sandbox::User=root
		-o "Dir::State=$apt_dir/state" -o "Dir::State::status=$apt_dir/state/status"
		-o "Dir::Cache=$apt_dir/cache" -o Dir::Etc::sourceparts=-
		-o "Dir::Etc::sourcelist=$apt_dir/sources.list")
	for arch in $archs; do
		apt_options+=(-o "APT::Architectures::=$arch")
	done
	# What a week ago was the newest is so no longer; a mirror that cannot be reached is no reason to stop.
	[ -n "$(find "$apt_dir/updated" -mtime -7 2>/dev/null)" ] || apt_update
}

apt_update() {
	note "asking the mirror what ${apt_dir##*/} has"
	if apt-get -qq "${apt_options[@]}" update >&2; then
		touch "$apt_dir/updated"
	else
		[ -e "$apt_dir/updated" ] || die "apt cannot read the mirror's lists (${apt_dir##*/})"
	fi
}

# apt_depends PACKAGE: the names it depends on, a line each; nothing of one that is not known.
apt_depends() {
	{ apt-cache "${apt_options[@]}" show --no-all-versions "$1" 2>/dev/null || true; } |
	sed -n 's/^Depends: //p' | head -n 1 | tr '|' ',' | tr ',' '\n' | sed 's/^ *//; s/ .*//'
}

apt_version() {
	apt-cache "${apt_options[@]}" policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \([0-9].*\)/\1/p'
}

# apt_unpack ROOT PACKAGE...: below the directory ROOT, as dpkg would below /.
apt_unpack() {
	local root=$1 work
	shift

	work=$(mktemp -d "$apt_dir/unpack-XXXXXX")
	mkdir -p "$root"
	if ! (cd "$work" && apt-get -qq "${apt_options[@]}" download "$@" >&2); then
		# The mirror has moved on since it was asked.
		apt_update
		(cd "$work" && apt-get -qq "${apt_options[@]}" download "$@" >&2) ||
			{ rm -rf "$work"; die "apt cannot fetch $*"; }
	fi
	find "$work" -name '*.deb' -exec dpkg -x {} "$root" \;
	rm -rf "$work"
}
