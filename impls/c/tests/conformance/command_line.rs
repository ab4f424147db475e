//! Flags: needs no privileges.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{IMPLEMENTATION, RUNNER};

const HINT: &str = "run `ringbuf_throughput --help` for the flags and their values";

fn run(args: &[&str]) -> Output {
    Command::new(RUNNER).args(args).output().expect("the runner starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the runner writes UTF-8")
}

#[test]
fn prints_the_shared_help() {
    for flag in ["-h", "--help"] {
        let output = run(&[flag]);
        assert!(output.status.success());
        assert_eq!(text(&output.stdout), include_str!("../../../testdata/help.txt"));
    }
}

#[test]
fn prints_its_versions_on_one_line() {
    for flag in ["-V", "--version"] {
        let output = run(&[flag]);
        assert!(output.status.success());
        let line = text(&output.stdout);
        assert!(line.starts_with("ringbuf_throughput ") && line.contains(IMPLEMENTATION), "{line}");
        assert_eq!(line.lines().count(), 1);
    }
}

#[test]
fn output_that_cannot_be_written_is_an_internal_error() {
    for flag in ["--help", "--version"] {
        let full = std::fs::File::create("/dev/full").expect("/dev/full is there");
        let status = Command::new(RUNNER).arg(flag).stdout(full).status().expect("the runner starts");
        assert_eq!(status.code(), Some(70), "{flag}");
    }
}

#[test]
fn every_bad_command_line_is_explained() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../testdata/usage.json")).expect("usage.json is JSON");
    assert!(!cases.is_empty());
    for case in cases {
        let args: Vec<&str> =
            case["args"].as_array().expect("args").iter().filter_map(Value::as_str).collect();
        let message = case["message"].as_str().expect("message");
        explains_to_a_person(&args, message);
        explains_to_a_supervisor(&args, message);
    }
}

fn explains_to_a_person(args: &[&str], message: &str) {
    let output = run(args);
    assert_eq!(output.status.code(), Some(64), "{args:?}");
    assert_eq!(text(&output.stderr), format!("error: {message}\n\nhint: {HINT}\n"), "{args:?}");
    assert_eq!(text(&output.stdout), "", "{args:?}");
}

fn explains_to_a_supervisor(args: &[&str], message: &str) {
    let output = run(&[&["--output", "jsonl"], args].concat());
    assert_eq!(output.status.code(), Some(64), "{args:?}");
    assert_eq!(text(&output.stderr), format!("error: {message}\n\nhint: {HINT}\n"), "{args:?}");
    let lines: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a protocol line is JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "{args:?}");
    assert_eq!(lines[0]["type"], "hello");
    assert_eq!(lines[0]["protocol_version"], 2);
    assert_eq!(lines[0]["implementation"], IMPLEMENTATION);
    assert_eq!(lines[1]["type"], "error");
    assert_eq!(lines[1]["kind"], "usage");
    assert_eq!(lines[1]["message"], message);
    assert_eq!(lines[1]["hint"], HINT);
}

#[test]
fn asks_for_root_when_it_has_no_privileges() {
    // `nobody`, so that it is tested as root too; an ordinary user stays who they are.
    let output = if crate::process::is_root() {
        Command::new("setpriv")
            .args([
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
            ])
            .arg("/proc/self/fd/0")
            .stdin(std::fs::File::open(RUNNER).expect("the runner is there"))
            .output()
            .expect("setpriv starts")
    } else {
        run(&[])
    };
    assert_eq!(
        text(&output.stderr),
        "error: loading BPF programs needs root, or CAP_BPF and CAP_PERFMON\n\nhint: run it with sudo\n"
    );
    assert_eq!(output.status.code(), Some(69));
}
