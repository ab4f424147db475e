//! Rules of the code base that a compiler does not check: layering, neutrality, sizes.

use std::fs;
use std::path::{Path, PathBuf};

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

/// Every `crate::…` path in `use` lines and elsewhere, groups opened at the first level: `crate::{config, plan}`.
fn uses(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for part in text.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let group = group.split(';').next().unwrap_or(group);
            let mut depth = 0;
            let flat: String = group
                .chars()
                .filter(|letter| {
                    depth += i32::from(*letter == '{') - i32::from(*letter == '}');
                    depth == 0 && *letter != '}'
                })
                .collect();
            paths.extend(flat.split(',').map(|item| item.trim().trim_end_matches("::").to_owned()));
        } else {
            let end = part.find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':'));
            paths.push(part[..end.unwrap_or(part.len())].trim_end_matches(':').to_owned());
        }
    }
    paths.retain(|path| !path.is_empty());
    paths
}

#[test]
fn a_module_uses_only_modules_before_it() {
    let mut violations = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a readable file");
        let module = name(&file);
        let own =
            rank(&module).unwrap_or_else(|| panic!("`{module}` has no place in the order of tests/tidy.rs"));
        for path in uses(&text) {
            match rank(&path) {
                Some(used) if used <= own => {}
                Some(_) => violations.push(format!("{module} uses crate::{path}, which comes after it")),
                None => {
                    violations.push(format!("{module} uses crate::{path}, which has no place in the order"));
                }
            }
        }
    }
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn pure_stages_do_no_input_or_output() {
    for file in sources() {
        let module = name(&file);
        if !["plan", "parse", "stats", "tables", "render"]
            .iter()
            .any(|stage| module.split("::").next() == Some(stage))
        {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a readable file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for forbidden in
            ["std::fs", "std::net", "std::process", "std::thread", "Instant::now", "SystemTime::now"]
        {
            assert!(!code.contains(forbidden), "`{module}` is a pure stage, but uses {forbidden}");
        }
    }
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
fn is_everyday_use(word: &str, line: &str) -> bool {
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

#[test]
fn the_rules_themselves_catch_what_they_should() {
    assert_eq!(uses("use crate::plan::{A, B};\nfn f() { crate::load::run() }"), ["plan", "load::run"]);
    assert_eq!(
        uses("use crate::{config, plan::spec::{A, B}, exit_code};"),
        ["config", "plan::spec", "exit_code"]
    );
    assert!(rank("plan::spec") < rank("config") && rank("config") < rank("plan::resolve"));
    assert!(is_everyday_use("go", "// the others go on"));
    assert!(!is_everyday_use("go", "if name == \"go\" {"));
}
