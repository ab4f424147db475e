//! Rules of the code base that a compiler does not check: layering, neutrality, sizes.

#[path = "tidy/graph.rs"]
mod graph;
#[path = "tidy/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use graph::Crate;

/// The modules, in the order in which data flows. A module uses only modules before it (and itself).
///
/// `facts` are the tables of what is known of questions, quantities, program types and mechanisms. `files` opens them without being led astray, for whoever writes any. `plan::spec` holds nothing but the types that all stages speak of, so it stands before the stage it belongs to.
/// `doctor` looks at what measuring needs; `identity` says with what was measured, and what two runs differ in. `error`
/// knows the errors of every stage; `cli` holds clap's types, and `command` composes everything.
const ORDER: &[&str] = &[
    "exit_code",
    "arithmetic",
    "files",
    "visible",
    "facts",
    "plan::rule",
    "plan::spec",
    "config",
    "plan",
    "prepare",
    "load",
    "sample",
    "supervise",
    "doctor",
    "parse",
    "stats",
    "identity",
    "store",
    "runs",
    "tables",
    "render",
    "error",
    "cli",
    "command",
    "lib",
    "main",
];

/// Words that would tie the orchestrator to a language or a framework.
const FOREIGN: [&str; 19] = [
    "libbpf",
    "libbpf_rs",
    "aya",
    "bcc",
    "cilium",
    "golang",
    "go",
    "python",
    "python3",
    "cargo",
    "rust",
    "rustc",
    "java",
    "javascript",
    "node",
    "ruby",
    "zig",
    "clang",
    "cpython",
];

/// Stages that do no input or output, and what would be some.
const PURE: [&str; 6] = ["facts", "plan", "parse", "stats", "tables", "render"];
const IMPURE: [&str; 15] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "env::var",
    "env::var_os",
    "env::vars",
    "env::args",
    "env::current_dir",
    "std::os",
    "tokio",
    "nix",
    "libc",
    "Instant::now",
    "SystemTime::now",
];

/// The crates whose files may not use each other in a circle.
const CRATES: [&str; 7] = [
    "orchestrator/src",
    "orchestrator/bpf-facts/src",
    "orchestrator/bare-walk/src",
    "impls/runner-kit/src",
    "impls/libbpf-rs/src",
    "impls/c/src",
    "impls/rust/runner/src",
];

const LONGEST_FILE: usize = 450;
const LONGEST_MAIN: usize = 40;

fn sources() -> Vec<PathBuf> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in
            fs::read_dir(folder).expect("a readable folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                collect(&entry, files);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                files.push(entry);
            }
        }
    }
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.sort();
    assert!(files.len() > 20, "only {} files found", files.len());
    files
}

fn name(file: &Path) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    file.strip_prefix(source).expect("below src").with_extension("").display().to_string().replace('/', "::")
}

/// Position in the order of a path such as `plan::spec::Benchmark`.
fn rank(path: &str) -> Option<usize> {
    let within = |module: &&str| path == *module || path.starts_with(&format!("{module}::"));
    let longest = ORDER.iter().filter(|module| within(module)).max_by_key(|module| module.len())?;
    ORDER.iter().position(|module| module == longest)
}

/// What breaks the order of the modules: a use of something that comes later, or that has no place.
fn upward(sources: &Crate) -> Vec<String> {
    let mut violations = Vec::new();
    for one in sources.uses() {
        let (by, path, of) = (one.by.join("::"), one.path.join("::"), one.of.join("::"));
        // The root declares the modules, and has nothing to use.
        if by.is_empty() || of.is_empty() {
            continue;
        }
        let own = rank(&by);
        if own.is_none() || rank(&path) > own || rank(&of) > own || rank(&path).is_none() {
            violations
                .push(format!("{by} uses {path} of {of}, which comes after it or has no place in the order"));
        }
    }
    violations
}

/// Whether a path names what is forbidden: `std::fs::File` names `std::fs`.
fn names(path: &str, forbidden: &str) -> bool {
    format!("::{path}::").contains(&format!("::{forbidden}::"))
}

#[test]
fn a_module_uses_only_modules_before_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources() {
        let module = name(&file);
        assert!(rank(&module).is_some(), "`{module}` has no place in the order of tests/tidy.rs");
    }
    let violations = upward(&Crate::open(&folder, true));
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project");
    let mut circles = Vec::new();
    for folder in CRATES {
        let found = Crate::open(&project.join(folder), false).circles();
        circles.extend(found.into_iter().map(|circle| format!("in {folder}:\n{circle}")));
    }
    assert!(circles.is_empty(), "\n{}", circles.join("\n\n"));
}

