//! Compiles the BPF program and the C sources, with a skeleton by which the second knows the first.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use libbpf_cargo::SkeletonBuilder;

#[path = "../bpf/build_flags.rs"]
mod build_flags;
#[path = "build/skeleton.rs"]
mod skeleton;

use build_flags::BpfBuild;

/// The BPF programs, one a mechanism.
const PROGRAMS: [&str; 1] = ["ringbuf_throughput"];
/// Rounds of extra work per record: a test build, which says so in its version (scripts/bench/slowed.sh). Unset: none.
const EXTRA_WORK: &str = "RUNNER_EXTRA_WORK_ROUNDS";

fn main() -> Result<(), Box<dyn Error>> {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for path in ["build.rs", "build", "src", "tests/vectors.c"] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed={EXTRA_WORK}");
    let mut sources = Vec::new();
    let mut headers = Vec::new();
    for program in PROGRAMS {
        let (header, source) = skeleton::of(program, &build_bpf_object(program, &out_dir)?)?;
        headers.push(header);
        sources.push(out_dir.join(format!("{program}.skel.c")));
        fs::write(&sources[sources.len() - 1], source)?;
    }
    headers.dedup();
    if headers.len() > 1 {
        return Err("the BPF objects have not the same program types".into());
    }
    headers.extend(PROGRAMS.map(|program| format!("int {program}__open(struct skeleton *skeleton);\n")));
    fs::write(out_dir.join("skeleton.h"), headers.concat())?;

    // The linker resolves from left to right, and the vectors call the runner's functions.
    compile("vectors", vec![PathBuf::from("tests/vectors.c")], &out_dir)?;
    for folder in ["src", "src/contract", "src/mechanism", "src/type"] {
        for entry in fs::read_dir(folder)? {
            sources.push(entry?.path());
        }
    }
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "c"));
    sources.sort();
    compile("runner", sources, &out_dir)
}

fn build_bpf_object(program: &str, out_dir: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let BpfBuild { source, clang, clang_args } = BpfBuild::of(program);
    let object = out_dir.join(format!("{program}.bpf.o"));
    SkeletonBuilder::new()
        .source(&source)
        .obj(&object)
        .clang(&clang)
        .clang_args(clang_args)
        .build()
        .map_err(|error| {
            format!("cannot compile {} with `{clang}` (set BPF_CLANG): {error:#}", source.display())
        })?;
    Ok(fs::read(object)?)
}

/// Where the headers of `HdrHistogram_c` are. The crate that builds the library does not tell; it has put them beside this
/// package's own output, and before, since it is a dependency of this script too.
fn histogram_headers(out_dir: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let outputs = out_dir.ancestors().nth(2).ok_or("cargo's folder of outputs has another place")?;
    for entry in fs::read_dir(outputs)? {
        let entry = entry?;
        let headers = entry.path().join("out/include/hdr");
        if entry.file_name().to_string_lossy().starts_with("hdrhistogram-c-") && headers.exists() {
            return Ok(headers);
        }
    }
    Err(format!("there are no headers of hdrhistogram-c in `{}`", outputs.display()).into())
}

fn compile(library: &str, sources: Vec<PathBuf>, out_dir: &Path) -> Result<(), Box<dyn Error>> {
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
        .includes([Path::new("src"), Path::new("../bpf"), out_dir, &histogram_headers(out_dir)?])
        // Where libbpf-sys puts the headers of the libbpf that it builds.
        .include(env::var("DEP_BPF_INCLUDE")?)
        .try_compile(library)?;
    Ok(())
}
