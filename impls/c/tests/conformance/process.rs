//! A runner as a supervisor sees it, and the load for it: this process itself calls openat2, and the runner counts only
//! this process.

use std::ffi::c_long;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::ptr::null;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::RUNNER;

/// The initial pid namespace's inode, fixed by the kernel.
const INITIAL_PID_NAMESPACE: &str = "pid:[4026531836]";

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// The right to be the only load: tests are threads of one process, and the runner counts processes.
///
/// Answers `None`, and says why, where BPF programs cannot be tried.
pub(crate) fn lock_load() -> Option<MutexGuard<'static, ()>> {
    static LOAD: Mutex<()> = Mutex::new(());
    if !is_root() {
        eprintln!("skipped: loading BPF programs needs root");
        return None;
    }
    if fs::read_link("/proc/self/ns/pid").is_ok_and(|link| link.as_os_str() != INITIAL_PID_NAMESPACE) {
        eprintln!("skipped: in this pid namespace the kernel's number of this process is not known");
        return None;
    }
    Some(LOAD.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Triggers the program: calls of openat2 that fail at once, each with a cookie of its own. Answers the cookies' sum.
pub(crate) fn trigger(times: u64) -> u64 {
    // A size of 0 makes the kernel refuse before it follows a pointer.
    trigger_by(times, |cookie| unsafe {
        // SAFETY: as above.
        libc::syscall(libc::SYS_openat2, cookie, null::<u8>(), null::<u8>(), 0_usize);
    })
}

/// The same with another system call, which gets the cookie as its first argument.
pub(crate) fn trigger_by(times: u64, call: impl Fn(c_long)) -> u64 {
    let mut random = fs::File::open("/dev/urandom").expect("the kernel has random numbers");
    let mut sum = 0;
    for _ in 0..times {
        let mut cookie = [0; 4];
        random.read_exact(&mut cookie).expect("there is no end of them");
        // Only the low 32 bits are the cookie; an odd one comes as a negative number, with all bits above set.
        let cookie = u32::from_ne_bytes(cookie);
        call(if cookie % 2 == 0 { c_long::from(cookie) } else { c_long::from(cookie) - (1 << 32) });
        sum += u64::from(cookie);
    }
    sum
}

/// A started runner.
pub(crate) struct Runner {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Runner {
    /// Starts it for the load of this process.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_in(&[], args)
    }

    /// The same with variables in its environment.
    pub(crate) fn start_in(variables: &[(&str, &str)], args: &[&str]) -> Self {
        let mut child = Command::new(RUNNER)
            .envs(variables.iter().copied())
            .args(["--output", "jsonl", "--target-pid", &std::process::id().to_string()])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the runner starts");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdin, stdout }
    }

    /// The next message, `counters` too; `None` at the end.
    fn any_message(&mut self) -> Option<Value> {
        let mut line = String::new();
        let stdout = self.stdout.as_mut().expect("standard output was not closed");
        (stdout.read_line(&mut line).expect("the runner writes UTF-8") > 0)
            .then(|| serde_json::from_str(&line).expect("a protocol line is JSON"))
    }

    /// The next message that is not `counters`; `None` at the end.
    pub(crate) fn next_message(&mut self) -> Option<Value> {
        loop {
            let message = self.any_message()?;
            if message["type"] != "counters" {
                return Some(message);
            }
        }
    }

    /// Reads up to the `counters` that tell of so many records.
    pub(crate) fn expect_received(&mut self, received: u64) {
        loop {
            let message = self.any_message().expect("the runner still runs");
            assert_eq!(message["type"], "counters");
            if number(&message, "received") >= received {
                return;
            }
        }
    }

    /// Returns once it sleeps, and so waits.
    pub(crate) fn expect_sleep(&self) {
        self.expect_state('S');
    }

    fn expect_state(&self, state: char) {
        let stat = format!("/proc/{}/stat", self.child.id());
        // The state follows the name, which is in brackets.
        while !fs::read_to_string(&stat).expect("it is there").contains(&format!(") {state} ")) {
            std::thread::yield_now();
        }
    }

    /// Reads up to a message of this type, which has to come.
    pub(crate) fn expect_message(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next_message().unwrap_or_else(|| panic!("the runner ended without `{kind}`"));
            if message["type"] == kind {
                return message;
            }
            assert_ne!(message["type"], "error", "{message}");
        }
    }

    /// Stops it (SIGSTOP) until it gets SIGCONT; returns once it stands still.
    pub(crate) fn hold(&self) {
        self.signal(libc::SIGSTOP);
        self.expect_state('T');
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: i32) {
        let pid = i32::try_from(self.child.id()).expect("a pid is an i32");
        // SAFETY: the child is not reaped yet, so the pid is still its own.
        assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
    }

    /// Ends its standard input.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Stops it and reads its summary and its status.
    pub(crate) fn stop(mut self) -> (Value, ExitStatus) {
        self.close_stdin();
        let summary = self.expect_message("summary");
        assert!(self.next_message().is_none(), "the summary is the last message");
        (summary, self.wait())
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("the runner is this process's child")
    }
}

/// A number of a message.
pub(crate) fn number(message: &Value, key: &str) -> u64 {
    message[key].as_u64().unwrap_or_else(|| panic!("`{key}` is no number in {message}"))
}
