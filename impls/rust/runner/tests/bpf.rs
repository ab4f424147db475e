//! The runner with real BPF: exact counts, and an end in every situation. Needs root; skipped without it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::Value;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The runners count this process, so only one test at a time may trigger them.
static TRIGGERS: Mutex<()> = Mutex::new(());

/// Takes the right to trigger, or says why the test is skipped.
fn start(test: &str) -> Option<MutexGuard<'static, ()>> {
    // SAFETY: takes nothing and cannot fail.
    let reason = if unsafe { libc::geteuid() } != 0 {
        "it needs root"
    } else if !in_initial_pid_namespace() {
        "the kernel knows this process by another number"
    } else {
        return Some(TRIGGERS.lock().unwrap_or_else(PoisonError::into_inner));
    };
    // Not `eprintln!`: the test harness hides what a passing test prints that way.
    let mut stderr = io::stderr();
    writeln!(stderr, "skipped {test}: {reason}").unwrap();
    None
}

fn in_initial_pid_namespace() -> bool {
    /// `PROC_PID_INIT_INO`
    const INITIAL: &str = "pid:[4026531836]";
    std::fs::read_link("/proc/self/ns/pid").is_ok_and(|namespace| namespace.as_os_str() == INITIAL)
}

/// Issues calls of openat2 that fail at once.
fn trigger(times: u64) {
    for _ in 0..times {
        // SAFETY: a size of 0 makes the kernel refuse before it looks at any pointer.
        unsafe { libc::syscall(libc::SYS_openat2, -1, 0, 0, 0) };
    }
}

/// A runner that is ready and counts this process.
struct Runner {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringbuf_throughput"));
    command
        .args(["--output", "jsonl", "--target-pid", &std::process::id().to_string()])
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

impl Runner {
    fn ready(flags: &[&str]) -> Self {
        let mut child = command(flags).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut runner = Self { child, stdin, stdout };
        assert_eq!(runner.message()["type"], "hello");
        let ready = runner.message();
        assert_eq!(ready["type"], "ready", "{ready}");
        runner
    }

