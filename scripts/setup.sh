#!/bin/sh
# Gets what building and measuring needs, on Debian 12, Ubuntu 22.04 or newer. Safe to run again: what is there and good
# enough stays untouched, and then nothing is done.
#
#   scripts/setup.sh [--check] [--lint]
#
#   --check   only report what is there and what is missing; change nothing
#   --lint    also get what `make lint` needs
#   -h, --help
#
# Run it as root, or as a user with sudo: then sudo is used for packages and mounts only. Set V=1 for loud package tools.
#
# Exit status: 0 the orchestrator and at least one implementation are ready (with --check: everything is), 1 they are not,
# 64 bad option.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh
# shellcheck source=scripts/lib/versions.sh
. scripts/lib/versions.sh
# shellcheck source=scripts/lib/apt.sh
. scripts/lib/apt.sh
# shellcheck source=scripts/lib/components.sh
. scripts/lib/components.sh
# shellcheck source=scripts/lib/rust.sh
. scripts/lib/rust.sh

check_only=no
lint=no
for option in "$@"; do
	case $option in
	--check) check_only=yes ;;
	--lint) lint=yes ;;
	-h | --help)
		print_help
		exit 0
		;;
	*) usage_error "unknown option \`$option\`" ;;
	esac
done

# One line a component: STATE|NAME|WHO NEEDS IT|WHAT WAS FOUND, OR THE HINT
table=''
missing=' '

# component NAME FOR WHY: checks it, gets it where that is allowed, and notes the outcome. Nothing here ends the script, so
# that one implementation's missing tool does not stop the others.
component() {
	found=''
	last_problem=''
	check_problem=''
	if "check_$1"; then
		note ready "$1" "$2" "$found"
		return
	fi
	if [ "$check_only" = yes ]; then
		note missing "$1" "$2" "${check_problem:-$3}"
		return
	fi
	say "setting up $1: ${check_problem:-$3}"
	if "install_$1" && "check_$1"; then
		note ready "$1" "$2" "$found (new)"
	else
		note missing "$1" "$2" "${last_problem:-it is still not good enough after its installation}"
		say "  not ready: ${last_problem:-see above}"
	fi
}

note() {
	table="$table$1|$2|$3|$4
"
	[ "$1" = ready ] || missing="$missing$2 "
}

# needs COMPONENT...: whether all of them are ready.
needs() {
	for needed in "$@"; do
		case $missing in
		*" $needed "*) return 1 ;;
		esac
	done
}

# prefer_own_rust: another Rust would do for user space, but the project's own does not move. No failure: it may not be needed.
prefer_own_rust() {
	[ "$check_only" = no ] || return 0
	has_own_rust && has_own_library_source && return
	say "setting up Rust $rust_pinned for this project alone (about a quarter of a minute)"
	last_problem=''
	install_own_rust || say "  not got: $last_problem"
}

component place all 'a checkout in which programs can be made and run'
component compiler all 'C compiler, linker and make, for every build'
prefer_own_rust
component rust 'orchestrator, c, libbpf-rs, rust' "Rust $rust_wanted or newer, in which the orchestrator and three runners are built"
component libelf 'c, libbpf-rs' 'libelf and zlib with headers, which libbpf reads BPF objects with'
component cmake c 'CMake, with which the C runner builds its histogram library'
component clang 'c, libbpf-rs, go' 'clang 12 or newer and its llvm-strip, which compile BPF programs written in C'
component libbpf go 'headers of libbpf, which BPF programs written in C include'
component go go "Go, from 1.21 on: it then fetches $go_pinned"
component bcc python 'BCC for the Python of the system, and venv for the runner'
component headers python 'kernel headers, with which BCC compiles when its program starts'
component aya rust 'Rust compiler with library source, and bpf-linker, which build BPF programs written in Rust'
component tracefs all 'where the kernel lists tracepoints'
component bpffs all 'where BPF objects can be pinned'
if [ "$lint" = yes ]; then
	component linters 'make lint' 'shellcheck, ruby, clang-format, rustfmt and clippy, which check the sources'
fi

echo
printf '%s' "$table" | while IFS='|' read -r state name users details; do
	printf '%-8s %-9s for %-33s %s\n' "$state" "$name" "$users" "$details"
done

ready_implementations=''
needs place || missing="$missing rust bcc go "
needs libelf clang rust cmake && ready_implementations="$ready_implementations c"
needs libelf clang rust && ready_implementations="$ready_implementations libbpf-rs"
needs go clang libbpf && ready_implementations="$ready_implementations go"
needs bcc headers && ready_implementations="$ready_implementations python"
needs rust aya && ready_implementations="$ready_implementations rust"

echo
echo "implementations that can be built here:${ready_implementations:- none}"
if [ "$check_only" = yes ]; then
	[ "$missing" = ' ' ] || fail 1 "not ready:$missing" "run \`make setup\` to get what is missing"
	exit 0
fi
if ! needs place compiler rust || [ -z "$ready_implementations" ]; then
	fail 1 "the set-up is not complete:$missing" "mend what the table above says, then run \`make setup\` again"
fi
