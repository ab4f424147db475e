//! What can be wrong with what was read.

use std::io;
use std::path::PathBuf;

use super::place::Place;

/// A configuration, a manifest or the project folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No folder looks like the project.
    #[error("no project folder found: neither `{}` nor a folder above it has `impls/`", .start.display())]
    RootNotFound {
        /// Where the search began.
        start: PathBuf,
    },
    /// `--root` names something else.
    #[error("`{}` is not the project folder: it has no `impls/`", .path.display())]
    NotARoot {
        /// The folder given.
        path: PathBuf,
    },
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A folder stands where a file was expected.
    #[error("`{}` is a folder, not a file", .path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
    },
    /// The file holds bytes that no text has.
    #[error("`{}` is not a text file", .path.display())]
    NotText {
        /// Which one.
        path: PathBuf,
    },
    /// The file holds nothing.
    #[error("`{}` is empty", .path.display())]
    Empty {
        /// Which one.
        path: PathBuf,
        /// What it should begin with.
        expected: &'static str,
    },
    /// The file is read, but something in it is wrong.
    #[error("{place}: {message}")]
    Invalid {
        /// Where.
        place: Place,
        /// What.
        message: String,
        /// What to do.
        hint: String,
    },
    /// No implementation is called so.
    #[error("unknown implementation `{name}`")]
    UnknownImplementation {
        /// The name given on the command line.
        name: String,
        /// What to do.
        hint: String,
    },
    /// There is not one implementation.
    #[error("`{}` holds no implementation", .folder.display())]
    NoImplementations {
        /// The folder searched.
        folder: PathBuf,
    },
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::RootNotFound { .. } => {
                "run it inside the project, or name the project with `--root`".into()
            }
            Self::NotARoot { .. } => "give the folder that holds `impls/` and `configs/`".into(),
            Self::Unreadable { .. } => "check the path and its permissions".into(),
            Self::Folder { .. } => "name a YAML file, such as `configs/example.yaml`".into(),
            Self::NotText { .. } => "a YAML file in UTF-8 is expected".into(),
            Self::Empty { expected, .. } => {
                format!("it should begin with `{expected}`; see `configs/README.md`")
            }
            Self::Invalid { hint, .. } | Self::UnknownImplementation { hint, .. } => hint.clone(),
            Self::NoImplementations { .. } => "an implementation is a folder with an `impl.yaml`".into(),
        }
    }
}
