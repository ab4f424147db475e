//! How libbpf-cargo compiles the BPF programs. The build scripts of the C and the libbpf-rs runners include this
//! file, so that both load the same object.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the BPF programs, as seen from a runner's package.
const SOURCES: &str = "../bpf";

/// The BPF program and clang's arguments for it.
pub(crate) struct BpfBuild {
    /// The source file.
    pub(crate) source: PathBuf,
    /// The compiler, from `BPF_CLANG`.
    pub(crate) clang: String,
    /// Arguments beside libbpf-cargo's own `-g -O2 -target bpf`.
    pub(crate) clang_args: Vec<String>,
}

impl BpfBuild {
    /// The build of `NAME.bpf.c`; tells cargo what it depends on.
    pub(crate) fn of(name: &str) -> Self {
        println!("cargo::rerun-if-env-changed=BPF_CLANG");
        println!("cargo::rerun-if-changed={SOURCES}");
        let sources = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"))
            .join(SOURCES);
        let clang = env::var("BPF_CLANG").unwrap_or_else(|_| "clang".to_owned());
        // `-mcpu` is set because clang's default differs between versions.
        let clang_args = ["-mcpu=v3", "-Wall", "-Werror", "-I"]
            .map(str::to_owned)
            .into_iter()
            .chain([sources.display().to_string()])
            .collect();
        Self { source: sources.join(format!("{name}.bpf.c")), clang, clang_args }
    }
}