#[test]
fn pure_stages_do_no_input_or_output() {
    let sources = Crate::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), false);
    let mut stages = 0;
    for (file, words) in &sources.words {
        if !file.first().is_some_and(|stage| PURE.contains(&stage.as_str())) {
            continue;
        }
        stages += usize::from(file.len() == 1);
        for forbidden in IMPURE {
            let found = words.iter().find(|word| names(word, forbidden));
            assert!(found.is_none(), "`{}` is of a pure stage, but uses {forbidden}", file.join("::"));
        }
    }
    assert_eq!(stages, PURE.len(), "a pure stage was not found");
}

#[test]
fn no_source_names_a_language_or_a_framework() {
    let mut violations = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a readable file").to_lowercase();
        for (number, line) in (1..).zip(text.lines()) {
            let words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
            for word in words.filter(|word| FOREIGN.contains(word)) {
                if !is_everyday_use(word, line) {
                    violations.push(format!("{}:{number}: `{word}` in: {}", file.display(), line.trim()));
                }
            }
        }
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

/// "go" is an English verb, so it counts only where it is a name: quoted. The orchestrator is itself built by a tool whose
/// environment variables it reads (`CARGO_…` are other words than `cargo`).
/// A NUMA node is older than the runtime of that name.
fn is_everyday_use(word: &str, line: &str) -> bool {
    if word == "node" {
        return line.contains("numa");
    }
    word == "go" && !["\"go\"", "`go`", "'go'", "impls/go", "build/go"].iter().any(|name| line.contains(name))
}

#[test]
fn files_are_short_enough_to_be_read() {
    for file in sources() {
        let lines = fs::read_to_string(&file).expect("a readable file").lines().count();
        let limit = if file.ends_with("src/main.rs") { LONGEST_MAIN } else { LONGEST_FILE };
        assert!(lines <= limit, "{} has {lines} lines, more than {limit}", file.display());
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a readable file");
        let is_test = file.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"));
        assert!(is_test || text.starts_with("//!"), "{} does not begin with //!", file.display());
    }
}

/// A small crate: what stands in each file.
fn small(files: &[(&str, &str)], with_tests: bool) -> Crate {
    let place = |name: &str| name.split("::").map(str::to_owned).collect();
    Crate::new(files.iter().map(|(name, text)| (place(name), (*text).to_owned())), with_tests)
}

/// Who uses whom in it, as `a > b`.
fn uses(files: &[(&str, &str)]) -> Vec<String> {
    let found = small(files, false).uses();
    let mut lines: Vec<String> =
        found.iter().map(|one| format!("{} > {}", one.by.join("::"), one.of.join("::"))).collect();
    lines.retain(|line| !line.starts_with(" >"));
    lines.sort();
    lines.dedup();
    lines
}

const ROOT: (&str, &str) = ("lib", "pub mod plan; pub mod load;");

#[test]
fn an_upward_use_is_seen_however_it_is_written() {
    let plan = ("plan", "mod spec; mod resolve; pub use resolve::resolve; pub use spec::Spec;");
    let (load, resolve) = (("load", "pub struct Load;"), ("plan::resolve", "pub fn resolve() {}"));
    let found = |spec: &str| upward(&small(&[ROOT, plan, load, resolve, ("plan::spec", spec)], true)).len();
    assert_eq!(found("pub struct Spec;"), 0);
    for wrong in [
        "pub struct Spec; use crate::load::Load;",
        "pub struct Spec; use super::super::load::Load;",
        "pub struct Spec; use super::{super::load::{Load as L}};",
        "pub struct Spec; fn f() { super::resolve::resolve() }",
        "pub struct Spec; fn f() { super::resolve() }",
        "pub struct Spec; fn f() { println!(\"{}\", super::resolve()) }",
        "pub struct Spec; use super as up; fn f() { up::resolve() }",
        "pub struct Spec; mod inner { use super::super::super::load::*; }",
        "pub struct Spec; #[cfg(test)] mod tests { use super::super::resolve; }",
    ] {
        assert!(found(wrong) > 0, "{wrong}");
    }
    let harmless =
        "//! [`crate::load`]\npub struct Spec; const A: &str = \"crate::load::Load\"; // super::resolve()";
    assert_eq!(found(harmless), 0);
}

#[test]
fn a_circle_is_seen_by_crate_and_by_super() {
    let plan = ("plan", "mod a; mod b; pub use a::A; pub use b::B;");
    let circles = |a: &str, b: &str| {
        small(&[ROOT, plan, ("load", ""), ("plan::a", a), ("plan::b", b)], false).circles().len()
    };
    assert_eq!(circles("pub struct A;", "pub struct B(super::A);"), 0, "the facade is in no circle");
    for other in ["crate::plan::b::B", "super::b::B", "super::B", "crate::plan::B", "self::super::b::B"] {
        assert_eq!(
            circles(&format!("pub struct A({other});"), "use super::a::A; pub struct B;"),
            1,
            "{other}"
        );
        assert_eq!(
            circles(&format!("use {other}; pub struct A;"), "use crate::plan::*; pub struct B;"),
            1,
            "{other}"
        );
    }
    let only_tests =
        "pub struct A; #[cfg(test)] mod tests { use super::super::B; } #[cfg(test)] use super::B;";
    assert_eq!(circles(only_tests, "use super::A; pub struct B;"), 0, "tests are compiled by themselves");
    let after_tests = "pub struct A; #[cfg(test)] mod tests {} use super::B;";
    assert_eq!(circles(after_tests, "use super::A; pub struct B;"), 1, "what stands after the tests counts");
}

#[test]
fn a_folder_and_its_parent_depend_one_way() {
    let parent = |text: &'static str, child: &'static str| {
        small(&[ROOT, ("load", ""), ("plan", text), ("plan::a", child)], false).circles().len()
    };
    assert_eq!(parent("mod a; pub struct Shared; fn f() { a::f() }", "pub fn f() {}"), 0);
    assert_eq!(parent("mod a; pub struct Shared;", "pub fn f(_: super::Shared) {}"), 1);
    assert_eq!(parent("mod a; pub struct Shared; impl Shared {}", "impl super::Shared {}"), 1);
}

#[test]
fn uses_are_followed_to_the_file_that_defines() {
    let files = [
        ROOT,
        ("plan", "mod a; mod b; pub use a::Old as New; pub use b::*;"),
        ("plan::a", "pub struct Old;"),
        (
            "plan::b",
            "pub enum Kind { One } use std::fs; #[cfg(test)] mod tests; #[cfg(test)] #[path = \"odd.rs\"] mod more;",
        ),
        ("plan::b::tests", "use crate::load::Load;"),
        ("plan::odd", "use crate::load::Load;"),
        (
            "load",
            "use crate::{plan::{self, New}}; fn f() { plan::Kind::One } pub(in crate::plan) struct Load;",
        ),
    ];
    assert_eq!(
        uses(&files),
        ["load > plan", "load > plan::a", "load > plan::b", "plan > plan::a", "plan > plan::b"]
    );
    let words = &small(&files, false).words;
    assert_eq!(
        words.keys().map(|file| file.join("::")).collect::<Vec<_>>(),
        ["", "load", "plan", "plan::a", "plan::b"]
    );
}

#[test]
fn what_is_impure_is_seen_behind_tests_and_within_macros() {
    let impure = |text: &str| {
        let sources = small(&[("lib", text)], false);
        IMPURE.iter().any(|forbidden| sources.words.values().flatten().any(|word| names(word, forbidden)))
    };
    assert!(!impure("// std::fs\nconst A: &str = \"std::fs\"; #[cfg(test)] mod tests { use std::fs; }"));
    for wrong in [
        "#[cfg(test)] mod tests {} use std::fs::File;",
        "use std::{fmt, fs};",
        "use std::{fs as files};",
        "fn f() { println!(\"{:?}\", std::time::Instant::now()) }",
        "#[cfg(not(test))] use std::fs;",
    ] {
        assert!(impure(wrong), "{wrong}");
    }
}

#[test]
fn the_rules_themselves_catch_what_they_should() {
    assert!(rank("plan::spec") < rank("config") && rank("config") < rank("plan::resolve"));
    assert!(is_everyday_use("go", "// the others go on"));
    assert!(!is_everyday_use("go", "if name == \"go\" {"));
    assert!(names("std::fs::File", "std::fs") && names("time::Instant::now", "Instant::now"));
    assert!(!names("std::fsx", "std::fs"));
}
