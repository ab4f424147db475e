//! What goes into a trial and what comes out of it. Raw facts only: nothing here is judged or computed.
//!
//! Both types cross the boundary to the privileged helper as JSON, and the record is kept in the result folder, so that an
//! old run can be parsed and analysed again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kernel::{KernelFacts, KernelReadings};
use super::ladder::{LadderSpec, Rung};
use super::warm_up::{WarmUp, WarmUpSpec};
use super::watch::ProcessFacts;
use crate::load::LoadReport;
use crate::plan::{LoadSpec, Mechanism, Placement};
use crate::sample::{MachineSnapshot, Pauses, ProgramFiles, Quiet, Snapshot, Walk};

/// The version of the runner contract that is spoken here (docs/PROTOCOL.md).
pub const PROTOCOL_VERSION: u64 = 2;

/// One trial to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct TrialSpec {
    /// Number of the trial in the run.
    pub number: u32,
    /// Executable and arguments; empty: the load runs with nothing attached. The argument `{target_pid}` is replaced by the load generator's pid.
    pub argv: Vec<String>,
    /// How it talks.
    pub speaks: Speaks,
    /// What it was told, as far as the supervisor holds it against what happened.
    pub told: Told,
    /// The load to release when the runner is ready.
    pub load: LoadSpec,
    /// Where everything runs.
    pub placement: Placement,
    /// How long each phase may take.
    pub deadlines: Deadlines,
    /// Whether the runner stops by itself (its own duration) instead of being told.
    pub runner_stops_itself: bool,
    /// How it is told to stop, unless it stops by itself.
    pub stop: StopBy,
    /// Whether the runner is held (SIGSTOP) while the load runs: the way to fill a ring to the last byte for certain.
    pub hold_runner: bool,
    /// How the runner is warmed up; none: it is not.
    pub warm_up: Option<WarmUpSpec>,
    /// How the load's rates are chosen while it runs; none: it has its own pattern.
    pub ladder: Option<LadderSpec>,
    /// Whether the kernel times the runs of BPF programs, which costs about 20 ns a run.
    pub bpf_statistics: bool,
    /// Whether the page cache is emptied before the runner is started.
    pub cold: bool,
    /// Whether the moment is wanted in which the first record is read.
    pub first_read: bool,
    /// What its manifest says of it as a process.
    pub process: ProcessSpec,
}

/// A program as a process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessSpec {
    /// What is added to the fixed environment.
    pub environment: BTreeMap<String, String>,
    /// Whether it says that it is several processes.
    pub many: bool,
}

/// How a runner is told to stop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopBy {
    /// SIGTERM, when it has read everything.
    #[default]
    Signal,
    /// The end of its standard input, when it has read everything.
    EndOfInput,
    /// SIGTERM, in the middle of the load.
    SignalUnderLoad,
}

/// What a runner was told. None: nothing to hold against.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Name of the implementation that is started.
    pub implementation: Option<String>,
    /// SHA-256 of the program when the run began, hexadecimal.
    pub program_sha256: Option<String>,
    /// How its records travel.
    pub mechanism: Option<Mechanism>,
    /// Size of a record, bytes.
    pub record_bytes: Option<u32>,
    /// Size of the map through which they go, bytes.
    pub map_bytes: Option<u64>,
    /// Whether each CPU has such a map.
    pub one_map_a_cpu: bool,
}

/// The file that was started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramFile {
    /// Name of the implementation that was to be started.
    pub implementation: Option<String>,
    /// SHA-256 of the file just before this trial, hexadecimal; null when it could not be read.
    pub sha256: Option<String>,
    /// The same when the run began.
    pub sha256_at_start: Option<String>,
}

/// How a runner's standard output is to be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Speaks {
    /// The messages of docs/PROTOCOL.md.
    Protocol,
    /// Plain text; a line that matches this regular expression means ready.
    Text {
        /// Regular expression.
        ready: String,
    },
}

/// Longest time of each phase, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deadlines {
    /// From spawn to `ready`.
    pub ready_ms: u64,
    /// Added to the load's duration.
    pub measure_ms: u64,
    /// From the load's end until the buffer is empty.
    pub drain_ms: u64,
    /// From the request to stop until exit; then SIGKILL.
    pub exit_ms: u64,
}

/// Why the trial is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Ended {
    /// The runner ended after it was told to, or after its own duration; see the exit status.
    Exited,
    /// There was no runner: the load ran with nothing attached, and reported.
    LoadAlone,
    /// The runner ended before it was told to.
    EndedEarly,
    /// No `ready` in time.
    NeverReady,
    /// Before `ready` a line that breaks the contract, so that nobody waited for it any longer.
    Unreadable {
        /// Number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
        /// How it begins.
        beginning: String,
    },
    /// A phase took too long.
    TimedOut {
        /// `measure`, `drain` or `exit`.
        phase: String,
    },
    /// More output than is read (a line or the total).
    TooMuchOutput,
    /// The runner left processes behind.
    LeakedProcess,
    /// The user interrupted the run.
    Interrupted,
    /// The runner could not be started.
    SpawnFailed {
        /// Reason.
        message: String,
    },
    /// There is no program, because it was never built, so nothing was started.
    NotBuilt {
        /// What is missing.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// Its manifest says that it cannot do this, so nothing was started.
    Unsupported {
        /// Reason.
        message: String,
    },
    /// The load generator failed.
    LoadFailed {
        /// Reason.
        message: String,
    },
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExitStatus {
    /// By itself.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// CLOCK_MONOTONIC nanoseconds of what happened; null: it did not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseTimes {
    /// Runner spawned.
    pub spawned_ns: Option<u64>,
    /// `ready` read.
    pub ready_ns: Option<u64>,
    /// Load released to be measured.
    pub released_ns: Option<u64>,
    /// The load's report read.
    pub load_ended_ns: Option<u64>,
    /// The buffer was empty, or the runner's counters stood still.
    pub settled_ns: Option<u64>,
    /// Runner told to stop.
    pub stop_ns: Option<u64>,
    /// Runner reaped.
    pub exited_ns: Option<u64>,
}

/// A line of the runner's standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimedLine {
    /// When it was read, CLOCK_MONOTONIC nanoseconds.
    pub t_ns: u64,
    /// The line without its end; invalid UTF-8 replaced.
    pub line: String,
}