    fn message(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    /// Reads on to the last message, and checks the accounting and the exit status.
    fn summary(mut self) -> Summary {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{rest}");
        let summary: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
        assert_eq!(summary["type"], "summary", "{summary}");
        let number = |key: &str| summary[key].as_u64().unwrap();
        assert_eq!(number("attempted"), number("submitted") + number("dropped"), "{summary}");
        assert_eq!(number("submitted"), number("received"), "{summary}");
        assert_eq!(summary["checksum_kernel"], summary["checksum_user"], "{summary}");
        Summary(summary)
    }

    /// Ends it the way a supervisor that went away does.
    fn stop(mut self) -> Summary {
        drop(self.stdin.take());
        self.summary()
    }
}

struct Summary(Value);

impl Summary {
    fn get<const N: usize>(&self, keys: [&str; N]) -> [u64; N] {
        keys.map(|key| self.0[key].as_u64().unwrap())
    }
}

#[test]
fn counts_every_trigger_of_each_program_type() {
    let Some(_guard) = start("counts_every_trigger_of_each_program_type") else { return };
    for program_type in ["tracepoint", "raw_tracepoint"] {
        let runner = Runner::ready(&["--program-type", program_type, "--latency"]);
        trigger(23);
        let summary = runner.stop();
        let counts = summary.get(["attempted", "submitted", "dropped", "lost", "received", "bytes"]);
        assert_eq!(counts, [23, 23, 0, 0, 23, 23 * 64], "{program_type}");
        assert!(summary.0["latency"].is_string());
    }
}

#[test]
fn kprobe_and_fentry_count_too_or_are_reported_as_unsupported() {
    let Some(_guard) = start("kprobe_and_fentry_count_too_or_are_reported_as_unsupported") else { return };
    for program_type in ["kprobe", "fentry"] {
        let flags = ["--program-type", program_type];
        let mut output = command(&[&flags[..], &["-d", "0.01"]].concat());
        let output = output.stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap();
        if output.status.success() {
            let runner = Runner::ready(&flags);
            trigger(23);
            assert_eq!(runner.stop().get(["attempted", "received"]), [23, 23], "{program_type}");
            continue;
        }
        assert_eq!(output.status.code(), Some(69));
        let stdout = String::from_utf8(output.stdout).unwrap();
        let error: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
        println!("{program_type}: {error}");
        assert_eq!((&error["type"], &error["kind"]), (&Value::from("error"), &Value::from("unsupported")));
        assert!(error["message"].as_str().unwrap().contains(program_type), "{error}");
    }
}

#[test]
fn counts_drops_exactly_when_the_ring_is_full() {
    let Some(_guard) = start("counts_drops_exactly_when_the_ring_is_full") else { return };
    // Ten times what fits (4096 / 72 = 56 records) at once: the consumer cannot keep up with a single trigger.
    let runner = Runner::ready(&["--ring-size", "4096", "--batch", "560", "--wakeup", "none"]);
    trigger(1);
    let [attempted, submitted, dropped] = runner.stop().get(["attempted", "submitted", "dropped"]);
    assert_eq!((attempted, submitted + dropped), (560, 560));
    assert!((56..560).contains(&submitted), "{submitted}");
}

#[test]
fn every_batch_and_record_size_passes_the_verifier() {
    let Some(_guard) = start("every_batch_and_record_size_passes_the_verifier") else { return };
    for batch in [1, 10, 100, 1000] {
        for record_size in [48, 64, 128, 256, 512, 1024] {
            let flags = [
                format!("--batch={batch}"),
                format!("--record-size={record_size}"),
                "--work=10000".to_owned(),
                "--wakeup=sampled:1000".to_owned(),
            ];
            let runner = Runner::ready(&flags.each_ref().map(String::as_str));
            trigger(1);
            let counts = runner.stop().get(["received", "bytes"]);
            assert_eq!(counts, [batch, batch * record_size], "batch {batch}, record size {record_size}");
        }
    }
}

#[test]
fn consumes_without_being_woken() {
    let Some(_guard) = start("consumes_without_being_woken") else { return };
    for wakeup in ["none", "sampled:1000000"] {
        let mut runner = Runner::ready(&["--wakeup", wakeup]);
        trigger(23);
        // A `counters` message says so long before the duration is over.
        while runner.message()["received"] != 23 {}
        assert_eq!(runner.stop().get(["received", "wakeups"]), [23, 0], "{wakeup}");
    }
}

#[test]
fn a_burst_of_exactly_the_sampled_bytes_wakes_at_most_once() {
    const BURSTS: u64 = 5;
    let Some(_guard) = start("a_burst_of_exactly_the_sampled_bytes_wakes_at_most_once") else { return };
    let mut runner = Runner::ready(&["--batch", "1000", "--wakeup", "sampled:72000"]);
    for burst in 1..=BURSTS {
        trigger(1);
        while runner.message()["received"] != burst * 1000 {}
    }
    // Not at all if the consumer happened to be looking already.
    let [wakeups] = runner.stop().get(["wakeups"]);
    assert!((1..=BURSTS).contains(&wakeups), "{wakeups}");
}

#[test]
fn sigterm_ends_it_with_a_summary() {
    let Some(_guard) = start("sigterm_ends_it_with_a_summary") else { return };
    let runner = Runner::ready(&["-d", "600"]);
    trigger(23);
    let pid = i32::try_from(runner.child.id()).unwrap();
    // SAFETY: our own child, which was not waited for yet.
    unsafe { libc::kill(pid, libc::SIGTERM) };
    assert_eq!(runner.summary().get(["received"]), [23]);
}

#[test]
fn ends_on_time_while_the_ring_never_runs_empty() {
    let Some(_guard) = start("ends_on_time_while_the_ring_never_runs_empty") else { return };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let runner = Runner::ready(&["-d", "0.5", "--batch", "100", "--latency"]);
        let ready = Instant::now();
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                trigger(100);
            }
        });
        let summary = runner.summary();
        stop.store(true, Ordering::Relaxed);
        let elapsed = ready.elapsed();
        assert!(elapsed < Duration::from_millis(1500), "{elapsed:?}");
        assert!(summary.get(["received"])[0] > 1000, "{:?}", summary.0);
    });
}

#[test]
fn stops_quietly_when_nobody_reads_its_messages() {
    let Some(_guard) = start("stops_quietly_when_nobody_reads_its_messages") else { return };
    let mut runner = Runner::ready(&["-d", "600"]);
    drop(runner.stdout);
    assert_eq!(runner.child.wait().unwrap().code(), Some(0));
}
