//! Stopping within a second, for every reason and under every load.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Runner, lock_load, number, trigger};

const LIMIT: Duration = Duration::from_secs(1);

/// Runs until `stop`, perhaps under all the load that one thread can make, and checks how long stopping takes.
fn stops_in_time(load: bool, stop: impl FnOnce(&mut Runner)) {
    let mut runner = Runner::start(&["-d", "60", "--batch", "100"]);
    runner.expect_message("ready");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        if load {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    trigger(100);
                }
            });
            // Long enough for the ring to fill up; nothing depends on the exact time.
            thread::sleep(Duration::from_millis(300));
        }
        let start = Instant::now();
        stop(&mut runner);
        let summary = runner.expect_message("summary");
        let status = runner.wait();
        done.store(true, Ordering::Relaxed);
        assert!(start.elapsed() < LIMIT, "it took {:?}", start.elapsed());
        assert!(status.success());
        assert_eq!(number(&summary, "submitted"), number(&summary, "received"), "{summary}");
        assert_eq!(number(&summary, "received") > 0, load, "{summary}");
    });
}

#[test]
fn stops_on_signals() {
    let Some(_load) = lock_load() else { return };
    for load in [false, true] {
        stops_in_time(load, |runner| runner.signal(libc::SIGTERM));
        stops_in_time(load, |runner| runner.signal(libc::SIGINT));
    }
}

#[test]
fn stops_at_the_end_of_standard_input() {
    let Some(_load) = lock_load() else { return };
    for load in [false, true] {
        stops_in_time(load, Runner::close_stdin);
    }
}

#[test]
fn stops_after_its_duration() {
    let Some(_load) = lock_load() else { return };
    let mut runner = Runner::start(&["-d", "0.2"]);
    runner.expect_message("ready");
    let summary = runner.expect_message("summary");
    assert!(runner.wait().success());
    let elapsed = Duration::from_nanos(number(&summary, "elapsed_ns"));
    assert!(elapsed >= Duration::from_millis(200) && elapsed < LIMIT, "{elapsed:?}");
}

#[test]
fn stops_when_nobody_reads_its_messages() {
    let Some(_load) = lock_load() else { return };
    let mut runner = Runner::start(&["-d", "60"]);
    runner.expect_message("ready");
    runner.close_stdout();
    assert_eq!(runner.wait().code(), Some(70));
}
