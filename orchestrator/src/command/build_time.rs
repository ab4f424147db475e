//! `orchestrator build --time`: how long each implementation takes to build, from nothing and after a change.
//!
//! It builds a copy of the sources, so that nothing of an earlier build helps, whichever tool made it, and nothing that the
//! user has built is lost.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;

use crate::config::Implementation;
use crate::files::{Folder, split};
use crate::identity::git;
use crate::prepare::{self, Error, Owner};

/// Times of one implementation, in seconds.
#[derive(Debug, Serialize)]
pub(super) struct BuildTimes {
    /// From the sources alone. What package managers have downloaded is there; what they keep below `XDG_CACHE_HOME` is not.
    clean_seconds: f64,
    /// Again, with every source file of the implementation touched.
    incremental_seconds: f64,
}

impl BuildTimes {
    /// One line of the table.
    pub(super) fn line(&self, name: &str) -> String {
        let Self { clean_seconds, incremental_seconds } = self;
        format!("{name:<12} clean {clean_seconds:>7.1} s   incremental {incremental_seconds:>7.1} s")
    }
}

/// Builds a copy of the sources twice.
pub(super) fn build_times(
    implementation: &Implementation,
    root: &Path,
    owner: Option<&Owner>,
    on_line: &mut dyn FnMut(&str),
) -> Result<BuildTimes, Error> {
    let sources =
        list_sources(root).map_err(|source| Error::SourcesUnknown { root: root.to_owned(), source })?;
    let copy = Copy::make(root, &sources, owner)?;
    let isolated = with_empty_cache(implementation, &copy.folder);
    let mut timed = || {
        let started = Instant::now();
        prepare::build(&isolated, &copy.folder, owner, on_line).map(|_| started.elapsed()).or_else(|error| {
            // The copy will be gone.
            prepare::keep_log(&copy.folder, implementation.name(), root, owner)?;
            Err(error)
        })
    };
    let clean: Duration = timed()?;
    touch(&copy.folder, &sources, &implementation.own_name)
        .map_err(|source| Error::Write { path: copy.folder.clone(), source })?;
    let incremental = timed()?;
    Ok(BuildTimes { clean_seconds: clean.as_secs_f64(), incremental_seconds: incremental.as_secs_f64() })
}

/// The files that git knows or would add, relative to the project folder.
fn list_sources(root: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = git(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    if !listed.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&listed.stderr).trim().to_owned()));
    }
    let names = String::from_utf8_lossy(&listed.stdout);
    let names = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    // A file that was deleted and not committed is no source any more.
    Ok(names.filter(|name| root.join(name).is_file()).collect())
}

/// A copy of the sources, removed when dropped.
struct Copy {
    folder: PathBuf,
}

impl Copy {
    fn make(root: &Path, sources: &[PathBuf], owner: Option<&Owner>) -> Result<Self, Error> {
        // Within the project: on the same disk, and where builds may write.
        let copy = Self { folder: root.join(format!("build/timing-{}", std::process::id())) };
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Write { path, source }
        };
        // Root copies for a user only what the user could have copied.
        let ids = owner.map(Owner::ids);
        for source in sources {
            let copied = || {
                let (folder, name) = split(source)?;
                let mut from = Folder::open(&root.join(folder))?.read(name)?;
                let folder = Folder::make(&copy.folder.join(folder), ids)?;
                let mut to = folder.create(name)?;
                std::io::copy(&mut from, &mut to)?;
                to.set_permissions(from.metadata()?.permissions())?;
                ids.map_or(Ok(()), |ids| folder.give(name, ids))
            };
            copied().map_err(failed(source))?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What is left is ignored by git, and removed with the folder `build`.
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// The same implementation, with a cache of the build tools that is empty at first.
fn with_empty_cache(implementation: &Implementation, folder: &Path) -> Implementation {
    let mut isolated = implementation.clone();
    for argv in &mut isolated.manifest.build {
        let cache = format!("XDG_CACHE_HOME={}", folder.join("build/cache").display());
        argv.splice(0..0, ["env".to_owned(), cache]);
    }
    isolated
}

/// Marks every source file of the implementation's folder as changed now.
fn touch(folder: &Path, sources: &[PathBuf], name: &str) -> io::Result<()> {
    let own = Path::new("impls").join(name);
    for source in sources.iter().filter(|source| source.starts_with(&own)) {
        File::options().append(true).open(folder.join(source))?.set_modified(SystemTime::now())?;
    }
    Ok(())
}
