//! Every figure and every statistic, computed again by a program that shares nothing with this one: tests/recompute, in Python, from
//! the documents.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::project::real_runner;
use common::skipped_without_root;
use serde_json::Value;

fn recompute(run: &Path) -> Output {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recompute/recompute.py");
    // Nothing of the caller's environment, and no compiled files beside the sources.
    let started = Command::new("python3")
        .args(["-E", "-s", "-B"])
        .arg(program)
        .arg(run)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .output();
    started.expect("python3 is there: the Python runner needs it as well")
}

/// Asserts that everything agrees, and that so much was compared.
fn agrees(run: &Path, figures: usize, statistics: usize) {
    let output = recompute(run);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}{complaint}");
    let last = text.lines().last().unwrap_or_default();
    let counts: Vec<usize> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(counts[0] >= figures && counts[1] >= statistics, "too little was compared: {last}");
}

fn change(run: &Path, pointer: &str, factor: f64) {
    let path = run.join("run.json");
    let mut json: Value = serde_json::from_str(&fs::read_to_string(&path).expect("a result")).expect("JSON");
    let value = json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"));
    *value = (value.as_f64().expect("a number") * factor).into();
    fs::write(path, json.to_string()).expect("written");
}

/// Two programs, one of them twice, five blocks, all three questions.
fn measured(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout");
    assert!(
        real_runner().is_file() && root.join("build/go/ringbuf_throughput").is_file(),
        "run `make build`"
    );
    let results = folder.join("results");
    let output = Command::new(env!("CARGO_BIN_EXE_orchestrator"))
        .arg("--root")
        .arg(root)
        .args(["compare", "--no-build", "-i", "c,go", "--aa", "c", "--blocks", "5", "--duration", "0.3"])
        .arg("--output")
        .arg(&results)
        .env("TMPDIR", folder)
        .env("ORCHESTRATOR_LOCK", folder)
        .output()
        .expect("started");
    // 7: a busy machine may spoil a trial, which is judged like any other.
    assert!(matches!(output.status.code(), Some(0 | 7)), "{}", String::from_utf8_lossy(&output.stderr));
    let mut runs = fs::read_dir(results).expect("results").flatten().filter(|entry| entry.path().is_dir());
    runs.next().expect("a run").path()
}

#[test]
fn an_independent_program_agrees_with_a_real_run_and_finds_what_was_changed() {
    if skipped_without_root("an_independent_program_agrees_with_a_real_run_and_finds_what_was_changed") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = measured(folder.path());
    agrees(&run, 1_500, 0);
    change(&run, "/trials/7/measurement/figures/offered_per_sec", 1.000_001);
    let output = recompute(&run);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("figures.offered_per_sec"));
}
