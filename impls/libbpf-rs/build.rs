//! Compiles the BPF program and generates its skeleton.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use libbpf_cargo::SkeletonBuilder;

#[path = "../bpf/build_flags.rs"]
mod build_flags;

use build_flags::BpfBuild;

fn main() -> Result<(), Box<dyn Error>> {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let BpfBuild { source, clang, clang_args } = BpfBuild::of("ringbuf_throughput");
    SkeletonBuilder::new()
        .source(&source)
        .clang(&clang)
        .clang_args(clang_args)
        .build_and_generate(out_dir.join("ringbuf_throughput.skel.rs"))
        .map_err(|error| {
            format!("cannot compile {} with `{clang}` (set BPF_CLANG): {error:#}", source.display())
        })?;
    Ok(())
}
