//! Two runs against each other, and the gate.

#[path = "common/runs.rs"]
mod runs;

use std::fs;
use std::path::Path;

use serde_json::Value;

use runs::{copy, orchestrator, shown};

/// A copy in which each block stands three times: the fixture's three are too few for a verdict.
fn long(folder: &Path, name: &str, change: impl Fn(&mut Value)) {
    let path = copy(folder, name, |event| {
        if event["event"] == "header" {
            let trials = event["plan"]["trials"].as_array().expect("a list").clone();
            event["plan"]["trials"] =
                (0..3).flat_map(|part| trials.iter().map(move |t| moved(t, part))).collect();
            event["plan"]["blocks"] = 9.into();
        }
    });
    let events = fs::read_to_string(path.join("events.jsonl")).expect("readable");
    let (header, trials) = events.split_once('\n').expect("a header");
    let mut text = String::new();
    let mut push = |mut event: Value| {
        change(&mut event);
        text += &event.to_string();
        text.push('\n');
    };
    push(serde_json::from_str(header).expect("JSON"));
    for part in 0..3_u32 {
        for line in trials.lines() {
            let mut event: Value = serde_json::from_str(line).expect("JSON");
            event["planned"] = moved(&event["planned"], part.into());
            // Three blocks on a busy machine are too uncertain for a limit of 5 %: costs of that size that hardly move.
            let block = event["planned"]["block"].as_u64().unwrap_or(0);
            let wobble = 1.0 + 0.002 * f64::from(u32::try_from(block * 7 % 5).unwrap_or(0));
            let cost = if event["planned"]["label"] == "c" { 4.0 } else { 18.0 };
            let figure = &mut event["measurement"]["figures"]["cpu_ns_per_event"];
            if figure.is_f64() {
                *figure = (cost * wobble).into();
            }
            push(event);
        }
    }
    fs::write(path.join("events.jsonl"), text).expect("written");
}

fn moved(planned: &Value, part: u64) -> Value {
    let mut planned = planned.clone();
    planned["block"] = (planned["block"].as_u64().expect("a block") + 3 * part).into();
    planned["number"] = (planned["number"].as_u64().expect("a number") + 18 * part).into();
    planned
}

