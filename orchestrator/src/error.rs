//! The top of all errors: it knows category, exit status and hint of each.

use std::error::Error as _;
use std::io::{self, IsTerminal, Write};

use crate::visible::visible;
use crate::{config, exit_code, load, plan, prepare, store, supervise};

/// Whatever ends the program early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Wrong use of the command line that clap does not know of.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// What was read is wrong.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// No plan can be made.
    #[error(transparent)]
    Plan(#[from] plan::Error),
    /// Something could not be built.
    #[error(transparent)]
    Prepare(#[from] prepare::Error),
    /// This machine or these privileges lack something.
    #[error("{message}")]
    Requirement {
        /// What is missing.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Runs, or a run and this machine, are too different.
    #[error("{message}")]
    NotComparable {
        /// What differs.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Results could not be written or read.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The load generator failed.
    #[error(transparent)]
    Load(#[from] load::Error),
    /// The privileged half failed.
    #[error(transparent)]
    Supervise(#[from] supervise::Error),
    /// The operating system refused something that always works.
    #[error("cannot set up this process")]
    Runtime(#[source] io::Error),
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// A command that this version does not have.
    #[error("`orchestrator {0}` is not available in this version")]
    Unavailable(&'static str),
}

/// What kind of failure it is; each has its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "see the constants in `exit_code`")]
pub enum Category {
    Unexpected,
    Usage,
    Configuration,
    Requirement,
    Build,
    NothingSelected,
    Results,
    NotComparable,
}

impl Category {
    /// The exit status.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Unexpected => exit_code::UNEXPECTED,
            Self::Usage => exit_code::USAGE,
            Self::Configuration => exit_code::CONFIGURATION,
            Self::Requirement => exit_code::REQUIREMENT,
            Self::Build => exit_code::BUILD,
            Self::NothingSelected => exit_code::NOTHING_SELECTED,
            Self::Results => exit_code::RESULTS,
            Self::NotComparable => exit_code::NOT_COMPARABLE,
        }
    }
}

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Self::Usage { .. }
            | Self::Config(
                config::Error::UnknownImplementation { .. }
                | config::Error::RootNotFound { .. }
                | config::Error::NotARoot { .. },
            )
            | Self::Plan(plan::Error::Impossible { place: None, .. } | plan::Error::NotSelected { .. })
            // What was asked for is not there: the command line is wrong, not the results.
            | Self::Store(store::StoreError::NotFound { .. } | store::StoreError::NotARun { .. }) => {
                Category::Usage
            }
            Self::Config(_) | Self::Plan(plan::Error::Impossible { .. }) => Category::Configuration,
            Self::Plan(plan::Error::NothingSelected { .. }) => Category::NothingSelected,
            Self::Store(_) => Category::Results,
            Self::NotComparable { .. } | Self::Plan(plan::Error::AnotherOrder) => Category::NotComparable,
            Self::Prepare(_) => Category::Build,
            Self::Requirement { .. }
            | Self::Load(load::Error::PinFailed { .. })
            | Self::Supervise(
                supervise::Error::NoPrivileges
                | supervise::Error::NoHello { .. }
                | supervise::Error::PidNamespace
                | supervise::Error::UserNamespace
                | supervise::Error::TimeNamespace { .. }
                | supervise::Error::Capabilities { .. }
                | supervise::Error::Refused { .. }
                | supervise::Error::Limit { .. },
            ) => Category::Requirement,
            Self::Load(error) if error.is_usage() => Category::Usage,
            Self::Load(_)
            | Self::Supervise(_)
            | Self::Runtime(_)
            | Self::Output(_)
            | Self::Unavailable(_) => Category::Unexpected,
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } | Self::Requirement { hint, .. } | Self::NotComparable { hint, .. } => {
                Some(hint.clone())
            }
            Self::Load(error) => Some(error.hint()),
            Self::Config(error) => Some(error.hint()),
            Self::Plan(error) => Some(error.hint()),
            Self::Prepare(error) => Some(error.hint()),
            Self::Store(error) => Some(error.hint()),
            Self::Unavailable(_) => Some("`orchestrator --help` lists the commands".into()),
            Self::Supervise(error) => error.hint().map(str::to_owned),
            Self::Runtime(_) | Self::Output(_) => None,
        }
    }

    /// The error with its causes, on one line.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        message
    }

    /// Whether the reader of standard output went away (`| head`), which is no failure.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Prints an error and its hint on standard error; in colour on a terminal, unless `NO_COLOR` is set.
pub fn show(message: &str, hint: Option<&str>) {
    let hint = hint.map(|hint| format!("\n{} {}\n", word("hint", "36"), visible(hint))).unwrap_or_default();
    write(&format!("{} {}\n{hint}", word("error", "31"), visible(message)));
}

/// Prints a warning on standard error.
pub fn warn(message: &str) {
    write(&format!("{} {}\n", word("warning", "33"), visible(message)));
}

/// Says on standard error what happens next.
pub fn note(message: &str) {
    write(&format!("{message}\n"));
}

fn word(word: &str, code: &str) -> String {
    let colour =
        io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if colour { format!("\x1b[1;{code}m{word}:\x1b[0m") } else { format!("{word}:") }
}

fn write(text: &str) {
    // There is nowhere left to complain to if standard error is closed.
    io::stderr().lock().write_all(text.as_bytes()).ok();
}
