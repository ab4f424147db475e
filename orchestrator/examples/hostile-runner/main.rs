//! A runner that cheats, for the tests of accounting: it stands between the supervisor and a real runner.
//!
//! ```text
//! hostile-runner RULE PROGRAM [RUNNER FLAGS...]
//! ```
//!
//! RULE is a rule of `falsify` (what is said is changed), of `read_by` (the real runner is held, and something else reads), or
//! `flag:--NAME=VALUE` (the real runner is told something else). Two are honest and have a known cost: `limited:NS` (reads one record
//! in so many nanoseconds, and no more) and `allocates` (has 50 MB of its own for each 16 MiB of ring).

#![expect(clippy::unwrap_used, clippy::exit, reason = "a helper of tests; a failure in it fails the test")]

mod falsify;
mod ring;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::unistd::Pid;
use serde_json::Value;

static STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn on_signal(_: libc::c_int) {
    STOP.store(true, Ordering::SeqCst);
}

pub(crate) fn stopped() -> bool {
    STOP.load(Ordering::SeqCst)
}

pub(crate) fn sleep_until_stopped() {
    while !stopped() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rule = arguments.next().unwrap();
    let mut argv: Vec<String> = arguments.collect();
    if let Some(flag) = rule.strip_prefix("flag:") {
        // The last of a repeated flag counts.
        argv.push(flag.to_owned());
    }
    let action = SigAction::new(SigHandler::Handler(on_signal), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler only stores to an atomic.
    unsafe { sigaction(Signal::SIGTERM, &action) }.unwrap();
    pin(&argv);
    let _kept = (rule == "allocates").then(|| allocated(&argv));
    run(&rule, &argv);
}

/// Memory of its own, all of it touched: 50 MB for each 16 MiB of ring.
fn allocated(argv: &[String]) -> Vec<u8> {
    let at = argv.iter().position(|argument| argument == "--ring-size").unwrap();
    let ring: usize = argv[at + 1].parse().unwrap();
    vec![1; ring * 50_000_000 / (16 << 20)]
}

/// To the processor that every runner is told.
fn pin(argv: &[String]) {
    let told = argv.iter().position(|argument| argument == "--cpu").and_then(|at| argv[at + 1].parse().ok());
    if let Some(cpu) = told {
        let mut only = CpuSet::new();
        only.set(cpu).unwrap();
        sched_setaffinity(Pid::from_raw(0), &only).unwrap();
    }
}

/// What the rule is called by the implementation that it pretends to be.
fn name(rule: &str) -> &'static str {
    if rule == "other-name" { "other" } else { "sixth" }
}

fn say(message: &Value) {
    let mut stdout = std::io::stdout().lock();
    // A supervisor that is gone ends the program: the last thing a fake should do is to linger.
    if writeln!(stdout, "{message}").and_then(|()| stdout.flush()).is_err() {
        std::process::exit(0);
    }
}

fn run(rule: &str, argv: &[String]) {
    let mut child =
        Command::new(&argv[0]).args(&argv[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let stdin = child.stdin.take();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ended = std::io::stdin().read_to_end(&mut rest);
        drop(stdin);
    });
    let reads_itself = ring::reads_itself(rule);
    if !reads_itself {
        std::thread::spawn(move || {
            sleep_until_stopped();
            let _terminated = kill(pid, Signal::SIGTERM);
        });
    }
    if rule == "often-held" {
        std::thread::spawn(move || hold_often(pid));
    }
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let mut message: Value = serde_json::from_str(&line.unwrap()).unwrap();
        match message["type"].as_str() {
            Some("hello") => message["implementation"] = name(rule).into(),
            Some("ready") => falsify::ready(rule, &mut message),
            Some("counters") if rule == "no-wakeups" => message["wakeups"] = 0.into(),
            Some("summary") => falsify::summary(rule, &mut message),
            _ => {}
        }
        say(&message);
        if message["type"] == "ready" {
            if rule == "rewrites-counters" {
                ring::rewrite_counters(&message);
            }
            if reads_itself {
                read_by(rule, &message, argv, child, pid);
            }
        }
    }
    let status = child.wait().unwrap();
    std::process::exit(status.code().unwrap_or(70));
}

fn hold_often(pid: Pid) {
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let _held = kill(pid, Signal::SIGSTOP);
        std::thread::sleep(Duration::from_millis(100));
        let _resumed = kill(pid, Signal::SIGCONT);
    }
}

/// The real consumer stops before its first record; its program goes on and counts.
fn read_by(rule: &str, ready: &Value, argv: &[String], mut child: Child, pid: Pid) -> ! {
    kill(pid, Signal::SIGSTOP).unwrap();
    let summary = ring::read(rule, ready, argv);
    say(&summary);
    kill(pid, Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    std::process::exit(0);
}
