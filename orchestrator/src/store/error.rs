//! What can go wrong with a result folder.

use std::io;
use std::path::{Path, PathBuf};

use super::RUN;

/// Errors of this stage.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A folder or file cannot be made.
    #[error("cannot create `{}`: {}", path.display(), reason(source))]
    Create {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`: {}", path.display(), reason(source))]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`: {}", path.display(), reason(source))]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process measures into it.
    #[error("another process measures into the run `{}`", path.display())]
    InUse {
        /// Its folder.
        path: PathBuf,
    },
    /// Another file, or none, stands where the raw facts were written.
    #[error("`{}` was removed or replaced while the run was measured; {}", path.display(), rescue(rescued.as_deref()))]
    Replaced {
        /// Which.
        path: PathBuf,
        /// Where what was measured is now; none if it is lost.
        rescued: Option<PathBuf>,
    },
    /// Not a result folder.
    #[error("`{}` is not the folder of a run: it has no `{file}`", path.display())]
    NotARun {
        /// Which.
        path: PathBuf,
        /// The file that is missing.
        file: &'static str,
    },
    /// No run of that name.
    #[error("there is no run `{name}`")]
    NotFound {
        /// What was asked for.
        name: String,
        /// The newest run, if there is any.
        newest: Option<String>,
    },
    /// No run at all, so no latest one.
    #[error("there are no runs in `{}`", results.display())]
    NoRuns {
        /// Where runs were looked for.
        results: PathBuf,
    },
    /// Written by a newer version.
    #[error("`{}` has schema version {version}; this program knows versions up to {known}", path.display())]
    NewerSchema {
        /// Which.
        path: PathBuf,
        /// Its version.
        version: u64,
        /// The newest one known.
        known: u32,
    },
    /// Written to after it was measured.
    #[error("`{}` was edited: {}", path.display(), edited(*line))]
    Edited {
        /// Which.
        path: PathBuf,
        /// Number of the first line, from 1, that does not fit the line before it; none: all lines fit, but the last one is another
        /// than when the run ended.
        line: Option<usize>,
    },
    /// Damaged.
    #[error("`{}`, line {line}: {reason}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl StoreError {
    pub(super) fn create(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Create { path, source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Create { source, .. } | Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space on that file system".into()
                }
                _ => "make the folder writable for this user, or choose another one for the results".into(),
            },
            Self::Read { .. } => "check that the path exists and that this user may read it".into(),
            Self::NotFound { newest: Some(newest), .. } => {
                format!("give a folder, the name of a run below `results`, or `latest`, which is `{newest}`")
            }
            Self::NotFound { newest: None, .. } | Self::NoRuns { .. } => {
                "`orchestrator compare` makes one; runs that lie elsewhere are named by their folder".into()
            }
            Self::InUse { .. } => "wait until it has ended".into(),
            Self::Replaced { path, rescued } if rescued.as_deref() == Some(path) => {
                let run = path.parent().unwrap_or(path);
                format!(
                    "leave the folder alone while it is measured; `orchestrator resume {}` goes on with it",
                    run.display()
                )
            }
            Self::Replaced { .. } => "leave the folder alone while it is measured, and measure again".into(),
            Self::NotARun { .. } => "give the path of a folder below `results`".into(),
            Self::NewerSchema { .. } => "read it with the version of this program that wrote it".into(),
            Self::Edited { .. } => "restore the file from a copy, or measure again".into(),
            Self::Damaged { path, .. } if path.ends_with(RUN) => {
                "make it again from the raw facts: `orchestrator report RUN --reanalyse --write`".into()
            }
            Self::Damaged { .. } => "restore the file from a copy; trials before that line are intact".into(),
        }
    }
}

fn edited(line: Option<usize>) -> String {
    match line {
        Some(line) => format!("line {line} does not have the hash of the line before it"),
        None => "its last line is not the one that `run.json` knows".into(),
    }
}

fn rescue(rescued: Option<&Path>) -> String {
    rescued.map_or_else(
        || "what was measured is lost".into(),
        |path| format!("what was measured was written to `{}`", path.display()),
    )
}

/// The operating system's words without its number: `permission denied`.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}
