# shellcheck shell=sh disable=SC2034,SC2154 # setup.sh reads what these functions set, and sets what they read
# What the machine must have, one pair of functions each: `check_X` sets `found` and succeeds when what is there is good
# enough; `install_X` gets it, or sets `last_problem`. Sourced by setup.sh after common.sh and apt.sh.
#
# Checks look at commands, versions and headers, not at package names: whoever installed a tool by other means keeps it.

bcc_wanted=0.26

# header_there FILE...: whether the C compiler finds these headers.
header_there() {
	for header in "$@"; do
		echo "#include <$header>"
	done | cc -E -o /dev/null - 2>/dev/null
}

# What is built is run where it lies.
check_place() {
	mkdir -p build 2>/dev/null || {
		check_problem="\`$PWD\` cannot be written by $(id -un); set up as its owner"
		return 1
	}
	place_try=$(as_builder mktemp build/place.XXXXXX) || return 1
	printf '#!/bin/sh\n' | as_builder tee "$place_try" >/dev/null
	as_builder chmod 700 "$place_try"
	place_works=yes
	as_builder "$place_try" 2>/dev/null || place_works=no
	as_builder rm -f -- "$place_try"
	if [ "$place_works" = no ]; then
		check_problem="\`$PWD\` lies on a file system that does not let programs run (noexec); move the checkout"
		return 1
	fi
	found=$PWD
}

install_place() {
	last_problem=$check_problem
	return 1
}

check_compiler() {
	have cc && have make && have pkg-config && header_there stdio.h || return 1
	found="cc $(cc -dumpfullversion -dumpversion), $(make --version | head -n 1)"
}

install_compiler() {
	apt_install gcc libc6-dev make pkg-config ca-certificates curl
}

check_libelf() {
	header_there libelf.h gelf.h zlib.h || return 1
	found='libelf.h, zlib.h'
}

install_libelf() {
	apt_install libelf-dev zlib1g-dev
}

check_cmake() {
	cmake_version=$(first_version cmake --version)
	version_at_least 3.12 "$cmake_version" && have c++ || return 1
	found="cmake $cmake_version"
}

install_cmake() {
	apt_install cmake g++
}

check_clang() {
	clang_version=$(first_version tool bpf-clang --version)
	version_at_least 12 "$clang_version" || return 1
	# The strip of the same version, as scripts/toolchain settles it.
	tool sh -c 'command -v "$BPF_LLVM_STRIP"' >/dev/null 2>&1 || return 1
	# As the builds call them; not every clang has the BPF target.
	clang_try=$(mktemp -d)
	chmod 755 "$clang_try"
	echo 'int trial(void *context) { return context != 0; }' >"$clang_try/trial.c"
	if is_root && [ -n "$builder" ]; then chown -R "$builder" "$clang_try"; fi
	if tool sh -euc 'cd "$1" && "$BPF_CLANG" -O2 -g -target bpf -mcpu=v3 -c trial.c -o trial.o && "$BPF_LLVM_STRIP" -g trial.o' \
		sh "$clang_try" >"$clang_try/log" 2>&1; then
		clang_works=yes
	else
		clang_works=no
		check_problem="$(tool sh -c 'echo "$BPF_CLANG"') $clang_version does not compile for BPF ($(head -n 1 "$clang_try/log")); \`BPF_CLANG\` names another"
	fi
	rm -rf -- "$clang_try"
	[ "$clang_works" = yes ] || return 1
	found="clang $clang_version"
}

# 22 first: the Aya programs use LLVM 22 too, and equal versions make the programs comparable.
install_clang() {
	for major in 22 21 20 19 18 17 16 15 14 13 12; do
		if apt_offers "clang-$major"; then
			apt_install "clang-$major" "llvm-$major"
			return
		fi
	done
	last_problem="${last_problem:-this system\'s archive has no clang from 12 on}"
	return 1
}

check_libbpf() {
	header_there bpf/bpf_helpers.h bpf/bpf_tracing.h || return 1
	# The program itself: older headers lack some of what it uses.
	if ! libbpf_answer=$(tool sh -c '"$BPF_CLANG" -O2 -g -target bpfel -mcpu=v3 -Wall -Werror \
		-c impls/bpf/ringbuf_throughput.bpf.c -o /dev/null' 2>&1); then
		check_problem="the BPF program does not compile with these headers: $(printf '%s\n' "$libbpf_answer" | grep -m 1 error)"
		return 1
	fi
	found='bpf/bpf_helpers.h, with which the BPF program compiles'
}

install_libbpf() {
	apt_install libbpf-dev
}

# From 1.21 on, Go fetches by itself the version that scripts/toolchain asks for.
check_go() {
	go_version=$(first_version tool go version)
	version_at_least 1.25 "$go_version" || return 1
	found="go $go_version"
	[ "$go_version" = "$go_pinned" ] || found="$found; not the project's own $go_pinned"
}

