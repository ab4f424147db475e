//! Why no plan can be made.

use crate::config::{BenchmarkEntry, Place};

/// No plan can be made.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "most fields say by their names what they hold")]
pub enum Error {
    /// Keys of a benchmark exclude each other.
    #[error("{}{message}", at(.place.as_ref(), .benchmark))]
    Impossible {
        benchmark: String,
        /// Where it stands, if it came from a file.
        place: Option<Place>,
        /// What does not go together.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Nothing is left to run.
    #[error("nothing to run: {reason}")]
    NothingSelected {
        /// Why.
        reason: String,
    },
    /// An option names an implementation that is not part of the run.
    #[error("`{implementation}` of `{option}` is not among the selected implementations")]
    NotSelected { option: &'static str, implementation: String },
    /// The seed of a run that has begun does not give its order any more.
    #[error("this version would put the trials in another order than they were begun in")]
    AnotherOrder,
}

impl Error {
    pub(super) fn impossible(
        entry: &BenchmarkEntry,
        key: &str,
        message: String,
        hint: impl Into<String>,
    ) -> Self {
        Self::Impossible {
            benchmark: entry.name.clone(),
            place: entry.origin.as_ref().map(|origin| origin.place(key)),
            message,
            hint: hint.into(),
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Impossible { hint, .. } => hint.clone(),
            Self::NothingSelected { .. } => "`orchestrator list` shows what there is".into(),
            Self::NotSelected { implementation, .. } => {
                format!("add `{implementation}` to `--implementations`")
            }
            Self::AnotherOrder => "use the version of the orchestrator that began it, or measure anew".into(),
        }
    }
}

fn at(place: Option<&Place>, benchmark: &str) -> String {
    place.map_or_else(|| format!("benchmark `{benchmark}`: "), |place| format!("{place}: "))
}
