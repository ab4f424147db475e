//! Compiles the BPF program and the C sources, and embeds the first in the second.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use libbpf_cargo::SkeletonBuilder;

#[path = "../bpf/build_flags.rs"]
mod build_flags;

use build_flags::BpfBuild;

/// The user side. `main.c` is the entry; the rest is linked into the unit tests too.
const SOURCES: [&str; 20] = [
    "args.c",
    "bpf_object.c",
    "consumer.c",
    "cookie.c",
    "failure.c",
    "flags.c",
    "help.c",
    "json.c",
    "kernel.c",
    "latency.c",
    "main.c",
    "program.c",
    "protocol.c",
    "report.c",
    "run.c",
    "stop.c",
    "tracefs.c",
    "usage.c",
    "values.c",
    "verifier_log.c",
];

fn main() -> Result<(), Box<dyn Error>> {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let object = out_dir.join("ringbuf_throughput.bpf.o");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=tests/vectors.c");
    println!("cargo::rerun-if-env-changed={EXTRA_WORK}");
    build_bpf_object(&object)?;
    fs::write(out_dir.join("bpf_object_bytes.h"), byte_list(&fs::read(&object)?))?;

    // The linker resolves from left to right, and the vectors call the runner's functions.
    compile("vectors", [PathBuf::from("tests/vectors.c")], &out_dir)?;
    compile("runner", SOURCES.iter().map(|name| Path::new("src").join(name)), &out_dir)?;
    Ok(())
}

fn build_bpf_object(object: &Path) -> Result<(), Box<dyn Error>> {
    let BpfBuild { source, clang, clang_args } = BpfBuild::of("ringbuf_throughput");
    SkeletonBuilder::new().source(&source).obj(object).clang(&clang).clang_args(clang_args).build().map_err(
        |error| format!("cannot compile {} with `{clang}` (set BPF_CLANG): {error:#}", source.display()),
    )?;
    Ok(())
}

/// The bytes as the inside of a C array initialiser.
fn byte_list(bytes: &[u8]) -> String {
    let mut list = String::with_capacity(bytes.len() * 5);
    for line in bytes.chunks(20) {
        for byte in line {
            write!(list, "{byte},").expect("writing to a string succeeds");
        }
        list.push('\n');
    }
    list
}

/// Rounds of extra work per record: a test build, which says so in its version (scripts/bench/slowed.sh). Unset: none.
const EXTRA_WORK: &str = "RUNNER_EXTRA_WORK_ROUNDS";

fn compile(
    library: &str,
    sources: impl IntoIterator<Item = PathBuf>,
    out_dir: &Path,
) -> Result<(), Box<dyn Error>> {
    let mut version = env::var("CARGO_PKG_VERSION")?;
    let mut name = "c";
    let mut build = cc::Build::new();
    if let Ok(rounds) = env::var(EXTRA_WORK) {
        let rounds: u32 =
            rounds.parse().map_err(|_| format!("{EXTRA_WORK} must be a whole number, not `{rounds}`"))?;
        build.define("EXTRA_WORK_ROUNDS", rounds.to_string().as_str());
        version = format!("{version}+slowed.{rounds}");
        // A runner that calls itself by another's name is not believed.
        name = "c-slowed";
    }
    build
        .files(sources)
        .std("gnu11")
        .opt_level(2)
        .warnings_into_errors(true)
        .extra_warnings(true)
        .define("RUNNER_NAME", format!("\"{name}\"").as_str())
        .define("RUNNER_VERSION", format!("\"{version}\"").as_str())
        .include("src")
        .include("../bpf")
        .include(out_dir)
        // Where libbpf-sys puts the headers of the libbpf that it builds.
        .include(env::var("DEP_BPF_INCLUDE")?)
        .try_compile(library)?;
    Ok(())
}
