//! Supervision against hostile runners: every one of them is an outcome of its own trial, and nothing is left behind.

mod common;

use std::time::{Duration, Instant};

use common::{fake_runner, spec, supervise, supervise_until};
use orchestrator::supervise::{Ended, ExitStatus, StopBy, TrialEnd};
use rstest::rstest;

#[tokio::test]
async fn well_behaved_runner_is_started_measured_and_stopped() {
    let record = supervise(spec(&["well-behaved"])).await;
    assert_eq!(record.ended, Ended::Exited, "{:?}, {}", record.times, record.stderr_tail);
    assert_eq!(record.exit, Some(ExitStatus::Code(0)));
    let times = &record.times;
    let order = [times.spawned_ns, times.ready_ns, times.released_ns, times.load_ended_ns, times.settled_ns];
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{times:?}");
    assert!(record.stdout.last().unwrap().line.contains("\"summary\""));
    assert!(record.load.unwrap().issued > 0);
    assert!(record.cpu_ready_ns.unwrap() <= record.cpu_settled_ns.unwrap());
    assert!(record.snapshots.len() >= 2);
    assert!(record.snapshots.iter().all(|snapshot| snapshot.rss_bytes.unwrap() > 0));
}

#[rstest]
#[case::never_ready("never-ready", Ended::NeverReady)]
#[case::ends_early("ends-early", Ended::EndedEarly)]
#[case::crash_while_measuring("crash-while-measuring", Ended::EndedEarly)]
#[case::huge_line("huge-line", Ended::TooMuchOutput)]
#[case::flood("flood", Ended::TooMuchOutput)]
#[case::newlines("newlines", Ended::TooMuchOutput)]
#[case::ignores_sigterm("ignores-sigterm", Ended::TimedOut { phase: "exit".into() })]
#[case::slow_drain("slow-drain", Ended::TimedOut { phase: "exit".into() })]
#[case::leaks_daemon("leaks-daemon", Ended::LeakedProcess)]
#[case::holds_stdout("holds-stdout", Ended::LeakedProcess)]
#[case::says_unsupported("says-unsupported", Ended::Exited)]
#[case::crash_at_start("crash-at-start", Ended::Exited)]
#[case::garbage_line("garbage-line", Ended::Exited)]
#[case::cut_line("cut-line", Ended::Exited)]
#[case::bad_status("bad-status", Ended::Exited)]
#[tokio::test]
async fn misbehaviour_is_an_outcome(#[case] mode: &str, #[case] expected: Ended) {
    let started = Instant::now();
    let record = supervise(spec(&[mode])).await;
    assert_eq!(record.ended, expected, "{:?}, {}", record.times, record.stderr_tail);
    assert!(started.elapsed() < Duration::from_secs(10), "took {:?}", started.elapsed());
}

#[rstest]
#[case::old_version(
    "speaks-version-1",
    1,
    "the runner speaks protocol 1, this supervisor protocol 2",
    "{\"framework\":"
)]
#[case::a_list("list-for-ready", 2, "not a JSON object with the key `type`", "[1,2]")]
#[tokio::test]
async fn what_cannot_be_understood_before_ready_ends_the_trial_at_once(
    #[case] mode: &str,
    #[case] at: u64,
    #[case] why: &str,
    #[case] begins: &str,
) {
    let mut spec = spec(&[mode]);
    spec.deadlines.ready_ms = 60_000;
    let started = Instant::now();
    let record = supervise(spec).await;
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
    let Ended::Unreadable { line, reason, beginning } = &record.ended else { panic!("{:?}", record.ended) };
    assert_eq!((*line, reason.as_str()), (at, why));
    assert!(beginning.starts_with(begins), "{beginning}");
}

#[tokio::test]
async fn load_may_end_while_a_runner_that_was_stopped_under_it_drains() {
    let mut spec = spec(&["drains-a-while"]);
    (spec.stop, spec.deadlines.exit_ms, spec.load.duration_ns) =
        (StopBy::SignalUnderLoad, 10_000, 600_000_000);
    let record = supervise(spec).await;
    assert_eq!(record.ended, Ended::Exited, "{:?}, {}", record.times, record.stderr_tail);
    assert!(record.load.unwrap().issued > 0);
}

#[tokio::test]
async fn crash_keeps_signal_and_standard_error() {
    let record = supervise(spec(&["crash-while-measuring"])).await;
    assert_eq!(record.exit, Some(ExitStatus::Signal(6)));
    assert!(record.stderr_tail.contains("something went wrong inside"));
}

