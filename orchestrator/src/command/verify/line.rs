//! What a check came to.

use serde::Serialize;

use crate::plan::ProgramType;

/// What came of one check, or of all checks of a program type that the kernel does not have.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) implementation: String,
    pub(super) check: String,
    pub(super) status: Status,
    /// Why it failed or was skipped.
    pub(super) reason: Option<String>,
    pub(super) hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Passed,
    Failed,
    Skipped,
}

pub(super) fn passed(name: &str, check: &str) -> Line {
    let (implementation, check) = (name.to_owned(), check.to_owned());
    Line { implementation, check, status: Status::Passed, reason: None, hint: None }
}

pub(super) fn failed(name: &str, check: &str, reason: String) -> Line {
    let (implementation, check) = (name.to_owned(), check.to_owned());
    Line { implementation, check, status: Status::Failed, reason: Some(reason), hint: None }
}

pub(super) fn skipped(name: &str, kind: ProgramType, reason: String, hint: Option<String>) -> Line {
    let (implementation, check) = (name.to_owned(), kind.to_string());
    Line { implementation, check, status: Status::Skipped, reason: Some(reason), hint }
}
