//! `orchestrator build --time`: how long each implementation takes to build, from nothing and after a change.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;

use crate::config::Implementation;
use crate::prepare::{self, Error, Owner};

/// Times of one implementation, in seconds.
#[derive(Debug, Serialize)]
pub(super) struct BuildTimes {
    /// After the manifest's own `clean`. What that leaves (downloads, shared libraries) is not built again.
    clean_seconds: f64,
    /// With every source file of the implementation touched; null outside a git checkout, which knows the files.
    incremental_seconds: Option<f64>,
}

impl BuildTimes {
    /// One line of the table.
    pub(super) fn line(&self, name: &str) -> String {
        let incremental = self.incremental_seconds.map_or_else(|| "-".to_owned(), |s| format!("{s:.1} s"));
        format!("{name:<12} clean {:>7.1} s   incremental {incremental:>9}", self.clean_seconds)
    }
}

/// Removes what is there and builds twice.
pub(super) fn build_times(
    implementation: &Implementation,
    root: &Path,
    owner: Option<&Owner>,
    on_line: &mut dyn FnMut(&str),
) -> Result<BuildTimes, Error> {
    prepare::clean(implementation, root, owner, on_line)?;
    let clean = timed(|| prepare::build(implementation, root, owner, on_line))?;
    let incremental = match touch_sources(implementation, root) {
        Some(()) => Some(timed(|| prepare::build(implementation, root, owner, on_line))?),
        None => None,
    };
    Ok(BuildTimes {
        clean_seconds: clean.as_secs_f64(),
        incremental_seconds: incremental.map(|time| time.as_secs_f64()),
    })
}

fn timed<T>(build: impl FnOnce() -> Result<T, Error>) -> Result<Duration, Error> {
    let started = Instant::now();
    build().map(|_| started.elapsed())
}

/// Marks every source file of the implementation as changed now; none when git does not know them.
fn touch_sources(implementation: &Implementation, root: &Path) -> Option<()> {
    let folder = Path::new("impls").join(implementation.name());
    // The checkout may belong to the user behind sudo, which git would refuse to look at otherwise.
    let safe = format!("safe.directory={}", root.display());
    let listed = Command::new("git")
        .args(["-c", &safe, "-C"])
        .arg(root)
        .args(["ls-files", "-z", "--"])
        .arg(folder)
        .output()
        .ok()
        .filter(|output| output.status.success() && !output.stdout.is_empty())?;
    let now = SystemTime::now();
    for path in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|path| !path.is_empty()) {
        // A file that was deleted and not committed is no source any more.
        if let Ok(file) = File::open(root.join(path)) {
            file.set_modified(now).ok()?;
        }
    }
    Some(())
}
