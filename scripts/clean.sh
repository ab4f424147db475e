#!/bin/sh
# Removes everything that was built, of every implementation; results stay, and so does what the set-up got (build/tools).
#
#   scripts/clean.sh [--all]
#
#   --all        what the set-up got into build/tools, too
#   -h, --help
#
# `build/orchestrator build --clean NAME` does it for one. Only what this project makes is removed, by name; what else lies there
# stays and is named. A folder that is a link is not entered: the link goes, what it leads to stays.
#
# Exit status: 0 good, 64 bad option, 70 something could not be removed.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

all=no
for argument in "$@"; do
	case $argument in
	--all) all=yes ;;
	-h | --help)
		print_help
		exit 0
		;;
	*) usage_error "unknown option \`$argument\`" ;;
	esac
done

# remove PATH...: each a name of this project's; without following links in the way to it.
remove() {
	for path in "$@"; do
		case $path in
		*/*) ! is_led_away "${path%/*}" || continue ;;
		esac
		if [ -e "$path" ] || [ -L "$path" ]; then
			# A path without a slash at its end: of a link, the link goes.
			rm -rf -- "$path" || fail 70 "cannot remove \`$path\`" 'look who owns it; what root made needs `sudo make clean`'
		fi
	done
}

# is_led_away FOLDER: whether one of the folders in a relative path is a link.
is_led_away() {
	way=$1
	while :; do
		[ ! -L "$way" ] || return 0
		case $way in
		*/*) way=${way%/*} ;;
		*) return 1 ;;
		esac
	done
}

# clean_folder FOLDER NAME...: these within it, and itself when nothing else is in it.
clean_folder() {
	folder=$1
	shift
	if [ -L "$folder" ]; then
		echo "\`$folder\` is a link to $(readlink -- "$folder"): removed the link, not what it leads to"
		rm -f -- "$folder"
		return
	fi
	[ -d "$folder" ] || return 0
	for name in "$@"; do
		remove "$folder/$name"
	done
	rmdir -- "$folder" 2>/dev/null && return
	left=$(find "$folder" -mindepth 1 -maxdepth 1 ! -path build/tools | sort | tr '\n' ' ')
	[ -z "$left" ] || echo "left: ${left% }"
}

# What cargo made carries its mark.
clean_target() {
	if [ -L "$1" ] || [ -e "$1/CACHEDIR.TAG" ] || [ -e "$1/.rustc_info.json" ]; then
		remove "$1"
	else
		clean_folder "$1" products go debug release
	fi
}

implementations=''
for manifest in impls/*/impl.yaml; do
	name=${manifest%/impl.yaml}
	implementations="$implementations ${name##*/}"
done
clean_target target
cargo_target=$(cargo_target_folder "$PWD")
[ "$cargo_target" = "$PWD/target" ] || rm -rf -- "$cargo_target"
clean_target impls/rust/target
find impls/go -name '*_bpfel.go' -type f -exec rm -f {} + -o -name '*_bpfel.o' -type f -exec rm -f {} +
find impls -type d \( -name __pycache__ -o -name .pytest_cache -o -name .ruff_cache \) -prune -exec rm -rf {} +
# Before the folder of the products, which goes when it is empty.
[ "$all" = no ] || [ -L build ] || remove build/tools
# What stands in build/NAME+VARIANT is of an implementation as well.
for folder in build/timing-* build/*+*; do
	remove "$folder"
done
# shellcheck disable=SC2086 # one name a word
clean_folder build orchestrator $implementations logs test bench checks tmp vm bpf-linker
