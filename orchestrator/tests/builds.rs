//! What is measured is what was just built; where it is not, the result says so.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::project::Project;
use common::skipped_without_root;
use serde_json::Value;

const RUNNER: &str = "exit 3";

fn write_manifest(root: &Path, name: &str, build: &str, from: &str) {
    let home = root.join("impls").join(name);
    fs::create_dir_all(&home).unwrap();
    let manifest = format!(
        "name: {name}\ntitle: Some\nlanguage: Shell\nframework: none\nbuild_environment: [SOME_*]\nbuild:\n  - {build}\n\
         programs:\n  ringbuf_throughput:\n    from: {from}\n    program_types: [tracepoint]\n    mechanisms: [ring_buffer]\n"
    );
    fs::write(home.join("impl.yaml"), manifest).unwrap();
}

fn build(root: &Path, name: &str, environment: &[(&str, &str)]) -> (Output, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
    command.arg("--root").arg(root).args(["build", "--json", name]).envs(environment.iter().copied());
    let output = command.output().unwrap();
    let outcomes: Value = serde_json::from_slice(&output.stdout).unwrap();
    (output, outcomes[0].clone())
}

fn warnings(run: &Value) -> String {
    run["machine"]["warnings"].to_string()
}

#[test]
fn a_build_sees_a_known_environment_and_the_receipt_has_what_was_named() {
    let project = Project::new(RUNNER, "");
    let root = project.path();
    let maker = "env > seen\ncat > made <<END\n#!/bin/sh\necho seventh 1\nEND\nchmod +x made\n";
    fs::write(root.join("make.sh"), maker).unwrap();
    write_manifest(root, "seventh", "[sh, make.sh]", "made");
    let environment =
        [("SOME_PLACE", "/x"), ("SOME_TOKEN", "t"), ("CARGO_TARGET_DIR", "/elsewhere"), ("GIT_DIR", "/y")];
    let (output, outcome) = build(root, "seventh", &environment);
    assert!(output.status.success(), "{output:?}");
    let seen = fs::read_to_string(root.join("seen")).unwrap();
    assert!(seen.contains("SOME_PLACE=/x\n") && seen.contains("SOME_TOKEN=t\n"), "{seen}");
    assert!(!seen.contains("CARGO_TARGET_DIR") && !seen.contains("GIT_DIR"), "{seen}");
    let receipt = &outcome["receipt"];
    assert_eq!(receipt["environment"], serde_json::json!({"SOME_PLACE": "/x", "SOME_TOKEN": null}));
    assert_eq!(receipt["programs"][0]["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn a_program_is_tried_with_the_environment_of_its_manifest() {
    let project = Project::new(RUNNER, "");
    let root = project.path();
    let maker =
        "cat > made <<END\n#!/bin/sh\n[ \"\\$NEEDED\" = here ] && echo seventh 1\nEND\nchmod +x made\n";
    fs::write(root.join("make.sh"), maker).unwrap();
    write_manifest(root, "seventh", "[sh, make.sh]", "made");
    let (without, _) = build(root, "seventh", &[("NEEDED", "here")]);
    assert!(!without.status.success(), "the caller's reaches no program: {without:?}");
    let manifest = root.join("impls/seventh/impl.yaml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text + "environment: {NEEDED: here}\n").unwrap();
    let (with, outcome) = build(root, "seventh", &[]);
    assert!(with.status.success(), "{with:?}");
    assert_eq!(outcome["receipt"]["programs"][0]["version"], "seventh 1");
}

#[test]
fn a_program_of_an_earlier_build_is_measured_with_a_loud_note_only() {
    if skipped_without_root("a_program_of_an_earlier_build_is_measured_with_a_loud_note_only") {
        return;
    }
    let project = Project::new(RUNNER, "");
    let root = project.path();
    // Its `--version` must answer.
    let runner = "#!/bin/sh\ncase $* in *--version*) echo seventh 1; exit ;; esac\nexit 3";
    fs::write(root.join("make.sh"), format!("cat > made <<'END'\n{runner}\nEND\nchmod +x made\n")).unwrap();
    write_manifest(root, "seventh", "[sh, make.sh]", "made");
    assert!(build(root, "seventh", &[]).0.status.success());

    write_manifest(root, "seventh", "[sh, -c, 'echo no compiler; exit 1']", "made");
    let (output, run) = project.compare(&["--implementations", "sixth,seventh", "--questions", "capacity"]);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let note = "the build of `seventh` failed: measured is the program of an earlier build, seventh 1";
    assert!(warnings(&run).contains(note), "{}", warnings(&run));
    assert!(warnings(&run).contains("build/logs/seventh.log"));
    assert!(String::from_utf8_lossy(&output.stderr).contains(note));
    assert!(fs::read_to_string(root.join("build/logs/seventh.log")).unwrap().contains("no compiler"));
    let seventh = outcome(&run, "seventh");
    assert_eq!(seventh["kind"], "crashed", "{seventh}");
}

#[test]
fn what_never_was_built_says_so_and_names_the_log() {
    if skipped_without_root("what_never_was_built_says_so_and_names_the_log") {
        return;
    }
    let project = Project::new(RUNNER, "");
    write_manifest(project.path(), "seventh", "[sh, -c, 'echo no compiler; exit 1']", "made");
    let (output, run) = project.compare(&["--implementations", "sixth,seventh", "--questions", "capacity"]);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let seventh = outcome(&run, "seventh");
    assert_eq!(seventh["kind"], "not_built", "{seventh}");
    assert!(seventh["hint"].as_str().unwrap().contains("build/logs/seventh.log"), "{seventh}");
    assert_eq!(outcome(&run, "sixth")["kind"], "crashed");
}

#[test]
fn a_program_that_was_replaced_by_hand_is_named() {
    if skipped_without_root("a_program_that_was_replaced_by_hand_is_named") {
        return;
    }
    let project = Project::new(RUNNER, "");
    assert!(build(project.path(), "sixth", &[]).0.status.success());
    let (_, run) = project.compare(&["--no-build", "--questions", "capacity"]);
    assert!(!warnings(&run).contains("sixth"), "{}", warnings(&run));
    fs::write(project.path().join("build/sixth/ringbuf_throughput"), "#!/bin/sh\nexit 4\n").unwrap();
    let (_, run) = project.compare(&["--no-build", "--questions", "capacity"]);
    let note = "`build/sixth/ringbuf_throughput` is not what the last build of `sixth` made";
    assert!(warnings(&run).contains(note), "{}", warnings(&run));
}

#[test]
fn a_checkout_within_another_repository_has_no_revision_of_its_own() {
    if skipped_without_root("a_checkout_within_another_repository_has_no_revision_of_its_own") {
        return;
    }
    let project = Project::new(RUNNER, "");
    let (_, run) = project.compare(&["--questions", "capacity"]);
    assert_eq!(run["machine"]["source"]["revision"], Value::Null);
}

/// The outcome of the first trial of an implementation.
fn outcome<'a>(run: &'a Value, implementation: &str) -> &'a Value {
    let trials = run["trials"].as_array().unwrap();
    let trial = trials.iter().find(|trial| trial["planned"]["implementation"] == implementation);
    &trial.unwrap_or_else(|| panic!("no trial of `{implementation}`: {run}"))["measurement"]["outcome"]
}
