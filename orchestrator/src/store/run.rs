//! What a result folder holds. These names are public (docs/RESULTS.md).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::Difference;
use crate::parse::Measurement;
use crate::plan::{Plan, PlanEnd, PlannedTrial};
use crate::stats::{Analysis, Settings};
use crate::supervise::TrialRecord;

/// Version of all types of a result folder. A reader of a newer version must refuse.
pub const SCHEMA_VERSION: u32 = 2;

/// From this version on trials hold what the supervisor itself read in the kernel. Older ones cannot be judged by today's rules.
pub(crate) const FIRST_WITH_EVIDENCE: u32 = 2;

/// What a run starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// The command that repeats it, word by word.
    pub command: Vec<String>,
    /// Everything that it will do.
    pub plan: Plan,
    /// Where it runs: kernel, CPU, tools, as the caller found them.
    pub machine: serde_json::Value,
    /// How it is analysed.
    pub settings: Settings,
    /// For implementations that do not speak the protocol: the expressions that read their text.
    pub text_patterns: BTreeMap<String, BTreeMap<String, String>>,
}

/// First line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// Name of the run and of its folder.
    pub run: String,
    /// Start, UTC, RFC 3339.
    pub started_utc: String,
    /// The command that repeats it, word by word.
    pub command: Vec<String>,
    /// Where it runs.
    pub machine: serde_json::Value,
    /// How it is analysed.
    pub settings: Settings,
    /// For implementations that do not speak the protocol: the expressions that read their text.
    #[serde(default)]
    pub text_patterns: BTreeMap<String, BTreeMap<String, String>>,
    /// Everything that it will do.
    pub plan: Plan,
}

/// A finished trial with all raw facts; a line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoredTrial {
    /// As planned.
    pub planned: PlannedTrial,
    /// Raw facts, so that it can be parsed again.
    pub record: TrialRecord,
    /// What they showed.
    pub measurement: Measurement,
    /// How long the run had been measuring when this was over, in all its parts, nanoseconds; null in older results.
    #[serde(default)]
    pub elapsed_ns: Option<u64>,
}

/// A run that had been cut short goes on; a line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resumption {
    /// When, UTC, RFC 3339.
    pub resumed_utc: String,
    /// Number of the trial that came next.
    pub trial: u32,
    /// Its block.
    pub block: u32,
    /// What was no longer as it had been when the run began, and makes its figures doubtful.
    pub changed: Vec<Difference>,
}

/// A run is over, for good or until it is resumed; a line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// When, UTC, RFC 3339.
    pub ended_utc: String,
    /// By which part of its rule.
    #[serde(flatten)]
    pub end: PlanEnd,
}

/// A finished trial without its raw facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialResult {
    /// As planned.
    pub planned: PlannedTrial,
    /// What it showed.
    pub measurement: Measurement,
}

/// A run: the content of `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// How it began.
    #[serde(flatten)]
    pub header: Header,
    /// End, UTC, RFC 3339; null for a run that was cut short.
    pub finished_utc: Option<String>,
    /// Each time that it went on after it had been cut short.
    #[serde(default)]
    pub resumed: Vec<Resumption>,
    /// SHA-256 of the last line of `events.jsonl`, hexadecimal; null in results of version 1, and while the run is not over.
    #[serde(default)]
    pub events_sha256: Option<String>,
    /// Trials in the order in which they were run.
    pub trials: Vec<TrialResult>,
    /// Statistics.
    pub analysis: Analysis,
}

/// A line of `events.jsonl`, to be written; read again in `events`.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub(super) enum Event<'a> {
    Header(&'a Header),
    Trial(&'a StoredTrial),
    Resumed(&'a Resumption),
    Ended(&'a RunEnd),
}

impl From<StoredTrial> for TrialResult {
    fn from(trial: StoredTrial) -> Self {
        Self { planned: trial.planned, measurement: trial.measurement }
    }
}