install_go() {
	if ! version_at_least 1.21 "$(go_as_found)"; then
		install_newest_go || install_backported_go || {
			last_problem="${last_problem:-no Go from 1.21 on in this system\'s archive; get it from https://go.dev/dl}"
			return 1
		}
	fi
	tool go version >/dev/null 2>&1 && return
	if version_at_least 1.25 "$(go_as_found)"; then
		say "  Go $go_pinned cannot be fetched; using the $(go_as_found) that is installed"
		as_builder mkdir -p build/tools
		as_builder touch build/tools/go-as-found
		return
	fi
	last_problem="Go could not fetch version $go_pinned; run \`scripts/toolchain go version\` to see why"
	return 1
}

# The version that is installed, whatever is asked for.
go_as_found() {
	first_version tool env GOTOOLCHAIN=local go version
}

# Debian 12 has 1.19; its backports have what is needed.
install_backported_go() {
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	[ "$codename" = bookworm ] && require_root_for_packages || return 1
	say "  adding the package source bookworm-backports"
	echo 'deb http://deb.debian.org/debian bookworm-backports main' |
		as_root tee /etc/apt/sources.list.d/ebpf-benchmark-backports.list >/dev/null
	apt_updated=no
	install_newest_go
}

install_newest_go() {
	for minor in 26 25 24 23 22 21; do
		if apt_offers "golang-1.$minor-go" "1.$minor"; then
			apt_install "golang-1.$minor-go"
			return
		fi
	done
	return 1
}

# BCC's Python module belongs to the system's Python, whatever other python3 comes first in PATH.
check_bcc() {
	bcc_version=$(first_version /usr/bin/python3 -c 'import ensurepip, venv, bcc; print(bcc.__version__)')
	version_at_least "$bcc_wanted" "$bcc_version" || return 1
	found="bcc $bcc_version, $(/usr/bin/python3 --version)"
}

install_bcc() {
	if apt_offers python3-bpfcc "$bcc_wanted"; then
		apt_install python3-bpfcc python3-venv
	else
		last_problem=${last_problem:-"this system's archive has no BCC from $bcc_wanted on"}
		return 1
	fi
}

# BCC compiles its programs when they start, with the headers of the running kernel or those that the kernel carries: here it
# compiles one, without loading it. Nobody but root may read some kernels' own copy.
check_headers() {
	if [ -e "/lib/modules/$(uname -r)/build/include/generated/autoconf.h" ]; then
		found=$(readlink -f "/lib/modules/$(uname -r)/build")
	elif [ -e /sys/kernel/kheaders.tar.xz ]; then
		found=/sys/kernel/kheaders.tar.xz
		is_root || return 0
	else
		return 1
	fi
	/usr/bin/python3 -c 'import bcc' 2>/dev/null || return 0
	if ! headers_answer=$(/usr/bin/python3 -c 'import bcc
bcc.BPF(text="#include <uapi/linux/bpf.h>\n#include <linux/sched.h>\nint trial(void *context) { return 0; }")' 2>&1); then
		check_problem="BCC does not compile with $found: $(printf '%s\n' "$headers_answer" | grep -m 1 error || echo "$headers_answer" | tail -n 1)"
		return 1
	fi
}

install_headers() {
	require_root_for_packages && apt_update_once && as_root scripts/bcc-headers.sh </dev/null && return
	last_problem="${last_problem:-run \`scripts/bcc-headers.sh\` as root to see why}"
	return 1
}

# Debugfs brings its own, where it is mounted.
check_tracefs() {
	for tracefs in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		if is_mounted tracefs "$tracefs"; then
			found=$tracefs
			return
		fi
	done
	return 1
}

install_tracefs() {
	mount_kernel_fs tracefs /sys/kernel/tracing
}

check_bpffs() {
	is_mounted bpf /sys/fs/bpf || return 1
	found='/sys/fs/bpf'
}

install_bpffs() {
	mount_kernel_fs bpf /sys/fs/bpf
}

# is_mounted TYPE PLACE
is_mounted() {
	grep -q "^[^ ]* $2 $1 " /proc/mounts
}

mount_kernel_fs() {
	say "  mount -t $1 $1 $2"
	if can_be_root && as_root mount -t "$1" "$1" "$2"; then
		return 0
	fi
	last_problem="run \`mount -t $1 $1 $2\` as root"
	return 1
}

check_linters() {
	have shellcheck && have ruby && clang_format_command >/dev/null || return 1
	has_rust_linters || return 1
	found="shellcheck, ruby, $(clang_format_command), rustfmt, clippy"
}

install_linters() {
	have shellcheck || apt_install shellcheck || return 1
	have ruby || apt_install ruby || return 1
	if ! clang_format_command >/dev/null; then
		if apt_offers clang-format-22; then
			apt_install clang-format-22 || return 1
		else
			apt_install clang-format || return 1
		fi
	fi
	install_rust_linters
}