#[tokio::test]
async fn unsupported_keeps_status_and_message() {
    let record = supervise(spec(&["says-unsupported"])).await;
    assert_eq!(record.exit, Some(ExitStatus::Code(69)));
    assert!(record.stdout.iter().any(|line| line.line.contains("this kernel has no moon")));
    assert_eq!(record.load, None, "the load must not run without a runner");
}

#[tokio::test]
async fn program_that_is_not_there_cannot_be_started() {
    let mut spec = spec(&["well-behaved"]);
    spec.argv[0] = "/nonexistent/runner".into();
    let record = supervise(spec).await;
    assert!(
        matches!(&record.ended, Ended::SpawnFailed { message } if message.contains("/nonexistent/runner"))
    );
}

#[tokio::test]
async fn text_program_is_ready_when_its_pattern_matches() {
    let mut spec = spec(&["text"]);
    spec.speaks = orchestrator::supervise::Speaks::Text { ready: "^attached".into() };
    let record = supervise(spec).await;
    assert_eq!(record.ended, Ended::Exited);
    assert_eq!(record.stdout.last().unwrap().line, "events: 1,234 received, 1,240 attempted, 6 dropped");
}

#[rstest]
#[case::politely("well-behaved", TrialEnd::Stop)]
#[case::politely_while_starting("never-ready", TrialEnd::Stop)]
#[case::at_once("ignores-sigterm", TrialEnd::Kill)]
#[tokio::test]
async fn user_can_stop_a_trial(#[case] mode: &str, #[case] end: TrialEnd) {
    let mut spec = spec(&[mode]);
    spec.load.duration_ns = 30_000_000_000;
    spec.deadlines.ready_ms = 30_000;
    let started = Instant::now();
    let record = supervise_until(spec, Duration::from_millis(300), end).await;
    assert_eq!(record.ended, Ended::Interrupted);
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
}

#[tokio::test]
async fn nothing_is_left_after_a_kill_of_the_helper() {
    use std::io::Write as _;
    let mut spec = spec(&["ignores-sigterm"]);
    spec.load.duration_ns = 60_000_000_000;
    let marker = format!("marker-{}", std::process::id());
    spec.argv.push(marker.clone());
    let mut helper = std::process::Command::new(env!("CARGO_BIN_EXE_orchestrator"))
        .arg("helper")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let stdin = helper.stdin.as_mut().unwrap();
    let runner = fake_runner();
    writeln!(stdin, "{}", serde_json::json!({"type": "allow", "programs": [runner]})).unwrap();
    writeln!(stdin, "{}", serde_json::json!({"type": "trial", "spec": spec})).unwrap();
    common::wait_until(|| common::processes_with(&marker) > 0, "the runner starts");
    helper.kill().unwrap();
    helper.wait().unwrap();
    common::wait_until(|| common::processes_with(&marker) == 0, "the runner is gone");
}

#[tokio::test]
async fn end_of_input_ends_helper_and_runner() {
    use std::io::Write as _;
    let mut spec = spec(&["ignores-sigterm"]);
    spec.load.duration_ns = 60_000_000_000;
    let marker = format!("eof-{}", std::process::id());
    spec.argv.push(marker.clone());
    let mut helper = std::process::Command::new(env!("CARGO_BIN_EXE_orchestrator"))
        .arg("helper")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = helper.stdin.take().unwrap();
    writeln!(stdin, "{}", serde_json::json!({"type": "allow", "programs": [fake_runner()]})).unwrap();
    writeln!(stdin, "{}", serde_json::json!({"type": "trial", "spec": spec})).unwrap();
    common::wait_until(|| common::processes_with(&marker) > 0, "the runner starts");
    drop(stdin);
    common::wait_until(|| common::processes_with(&marker) == 0, "the runner is gone");
    assert!(helper.wait().unwrap().success());
}

#[tokio::test]
async fn helper_refuses_a_program_that_was_not_allowed() {
    let mut client = common::client(&["/bin/true".into()]).await;
    let (_keep, mut interrupts) = tokio::sync::mpsc::unbounded_channel();
    let refused = client.trial(&spec(&["well-behaved"]), &mut |_| {}, &mut interrupts).await;
    assert!(refused.unwrap_err().to_string().contains("is not a program of this run"));
}
