//! Earlier runs: read, shown, analysed again, and refused with a reason.

#[path = "common/runs.rs"]
mod runs;

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use runs::{copy, first_version, orchestrator, shown};

fn stdout(output: &std::process::Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn a_run_of_the_first_schema_version_still_opens_and_renders() {
    let runs = first_version();
    let output = orchestrator(runs.parent().expect("a parent"), &["report", "v1"]);
    insta::assert_snapshot!("first_version", shown(&output));
}

#[test]
fn a_run_of_the_first_schema_version_can_still_be_analysed_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(folder.path(), "v1", |_| {});
    let again = orchestrator(folder.path(), &["report", "v1", "--reanalyse"]);
    insta::assert_snapshot!("first_version_again", shown(&again));
    assert!(!folder.path().join("v1/run.json").exists(), "only --write writes");

    let events = fs::read(folder.path().join("v1/events.jsonl")).expect("readable");
    let written = orchestrator(folder.path(), &["report", "v1", "--reanalyse", "--write"]);
    assert!(written.status.success(), "{}", shown(&written));
    for file in ["run.json", "trials.csv", "summary.csv", "report.html"] {
        assert!(folder.path().join("v1").join(file).is_file(), "{file}");
    }
    assert_eq!(fs::read(folder.path().join("v1/events.jsonl")).expect("readable"), events);
    let with_page = format!("{}page     v1/report.html\n", stdout(&again));
    assert_eq!(stdout(&orchestrator(folder.path(), &["report", "v1"])), with_page);
}

#[test]
fn results_agree_with_the_committed_schema() {
    let root = first_version().ancestors().nth(5).expect("the project").to_owned();
    let validator = |name: &str| {
        let path = root.join(format!("docs/schema/{name}.json"));
        let committed = fs::read_to_string(path).expect("a committed schema");
        let made = stdout(&orchestrator(&root, &["schema", name]));
        assert!(committed == made, "run `orchestrator schema {name} > docs/schema/{name}.json`");
        let schema: Value = serde_json::from_str(&committed).expect("JSON");
        jsonschema::validator_for(&schema).expect("a valid schema")
    };
    let errors = |validator: &jsonschema::Validator, value: &str| {
        let value: Value = serde_json::from_str(value).expect("JSON");
        let errors =
            validator.iter_errors(&value).map(|error| format!("{}: {error}\n", error.instance_path()));
        errors.collect::<String>()
    };
    let run = validator("run");
    let old = fs::read_to_string(first_version().join("run.json")).expect("a fixture");
    let new = stdout(&orchestrator(&first_version(), &["report", ".", "--reanalyse", "--json"]));
    assert_eq!(errors(&run, &old), "");
    assert_eq!(errors(&run, &new), "");
    assert_ne!(errors(&run, r#"{"schema_version": "one"}"#), "");

    let trial = validator("trial");
    let events = fs::read_to_string(first_version().join("events.jsonl")).expect("a fixture");
    for line in events.lines().skip(1) {
        assert_eq!(errors(&trial, line), "");
    }
}

#[test]
fn a_run_that_was_cut_short_shows_what_it_has_and_what_is_missing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = copy(folder.path(), "cut", |_| {});
    let events = fs::read_to_string(path.join("events.jsonl")).expect("readable");
    let lines: Vec<&str> = events.split_inclusive('\n').take(12).collect();
    // A header, ten trials, and a line that was cut.
    let text = lines.concat();
    fs::write(path.join("events.jsonl"), &text[..text.len() - 40]).expect("written");
    let output = orchestrator(folder.path(), &["report", "cut"]);
    assert!(output.status.success());
    let end = "this run is not complete: 8 of 18 trials were not run, and a last one was cut while it was written\n\
               hint: `orchestrator resume cut` runs them\n";
    assert!(stdout(&output).ends_with(end), "{}", shown(&output));
}

#[test]
fn settings_and_baseline_of_a_run_can_be_changed() {
    let runs = first_version();
    let arguments = ["report", ".", "--baseline", "go", "--delta", "10%", "--json"];
    let run: Value = serde_json::from_str(&stdout(&orchestrator(&runs, &arguments))).expect("JSON");
    assert_eq!(run["plan"]["baseline"], "go");
    assert_eq!(run["analysis"]["settings"]["delta"], 0.1);
}

#[test]
fn what_cannot_be_read_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    copy(folder.path(), "newer", |event| event["schema_version"] = 9.into());
    copy(folder.path(), "damaged", |event| {
        if event["planned"]["number"] == 5 {
            event["planned"]["block"] = "five".into();
        }
    });
    copy(folder.path(), "no_result", |_| {});
    fs::write(folder.path().join("no_result/run.json"), "{\n\"schema_version\": 1,\n]").expect("written");
    let mut text = String::new();
    for arguments in [
        &["report", "nothing"][..],
        &["report", "empty"],
        &["report", "newer"],
        &["report", "damaged"],
        &["report", "no_result"],
        &["report", "damaged", "--write"],
        &["report", ".", "--baseline", "gi"],
        &["report", "no_result", "--reanalyse", "--baseline", "gi"],
    ] {
        let output = orchestrator(folder.path(), arguments);
        // Writing to a string cannot fail.
        writeln!(text, "$ orchestrator {}\n{}", arguments.join(" "), shown(&output)).ok();
    }
    insta::assert_snapshot!("unreadable", text);
    let repaired = orchestrator(folder.path(), &["report", "no_result", "--reanalyse", "--write"]);
    assert!(repaired.status.success(), "{}", shown(&repaired));
    assert!(orchestrator(folder.path(), &["report", "no_result"]).status.success());
}
