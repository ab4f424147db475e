# shellcheck shell=sh disable=SC2034,SC2154 # setup.sh reads what these functions set, and sets what they read
# The Rust toolchain, for user space and for the Aya programs in the kernel, and the linker of the latter. Sourced by setup.sh
# after components.sh; the same pairs of functions.
#
# The project has a toolchain of its own, of an exact version, in a rustup folder of its own below build/tools: what the user
# has is neither updated nor changed, nor does it matter when it moves.

rust_wanted=1.88

check_rust() {
	rust_version=$(first_version tool rustc --version)
	version_at_least "$rust_wanted" "$rust_version" || return 1
	cargo_version=$(first_version tool cargo --version)
	version_at_least "$rust_wanted" "$cargo_version" || return 1
	found="rustc $rust_version, cargo $cargo_version"
	has_own_rust || found="$found; not the project's own $rust_pinned"
}

# The project's own; where it cannot be had, the archive's, whose version the system keeps.
install_rust() {
	install_own_rust && return
	own_problem=$last_problem
	if apt_offers rustc-web "$rust_wanted"; then
		apt_install rustc-web cargo-web
	elif apt_offers rustc "$rust_wanted" && apt_offers cargo "$rust_wanted"; then
		apt_install rustc cargo
	else
		last_problem="$own_problem; get Rust $rust_wanted or newer from https://rustup.rs"
		return 1
	fi
}

# own_rust_path: the folder of the project's own toolchain.
own_rust_path() {
	for own_folder in build/tools/rustup/toolchains/"$rust_pinned"-*; do
		[ -x "$own_folder/bin/rustc" ] && [ -x "$own_folder/bin/cargo" ] && echo "$own_folder" && return
	done
	return 1
}

has_own_rust() {
	own_rust_path >/dev/null
}

has_own_library_source() {
	[ -e "$(own_rust_path)/lib/rustlib/src/rust/library/core/Cargo.toml" ]
}

# Once a run. rust-src is missing from some mirrors; without it the toolchain still does for user space.
own_rust_tried=no
install_own_rust() {
	has_own_rust && has_own_library_source && return
	[ "$own_rust_tried" = no ] || return 1
	own_rust_tried=yes
	get_rustup || return 1
	own_rustup toolchain install "$rust_pinned" --profile minimal --component rust-src ||
		own_rustup toolchain install "$rust_pinned" --profile minimal
}

# own_rustup ARG...: whichever rustup there is, on the project's folder.
own_rustup() {
	say "  rustup $*, into build/tools"
	as_builder mkdir -p build/tools
	if tool env RUSTUP_HOME="$PWD/build/tools/rustup" \
		PATH="$PWD/build/tools/rustup-init/bin:$PATH" "$rustup" "$@" --no-self-update </dev/null; then
		return 0
	fi
	last_problem="\`rustup $*\` failed; its messages are above"
	return 1
}

