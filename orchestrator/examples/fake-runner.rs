//! A runner that misbehaves on request, for the tests of supervision and accounting.
//!
//! ```text
//! fake-runner MODE [RUNNER FLAGS...]            behaves as MODE says, without any BPF
//! ```

#![expect(clippy::unwrap_used, clippy::exit, reason = "a helper of tests; a failure in it fails the test")]

use std::io::Write;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use serde_json::{Value, json};

static STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn on_signal(_: libc::c_int) {
    STOP.store(true, Ordering::SeqCst);
}

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let action = SigAction::new(SigHandler::Handler(on_signal), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler only stores to an atomic.
    unsafe { sigaction(Signal::SIGTERM, &action) }.unwrap();
    match mode.as_str() {
        "burn" => return burn(Duration::from_millis(20)),
        "begets-a-daemon" => {
            // Nobody waits for it: it is left behind, and ends by itself.
            std::mem::forget(child("burn-long").process_group(0).spawn().unwrap());
            return;
        }
        "burn-long" => return burn(Duration::from_secs(3)),
        _ => {}
    }
    std::process::exit(pretend(&mode));
}

fn say(message: &Value) {
    let mut stdout = std::io::stdout().lock();
    // A supervisor that is gone ends the program: the last thing a fake should do is to linger.
    if writeln!(stdout, "{message}").and_then(|()| stdout.flush()).is_err() {
        std::process::exit(0);
    }
}

fn raw(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
        std::process::exit(0);
    }
}

fn hello(version: u64) {
    say(&json!({"type": "hello", "protocol_version": version, "implementation": "fake", "framework": "none",
        "framework_version": "1", "pid": std::process::id()}));
}

fn summary(received: u64) -> Value {
    json!({"type": "summary", "elapsed_ns": 1, "attempted": received, "submitted": received, "dropped": 0, "lost": 0,
        "received": received, "bytes": received * 64, "dropped_marks": 0, "marks": 7, "wakeups": 1,
        "latency": null})
}

fn pretend(mode: &str) -> i32 {
    if mode != "text" {
        hello(if mode == "speaks-version-1" { 1 } else { 2 });
    }
    match mode {
        "tells-surroundings" => eprintln!("{}", surroundings()),
        "never-ready" | "speaks-version-1" => sleep_until_stopped(),
        "list-for-ready" => {
            raw("[1,2]\n");
            sleep_until_stopped();
        }
        "says-unsupported" => {
            say(&json!({"type": "error", "kind": "unsupported", "message": "this kernel has no moon",
                "hint": "wait for the night"}));
            return 69;
        }
        "crash-at-start" => std::process::abort(),
        "text" => {
            raw("attached, go\n");
            sleep_until_stopped();
            raw("events: 1,234 received, 1,240 attempted, 6 dropped\n");
            return 0;
        }
        _ => {}
    }
    say(&json!({"type": "ready", "program_ids": [], "map_ids": [], "load_ns": 1, "attach_ns": 1,
        "program_type": "tracepoint", "attach_target": "syscalls/sys_enter_openat2"}));
    let mut beside = None;
    match mode {
        "garbage-line" => raw("this is not JSON\n"),
        "huge-line" => raw(&format!("{}\n", "x".repeat(70_000))),
        "flood" => {
            while !STOP.load(Ordering::SeqCst) {
                raw(&"0123456789abcde\n".repeat(4096));
            }
        }
        "newlines" => {
            while !STOP.load(Ordering::SeqCst) {
                raw(&"\n".repeat(65_536));
            }
        }
        "crash-while-measuring" => {
            std::thread::sleep(Duration::from_millis(30));
            eprintln!("something went wrong inside");
            std::process::abort();
        }
        "ends-early" => {
            std::thread::sleep(Duration::from_millis(30));
            say(&summary(0));
            return 0;
        }
        "holds-stdout" => spawn_sleeper(Stdio::inherit()),
        "leaks-daemon" => spawn_sleeper(Stdio::null()),
        "works-in-children" => {
            beside = Some(std::thread::spawn(|| {
                while !STOP.load(Ordering::SeqCst) {
                    child("burn").status().unwrap();
                }
            }));
        }
        "works-in-a-daemon" => {
            // The process in between ends at once, so that the tree does not have the daemon.
            child("begets-a-daemon").status().unwrap();
        }
        _ => change_place(mode),
    }
    let mut received: u64 = 1000;
    loop {
        let stopped = STOP.load(Ordering::SeqCst);
        match mode {
            "ignores-sigterm" => {}
            _ if stopped => break,
            _ => {}
        }
        if mode == "counts-backwards" {
            received -= 1;
        }
        say(&json!({"type": "counters", "t_ns": 1, "received": received, "bytes": 0, "wakeups": 0}));
        std::thread::sleep(Duration::from_millis(10));
    }
    if let Some(beside) = beside {
        beside.join().unwrap();
    }
    match mode {
        "cut-line" => raw("{\"type\":\"summary\",\"elapsed"),
        "slow-drain" => {
            std::thread::sleep(Duration::from_secs(60));
        }
        "bad-status" => {
            say(&summary(received));
            return 70;
        }
        "drains-a-while" => {
            std::thread::sleep(Duration::from_secs(1));
            say(&summary(received));
        }
        "no-summary" => {}
        _ => say(&summary(received)),
    }
    0
}

