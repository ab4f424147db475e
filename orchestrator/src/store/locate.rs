//! Finds a run by what people call it: a folder, a name below `results`, or `latest`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::EVENTS;
use super::error::StoreError;

/// The newest run.
const LATEST: &str = "latest";
/// Runs that are kept for others lie here, below `results`.
const PUBLISHED: &str = "published";

/// The folder of the run that is called `wanted`. A folder that exists is taken as it is.
pub fn locate(wanted: &Path, results: &Path) -> Result<PathBuf, StoreError> {
    if wanted == Path::new(LATEST) {
        return newest(results).ok_or_else(|| StoreError::NoRuns { results: results.to_owned() });
    }
    if wanted.exists() {
        return Ok(wanted.to_owned());
    }
    let is_name = wanted.components().count() == 1;
    let below = [results.join(wanted), results.join(PUBLISHED).join(wanted)];
    below.into_iter().find(|path| is_name && path.is_dir()).ok_or_else(|| StoreError::NotFound {
        name: wanted.display().to_string(),
        newest: newest(results).as_deref().and_then(Path::file_name).map(name),
    })
}

/// Names begin with the time, so the last one is the newest; equal times are told apart by when they were written.
fn newest(results: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(results).ok()?.flatten().map(|entry| entry.path());
    let runs = folders.filter(|path| path.join(EVENTS).is_file());
    runs.max_by_key(|path| (time_of(path), path.join(EVENTS).metadata().and_then(|m| m.modified()).ok()))
}

fn time_of(path: &Path) -> Option<String> {
    let name = path.file_name().map(name)?;
    Some(name.split('-').next().unwrap_or(&name).to_owned())
}

fn name(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(results: &Path, name: &str) -> PathBuf {
        let path = results.join(name);
        fs::create_dir_all(&path).expect("a folder");
        fs::write(path.join(EVENTS), "").expect("a file");
        path
    }

    #[test]
    fn a_run_is_found_by_folder_by_name_and_as_the_latest() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let results = folder.path();
        let old = run(results, "20261124T061557Z-ffff");
        let new = run(results, "20261124T061558Z-0001");
        let kept = run(&results.join("published"), "20250101T000000Z-0001");
        fs::create_dir(results.join("notes")).expect("a folder");
        let found = |wanted: &Path| locate(wanted, results).expect("found");
        assert_eq!(found(Path::new("latest")), new);
        assert_eq!(found(Path::new("20261124T061557Z-ffff")), old);
        assert_eq!(found(&old), old);
        assert_eq!(found(Path::new("20250101T000000Z-0001")), kept);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let none = locate(Path::new("latest"), folder.path()).expect_err("no runs");
        assert!(none.to_string().starts_with("there are no runs in"), "{none}");
        run(folder.path(), "20261124T061558Z-0001");
        let missing = locate(Path::new("x"), folder.path()).expect_err("no such run");
        assert_eq!(missing.to_string(), "there is no run `x`");
        assert!(missing.hint().contains("`20261124T061558Z-0001`"), "{}", missing.hint());
    }
}
