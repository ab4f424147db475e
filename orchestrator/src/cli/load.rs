//! Flags of `orchestrator load`.

use clap::{Args, ValueEnum};

use crate::load::values::{self, CpuList};

/// Issue system calls that trigger the BPF programs, and report exactly how many
///
/// A BPF program can be told to count only this process: start it with `--paused`, give the pid that it prints to the runner
/// as `--target-pid`, and release it with a line on standard input.
#[derive(Debug, Clone, Args)]
pub struct LoadArgs {
    /// Stop after this long; may have a fraction [default: 10, or no limit with --count]
    #[arg(short, long, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    pub duration: Option<u64>,

    /// Stop after exactly this many triggers over all threads
    #[arg(long, value_name = "N", value_parser = values::whole(1..=u64::MAX), allow_negative_numbers = true)]
    pub count: Option<u64>,

    /// When to call
    #[arg(long, value_enum, default_value_t = PatternName::Closed)]
    pub pattern: PatternName,

    /// With --pattern open: triggers per second over all threads [default: 10000]
    #[arg(long, value_name = "N", value_parser = values::whole(1..=1_000_000_000_u64), allow_negative_numbers = true)]
    pub rate: Option<u64>,

    /// With --pattern bursts: triggers per burst over all threads
    #[arg(long, value_name = "N", value_parser = values::whole(1..=u64::MAX), allow_negative_numbers = true)]
    pub burst: Option<u64>,

    /// With --pattern bursts: pause after a burst, such as 20ms, 500us or 1s [default: 20ms]
    #[arg(long, value_name = "TIME", value_parser = values::time, allow_negative_numbers = true)]
    pub pause: Option<u64>,

    /// What a call does
    #[arg(long, value_enum, default_value_t = ShapeName::FailFast)]
    pub shape: ShapeName,

    /// Which system call to make
    #[arg(long, value_enum, default_value_t = SyscallName::Openat2)]
    pub syscall: SyscallName,

    /// Threads that call
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = values::whole(1..=1024_u32),
        allow_negative_numbers = true
    )]
    pub threads: u32,

    /// Pin the threads to these CPUs in turn, such as 1 or 0,2-3 [default: not pinned]
    #[arg(long, value_name = "LIST", value_parser = values::cpu_list, allow_negative_numbers = true)]
    pub cpus: Option<CpuList>,

    /// Print the pid and wait for a line on standard input before the first call
    #[arg(long)]
    pub paused: bool,

    /// A table for a person, or JSON lines for a supervisor
    #[arg(long, value_enum, default_value_t = OutputName::Text)]
    pub output: OutputName,
}

/// Values of `--pattern`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PatternName {
    /// As fast as possible
    Closed,
    /// At a fixed rate on an absolute schedule
    Open,
    /// A number of calls at full speed, then a pause, and again
    Bursts,
}

/// Values of `--shape`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShapeName {
    /// Fail at once: the cheapest trigger
    FailFast,
    /// Really open `/dev/null` and close it
    OpenClose,
}

/// Values of `--syscall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "system calls by their names")]
pub enum SyscallName {
    Openat2,
    Openat,
}

/// Values of `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputName {
    /// A table for a person
    Text,
    /// JSON lines for a supervisor
    Jsonl,
}
