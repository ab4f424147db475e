//! A load or a supervisor that is stopped in mid-trial shows in the trial. Needs root and a built runner.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::project::{Project, tampering};
use common::{skipped_without_root, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::process::Process;
use serde_json::Value;

/// The project's process with this word as its first argument.
fn with_argument(project: &Project, word: &str) -> Option<Process> {
    let find = |process: &Process| {
        process.cmdline().is_ok_and(|line| line.get(1).is_some_and(|first| first == word))
    };
    project.found().into_iter().find(find)
}

/// Whether the load issues: the thread that does has used some processor time, which its preparation does not take.
fn issues(load: &Process) -> bool {
    let tasks = load.tasks().into_iter().flatten().flatten();
    tasks
        .filter_map(|task| task.stat().ok())
        .any(|stat| stat.comm == "load-0" && stat.utime + stat.stime >= 3)
}

/// Runs one trial, and stops one of its processes for a while once the load is busy.
fn with_a_stop(word: &str, length: Duration) -> Value {
    let project = Project::new(&tampering("none"), "");
    let mut command = project.compare_command();
    command.args(["--questions", "latency", "--duration", "6", "--json"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // An open loop spins before each slot, so that a load that runs shows.
    wait_until(|| with_argument(&project, "load").is_some_and(|load| issues(&load)), "the load runs");
    let stopped = Pid::from_raw(with_argument(&project, word).unwrap().pid);
    kill(stopped, Signal::SIGSTOP).unwrap();
    std::thread::sleep(length);
    kill(stopped, Signal::SIGCONT).unwrap();
    let output = child.wait_with_output().unwrap();
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    run["trials"][0]["measurement"].clone()
}

fn failed(measurement: &Value) -> String {
    assert_eq!(measurement["verdict"]["kind"], "invalid", "{measurement}");
    measurement["verdict"]["failed"].to_string()
}

#[test]
fn a_load_that_was_stopped_makes_its_trial_invalid() {
    if skipped_without_root("a_load_that_was_stopped_makes_its_trial_invalid") {
        return;
    }
    let failed = failed(&with_a_stop("load", Duration::from_millis(300)));
    assert!(failed.contains("the load's longest standstill "), "{failed}");
}

#[test]
fn a_supervisor_that_was_stopped_makes_its_trial_invalid() {
    if skipped_without_root("a_supervisor_that_was_stopped_makes_its_trial_invalid") {
        return;
    }
    let measurement = with_a_stop("helper", Duration::from_millis(2_300));
    let failed = failed(&measurement);
    assert!(failed.contains("the supervisor's longest absence "), "{failed}");
    assert!(
        measurement["disturbed"].to_string().contains("the supervisor stood still for "),
        "{measurement}"
    );
}
