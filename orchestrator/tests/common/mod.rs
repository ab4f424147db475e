//! What the supervision tests share.

#![allow(dead_code, reason = "each test file uses its part")]
#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

pub(crate) mod project;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use orchestrator::plan::{LoadPattern, LoadSpec, Placement, Trigger};
use orchestrator::supervise::{
    Client, Deadlines, ProcessSpec, Speaks, StopBy, Told, TrialEnd, TrialRecord, TrialSpec,
};
use tokio::sync::mpsc;

/// Whether a test that needs root must be skipped; says so, for the suite counts these lines.
pub(crate) fn skipped_without_root(test: &str) -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        eprintln!("skipped {test}: it loads BPF programs, which needs root");
    }
    !root
}

/// The example `fake-runner`, which `cargo test` builds beside the tests.
pub(crate) fn fake_runner() -> PathBuf {
    example("fake-runner")
}

/// The example `hostile-runner`.
pub(crate) fn hostile_runner() -> PathBuf {
    example("hostile-runner")
}

fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let target = tests.parent().and_then(Path::parent).unwrap();
    let path = target.join("examples").join(name);
    assert!(path.is_file(), "{} is missing: run the tests with `cargo test -p orchestrator`", path.display());
    path
}

/// A short trial of the fake runner with these arguments.
pub(crate) fn spec(arguments: &[&str]) -> TrialSpec {
    let mut argv = vec![fake_runner().to_string_lossy().into_owned()];
    argv.extend(arguments.iter().map(ToString::to_string));
    TrialSpec {
        number: 1,
        argv,
        speaks: Speaks::Protocol,
        told: Told::default(),
        load: LoadSpec {
            pattern: LoadPattern::Closed,
            trigger: Trigger::CHEAPEST,
            threads: 1,
            duration_ns: 100_000_000,
            count: None,
            keep_one_in: 1,
        },
        placement: Placement::default(),
        deadlines: Deadlines { ready_ms: 1000, measure_ms: 2000, drain_ms: 1000, exit_ms: 500 },
        runner_stops_itself: false,
        stop: StopBy::Signal,
        hold_runner: false,
        warm_up: None,
        ladder: None,
        bpf_statistics: false,
        cold: false,
        first_read: false,
        process: ProcessSpec::default(),
    }
}

pub(crate) async fn client(programs: &[String]) -> Client {
    Client::start(Path::new(env!("CARGO_BIN_EXE_orchestrator")), programs, true).await.unwrap()
}

pub(crate) async fn supervise(spec: TrialSpec) -> TrialRecord {
    let (_keep, mut interrupts) = mpsc::unbounded_channel();
    run(spec, &mut interrupts).await
}

/// Asks for the trial's end after `delay`; a kill is asked for twice, as by a user who insists.
pub(crate) async fn supervise_until(spec: TrialSpec, delay: Duration, end: TrialEnd) -> TrialRecord {
    let (sender, mut interrupts) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        sender.send(end).unwrap();
        if end == TrialEnd::Kill {
            sender.send(end).unwrap();
        }
        std::future::pending::<()>().await;
    });
    run(spec, &mut interrupts).await
}

async fn run(spec: TrialSpec, interrupts: &mut mpsc::UnboundedReceiver<TrialEnd>) -> TrialRecord {
    let mut client = client(&spec.argv[..1]).await;
    let record = client.trial(&spec, &mut |_| {}, interrupts).await.unwrap();
    client.finish().await.unwrap();
    record
}

/// How many processes have `marker` among their arguments.
pub(crate) fn processes_with(marker: &str) -> usize {
    procfs::process::all_processes()
        .unwrap()
        .flatten()
        .filter(|process| process.cmdline().is_ok_and(|line| line.iter().any(|argument| argument == marker)))
        .count()
}

pub(crate) fn wait_until(mut condition: impl FnMut() -> bool, what: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "did not happen within 10 s: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
