//! The variant that waits for edges.

use std::process::Command;

use crate::RUNNER;
use crate::process::{Runner, lock_load, number, trigger};

const EDGE: (&str, &str) = ("RUNNER_WAITING", "edge");

#[test]
fn every_policy_counts_exactly_and_drops_too() {
    let Some(_load) = lock_load() else { return };
    for wakeup in ["adaptive", "sampled:4096", "none"] {
        let mut runner =
            Runner::start_in(&[EDGE], &["--wakeup", wakeup, "--ring-size", "65536", "--batch", "1000"]);
        runner.expect_message("ready");
        runner.hold();
        trigger(3);
        runner.signal(libc::SIGCONT);
        // What is there is read without another trigger.
        runner.expect_received(65_535 / 72);
        let (summary, status) = runner.stop();
        assert!(status.success(), "{wakeup}: {status}");
        assert_eq!(number(&summary, "received"), 65_535 / 72, "{wakeup}: {summary}");
        assert_eq!(number(&summary, "dropped"), 3000 - 65_535 / 72, "{wakeup}: {summary}");
    }
}

#[test]
fn another_word_than_level_or_edge_is_refused() {
    let output = Command::new(RUNNER).env(EDGE.0, "both").output().expect("the runner starts");
    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("RUNNER_WAITING") && said.contains("both"), "{said}");
}