/// This program again, in another mode.
fn child(mode: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(mode).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Uses so much CPU time.
fn burn(time: Duration) {
    let used = || {
        let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap();
        Duration::new(time.tv_sec().try_into().unwrap(), time.tv_nsec().try_into().unwrap())
    };
    while used() < time && !STOP.load(Ordering::SeqCst) {
        std::hint::black_box((0..10_000_u64).fold(1_u64, |x, y| x.wrapping_mul(31).wrapping_add(y)));
    }
}

/// Changes something that the supervisor has set.
fn change_place(mode: &str) {
    match mode {
        "changes-its-place" => after_a_while(unpin),
        "leaves-its-group" => after_a_while(|| {
            let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
            let groups = mounts.lines().filter(|line| line.contains(" - cgroup"));
            for point in groups.filter_map(|line| line.split(' ').nth(4)) {
                // Not every tree can be left.
                let _left = std::fs::write(format!("{point}/cgroup.procs"), "0");
            }
        }),
        "changes-its-policy" => after_a_while(|| {
            let parameters = libc::sched_param { sched_priority: 0 };
            // SAFETY: the parameters outlive the call.
            unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const parameters) };
        }),
        "changes-its-niceness" => after_a_while(|| {
            // SAFETY: plain numbers.
            unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 3) };
        }),
        _ => {}
    }
}

/// After `ready` was said.
fn after_a_while(change: impl FnOnce()) {
    std::thread::sleep(Duration::from_millis(20));
    change();
}

fn unpin() {
    let mut all = nix::sched::CpuSet::new();
    (0..nix::sched::CpuSet::count()).for_each(|cpu| all.set(cpu).unwrap());
    nix::sched::sched_setaffinity(nix::unistd::Pid::from_raw(0), &all).unwrap();
}

/// All that a process inherits.
fn surroundings() -> Value {
    let environment: std::collections::BTreeMap<String, String> = std::env::vars().collect();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of_status = |name: &str| {
        status.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
    };
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let nice = stat.rsplit(") ").next().unwrap().split(' ').nth(16).unwrap().to_owned();
    let descriptors: Vec<String> = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .map(|target| target.display().to_string())
        // The pipes to the supervisor, and the list itself.
        .filter(|target| !target.starts_with("pipe:") && !target.ends_with("/fd"))
        .collect();
    json!({"environment": environment, "folder": std::env::current_dir().unwrap(), "umask": of_status("Umask:"),
        "ignored": of_status("SigIgn:"), "blocked": of_status("SigBlk:"), "nice": nice, "descriptors": descriptors,
        "oom_score_adj": std::fs::read_to_string("/proc/self/oom_score_adj").unwrap().trim(),
        "limits": std::fs::read_to_string("/proc/self/limits").unwrap()})
}

fn sleep_until_stopped() {
    while !STOP.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn spawn_sleeper(stdout: Stdio) {
    // `setsid` leaves the process group, so that only a subreaper can find it. Nobody waits for it: it is left behind.
    let orphan =
        Command::new("setsid").args(["sleep", "300"]).stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
    std::mem::forget(orphan);
}
