#!/bin/sh
# Gives BCC the kernel headers that it compiles against. Run as root; does nothing where they are there already.
#
#   scripts/bcc-headers.sh            get them
#   scripts/bcc-headers.sh --check    say which are used; status 69 when there are none
#
# BCC compiles when the program starts, with the headers at /lib/modules/RELEASE/build or those that the kernel itself
# carries (CONFIG_IKHEADERS). From best to worst:
#   1. headers of the running kernel that are already in place;
#   2. the kernel's own copy, /sys/kernel/kheaders.tar.xz;
#   3. the distribution's package for the running kernel, linux-headers-RELEASE;
#   4. Debian's headers of another kernel, linked to where BCC looks. The programs here read no kernel structure at an
#      offset that the headers decide, only the BPF interface, which is stable; so they work for these programs, though
#      they would be wrong for a program that looks into kernel structures.
set -eu

release=$(uname -r)
modules=/lib/modules/$release

say() {
	echo "bcc-headers: $*"
}

fail() {
	printf 'error: %s\n\nhint: %s\n' "$1" "$2" >&2
	exit 69
}

# A build folder without generated headers is a left-over or a dangling link, not headers.
has_headers() {
	[ -e "$1/include/generated/autoconf.h" ]
}

has_package() {
	[ -n "$(apt-cache search --names-only "^$1\$")" ]
}

install_package() {
	say "installing $1"
	DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$1"
}

# Debian splits its headers into a tree for the flavour (-amd64) and one for all flavours (-common). BCC reads the first
# at build and the second at source; without the second it does not find most headers.
link_stand_in() {
	flavour_tree=$1
	common_tree=$2
	mkdir -p "$modules"
	ln -sfn "$flavour_tree" "$modules/build"
	ln -sfn "$common_tree" "$modules/source"
	say "no headers exist for the running kernel $release"
	say "linked $modules/build -> $flavour_tree"
	say "linked $modules/source -> $common_tree"
}

# The newest Debian headers below /usr/src, as its flavour tree.
newest_flavour_tree() {
	find /usr/src -maxdepth 1 -name "linux-headers-*-$1" ! -name '*-rt-*' | sort -V | tail -n 1
}

case ${1:-} in
'' | --check) ;;
*)
	printf 'error: unknown option `%s`\n\nhint: it takes `--check` or nothing\n' "$1" >&2
	exit 64
	;;
esac
if has_headers "$modules/build"; then
	say "$modules/build is in place ($(readlink -f "$modules/build"))"
	exit 0
fi
if [ -e /sys/kernel/kheaders.tar.xz ] || modprobe --quiet kheaders 2>/dev/null; then
	say "the running kernel carries its own headers (/sys/kernel/kheaders.tar.xz)"
	exit 0
fi
if [ "${1:-}" = --check ]; then
	fail "there are no kernel headers at \`$modules/build\`" "run \`make setup\`"
fi
if [ "$(id -u)" -ne 0 ]; then
	fail "installing kernel headers needs root" "run it with sudo"
fi
if ! command -v apt-get >/dev/null 2>&1; then
	fail "no kernel headers at \`$modules/build\`, and this is not a Debian system" \
		"install your distribution's headers for kernel $release"
fi

if has_package "linux-headers-$release"; then
	install_package "linux-headers-$release"
	if has_headers "$modules/build"; then
		say "$modules/build is in place"
		exit 0
	fi
fi

arch=$(dpkg --print-architecture)
# The cloud flavour is the smallest; not every architecture has it.
for flavour in "cloud-$arch" "$arch"; do
	tree=$(newest_flavour_tree "$flavour")
	if [ -z "$tree" ] && has_package "linux-headers-$flavour"; then
		install_package "linux-headers-$flavour"
		tree=$(newest_flavour_tree "$flavour")
	fi
	[ -n "$tree" ] || continue
	common=${tree%-"$flavour"}-common
	if has_headers "$tree" && [ -d "$common/include" ]; then
		link_stand_in "$tree" "$common"
		exit 0
	fi
done
fail "found no kernel headers that BCC could use" "run \`apt-get update\`, then try again"
