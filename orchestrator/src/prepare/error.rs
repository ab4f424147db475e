//! Why an implementation could not be built.

use std::io;
use std::path::PathBuf;

use super::log_path;

/// An implementation could not be built.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "most fields say by their names what they hold")]
pub enum Error {
    /// A tool is not there.
    #[error("cannot build `{implementation}`: `{tool}` is not ready ({reason})")]
    ToolMissing {
        /// The implementation that needs it.
        implementation: String,
        tool: String,
        /// The command that looked for it, and what it said.
        reason: String,
        /// How to get it.
        hint: String,
    },
    /// A tool is too old, or does not tell its version.
    #[error("cannot build `{implementation}`: `{tool}` {wanted} or newer is needed, found {found}")]
    ToolTooOld {
        /// The implementation that needs it.
        implementation: String,
        tool: String,
        /// The version found.
        found: String,
        /// The oldest version that will do.
        wanted: String,
        /// How to get it.
        hint: String,
    },
    /// A command of the build failed.
    #[error("cannot build `{implementation}`: `{command}` failed: {reason}")]
    BuildFailed {
        implementation: String,
        command: String,
        /// How it ended.
        reason: String,
        /// The last lines that it printed.
        tail: Vec<String>,
    },
    /// The build succeeded without making what the manifest promises.
    #[error("the build of `{implementation}` did not make `{}`", .path.display())]
    ProductMissing {
        implementation: String,
        manifest: PathBuf,
        /// What is missing.
        path: PathBuf,
    },
    /// What was built does not run.
    #[error("`{}` was built but does not run: {reason}", .path.display())]
    DoesNotRun {
        /// The program.
        path: PathBuf,
        /// How it ended.
        reason: String,
    },
    /// There is no program to run.
    #[error("`{implementation}` is not built: `{}` not found", .path.display())]
    NotBuilt {
        implementation: String,
        /// The program that is missing.
        path: PathBuf,
    },
    /// The build folder cannot be written.
    #[error("cannot write `{}`", .path.display())]
    Write {
        /// Which file or folder.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// It is not known which files are sources.
    #[error("cannot tell which files of `{}` are sources", .root.display())]
    SourcesUnknown {
        /// The project folder.
        root: PathBuf,
        /// What git said.
        #[source]
        source: io::Error,
    },
    /// None of the implementations of a run could be built; each failure was reported.
    #[error("no implementation could be built")]
    NothingBuilt,
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::ToolMissing { hint, .. } | Self::ToolTooOld { hint, .. } => hint.clone(),
            Self::BuildFailed { implementation, .. } => {
                format!("the whole output is in `{}`", log_path(implementation).display())
            }
            Self::ProductMissing { manifest, .. } => {
                format!("compare `programs` in `{}` with what the build makes", manifest.display())
            }
            Self::DoesNotRun { path, .. } => format!("try `{} --version`", path.display()),
            Self::NotBuilt { implementation, .. } => format!("run `orchestrator build {implementation}`"),
            Self::Write { .. } => "check who owns the folder; `ls -ld build` shows it".into(),
            Self::SourcesUnknown { .. } => {
                "builds are timed in a checkout that git knows: clone the project".into()
            }
            Self::NothingBuilt => "the messages above say what to do for each".into(),
        }
    }
}
