//! Saturated, every runner stops by itself within a second of its duration. Needs root and built runners (`make build`).

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const DURATION: Duration = Duration::from_secs(1);
const ALLOWED: Duration = Duration::from_secs(1);

#[test]
fn saturated_runners_stop_within_a_second_of_their_duration() {
    if common::skipped_without_root("saturated_runners_stop_within_a_second_of_their_duration") {
        return;
    }
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../build");
    let runners: Vec<_> = std::fs::read_dir(&build)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("ringbuf_throughput"))
        .filter(|runner| runner.is_file())
        .collect();
    assert!(runners.len() >= 5, "{} of five runners are built: run `make build`", runners.len());
    for runner in runners {
        let (took, summary) = saturate(&runner);
        assert!(took <= DURATION + ALLOWED, "{} took {took:?} from `ready` to its exit", runner.display());
        let number = |key: &str| summary[key].as_u64().unwrap();
        assert!(number("received") > 100_000, "not saturated: {summary}");
        assert_eq!(number("attempted"), number("submitted") + number("dropped"));
        assert_eq!(number("submitted"), number("received"));
    }
}

/// Runs one runner under a closed loop that outlives it; answers the time from `ready` to its exit, and its summary.
fn saturate(runner: &Path) -> (Duration, Value) {
    let mut load = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
    load.args(["load", "--paused", "--output=jsonl", "--duration=20"]);
    let mut load = spawn(&mut load);
    let mut load_output = BufReader::new(load.stdout.take().unwrap()).lines();
    assert!(load_output.next().unwrap().unwrap().contains("paused"));
    let mut command = Command::new(runner);
    command.args(["--output=jsonl", "--duration=1", "--batch=100", &format!("--target-pid={}", load.id())]);
    let mut child = spawn(&mut command);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("\"ready\"")), "{} is never ready", runner.display());
    let ready = Instant::now();
    load.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    let last = lines.last().unwrap();
    child.wait().unwrap();
    let took = ready.elapsed();
    // The end of its input stops the load.
    drop(load.stdin.take());
    load.wait().unwrap();
    (took, serde_json::from_str(&last).unwrap())
}

fn spawn(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}
