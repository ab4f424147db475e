//! How many ring buffers there are, and how many threads read them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Into which ring a record goes; the value of the runners' `--rings`.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Rings {
    /// There is one.
    #[default]
    One,
    /// Into that of the CPU on which it is made: each CPU has one.
    Cpu,
}

/// Who reads the rings; the value of the runners' `--consumers`.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Consumers {
    /// One thread reads all rings.
    #[default]
    One,
    /// Each ring has a thread.
    Ring,
}

impl Rings {
    /// Whether there is one, as in results of older versions.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Consumers {
    /// Whether there is one, as in results of older versions.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
