//! Builds the kernel side for the BPF target, and looks up which Aya this is.
//!
//! It calls cargo itself: aya-build 0.2 fixes the compiler's flags, and the BPF CPU is one of them.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Folder with the rustc and cargo that build the kernel side, with rust-src; `scripts/toolchain` sets it. Without it, those
/// that build the rest. Never rustup's `nightly`, which moves: its LLVM outgrows bpf-linker's one day.
const RUSTC_BIN: &str = "BPF_RUSTC_BIN";

const OBJECT: &str = "ringbuf_throughput";

/// What the objects have beside the usual one's, as `program.rs` chooses among them.
const FEATURES: [&str; 5] = ["", "filter", "filter,lookups", "filter,rings", "filter,lookups,rings"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed={RUSTC_BIN}");
    for input in ["runner-ebpf", "runner-common", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed=../{input}");
    }
    let lock = fs::read_to_string("../Cargo.lock")?;
    let version = locked_version(&lock, "aya").ok_or("Cargo.lock has no `aya`")?;
    println!("cargo:rustc-env=AYA_VERSION={version}");

    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    FEATURES.iter().try_for_each(|features| build_kernel_side(&out_dir, features))
}

/// Leaves the object with these features in `out_dir`.
fn build_kernel_side(out_dir: &Path, features: &str) -> Result<(), Box<dyn Error>> {
    let endian = if env::var("CARGO_CFG_TARGET_ENDIAN")? == "big" { "eb" } else { "el" };
    let target = format!("bpf{endian}-unknown-none");
    let target_dir = out_dir.join("kernel-side");
    let flags = [
        format!("--cfg=bpf_target_arch=\"{}\"", env::var("CARGO_CFG_TARGET_ARCH")?),
        "-Ctarget-cpu=v3".to_owned(), // as clang compiles the programs in C
        "-Cdebuginfo=2".to_owned(),   // the BTF is made of it
        "-Clink-arg=--btf".to_owned(),
    ];
    let mut cargo = cargo();
    cargo
        .args(["build", "--release", "--locked", "--package", "runner-ebpf", "-Zbuild-std=core"])
        .args(["--target", &target, "--target-dir"])
        .arg(&target_dir)
        .args(["--features", features])
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env("RUSTC_BOOTSTRAP", "1") // nightly features from a stable compiler
        .env_remove("RUSTC_WORKSPACE_WRAPPER") // clippy's driver belongs to the other toolchain
        .env_remove("LD_LIBRARY_PATH"); // so does its library, by which rustc would find the other's sources
    let status = cargo.status().map_err(|error| format!("cannot run {cargo:?}: {error}"))?;
    if !status.success() {
        return Err("cannot build the kernel side; impls/rust/README.md says what it needs".into());
    }
    fs::copy(
        target_dir.join(target).join("release").join(OBJECT),
        out_dir.join(format!("{OBJECT},{features}")),
    )?;
    Ok(())
}

/// The cargo of the toolchain for the kernel side.
fn cargo() -> Command {
    if let Some(bin) = env::var_os(RUSTC_BIN).map(PathBuf::from) {
        let mut cargo = Command::new(bin.join("cargo"));
        cargo.env("RUSTC", bin.join("rustc"));
        return cargo;
    }
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The version of a package in a Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next()
}
