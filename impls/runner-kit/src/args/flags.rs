//! What the flags of a measurement can say.

use std::fmt;
use std::time::Duration;

macro_rules! syscall_entry {
    ($name:literal) => {
        if cfg!(target_arch = "x86_64") {
            concat!("__x64_sys_", $name)
        } else if cfg!(target_arch = "aarch64") {
            concat!("__arm64_sys_", $name)
        } else if cfg!(target_arch = "riscv64") {
            concat!("__riscv_sys_", $name)
        } else if cfg!(target_arch = "s390x") {
            concat!("__s390x_sys_", $name)
        } else {
            concat!("sys_", $name)
        }
    };
}

/// What `--help` prints.
pub const HELP: &str = include_str!("../../../testdata/help.txt");

/// The checked flags of one measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Args {
    /// How long to consume, counted from `ready`.
    pub duration: Duration,
    /// Whether to show progress and the framework's own log on standard error.
    pub verbose: bool,
    /// What standard output is for.
    pub output: Output,
    /// The BPF program to load.
    pub program_type: ProgramType,
    /// Where to attach it; the default of the program type is filled in.
    pub attach_target: String,
    /// Count only this process; 0 counts every process.
    pub target_pid: u32,
    /// Size of the ring buffer in bytes: a power of two.
    pub ring_size: u32,
    /// Size of a record in bytes, without the kernel's header.
    pub record_size: u32,
    /// Records per trigger.
    pub batch: u32,
    /// When the producer wakes the consumer.
    pub wakeup: Wakeup,
    /// Rounds of extra work in the BPF program, per trigger.
    pub work: u32,
    /// Whether to record the delay of each event; on whenever the output is text.
    pub latency: bool,
    /// The CPU to pin the runner to.
    pub cpu: Option<u32>,
}

/// What standard output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A report for a person.
    Text,
    /// The messages of the protocol.
    Jsonl,
}

/// The type of the BPF program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramType {
    /// A tracepoint of any category.
    Tracepoint,
    /// The raw tracepoint `sys_enter`.
    RawTracepoint,
    /// A kprobe at the entry of a kernel function.
    Kprobe,
    /// A tracing program at the entry of a kernel function.
    Fentry,
}

impl ProgramType {
    /// Where a program of this type is attached when `--attach-target` does not say.
    #[must_use]
    pub fn default_target(self) -> &'static str {
        match self {
            Self::Tracepoint => "syscalls/sys_enter_openat2",
            Self::RawTracepoint => "sys_enter",
            Self::Kprobe | Self::Fentry => OPENAT2_ENTRY,
        }
    }

    /// The name in flags and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tracepoint => "tracepoint",
            Self::RawTracepoint => "raw_tracepoint",
            Self::Kprobe => "kprobe",
            Self::Fentry => "fentry",
        }
    }
}

impl fmt::Display for ProgramType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the names of the kernel functions begin that a system call enters first.
pub(crate) const SYSCALL_ENTRY: &str = syscall_entry!("");

/// The function of openat2. Calls that fail early never reach a later one.
const OPENAT2_ENTRY: &str = syscall_entry!("openat2");

/// When a submitted record wakes the consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wakeup {
    /// The kernel decides: when the consumer has caught up.
    Adaptive,
    /// Forced once this many bytes are waiting, otherwise never.
    Sampled(u32),
    /// Never: the consumer looks on a timer of its own, this long after it has found the ring empty.
    Timer(Duration),
}

impl Wakeup {
    /// The policy as bench.h numbers it (`enum bench_wakeup`).
    #[must_use]
    pub fn number(self) -> u32 {
        match self {
            Self::Adaptive => 0,
            Self::Sampled(_) => 1,
            Self::Timer(_) => 2,
        }
    }

    /// The backlog that forces a wakeup; 0 unless sampled.
    #[must_use]
    pub fn bytes(self) -> u64 {
        match self {
            Self::Sampled(bytes) => u64::from(bytes),
            Self::Adaptive | Self::Timer(_) => 0,
        }
    }
}
