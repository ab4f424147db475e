//! Flags of `orchestrator load`.

use clap::{Args, ValueEnum};

use crate::config::{BurstTriggers, Busy, KeepOneIn, Rate, Seconds, Threads};
use crate::load::values::{CpuList, TriggerCount};

/// `orchestrator load`
///
/// A BPF program can be told to count only this process: start it with `--paused`, give the pid that it prints to the runner
/// as `--target-pid`, and release it with a line on standard input.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// Stop after this long; may have a fraction [default: 10, or no limit with --count]
    #[arg(short, long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub duration: Option<Seconds>,

    /// Stop after exactly this many triggers over all threads
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub count: Option<TriggerCount>,

    /// When to call
    #[arg(long, value_enum, default_value_t = PatternName::Closed)]
    pub pattern: PatternName,

    /// With --pattern open: triggers per second over all threads [default: 10000]; with beside: of the last thread [default: 1000]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub rate: Option<Rate>,

    /// With --pattern beside: threads that call as fast as they can [default: all but the last]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub busy: Option<Busy>,

    /// With --pattern bursts: triggers per burst over all threads
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub burst: Option<BurstTriggers>,

    /// With --pattern bursts: pause after a burst, such as 20ms, 500us or 1s [default: 20ms]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub pause: Option<Seconds>,

    /// What a call does
    #[arg(long, value_enum, default_value_t = ShapeName::FailFast)]
    pub shape: ShapeName,

    /// Which system call to make
    #[arg(long, value_enum, default_value_t = SyscallName::Openat2)]
    pub syscall: SyscallName,

    /// Count as kept the calls whose cookie is a multiple of this, as a program that was told the same makes records of them alone
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true)]
    pub keep_one_in: KeepOneIn,

    /// Threads that call
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true)]
    pub threads: Threads,

    /// Pin the threads to these CPUs in turn, such as 1 or 0,2-3 [default: not pinned]
    #[arg(long, value_name = "LIST", allow_negative_numbers = true)]
    pub cpus: Option<CpuList>,

    /// Print the pid and wait for a line on standard input before the first call
    #[arg(long)]
    pub paused: bool,

    /// With --pattern bursts: after each burst say so and wait for a line on standard input, then pause
    #[arg(long)]
    pub paced: bool,

    /// A table for a person, or JSON lines for a supervisor
    #[arg(long, value_enum, default_value_t = LoadOutput::Text)]
    pub output: LoadOutput,
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
    /// With --paused: at rates that lines on standard input name, `piece RATE MILLISECONDS`; any other line ends it
    Ladder,
    /// The last thread at a fixed rate, beside others as fast as possible
    Beside,
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
pub enum LoadOutput {
    /// A table for a person
    Text,
    /// JSON lines for a supervisor
    Jsonl,
}
