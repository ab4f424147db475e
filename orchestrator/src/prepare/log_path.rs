//! Where a build's log is.

use std::path::PathBuf;

/// Where everything that the last build printed is, relative to the project folder.
#[must_use]
pub fn log_path(implementation: &str) -> PathBuf {
    PathBuf::from(format!("build/logs/{implementation}.log"))
}
