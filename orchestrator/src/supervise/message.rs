//! The language between orchestrator and helper: one JSON object a line, `type` names the message.

use serde::{Deserialize, Serialize};

use super::record::{OtherProgram, TrialRecord, TrialSpec};

/// From the orchestrator to the helper.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Request {
    /// First, once: the only programs that may be started.
    Allow {
        /// Absolute paths.
        programs: Vec<String>,
    },
    /// Run one trial.
    Trial {
        /// What to run.
        spec: Box<TrialSpec>,
    },
    /// Stop the running trial politely.
    Stop,
    /// Kill the running trial.
    Kill,
}

/// From the helper to the orchestrator.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Report {
    /// First, once.
    Hello {
        /// Whether it may load BPF programs.
        root: bool,
        /// BPF programs that are loaded already; null without privileges to ask.
        other_programs: Option<Vec<OtherProgram>>,
        /// Capabilities that a root needs and lacks, by name.
        lacking: Vec<String>,
    },
    /// The trial has come to its next phase.
    Phase {
        /// Which.
        phase: Phase,
    },
    /// The trial is over.
    Record {
        /// Its facts.
        record: Box<TrialRecord>,
    },
    /// A request was not carried out.
    Refused {
        /// Why.
        message: String,
    },
}

/// Phases of a trial, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The runner loads and attaches.
    Starting,
    /// The load runs in pieces, until they cost the same.
    WarmingUp,
    /// The load runs.
    Measuring,
    /// The load has ended, the buffer empties.
    Draining,
    /// The runner was told to stop.
    Stopping,
}

impl Phase {
    /// The word shown in progress lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::WarmingUp => "warming up",
            Self::Measuring => "measuring",
            Self::Draining => "draining",
            Self::Stopping => "stopping",
        }
    }
}
