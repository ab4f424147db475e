//! What can limit a rate, and its words.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What limited the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    /// Records were dropped. The share is that of the attempted ones.
    Loss,
    /// The runner kept a core busy. The share is of that core.
    Consumer,
    /// Waking the consumer cost the load most of its time. The share is of the load's CPU time.
    Wakeups,
    /// The load's records cost it most of its time for another reason than wakeups: the other side reads beside it. The share
    /// is of the load's CPU time.
    Contention,
    /// The load's own work. The share is of its threads' time; with a schedule, of the slots that it missed.
    Load,
    /// Records were dropped though the consumer was not busy: it looked too seldom for a ring of this size. The share is that
    /// of the attempted ones.
    TimerOrRing,
    /// The load kept its schedule (a fixed rate, or bursts with pauses): nothing was at its limit. The share is of its slots.
    Schedule,
}

/// What limited the rate, and the share that says so.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Stored")]
pub struct Limit {
    /// What it was.
    pub by: LimitedBy,
    /// How much, of 1 (see `by`); null in results of version 1, and where it was not measured.
    pub share: Option<f64>,
}

/// Results of version 1 have the word alone.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Stored {
    Word(LimitedBy),
    Whole { by: LimitedBy, share: Option<f64> },
}

impl From<Stored> for Limit {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Word(by) => Self { by, share: None },
            Stored::Whole { by, share } => Self { by, share },
        }
    }
}

impl LimitedBy {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TimerOrRing => "timer_or_ring",
            Self::Loss => "loss",
            Self::Consumer => "consumer",
            Self::Wakeups => "wakeups",
            Self::Contention => "contention",
            Self::Load => "load",
            Self::Schedule => "schedule",
        }
    }
}

impl fmt::Display for LimitedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimerOrRing => "timer or ring",
            other => other.name(),
        })
    }
}

/// `wakeups 88 %`; the schedule without its share, which is nearly all of it.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.share.filter(|_| self.by != LimitedBy::Schedule) {
            Some(share) if share < 0.01 => write!(f, "{} {:.1} %", self.by, share * 100.0),
            Some(share) => write!(f, "{} {:.0} %", self.by, share * 100.0),
            None => write!(f, "{}", self.by),
        }
    }
}