/// A BPF program that somebody else has loaded: it may cost every system call something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherProgram {
    /// Program id.
    pub id: u32,
    /// Name, cut by the kernel to 15 characters.
    pub name: String,
    /// Kind of program.
    pub kind: String,
}

/// What supervising this trial cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SupervisorCost {
    /// CPU time of the supervising process between the load's release and the empty buffer after it, nanoseconds; without the
    /// thread that keeps the runner's processor awake, which takes only what nobody else wants.
    pub cpu_ns: u64,
    /// The time between the two, nanoseconds.
    pub wall_ns: u64,
    /// Peak resident set of the supervising process, bytes.
    pub peak_rss_bytes: Option<u64>,
}

/// Raw facts of one trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialRecord {
    /// Number of the trial in the run.
    pub number: u32,
    /// Why it is over.
    pub ended: Ended,
    /// How the runner ended; null when it was never started.
    pub exit: Option<ExitStatus>,
    /// When what happened.
    pub times: PhaseTimes,
    /// What was started; null in results of version 1, and without a runner.
    #[serde(default)]
    pub program: Option<ProgramFile>,
    /// A bare walk over records, timed before the trial: what reading costs at least. Null in results of version 1, and where
    /// there is no ring.
    #[serde(default)]
    pub walk: Option<Walk>,
    /// The runner's standard output.
    pub stdout: Vec<TimedLine>,
    /// The last lines of its standard error.
    pub stderr_tail: String,
    /// What the load did.
    pub load: Option<LoadReport>,
    /// The load generator's pid, as the kernel sees it.
    pub target_pid: Option<u32>,
    /// The machine before anything was started; null in results of older versions.
    #[serde(default)]
    pub before: Option<Quiet>,
    /// The runner's processor in the pauses between bursts; null where none was kept awake.
    #[serde(default)]
    pub pauses: Option<Pauses>,
    /// What happened between `ready` and the release of the load; null without warm-up.
    #[serde(default)]
    pub warm_up: Option<WarmUp>,
    /// The rates that were tried, in order; empty unless the load was a ladder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rungs: Vec<Rung>,
    /// The runner at `ready`, before anything was triggered; null in older results.
    #[serde(default)]
    pub at_rest: Option<Snapshot>,
    /// What its program is made of, at `ready`; null in older results.
    #[serde(default)]
    pub files: Option<ProgramFiles>,
    /// When the first record after the release of the load was seen to be read, CLOCK_MONOTONIC nanoseconds; null unless it was asked
    /// for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_read_ns: Option<u64>,
    /// Exact CPU time of the runner's tree at `ready`, nanoseconds.
    pub cpu_ready_ns: Option<u64>,
    /// The same when the buffer was empty after the load's end.
    pub cpu_settled_ns: Option<u64>,
    /// Bytes that were in the buffer then all the same, because the consumer read no more before it was told to stop; null
    /// where the kernel cannot be asked.
    #[serde(default)]
    pub left_bytes: Option<u64>,
    /// CPU time at the moment the load's end was seen.
    pub cpu_load_ended_ns: Option<u64>,
    /// Readings of procfs, every 100 ms from the release of the load on.
    pub snapshots: Vec<Snapshot>,
    /// The machine at the release of the load and at the end.
    pub machine: Vec<MachineSnapshot>,
    /// What the kernel says, at the end.
    pub kernel: KernelFacts,
    /// What the kernel counted, at the moments that matter and every 100 ms; empty in results of version 1.
    #[serde(default)]
    pub readings: KernelReadings,
    /// The runner's and the load's processes, and others' meanwhile; empty in results of version 1.
    #[serde(default)]
    pub processes: ProcessFacts,
    /// What supervising cost.
    pub supervisor: SupervisorCost,
}

impl TrialRecord {
    /// The record of a trial in which nothing has happened (yet).
    #[must_use]
    pub fn not_run(number: u32, ended: Ended) -> Self {
        Self {
            number,
            ended,
            exit: None,
            times: PhaseTimes::default(),
            program: None,
            walk: None,
            stdout: Vec::new(),
            stderr_tail: String::new(),
            load: None,
            target_pid: None,
            before: None,
            pauses: None,
            warm_up: None,
            rungs: Vec::new(),
            at_rest: None,
            files: None,
            first_read_ns: None,
            cpu_ready_ns: None,
            cpu_settled_ns: None,
            left_bytes: None,
            cpu_load_ended_ns: None,
            snapshots: Vec::new(),
            machine: Vec::new(),
            kernel: KernelFacts::default(),
            readings: KernelReadings::default(),
            processes: ProcessFacts::default(),
            supervisor: SupervisorCost::default(),
        }
    }
}
