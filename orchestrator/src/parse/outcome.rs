//! How a trial ended. A failure of one implementation is an outcome, not an error: the run goes on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::protocol::{RunnerError, Transcript, Violation};
use crate::supervise::{Ended, ExitStatus, TrialRecord};
use crate::visible::visible_line;

/// Exit status of a runner that this kernel or these privileges cannot serve (docs/PROTOCOL.md).
const EXIT_UNSUPPORTED: i32 = 69;
/// Exit status of one that was given a flag that it does not know, and the word for it in its message.
const EXIT_USAGE: i32 = 64;
const USAGE: &str = "usage";

/// Outcome of one trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Outcome {
    /// Ran to its end as the contract wants it.
    Completed,
    /// This kernel or these privileges cannot do it.
    Unsupported {
        /// Reason.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The runner gave up with an error of its own.
    Failed {
        /// `usage` or `internal`.
        error: String,
        /// Reason.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Was not ready in time.
    NeverReady {
        /// Last lines of standard error.
        stderr_tail: String,
    },
    /// Ended with a bad status or by a signal.
    Crashed {
        /// How it ended; null when unknown.
        status: Option<ExitStatus>,
        /// Last lines of standard error.
        stderr_tail: String,
    },
    /// Ended with a good status before it was told to.
    EndedEarly {
        /// Last lines of standard error.
        stderr_tail: String,
    },
    /// A phase took too long.
    TimedOut {
        /// `measure`, `drain` or `exit`.
        phase: String,
    },
    /// A line of its output breaks the contract.
    ProtocolViolation {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Left processes behind.
    LeakedProcess,
    /// Wrote more than is read.
    TooMuchOutput,
    /// The user interrupted the run.
    Interrupted,
    /// There is no program, because it was never built.
    NotBuilt {
        /// What is missing.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// Could not be started.
    SpawnFailed {
        /// Reason.
        message: String,
    },
    /// The load generator failed.
    LoadFailed {
        /// Reason.
        message: String,
    },
}

/// Judges the end of a trial. `transcript` is none for a program that does not speak the protocol. `further`: names of the flags that it was
/// given and need not know.
pub(super) fn outcome(
    record: &TrialRecord,
    transcript: Option<&Transcript>,
    violation: Option<Violation>,
    further: &[&str],
) -> Outcome {
    match &record.ended {
        Ended::SpawnFailed { message } => return Outcome::SpawnFailed { message: message.clone() },
        Ended::NotBuilt { message, hint } => {
            return Outcome::NotBuilt { message: message.clone(), hint: hint.clone() };
        }
        Ended::Unsupported { message } => {
            return Outcome::Unsupported { message: message.clone(), hint: None };
        }
        Ended::Interrupted => return Outcome::Interrupted,
        Ended::LoadAlone => return Outcome::Completed,
        Ended::TooMuchOutput => return Outcome::TooMuchOutput,
        _ => {}
    }
    // What the runner says of itself explains more than how its process ended.
    let said = transcript.and_then(|transcript| transcript.error.clone());
    let said = said.map(|error| unknown_flag(&error, further).unwrap_or_else(|| runner_error(error)));
    let by_status = || match record.exit {
        Some(ExitStatus::Code(EXIT_UNSUPPORTED)) => Some(unsupported_by_status(&record.stderr_tail)),
        Some(ExitStatus::Code(EXIT_USAGE)) => {
            let error = RunnerError { kind: USAGE.into(), message: record.stderr_tail.clone(), hint: None };
            unknown_flag(&error, further)
        }
        _ => None,
    };
    if let Some(outcome) = said.or_else(by_status) {
        return if record.times.ready_ns.is_some() { too_late(outcome) } else { outcome };
    }
    let stderr_tail = record.stderr_tail.clone();
    match &record.ended {
        Ended::LoadFailed { message } => Outcome::LoadFailed { message: message.clone() },
        Ended::TimedOut { phase } => Outcome::TimedOut { phase: phase.clone() },
        Ended::LeakedProcess => Outcome::LeakedProcess,
        Ended::NeverReady => match violation {
            Some(violation) => violated(violation),
            None => Outcome::NeverReady { stderr_tail },
        },
        Ended::Unreadable { line, reason, beginning } => {
            let line = usize::try_from(*line).unwrap_or(usize::MAX);
            let reason = violation
                .filter(|violation| violation.line == line)
                .map_or_else(|| reason.clone(), |v| v.reason);
            let begins = visible_line(beginning);
            Outcome::ProtocolViolation { line, reason: format!("{reason}; the line begins with `{begins}`") }
        }
        _ if record.exit != Some(ExitStatus::Code(0)) => {
            Outcome::Crashed { status: record.exit, stderr_tail }
        }
        ended => {
            let incomplete = transcript.filter(|transcript| !transcript.is_complete());
            if let Some(violation) = violation {
                violated(violation)
            } else if *ended == Ended::EndedEarly {
                Outcome::EndedEarly { stderr_tail }
            } else if incomplete.is_some() {
                let reason = "the output ends without `summary`".into();
                Outcome::ProtocolViolation { line: record.stdout.len(), reason }
            } else {
                Outcome::Completed
            }
        }
    }
}

fn violated(violation: Violation) -> Outcome {
    Outcome::ProtocolViolation { line: violation.line, reason: violation.reason }
}

fn runner_error(error: RunnerError) -> Outcome {
    let RunnerError { kind, message, hint } = error;
    match kind.as_str() {
        "unsupported" | "permission" => Outcome::Unsupported { message, hint },
        _ => Outcome::Failed { error: kind, message, hint },
    }
}

/// A runner need not know every flag (docs/PROTOCOL.md, Flags): one that says which it does not know cannot do what was asked, and is no
/// failure.
fn unknown_flag(error: &RunnerError, further: &[&str]) -> Option<Outcome> {
    let is_named = |flag: &&&str| {
        error
            .message
            .split(|letter: char| !(letter == '-' || letter.is_ascii_alphanumeric()))
            .any(|word| word.starts_with('-') && word.trim_start_matches('-') == **flag)
    };
    let flag = further.iter().find(is_named).filter(|_| error.kind == USAGE)?;
    Some(Outcome::Unsupported { message: format!("does not know `--{flag}`"), hint: None })
}

/// What was attached and ready is supported. A runner that takes it back has another reason.
fn too_late(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Unsupported { message, hint } => {
            let message = format!("said only after `ready` that it cannot do this: {message}");
            Outcome::Failed { error: "internal".into(), message, hint }
        }
        other => other,
    }
}

/// A program that only has the exit status and `error:` and `hint:` lines on standard error.
fn unsupported_by_status(stderr: &str) -> Outcome {
    let after = |prefix: &str| stderr.lines().rev().find_map(|line| line.strip_prefix(prefix)).map(str::trim);
    let message = after("error:")
        .or_else(|| stderr.lines().rev().map(str::trim).find(|line| !line.is_empty()))
        .unwrap_or("exit status 69, no message");
    Outcome::Unsupported { message: message.to_owned(), hint: after("hint:").map(str::to_owned) }
}

impl Outcome {
    /// The outcome in words, without a full stop.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Completed => "completed".into(),
            Self::Unsupported { message, .. } => message.clone(),
            Self::Failed { error, message, .. } => format!("{error} error: {message}"),
            Self::NeverReady { stderr_tail } => with_last_line("was never ready", stderr_tail),
            Self::Crashed { status, stderr_tail } => with_last_line(&crash(*status), stderr_tail),
            Self::EndedEarly { stderr_tail } => with_last_line("ended before it was told to", stderr_tail),
            Self::TimedOut { phase } => format!("timed out in phase `{phase}`"),
            Self::ProtocolViolation { line, reason } => format!("line {line} of its output: {reason}"),
            Self::LeakedProcess => "left processes behind".into(),
            Self::TooMuchOutput => "wrote more output than is read".into(),
            Self::Interrupted => "interrupted".into(),
            Self::NotBuilt { message, .. } => format!("not built: {message}"),
            Self::SpawnFailed { message } => format!("could not be started: {message}"),
            Self::LoadFailed { message } => format!("the load generator failed: {message}"),
        }
    }

    /// What to do about it, where the runner said so.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Unsupported { hint, .. } | Self::Failed { hint, .. } => hint.as_deref(),
            Self::NotBuilt { hint, .. } => Some(hint),
            _ => None,
        }
    }
}

fn crash(status: Option<ExitStatus>) -> String {
    match status {
        Some(ExitStatus::Code(code)) => format!("ended with status {code}"),
        Some(ExitStatus::Signal(signal)) => format!("was ended by signal {signal}"),
        None => "ended, nobody knows how".into(),
    }
}

fn with_last_line(what: &str, stderr: &str) -> String {
    match stderr.lines().map(str::trim).rfind(|line| !line.is_empty()) {
        Some(line) => format!("{what}; its last words: {line}"),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests;
