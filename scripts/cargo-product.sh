#!/bin/sh
# Builds one executable with cargo and puts it where it is wanted. Where cargo has put it is asked of cargo: a target folder or a
# target of the user's own would leave an older program in the usual place.
#
#   scripts/toolchain scripts/cargo-product.sh DESTINATION NAME [OPTION of `cargo build`...]
#
#   scripts/toolchain scripts/cargo-product.sh target/products/c/ringbuf_throughput impl-c --package impl-c
#
# While it builds there is no DESTINATION, so that what is there afterwards was built now; the same file keeps its time.
#
# Exit status: that of cargo; 64 bad option, 70 cargo does not say where the executable is.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
if [ $# -lt 2 ]; then
	printf 'error: a destination and the name of an executable are needed\n\nhint: see the head of `%s`\n' "$0" >&2
	exit 64
fi
destination=$1
name=$2
shift 2

# Its own, for two builds at once wait for each other in cargo only.
before=$destination.before.$$
part=$destination.part.$$
trap 'rm -f -- "$before" "$part"' EXIT
mkdir -p -- "$(dirname -- "$destination")"
[ ! -e "$destination" ] || mv -f -- "$destination" "$before"
# Whatever the user's configuration says of it, no flags but those of the project.
CARGO_ENCODED_RUSTFLAGS=''
CARGO_BUILD_RUSTC_WRAPPER=''
CARGO_PROFILE_RELEASE_OPT_LEVEL=3
CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=false
CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=false
export CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTC_WRAPPER CARGO_PROFILE_RELEASE_OPT_LEVEL \
	CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS
messages=$(cargo build --release --locked --message-format=json-render-diagnostics "$@") || exit
# One message a line; the path is a JSON string.
made=$(printf '%s\n' "$messages" |
	grep -F '"reason":"compiler-artifact"' |
	grep -F "\"name\":\"$name\"" |
	sed -n 's/.*"executable":"\(\([^"\\]\|\\.\)*\)".*/\1/p' |
	sed 's/\\\(["\\/]\)/\1/g' | tail -n 1)
if [ -z "$made" ] || [ ! -f "$made" ]; then
	printf 'error: cargo does not say where it has put `%s`\n\nhint: look at the messages above\n' "$name" >&2
	exit 70
fi
if [ -e "$before" ] && cmp -s -- "$made" "$before"; then
	mv -f -- "$before" "$destination"
else
	cp -- "$made" "$part"
	mv -f -- "$part" "$destination"
fi
