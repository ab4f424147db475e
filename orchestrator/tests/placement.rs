//! A benchmark runs where its configuration says, and `diff` tells two places apart. Needs root and built runners (`make build`).

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// Runs a benchmark with one implementation in this place; answers the folder of the run.
fn measured(results: &Path, placement: &str) -> PathBuf {
    let config = results.join("placed.yaml");
    let text = format!(
        "benchmarks:\n  - name: placed\n    program_type: tracepoint\n    data_mechanism: ring_buffer\n    event_source: sys_enter_openat2\n    \
         duration_seconds: 300ms\n    languages: [c]\n    metrics: [capacity]\n    placement: {placement}\n"
    );
    std::fs::write(&config, text).unwrap();
    let output = results.join(placement.replace(|letter: char| !letter.is_alphanumeric(), "-"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
    command.arg("--root").arg(root).args(["run", "--no-build", "--blocks=1"]).arg(&config);
    let done = command.arg("--output").arg(&output).env("ORCHESTRATOR_LOCK", &output).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::read_dir(&output).unwrap().next().unwrap().unwrap().path()
}

fn json_of(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_benchmark_runs_where_it_says_and_two_places_are_not_compared() {
    let usable: Vec<u32> = orchestrator::config::Topology::read().cpus.iter().map(|cpu| cpu.id).collect();
    let skipped =
        common::skipped_without_root("a_benchmark_runs_where_it_says_and_two_places_are_not_compared");
    let [first, .., last] = usable[..] else { return };
    if skipped {
        return;
    }
    let results = tempfile::tempdir().unwrap();
    // The other way round than without a word.
    let placement = format!("{{runner: {first}, load: {last}, supervisor: {last}}}");
    let run = measured(results.path(), &placement);
    let result = json_of(&run.join("run.json"));
    let own = json!({ "runner": first, "load": [last], "supervisor": [last] });
    assert_eq!(result["plan"]["benchmarks"][0]["placement"], own);
    assert_eq!(result["trials"][0]["measurement"]["verdict"]["kind"], "valid");
    let events = std::fs::read_to_string(run.join("events.jsonl")).unwrap();
    let mut trials = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let record = trials.find(|line| line["event"] == "trial").unwrap()["record"].clone();
    assert_eq!(record["before"]["canary"]["cpu"], first, "the runner's CPU is tried before");
    assert_eq!(record["processes"]["departures"], json!([]), "a thread was elsewhere");
    let other = measured(results.path(), &format!("{{runner: {last}, load: {first}, supervisor: {first}}}"));
    let mut diff = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
    let refused = diff.arg("diff").args([&run, &other]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let words = format!(
        "placement: runner on CPU {first}, load on {last}, supervisor on {last}, then runner on CPU {last}"
    );
    assert!(refused.status.code() == Some(10) && said.contains(&words), "{said}");
}
