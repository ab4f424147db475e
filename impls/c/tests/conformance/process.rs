//! A runner as a supervisor sees it, and the load for it: this process itself calls openat2, and the runner counts only
//! this process.

use std::fs;
use std::io::{BufRead as _, BufReader};
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

/// Triggers the program: a call of openat2 that fails at once.
pub(crate) fn trigger(times: u64) {
    for _ in 0..times {
        // SAFETY: a size of 0 makes the kernel refuse before it follows a pointer.
        unsafe { libc::syscall(libc::SYS_openat2, -1, null::<u8>(), null::<u8>(), 0_usize) };
    }
}

/// A started runner.
pub(crate) struct Runner {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Runner {
    /// Starts it for the load of this process.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut child = Command::new(RUNNER)
            .args(["--output", "jsonl", "--target-pid", &std::process::id().to_string()])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the runner starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Self { child, stdin, stdout }
    }

    /// The next message that is not `counters`; `None` at the end.
    pub(crate) fn next_message(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).expect("the runner writes UTF-8") == 0 {
                return None;
            }
            let message: Value = serde_json::from_str(&line).expect("a protocol line is JSON");
            if message["type"] != "counters" {
                return Some(message);
            }
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
