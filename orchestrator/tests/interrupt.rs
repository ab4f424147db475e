//! Whatever ends a run: what was measured is kept, and no process is left behind. Needs root and a built runner.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

mod common;

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::project::{Project, tampering};
use common::{skipped_without_root, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rstest::rstest;

/// A run of three questions: the first trial is short, so that it is done when the signal comes, and the rest is not.
fn start(project: &Project, duration: &str) -> Child {
    let mut command = project.compare_command();
    command.args(["--duration", duration, "--json"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // Orchestrator, helper, load and runner.
    wait_until(|| project.processes() >= 4, "the first trial runs");
    child
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

#[rstest]
#[case::ctrl_c(Signal::SIGINT, 130)]
#[case::sigterm(Signal::SIGTERM, 143)]
fn polite_end_keeps_what_was_measured(#[case] number: Signal, #[case] status: i32) {
    if skipped_without_root("polite_end_keeps_what_was_measured") {
        return;
    }
    let project = Project::new(&tampering("none"), "");
    let child = start(&project, "60");
    let asked = Instant::now();
    signal(&child, number);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(status));
    assert!(asked.elapsed() < Duration::from_secs(10), "took {:?}", asked.elapsed());
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(run["trials"].as_array().unwrap().len(), 0, "the interrupted trial is not a result");
    wait_until(|| project.processes() == 0, "everything has ended");
}

/// What `timeout`, a service manager or `kill -- -GROUP` does: the helper gets the signal as well, and leaves it to the orchestrator.
#[test]
fn end_of_the_whole_group_keeps_the_finished_trials() {
    if skipped_without_root("end_of_the_whole_group_keeps_the_finished_trials") {
        return;
    }
    let project = Project::new(&tampering("none"), "");
    let mut command = project.compare_command();
    command.args(["--duration", "1", "--json"]).process_group(0);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(|| project.events() >= 2, "one trial is on disk");
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::killpg(group, Signal::SIGTERM).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143), "{}", String::from_utf8_lossy(&output.stderr));
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(!run["trials"].as_array().unwrap().is_empty(), "what was measured is kept");
    wait_until(|| project.processes() == 0, "everything has ended");
}

#[test]
fn removal_of_the_raw_facts_in_mid_run_ends_it_with_words() {
    if skipped_without_root("removal_of_the_raw_facts_in_mid_run_ends_it_with_words") {
        return;
    }
    let project = Project::new(&tampering("none"), "");
    let mut command = project.compare_command();
    command.args(["--duration", "1"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(|| project.events() >= 2, "one trial is on disk");
    std::fs::remove_file(project.events_path().unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(9), "{text}");
    assert!(text.contains("events.jsonl` was removed or replaced while the run was measured"), "{text}");
    assert!(project.events() >= 3, "the facts are there again");
}

#[test]
fn kill_of_the_orchestrator_leaves_no_process_and_the_finished_trials() {
    if skipped_without_root("kill_of_the_orchestrator_leaves_no_process_and_the_finished_trials") {
        return;
    }
    let project = Project::new(&tampering("none"), "");
    let mut child = start(&project, "1");
    wait_until(|| project.events() >= 2, "one trial is on disk");
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until(|| project.processes() == 0, "everything has ended");
    assert!(project.events() >= 2, "the finished trial is still there");
}
