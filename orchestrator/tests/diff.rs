//! Two runs against each other, and the gate.

#[path = "common/runs.rs"]
mod runs;

use std::path::Path;

use serde_json::Value;

use runs::{copy, orchestrator, shown};

/// A run in which the figures of one implementation are worse by `factor`.
fn slowed(folder: &Path, name: &str, implementation: &str, factor: f64) {
    copy(folder, name, |event| {
        if event["planned"]["implementation"] == implementation {
            let figure = &mut event["measurement"]["figures"]["cpu_ns_per_event"];
            *figure = (figure.as_f64().expect("a number") * factor).into();
        }
    });
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    slowed(folder.path(), "old", "go", 1.0);
    slowed(folder.path(), "slow", "go", 2.0);
    slowed(folder.path(), "same", "go", 1.001);
    folder
}

fn status(folder: &Path, arguments: &[&str]) -> i32 {
    orchestrator(folder, arguments).status.code().unwrap_or(-1)
}

#[test]
fn a_slower_run_is_found() {
    let folder = project();
    insta::assert_snapshot!("slower", shown(&orchestrator(folder.path(), &["diff", "old", "slow"])));
}

#[test]
fn a_gate_fails_on_what_is_slower_for_certain() {
    let folder = project();
    let gate = |later: &[&str]| {
        let arguments = [&["diff", "old"], later, &["--fail-on", "slower:5%"]].concat();
        let output = orchestrator(folder.path(), &arguments);
        let text = shown(&output);
        let gate = text.split_once("gate: ").map_or("no gate", |(_, gate)| gate).to_owned();
        (output.status.code().unwrap_or(-1), gate)
    };
    let (code, text) = gate(&["slow"]);
    assert!(
        code == 8 && text.starts_with("failed, slower by at least 5 % for certain, or lost:\n"),
        "{text}"
    );
    assert!(text.contains("\n  capacity go cpu_ns_per_event: +100 %\n"), "{text}");
    assert!(
        text.ends_with("hint: measure again, and confirm: `orchestrator diff OLD NEW NEW2 --fail-on …`\n")
    );
    let (code, text) = gate(&["same"]);
    assert!(code == 0 && text.starts_with("passed, nothing is slower"), "{text}");
    // A second run that does not confirm it lets it pass, one that does fails it.
    assert_eq!(gate(&["slow", "same"]).0, 0);
    let (code, text) = gate(&["slow", "slow"]);
    assert!(code == 8 && text.starts_with("failed, slower by at least 5 % for certain in both"), "{text}");
    // The whole interval must lie beyond the limit.
    assert_eq!(status(folder.path(), &["diff", "old", "slow", "--fail-on", "slower:90%"]), 0);
}

#[test]
fn a_row_that_no_longer_balances_fails_the_gate() {
    let folder = project();
    copy(folder.path(), "invalid", |event| {
        if event["planned"]["number"] == 4 {
            let failed = ["submitted 3 = received 2"];
            event["measurement"]["verdict"] = serde_json::json!({"kind": "invalid", "failed": failed});
        }
    });
    let arguments = ["diff", "old", "invalid", "--fail-on", "slower:5%", "--json"];
    let output = orchestrator(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(8));
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let failed = &outcome["gate"]["failed"][0];
    assert_eq!((&failed["label"], &failed["basis"]["reason"]), (&"go".into(), &"go is invalid".into()));
    assert!(failed["new"].is_null() && failed["change"].is_null() && failed["old"]["ratio"].is_number());
}

#[test]
fn runs_that_cannot_be_compared_are_refused_with_each_reason() {
    let folder = project();
    copy(folder.path(), "elsewhere", |event| {
        if event["event"] == "header" {
            event["machine"]["environment"]["kernel_release"] = "6.1.0".into();
            event["machine"]["environment"]["governor"] = "powersave".into();
            event["machine"]["receipts"][0]["programs"][0]["version"] = "c 2".into();
            event["machine"]["receipts"][1]["programs"][0]["version"] = "go 2".into();
            event["plan"]["benchmarks"][1]["runner"]["batch"] = 1.into();
        }
    });
    let refused = orchestrator(folder.path(), &["diff", "old", "elsewhere"]);
    insta::assert_snapshot!("refused", shown(&refused));
    let anyway = orchestrator(folder.path(), &["diff", "old", "elsewhere", "--anyway"]);
    let text = shown(&anyway);
    assert_eq!(anyway.status.code(), Some(0));
    assert!(text.contains("\n  not comparable: kernel: 6.18.44-fc-v669, then 6.1.0\n"), "{text}");
    assert!(text.contains("\n  warning: frequency governor: unknown, then powersave\n"), "{text}");
}

#[test]
fn without_a_common_baseline_nothing_is_compared() {
    let folder = project();
    copy(folder.path(), "other", |event| {
        if event["event"] == "header" {
            event["plan"]["baseline"] = "go".into();
        }
    });
    let output = orchestrator(folder.path(), &["diff", "old", "other"]);
    assert_eq!(output.status.code(), Some(10), "{}", shown(&output));
    assert_eq!(status(folder.path(), &["diff", "old", "other", "--baseline", "c"]), 0);
    assert_eq!(status(folder.path(), &["diff", "old", "other", "--baseline", "d"]), 2);
}

#[test]
fn a_gate_that_can_judge_nothing_does_not_pass() {
    let folder = project();
    copy(folder.path(), "short", |event| {
        if event["planned"]["block"].as_u64() > Some(1) {
            event["measurement"]["verdict"] = Value::Null;
            event["measurement"]["outcome"] = serde_json::json!({"kind": "leaked_process"});
        }
    });
    let output = orchestrator(folder.path(), &["diff", "short", "short", "--fail-on", "slower:5%"]);
    assert_eq!(output.status.code(), Some(10), "{}", shown(&output));
    assert!(shown(&output).contains("error: the gate could judge nothing"), "{}", shown(&output));
}
