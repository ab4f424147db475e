//! One benchmark at several values of one setting, as written.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::yaml;
use crate::plan::spec::Point;

/// Settings over which a benchmark can be swept; how each is set stands in `points.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Axis {
    /// Bytes of the ring buffer.
    RingSize,
    /// Bytes of a record.
    RecordSize,
    /// Records per trigger.
    Batch,
    /// Rounds of extra work per trigger.
    Work,
    /// Triggers per second of an open loop.
    Rate,
    /// Triggers in a burst.
    Burst,
    /// Seconds between bursts.
    Pause,
    /// Threads of the load generator.
    Threads,
}

/// Makes one benchmark for each value of a setting.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// The setting.
    pub over: Axis,
    /// Its values, written as where it stands by itself.
    pub values: Vec<Word>,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(inline, extend("type" = ["number", "string"]))]
pub struct Word(pub(super) String);

impl std::str::FromStr for Word {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        yaml::scalar(deserializer)?.ok_or_else(|| serde::de::Error::custom("a value is expected"))
    }
}

/// Which point of a sweep an entry is.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptPoint {
    /// The setting.
    pub axis: Axis,
    /// Its value as written.
    pub word: Word,
    /// The point.
    pub point: Point,
}
