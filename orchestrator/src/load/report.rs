//! What the load generator says: JSON lines on standard output, `type` names the message.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One line of `orchestrator load --output jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum LoadMessage {
    /// Started with `--paused`: threads are ready, waiting for a line on standard input.
    Paused {
        /// Process id, as the process itself sees it.
        pid: u32,
    },
    /// The first trigger is about to be issued.
    Started {
        /// CLOCK_MONOTONIC nanoseconds.
        t_ns: u64,
    },
    /// Started with `--paced`: a burst has ended; waiting for a line on standard input.
    BurstEnded,
    /// A piece of the warm-up has ended; waiting for the next line.
    Warmed(WarmedPiece),
    /// A piece of a ladder has ended; waiting for the next line.
    Piece(LadderPiece),
    /// All threads have stopped.
    Report(Box<LoadReport>),
}

/// One piece of the warm-up: the load's own pattern for a short while, before it is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarmedPiece {
    /// Triggers issued in this piece, exactly.
    pub issued: u64,
    /// Sum of the cookies of these triggers, modulo 2^64.
    pub cookies: u64,
    /// Those of them of which the program makes records: all, unless `--keep-one-in` says otherwise.
    pub kept: u64,
    /// Sum of their cookies, modulo 2^64.
    pub kept_cookies: u64,
    /// CPU time that these triggers took, nanoseconds, all threads.
    pub cpu_ns: u64,
    /// CLOCK_MONOTONIC nanoseconds of its start.
    pub started_ns: u64,
    /// The same of its end.
    pub ended_ns: u64,
}

/// One piece of a ladder: a fixed rate for a short while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LadderPiece {
    /// Triggers a second that were asked for, over all threads.
    pub rate_per_sec: u64,
    /// Triggers issued in this piece, exactly.
    pub issued: u64,
    /// Triggers of its schedule that were never issued because time was up.
    pub missed: u64,
    /// CPU time of the threads meanwhile, nanoseconds; that of waiting for a slot that is near is part of it.
    pub cpu_ns: u64,
    /// CLOCK_MONOTONIC nanoseconds of its start.
    pub started_ns: u64,
    /// The same of its end.
    pub ended_ns: u64,
}

/// What one of several threads did in the measured part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThreadReport {
    /// Triggers issued, exactly.
    pub issued: u64,
    /// CPU time, nanoseconds.
    pub cpu_ns: u64,
    /// The CPU that it was pinned to; null where the scheduler chose, and in older results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<u32>,
}

/// What the load did. Times are CLOCK_MONOTONIC nanoseconds. All but what is named `warm_up` is of the measured part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadReport {
    /// Triggers issued, exactly.
    pub issued: u64,
    /// Triggers issued before, to warm up, exactly.
    #[serde(default)]
    pub warm_up_issued: u64,
    /// Sum of the cookies of `issued` (docs/PROTOCOL.md, Marks), modulo 2^64; null before schema version 2.
    #[serde(default)]
    pub cookies: Option<u64>,
    /// The same of `warm_up_issued`.
    #[serde(default)]
    pub warm_up_cookies: Option<u64>,
    /// Those of `issued` of which the program makes records: all, unless `--keep-one-in` says otherwise. Null in older results: all.
    #[serde(default)]
    pub kept: Option<u64>,
    /// The same of `warm_up_issued`.
    #[serde(default)]
    pub warm_up_kept: Option<u64>,
    /// Sum of the cookies of `kept`, modulo 2^64.
    #[serde(default)]
    pub kept_cookies: Option<u64>,
    /// The same of `warm_up_kept`.
    #[serde(default)]
    pub warm_up_kept_cookies: Option<u64>,
    /// Just before the first trigger.
    pub started_ns: u64,
    /// Just after the last trigger.
    pub ended_ns: u64,
    /// CPU time in user mode, all threads.
    pub user_ns: u64,
    /// CPU time in kernel mode, all threads, the BPF program's included.
    pub system_ns: u64,
    /// How long the threads were to run at full speed, summed; null for an open loop, which sleeps by design.
    #[serde(default)]
    pub to_run_ns: Option<u64>,
    /// The part of it in which they had no processor, by their own clock against their CPU time.
    #[serde(default)]
    pub not_running_ns: Option<u64>,
    /// The longest time in which no thread looked at the clock although one was to run: the load was stopped, or the machine was.
    #[serde(default)]
    pub longest_gap_ns: Option<u64>,
    /// Full bursts issued; null for other patterns.
    pub bursts: Option<u64>,
    /// Triggers of `issued` that had a slot of a schedule; null for other patterns than an open loop, and in older results: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_schedule: Option<u64>,
    /// Open loop: triggers of the schedule that were issued more than one period late.
    pub late: Option<u64>,
    /// Open loop: triggers of the schedule that were never issued because time was up.
    pub missed: Option<u64>,
    /// Open loop: HdrHistogram (V2 compressed, base64) of nanoseconds from intended to actual time.
    pub lateness: Option<String>,
    /// Open loop: time from just before each call to just after it, nanoseconds, added up; null in older results.
    #[serde(default)]
    pub call_ns: Option<u64>,
    /// What each thread did, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<ThreadReport>,
    /// Calls that returned something else than the shape promises.
    pub unexpected_results: u64,
}

impl LoadReport {
    /// Triggers of the measured part of which the program makes records: all, where no filter was asked for.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.kept.unwrap_or(self.issued)
    }

    /// The same with those of the warm-up.
    #[must_use]
    pub fn kept_of_all(&self) -> u64 {
        self.kept() + self.warm_up_kept.unwrap_or(self.warm_up_issued)
    }

    /// Triggers that had a slot, where the load has a schedule.
    #[must_use]
    pub fn on_schedule(&self) -> u64 {
        self.on_schedule.unwrap_or(self.issued)
    }

    /// Sum of the cookies of [`Self::kept_of_all`], modulo 2^64; none before schema version 2.
    #[must_use]
    pub fn kept_cookies_of_all(&self) -> Option<u64> {
        let warm_up = self.warm_up_kept_cookies.or(self.warm_up_cookies);
        let warm_up = warm_up.or((self.warm_up_issued == 0).then_some(0))?;
        Some(self.kept_cookies.or(self.cookies)?.wrapping_add(warm_up))
    }
}
