#!/bin/sh
# Tells whether the Rust compiler and bpf-linker that build the Aya programs work together: compiles and links a small BPF
# program with the pair that scripts/toolchain settles. The answer is kept in build/checks, by the versions of both.
#
#   scripts/toolchain scripts/bpf-pair.sh
#
# Versions alone do not tell: bpf-linker reads what the compiler's LLVM wrote, so its own LLVM must be as new, and it does not
# say which it has.
#
# Exit status: 0 they work together, 64 bad option, 69 they do not, or one is missing.
set -eu
self=$(readlink -f -- "$0")
cd -- "${self%/*}/.."

refuse() {
	printf 'error: %s\n\nhint: %s\n' "$1" "$2"
	exit 69
}

if [ $# -gt 0 ]; then
	printf 'error: unexpected argument `%s`\n\nhint: it takes none\n' "$1" >&2
	exit 64
fi
rustc=${BPF_RUSTC_BIN:+$BPF_RUSTC_BIN/rustc}
[ -n "$rustc" ] || refuse 'no Rust compiler with the source of its library' 'run `make setup`'
compiler=$("$rustc" -vV 2>&1) || refuse "\`$rustc\` does not run: $(echo "$compiler" | head -n 1)" 'run `make setup`'
linker=$(command -v bpf-linker) || refuse 'bpf-linker not found' 'run `make setup`'
linker=$(readlink -f -- "$linker")
linker_says=$("$linker" --version 2>&1) ||
	refuse "\`$linker\` does not run: $(echo "$linker_says" | head -n 1)" 'run `make setup`'

# field NAME: one line of `rustc -vV`.
field() {
	printf '%s\n' "$compiler" | sed -n "s/^$1: *//p"
}

# The LLVM inside: of the shared library, where it is linked to one; else the version that the code carries.
llvm_of_linker() {
	shared=$(ldd "$linker" 2>/dev/null | sed -n 's/.*=> *\(.*libLLVM[^ ]*\) (.*/\1/p' | head -n 1)
	LC_ALL=C grep -aoE 'LLVM ?[0-9]{2}\.[0-9]+\.[0-9]+' "${shared:-$linker}" 2>/dev/null |
		head -n 1 | sed 's/^LLVM *//'
}

rust_llvm=$(field 'LLVM version')
linker_llvm=$(llvm_of_linker) || linker_llvm=''
linker_version=$(echo "$linker_says" | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
pair="rustc $(field release) (LLVM ${rust_llvm:-unknown}) with bpf-linker ${linker_version:-unknown} (LLVM ${linker_llvm:-unknown})"

key=$({
	printf '%s\n' "$compiler" "$linker_says" "$rustc" "$linker" "$pair"
	stat -L -c '%s %Y' "$linker" "$rustc"
	cat -- "$self"
} | sha256sum | cut -c 1-16)
checks=build/checks
kept=$checks/bpf-pair-$key
if [ -e "$kept.good" ]; then
	echo "$pair"
	exit 0
fi

major() {
	echo "${1%%.*}"
}

if [ -n "$rust_llvm" ] && [ -n "$linker_llvm" ] && [ "$(major "$rust_llvm")" -gt "$(major "$linker_llvm")" ]; then
	refuse "$pair: they do not fit, because bpf-linker's LLVM is older than the compiler's and cannot read what it writes" \
		'run `make setup`, which gets a pair that fits into build/tools; `BPF_RUSTC_BIN` names another compiler'
fi

mkdir -p "$checks" 2>/dev/null || refuse "cannot write \`$PWD/$checks\`, where the pair is tried" "check who owns it"
trial=$checks/bpf-pair-$key.$$
trap 'rm -rf -- "$trial"' EXIT
mkdir -p "$trial/src"
cat >"$trial/Cargo.toml" <<'CRATE'
[package]
name = "trial"
version = "0.0.0"
edition = "2021"

[workspace]

[profile.release]
debug = 2
panic = "abort"
codegen-units = 1
CRATE
cat >"$trial/src/main.rs" <<'CRATE'
#![no_std]
#![no_main]

#[unsafe(no_mangle)]
#[unsafe(link_section = "socket")]
pub extern "C" fn trial(context: *const u8) -> u32 {
    core::hint::black_box(context as usize as u32).wrapping_mul(3)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
CRATE

# As impls/rust/runner/build.rs does it.
build_trial() {
	unset RUSTC_WORKSPACE_WRAPPER RUSTC_WRAPPER CARGO_BUILD_TARGET CARGO_TARGET_DIR RUSTFLAGS
	CARGO_ENCODED_RUSTFLAGS=$(printf '%s\037%s\037%s' -Ctarget-cpu=v3 -Cdebuginfo=2 -Clink-arg=--btf)
	RUSTC=$rustc
	RUSTC_BOOTSTRAP=1
	export CARGO_ENCODED_RUSTFLAGS RUSTC RUSTC_BOOTSTRAP
	cd -- "$trial"
	exec "${rustc%/*}/cargo" build --release --quiet -Zbuild-std=core --target bpfel-unknown-none --target-dir target
}

log=$checks/bpf-pair.log
if (build_trial) >"$log" 2>&1 </dev/null && [ -s "$trial/target/bpfel-unknown-none/release/trial" ]; then
	rm -f "$checks"/bpf-pair-*.good
	: >"$kept.good"
	echo "$pair"
	exit 0
fi
reason=$(grep -m 1 -iE 'invalid record|LLVM ERROR|error(\[|:)' "$log" || tail -n 1 "$log")
refuse "$pair: together they do not build a BPF program (${reason:-see $log})" \
	"run \`make setup\`, which gets a pair that works into build/tools; the whole output is in $log"
