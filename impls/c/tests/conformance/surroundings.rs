//! What is said where the kernel or the privileges do not allow to measure, and where tracepoints are looked up. Needs root.

use std::fs::File;
use std::process::{Command, Output};

use serde_json::Value;

use crate::RUNNER;
use crate::process::is_root;

/// Another program that runs this one, which it finds as its standard input: its folder may be hidden.
fn through(program: &str, args: &[&str]) -> Option<Output> {
    if !is_root() {
        eprintln!("skipped: `{program}` needs root");
        return None;
    }
    let runner = File::open(RUNNER).expect("the runner is there");
    Some(Command::new(program).args(args).stdin(runner).output().expect("it starts"))
}

/// As nobody, with these capabilities only.
fn with_capabilities(capabilities: &str) -> Option<Output> {
    let sets = ["inh-caps", "ambient-caps", "bounding-set"].map(|set| format!("--{set}={capabilities}"));
    let [inheritable, ambient, bounding] = sets.each_ref().map(String::as_str);
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", inheritable, ambient, bounding];
    through("setpriv", &[&nobody[..], &["/proc/self/fd/0", "--output", "jsonl"]].concat())
}

/// In a mount namespace of its own, by a script in which `$0` is the runner.
fn in_own_mounts(script: &str) -> Option<Output> {
    through("unshare", &["--mount", "sh", "-c", script, RUNNER])
}

fn fails(output: &Output, kind: &str, named: &str) {
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let last = String::from_utf8_lossy(&output.stdout).lines().last().map(serde_json::from_str::<Value>);
    let error = last.expect("there are messages").expect("the last is JSON");
    assert_eq!(error["kind"], kind, "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(named)), "{error}");
    assert!(error["hint"].is_string(), "{error}");
}

#[test]
fn asks_for_root_when_it_has_no_privileges() {
    if let Some(output) = with_capabilities("-all") {
        fails(&output, "permission", "CAP_BPF");
    }
}

#[test]
fn two_capabilities_may_not_read_tracefs() {
    if let Some(output) = with_capabilities("-all,+bpf,+perfmon") {
        fails(&output, "permission", "/sys/kernel/tracing");
    }
}

#[test]
fn says_that_tracefs_is_not_mounted() {
    let output = in_own_mounts(
        "mount -t tmpfs none /sys/kernel/debug && mount -t tmpfs none /sys/kernel/tracing && \
         exec \"$0\" --output jsonl",
    );
    if let Some(output) = output {
        fails(&output, "unsupported", "/sys/kernel/tracing");
    }
}

#[test]
fn finds_tracefs_below_debugfs() {
    // It may be there already. The kernel mounts tracefs in it when somebody looks.
    let output = in_own_mounts(
        "mount -t debugfs none /sys/kernel/debug 2>/dev/null; ls /sys/kernel/debug/tracing >/dev/null &&
         mount -t tmpfs none /sys/kernel/tracing && exec \"$0\" -d 0.01",
    );
    assert!(output.is_none_or(|output| output.status.success()), "it finds none");
}

#[test]
fn names_a_tracepoint_that_is_not_there() {
    if let Some(output) = in_own_mounts("exec \"$0\" --output jsonl --attach-target syscalls/foo") {
        fails(&output, "unsupported", "syscalls/foo");
    }
}