# Sets `rustup` to the user's; else to one of a fixed version, checked by its hash and put beside the toolchain.
get_rustup() {
	rustup=rustup
	tool rustup --version >/dev/null 2>&1 && return
	rustup=$PWD/build/tools/rustup-init/bin/rustup
	tool "$rustup" --version >/dev/null 2>&1 && return
	case $(uname -m) in
	x86_64) rustup_sha256=$rustup_sha256_x86_64 ;;
	aarch64) rustup_sha256=$rustup_sha256_aarch64 ;;
	*)
		last_problem="there is no rustup for $(uname -m) here"
		return 1
		;;
	esac
	have curl || apt_install curl ca-certificates || return 1
	rustup_url=${RUSTUP_UPDATE_ROOT:-https://static.rust-lang.org/rustup}/archive/$rustup_pinned/$(uname -m)-unknown-linux-gnu/rustup-init
	say "  downloading $rustup_url"
	if tool sh -euc 'mkdir -p build/tools/rustup-init
		cd build/tools/rustup-init
		curl -sSfL --proto "=https" --tlsv1.2 -o rustup-init "$1"
		echo "$2 *rustup-init" | sha256sum --check --quiet
		chmod +x rustup-init
		CARGO_HOME=$PWD RUSTUP_HOME=${PWD%/*}/rustup RUSTUP_INIT_SKIP_PATH_CHECK=yes \
			./rustup-init -y --quiet --profile minimal --default-toolchain none --no-modify-path
		rm rustup-init' sh "$rustup_url" "$rustup_sha256"; then
		return 0
	fi
	last_problem="rustup $rustup_pinned could not be got from $rustup_url"
	return 1
}

# Those of the compiler that is used: another one's clippy does not understand what it made.
has_rust_linters() {
	if own_folder=$(own_rust_path); then
		[ -x "$own_folder/bin/cargo-fmt" ] && [ -x "$own_folder/bin/cargo-clippy" ]
	else
		tool cargo fmt --version >/dev/null 2>&1 && tool cargo clippy --version >/dev/null 2>&1
	fi
}

install_rust_linters() {
	! has_rust_linters || return 0
	if has_own_rust && get_rustup; then
		own_rustup toolchain install "$rust_pinned" --profile minimal --component rustfmt,clippy
	elif tool rustup --version >/dev/null 2>&1; then
		last_problem='run `rustup component add rustfmt clippy`'
		return 1
	else
		apt_install rustfmt-web rust-web-clippy
	fi
}

# Versions say little about whether compiler and linker work together: a small program is built with them.
check_aya() {
	aya_answer=$(tool scripts/bpf-pair.sh </dev/null 2>/dev/null) || {
		check_problem=$(printf '%s\n' "$aya_answer" | sed -n 's/^error: //p' | head -n 1)
		return 1
	}
	found=$aya_answer
}

# First the compiler; then the linker that is there is tried with it, and only if that does not do, the project gets its own.
install_aya() {
	if ! has_library_source; then
		install_own_rust || install_archive_rust_source || return 1
		! check_aya || return 0
	fi
	if install_bpf_linker && check_aya; then
		return 0
	fi
	last_problem=${last_problem:-$check_problem}
	return 1
}

has_library_source() {
	bpf_sysroot=$(tool bpf-rustc --print sysroot 2>/dev/null) &&
		as_builder test -e "$bpf_sysroot/lib/rustlib/src/rust/library/core/Cargo.toml"
}

# Some mirrors of rustup lack rust-src; the archive's compiler brings the same source as a package.
install_archive_rust_source() {
	if apt_offers rust-web-src "$rust_wanted"; then
		apt_install rustc-web cargo-web rust-web-src
		return
	fi
	last_problem=${last_problem:-"no Rust compiler with its library's source could be had"}
	return 1
}

# From source against the archive's LLVM of the same major version as the compiler's; where the archive has none, the build
# of the linker's own project, whose LLVM is newer.
install_bpf_linker() {
	if ! has_bpf_linker_llvm && ! { apt_offers "llvm-$bpf_linker_llvm-dev" &&
		apt_install "llvm-$bpf_linker_llvm-dev" "libpolly-$bpf_linker_llvm-dev" zlib1g-dev libzstd-dev g++; }; then
		download_bpf_linker
		return
	fi
	say "  cargo install bpf-linker $bpf_linker_pinned, into build/tools (about a minute)"
	bpf_linker_prefix=/usr/lib/llvm-$bpf_linker_llvm
	if tool env LLVM_PREFIX="$bpf_linker_prefix" CARGO_ENCODED_RUSTFLAGS="-L$bpf_linker_prefix/lib" \
		cargo install --locked --quiet bpf-linker --version "=$bpf_linker_pinned" --no-track --force \
		--root build/tools --target-dir build/tools/bpf-linker-build \
		--no-default-features --features "llvm-$bpf_linker_llvm" </dev/null; then
		as_builder rm -rf build/tools/bpf-linker-build
		return 0
	fi
	last_problem='`cargo install bpf-linker` failed; its messages are above'
	return 1
}

# What bpf-linker links against.
has_bpf_linker_llvm() {
	[ -x "/usr/lib/llvm-$bpf_linker_llvm/bin/llvm-config" ] && [ -e "/usr/lib/llvm-$bpf_linker_llvm/lib/libPolly.a" ]
}

download_bpf_linker() {
	have zstd || apt_install zstd || return 1
	have curl || apt_install curl ca-certificates || return 1
	bpf_linker_url=https://github.com/aya-rs/bpf-linker/releases/download/v$bpf_linker_pinned/bpf-linker-$(uname -m)-unknown-linux-musl.tar.zst
	say "  downloading $bpf_linker_url"
	if tool sh -euc 'mkdir -p build/tools/bin
		cd build/tools
		curl -sSfL --proto "=https" --tlsv1.2 -o bpf-linker.tar.zst "$1"
		zstd -qdc bpf-linker.tar.zst | tar -x -C bin
		rm bpf-linker.tar.zst' sh "$bpf_linker_url"; then
		return 0
	fi
	last_problem="bpf-linker $bpf_linker_pinned could not be got: no llvm-$bpf_linker_llvm-dev in this system's archives (Debian 12 has it in \`deb http://deb.debian.org/debian-security bookworm-security main\`), and no download of $bpf_linker_url"
	return 1
}
