# shellcheck shell=sh disable=SC2034 # setup.sh reads what these functions set
# The Rust toolchains: the one for user space, and the one for the Aya programs in the kernel. Sourced by setup.sh after
# components.sh; the same pairs of functions.

rust_wanted=1.88
bpf_linker_wanted=0.13

check_rust() {
	rust_version=$(first_version tool rustc --version)
	version_at_least "$rust_wanted" "$rust_version" || return 1
	cargo_version=$(first_version tool cargo --version)
	version_at_least "$rust_wanted" "$cargo_version" || return 1
	found="rustc $rust_version, cargo $cargo_version"
}

# rustup where it is used already; else the archive, whose updates come with the system's; else rustup.
install_rust() {
	if tool rustup --version >/dev/null 2>&1; then
		rustup_install_stable
	elif apt_offers rustc-web "$rust_wanted"; then
		apt_install rustc-web cargo-web
	elif apt_offers rustc "$rust_wanted" && apt_offers cargo "$rust_wanted"; then
		apt_install rustc cargo
	elif get_rustup; then
		rustup_install_stable
	else
		return 1
	fi
}

get_rustup() {
	if apt_offers rustup; then
		apt_install rustup
		return
	fi
	say "  installing rustup from https://sh.rustup.rs"
	if as_builder sh -c "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
		sh -s -- -y --quiet --profile minimal --default-toolchain none --no-modify-path"; then
		return 0
	fi
	last_problem="rustup could not be installed; get Rust $rust_wanted or newer from https://rustup.rs"
	return 1
}

# Whoever chose another default keeps it.
rustup_install_stable() {
	rustup_install stable || return 1
	tool rustup default >/dev/null 2>&1 || tool rustup default stable || return 1
	check_rust || last_problem="rustup's default toolchain is older than $rust_wanted; run \`rustup default stable\`"
}

# rustup_install TOOLCHAIN [COMPONENT...]
rustup_install() {
	say "  rustup toolchain install $*"
	rust_toolchain=$1
	shift
	rust_components=$(IFS=,; echo "$*")
	if tool rustup toolchain install "$rust_toolchain" --profile minimal --no-self-update \
		${rust_components:+--component "$rust_components"} </dev/null; then
		return 0
	fi
	last_problem="\`rustup toolchain install $rust_toolchain\` failed; run it by hand to see why"
	return 1
}

install_rust_linters() {
	if tool cargo fmt --version >/dev/null 2>&1 && tool cargo clippy --version >/dev/null 2>&1; then
		return 0
	fi
	if tool rustup --version >/dev/null 2>&1; then
		tool rustup component add rustfmt clippy
	else
		apt_install rustfmt-web rust-web-clippy
	fi
}

# The Aya programs need a compiler with its library's source, which scripts/toolchain chooses as bpf-rustc (rustup's nightly,
# or Debian's own, which can be told to accept nightly features), and bpf-linker, whose LLVM must be as new as the compiler's.
check_aya() {
	has_library_source || return 1
	linker_version=$(first_version tool bpf-linker --version)
	version_at_least "$bpf_linker_wanted" "$linker_version" || return 1
	found="rustc $(first_version tool bpf-rustc --version), bpf-linker $linker_version"
}

has_library_source() {
	bpf_sysroot=$(tool bpf-rustc --print sysroot 2>/dev/null) &&
		as_builder test -e "$bpf_sysroot/lib/rustlib/src/rust/library/core/Cargo.toml"
}

install_aya() {
	has_library_source || { install_aya_compiler && has_library_source; } || return 1
	version_at_least "$bpf_linker_wanted" "$(first_version tool bpf-linker --version)" || install_bpf_linker
}

# Some mirrors of rustup lack rust-src; the archive's compiler brings the same source as a package.
install_aya_compiler() {
	if tool rustup --version >/dev/null 2>&1 && rustup_install nightly rust-src; then
		return 0
	fi
	if apt_offers rust-web-src "$rust_wanted"; then
		apt_install rustc-web cargo-web rust-web-src
		return
	fi
	if get_rustup && rustup_install nightly rust-src; then
		return 0
	fi
	last_problem="no Rust compiler with its library's source; run \`rustup toolchain install nightly --component rust-src\`"
	return 1
}

# With rustup, the project's own build, which carries an LLVM as new as any nightly's; otherwise, or where that cannot be
# had, from source against the archive's LLVM, which is Debian's rustc's too.
install_bpf_linker() {
	if [ "$bpf_sysroot" != /usr ] && download_bpf_linker; then
		return 0
	fi
	if ! has_llvm_22 && ! { apt_offers llvm-22-dev && apt_install llvm-22-dev libpolly-22-dev zlib1g-dev libzstd-dev g++; }; then
		last_problem=${last_problem:-'bpf-linker could not be installed; see https://github.com/aya-rs/bpf-linker#installation'}
		return 1
	fi
	say "  cargo install bpf-linker (about a minute)"
	if tool env LLVM_PREFIX=/usr/lib/llvm-22 RUSTFLAGS=-L/usr/lib/llvm-22/lib CARGO_TARGET_DIR="$PWD/build/bpf-linker" \
		cargo install --locked --quiet bpf-linker --version "^$bpf_linker_wanted" \
		--no-default-features --features llvm-22 </dev/null; then
		return 0
	fi
	last_problem='`cargo install bpf-linker` failed; its messages are above'
	return 1
}

# What bpf-linker links against.
has_llvm_22() {
	[ -x /usr/lib/llvm-22/bin/llvm-config ] && [ -e /usr/lib/llvm-22/lib/libPolly.a ]
}

download_bpf_linker() {
	have zstd || apt_install zstd || return 1
	bpf_linker_url=https://github.com/aya-rs/bpf-linker/releases/latest/download/bpf-linker-$(uname -m)-unknown-linux-musl.tar.zst
	say "  downloading $bpf_linker_url"
	tool sh -ec 'mkdir -p "$HOME/.cargo/bin"; curl -sSfL "$1" | zstd -qdc | tar -x -C "$HOME/.cargo/bin"' sh "$bpf_linker_url"
}
