//! What limited the throughput of a trial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::figures::Figures;
use crate::plan::{LoadPattern, LoadSpec};
use crate::supervise::TrialRecord;

/// From this share of a core on something counts as busy, per cent.
const BUSY_PERCENT: f64 = 95.0;

/// A wakeup costs the producer about 1 to 10 µs, as much as 20 to 200 records. With fewer than 20 events between two
/// wakeups the producer mostly pays for wakeups, so that they, not its work, fill its CPU.
const MANY_WAKEUPS_PER_EVENT: f64 = 0.05;

/// What limited the throughput.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    /// Events were dropped, or the runner kept a core busy.
    Consumer,
    /// Neither side was busy with work: there were few events between two wakeups.
    Wakeups,
    /// The load generator was busy (or late in its schedule), and nothing was dropped.
    Load,
    /// The load kept its schedule (a fixed rate, or bursts with pauses), and nothing was dropped: nothing was at its limit.
    Schedule,
}

/// The first that applies: the consumer (drops, or the runner at 95 % of a core); wakeups (closed load, or open load
/// that missed slots, with more than 0.05 wakeups an event); the load (95 % of each of its threads, or slots missed);
/// the schedule (open or bursts). Null: nothing explains it, or too little is known.
pub(super) fn limited_by(figures: &Figures, record: &TrialRecord, load: &LoadSpec) -> Option<LimitedBy> {
    let dropped = figures.drop_ratio? > 0.0;
    let busy =
        |percent: Option<f64>, cores: u32| percent.is_some_and(|p| p >= BUSY_PERCENT * f64::from(cores));
    if dropped || busy(figures.runner_cpu_percent, 1) {
        return Some(LimitedBy::Consumer);
    }
    let report = record.load.as_ref()?;
    let short_of_schedule = report.missed.is_some_and(|missed| missed > 0);
    let pushing = matches!(load.pattern, LoadPattern::Closed) || short_of_schedule;
    if pushing && figures.wakeups_per_event.is_some_and(|wakeups| wakeups >= MANY_WAKEUPS_PER_EVENT) {
        return Some(LimitedBy::Wakeups);
    }
    match load.pattern {
        LoadPattern::Closed => busy(figures.load_cpu_percent, load.threads.max(1)).then_some(LimitedBy::Load),
        LoadPattern::Open { .. } if short_of_schedule => Some(LimitedBy::Load),
        LoadPattern::Open { .. } | LoadPattern::Bursts { .. } => Some(LimitedBy::Schedule),
    }
}

impl std::fmt::Display for LimitedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Consumer => "consumer",
            Self::Wakeups => "wakeups",
            Self::Load => "load",
            Self::Schedule => "schedule",
        })
    }
}