/// A run in which the figures of one implementation are worse by `factor`.
fn slowed(folder: &Path, name: &str, implementation: &str, factor: f64) {
    long(folder, name, |event| {
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
}

#[test]
fn a_row_that_no_longer_balances_fails_the_gate() {
    let folder = project();
    long(folder.path(), "invalid", |event| {
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

/// A sweep over five values, in which the last point of one implementation is worse by `factor`.
fn sweep(folder: &Path, name: &str, factor: f64) {
    long(folder, name, |_| {});
    let path = folder.join(name).join("events.jsonl");
    let at_each_point = |planned: &Value| -> Vec<Value> {
        let at = |index: u64| {
            let mut planned = planned.clone();
            planned["benchmark"] = index.into();
            planned["number"] = (planned["number"].as_u64().expect("a number") * 5 + index).into();
            planned
        };
        (0..5).map(at).collect()
    };
    let mut text = String::new();
    for line in fs::read_to_string(&path).expect("readable").lines() {
        let mut event: Value = serde_json::from_str(line).expect("JSON");
        let mut events = Vec::new();
        if event["event"] == "header" {
            let point = |work: u32| {
                let mut benchmark = event["plan"]["benchmarks"][0].clone();
                benchmark["name"] = format!("capacity work={work}").into();
                benchmark["runner"]["work"] = work.into();
                benchmark["point"] = serde_json::json!({"series": "capacity", "axis": "work", "x": work});
                benchmark
            };
            let benchmarks = [0, 10, 100, 1_000, 10_000].map(point);
            let trials = event["plan"]["trials"].as_array().expect("a list").iter();
            let trials: Vec<Value> =
                trials.filter(|trial| trial["benchmark"] == 0).flat_map(at_each_point).collect();
            event["plan"]["benchmarks"] = benchmarks.to_vec().into();
            event["plan"]["trials"] = trials.into();
            events.push(event);
        } else if event["planned"]["benchmark"] == 0 {
            for planned in at_each_point(&event["planned"]) {
                let mut event = event.clone();
                if planned["benchmark"] == 4 && planned["label"] == "go" {
                    let figure = &mut event["measurement"]["figures"]["cpu_ns_per_event"];
                    *figure = (figure.as_f64().expect("a number") * factor).into();
                }
                event["planned"] = planned;
                events.push(event);
            }
        }
        for event in events {
            text += &event.to_string();
            text.push('\n');
        }
    }
    fs::write(path, text).expect("written");
}

#[test]
fn two_sweeps_are_compared_point_by_point() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    sweep(folder.path(), "old", 1.0);
    sweep(folder.path(), "new", 2.0);
    let output = orchestrator(folder.path(), &["diff", "old", "new", "--json"]);
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let cells = outcome["comparisons"][0]["cells"].as_array().expect("a list");
    let of_go: Vec<(&str, &str)> = cells
        .iter()
        .filter(|cell| cell["label"] == "go")
        .map(|cell| {
            assert_eq!(cell["basis"]["kind"], "compared", "{cell:#}");
            let verdict = cell["verdict"]["kind"].as_str().expect("a verdict");
            (cell["benchmark"].as_str().expect("a name"), verdict)
        })
        .collect();
    let expected = [
        ("capacity work=0", "equivalent"),
        ("capacity work=10", "equivalent"),
        ("capacity work=100", "equivalent"),
        ("capacity work=1000", "equivalent"),
        ("capacity work=10000", "slower_by"),
    ];
    assert_eq!(of_go, expected);
}

#[test]
fn runs_that_cannot_be_compared_are_refused_with_each_reason() {
    let folder = project();
    long(folder.path(), "elsewhere", |event| {
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
    long(folder.path(), "other", |event| {
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

#[test]
fn a_gate_does_not_pass_where_every_figure_is_too_uncertain() {
    let folder = project();
    // Blocks that go up and down by a half: no interval excludes anything.
    let wild = |name: &str| {
        long(folder.path(), name, |event| {
            let block = event["planned"]["block"].as_u64().unwrap_or(0);
            if event["planned"]["label"] == "go" {
                let factor = if block % 2 == 0 { 1.5 } else { 0.7 };
                let figure = &mut event["measurement"]["figures"]["cpu_ns_per_event"];
                *figure = (figure.as_f64().unwrap_or(1.0) * factor).into();
                event["measurement"]["latency"] = Value::Null;
            }
        });
    };
    wild("wild");
    let output = orchestrator(folder.path(), &["diff", "wild", "wild", "--fail-on", "slower:5%"]);
    let text = shown(&output);
    assert_eq!(output.status.code(), Some(10), "{text}");
    assert!(text.contains("gate: not judged, so not passed"), "{text}");
    assert!(text.contains("  not judged: capacity go cpu_ns_per_event: "), "{text}");
}

#[test]
fn a_gate_does_not_pass_where_the_new_run_lacks_a_benchmark() {
    let folder = project();
    long(folder.path(), "partial", |event| {
        if event["event"] == "header" {
            let trials = event["plan"]["trials"].as_array().expect("a list").clone();
            let kept = trials.into_iter().filter(|trial| trial["benchmark"] != 0).collect();
            event["plan"]["trials"] = kept;
            event["plan"]["benchmarks"][0]["name"] = "another".into();
        } else if event["planned"]["benchmark"] == 0 {
            event["planned"]["label"] = "nobody".into();
        }
    });
    let output = orchestrator(folder.path(), &["diff", "old", "partial", "--fail-on", "slower:5%"]);
    let text = shown(&output);
    assert_eq!(output.status.code(), Some(10), "{text}");
    assert!(text.contains("  not judged: capacity: a new run did not measure it"), "{text}");
    assert!(text.contains("error: the gate did not judge what the new run lacks: capacity"), "{text}");
}

#[test]
fn a_gate_does_not_fail_where_the_runs_differ_in_selection_or_in_a_second_run() {
    let folder = project();
    let renamed = |name: &str, to: &'static str| {
        long(folder.path(), name, move |event| {
            let label = |trial: &mut Value| {
                if trial["label"] == "go" {
                    trial["label"] = to.into();
                    trial["implementation"] = if to == "c@2" { "c" } else { to }.into();
                }
            };
            if event["event"] == "header" {
                event["plan"]["trials"].as_array_mut().expect("a list").iter_mut().for_each(label);
            } else {
                label(&mut event["planned"]);
            }
        });
    };
    renamed("second", "c@2");
    let gate = |old: &str, new: &str| {
        let output = orchestrator(folder.path(), &["diff", old, new, "--fail-on", "slower:5%"]);
        (output.status.code().unwrap_or(-1), shown(&output))
    };
    // Nothing else is in both runs, so nothing is judged; but nothing is lost either.
    let (code, text) = gate("old", "second");
    assert_eq!(code, 10, "{text}");
    assert!(
        text.contains("not judged: capacity go: in the new run go took no part") && !text.contains("failed"),
        "{text}"
    );
    let (code, text) = gate("second", "old");
    assert!(code == 10 && !text.contains("c@2 took no part"), "{text}");
}
