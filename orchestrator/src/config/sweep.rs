//! One benchmark at several values of one setting, as written.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::yaml;
use crate::facts::Axis;
use crate::plan::spec::Point;

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

impl Word {
    /// A value as it would be written.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

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
