#!/bin/bash -p
# Gets one of Debian's kernels, with its modules and headers, without installing anything: into build/vm/KERNEL/.
#
#   scripts/vm/kernel.sh KERNEL
#
#   KERNEL       5.10, 6.1, 6.12, or sid for the newest
#   -h, --help
#
# The package lists are kept apart from the system's, so another release of Debian is no problem. Which version is current is
# asked, because older ones leave the mirror. What is there already is used; `make clean` removes it.
#
# Exit status: 0 good, 64 bad option, 69 it could not be got.
set -euo pipefail
self=$(readlink -f -- "$0")
cd -- "${self%/*}/../.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

kernel=${1:-}
case $kernel in
-h | --help)
	print_help
	exit 0
	;;
5.10) suite=bullseye ;;
6.1) suite=bookworm ;;
6.12) suite=trixie ;;
sid) suite=sid ;;
*) usage_error "unknown kernel \`$kernel\`" ;;
esac

top=$PWD/build/vm/$kernel
apt=$top/apt
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# The smallest flavour: it has what virtual machines need.
flavour=cloud-amd64

unavailable() {
	fail 69 "cannot get kernel $kernel from Debian $suite: $1" "$2"
}

# private TOOL...: a tool of apt that knows nothing of the system's package lists and changes none of them.
private() {
	"$@" -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State="$apt/state" -o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User="$(id -un)"
}

write_sources() {
	echo "deb [signed-by=$keyring] http://deb.debian.org/debian $suite main"
	if [ "$suite" != sid ]; then
		echo "deb [signed-by=$keyring] http://deb.debian.org/debian-security $suite-security main"
	fi
}

# parts_of PACKAGE...: the packages that hold what a meta-package stands for. Debian divides a kernel differently from release to
# release. The meta-package itself holds nothing.
parts_of() {
	local package
	for package in "$@"; do
		[[ ! $package =~ ^linux-[a-z]+-[0-9] ]] || echo "$package"
		# shellcheck disable=SC2046 # package names have no blanks
		parts_of $(private apt-cache depends --no-recommends --no-suggests "$package" |
			sed -nE 's/^ *Depends: (linux-(image|binary|modules|headers)-.*)/\1/p')
	done
}

if [ -e "$top/release" ]; then
	exit 0
fi
[ -e "$keyring" ] || unavailable "no \`$keyring\`" 'run `apt-get install debian-archive-keyring`'
say "getting kernel $kernel from Debian $suite"
rm -rf "$top"
mkdir -p "$top/debs" "$top/root" "$apt/state/lists/partial" "$apt/cache/archives/partial"
write_sources >"$apt/sources.list"
private apt-get update || unavailable 'no package lists' 'look at the messages above, and check that deb.debian.org can be reached'
mapfile -t packages < <(parts_of "linux-image-$flavour" "linux-headers-$flavour" | sort -u)
(cd "$top/debs" && private apt-get download "${packages[@]}") ||
	unavailable 'the packages do not come' 'look at the messages above'
for deb in "$top"/debs/*.deb; do
	dpkg-deb --extract "$deb" "$top/root"
done
# Since Debian 13 modules are below /usr.
[ -e "$top/root/lib" ] || ln -s usr/lib "$top/root/lib"
release=$(basename "$top"/root/lib/modules/*)
# Since kernel 7 in Debian, the image is among the modules.
for image in "$top/root/boot/vmlinuz-$release" "$top/root/lib/modules/$release/vmlinuz"; do
	if [ -e "$image" ]; then ln "$image" "$top/vmlinuz"; fi
done
[ -e "$top/vmlinuz" ] || unavailable 'the packages hold no kernel image' 'Debian moved it: please report it'
# It warns where a release has no list of what is built in; that is no loss.
PATH=$PATH:/usr/sbin:/sbin depmod --basedir "$top/root" "$release" 2>"$top/depmod.log" ||
	unavailable 'its modules cannot be indexed' "look at $top/depmod.log"
rm -rf "$top/debs" "$apt"
# Last: a folder without it is an attempt that was cut short.
echo "$release" >"$top/release"
