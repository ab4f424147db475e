//! One thing that was looked at.

use serde::Serialize;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Good.
    Ok,
    /// Works, but figures suffer or something optional cannot be done.
    Warn,
    /// Something that is needed is not there.
    Missing,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it belongs to.
    pub area: &'static str,
    /// What was looked at.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// What to do, unless all is well.
    pub advice: Option<String>,
}

impl Finding {
    pub(crate) fn ok(area: &'static str, name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { area, name: name.into(), state: State::Ok, detail: detail.into(), advice: None }
    }

    pub(crate) fn warn(
        area: &'static str,
        name: impl Into<String>,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { state: State::Warn, advice: Some(advice.into()), ..Self::ok(area, name, detail) }
    }

    pub(crate) fn missing(
        area: &'static str,
        name: impl Into<String>,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { state: State::Missing, advice: Some(advice.into()), ..Self::ok(area, name, detail) }
    }
}
