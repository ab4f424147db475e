//! Finds a run by what people call it: a folder, a name below `results`, or `latest`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::EVENTS;
use super::clock::Utc;
use super::error::StoreError;
use super::open::has_header;

/// The newest run.
const LATEST: &str = "latest";
/// Runs that are kept for others lie here, below `results`.
const PUBLISHED: &str = "published";

/// The folder of the run that is called `wanted`. A folder that exists is taken as it is. `warn` gets what was passed over.
pub fn locate(wanted: &Path, results: &Path, warn: &mut dyn FnMut(&str)) -> Result<PathBuf, StoreError> {
    if wanted == Path::new(LATEST) {
        return newest(results, warn).ok_or_else(|| StoreError::NoRuns { results: results.to_owned() });
    }
    if wanted.exists() {
        return Ok(wanted.to_owned());
    }
    let is_name = wanted.components().count() == 1;
    let below = [results.join(wanted), results.join(PUBLISHED).join(wanted)];
    below.into_iter().find(|path| is_name && path.is_dir()).ok_or_else(|| StoreError::NotFound {
        name: wanted.display().to_string(),
        newest: newest(results, &mut |_| {}).as_deref().and_then(Path::file_name).map(name),
    })
}

/// Names begin with the time, so the last one is the newest; equal times are told apart by when they were written. A run of the future
/// was made by a clock that was wrong, and would be the newest for years: it comes after all others.
fn newest(results: &Path, warn: &mut dyn FnMut(&str)) -> Option<PathBuf> {
    let folders = fs::read_dir(results).ok()?.flatten().map(|entry| entry.path());
    let mut runs: Vec<PathBuf> = folders.filter(|path| path.join(EVENTS).is_file()).collect();
    // Of another time zone or a clock that is a little ahead nobody needs to hear.
    let tomorrow = Utc::tomorrow().compact();
    let is_future = |path: &Path| time_of(path).is_some_and(|time| time > tomorrow);
    runs.sort_by_cached_key(|path| {
        let written = path.join(EVENTS).metadata().and_then(|metadata| metadata.modified()).ok();
        (!is_future(path), time_of(path), written)
    });
    let mut passed = Vec::new();
    let found = loop {
        let Some(run) = runs.pop() else { break None };
        if has_header(&run) {
            break Some(run);
        }
        passed.push(run);
    };
    for run in &passed {
        warn(&format!("the run `{}` has no whole header and is passed over", run.display()));
    }
    for run in runs.iter().chain(&found).filter(|run| is_future(run)) {
        let latest =
            if found.as_ref() == Some(run) { "the only one there is" } else { "not taken for the latest" };
        warn(&format!(
            "the run `{}` is dated in the future and {latest}: was the clock wrong?",
            run.display()
        ));
    }
    found
}

/// A run below `results` that is dated later than now: whatever is measured now will not be the latest, by its name.
#[must_use]
pub fn dated_later(results: &Path) -> Option<String> {
    let now = Utc::now().compact();
    let runs = fs::read_dir(results).ok()?.flatten().map(|entry| entry.path());
    let latest = runs.filter_map(|path| Some((time_of(&path)?, path))).max()?;
    (latest.0 > now).then(|| name(latest.1.file_name().unwrap_or_default()))
}

/// The time in a run's name; none of a folder that somebody named otherwise.
fn time_of(path: &Path) -> Option<String> {
    let name = path.file_name().map(name)?;
    let time = name.split('-').next()?.to_owned();
    let is_time = time.len() == 16
        && time.char_indices().all(|(at, letter)| match at {
            8 => letter == 'T',
            15 => letter == 'Z',
            _ => letter.is_ascii_digit(),
        });
    is_time.then_some(time)
}

fn name(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RunFolder;
    use crate::store::testing::new_run;

    fn run(results: &Path, name: &str) -> PathBuf {
        let path = results.join(name);
        fs::create_dir_all(results).expect("a folder");
        let (made, _) = RunFolder::create(results, new_run(1)).expect("creates");
        fs::rename(made.path(), &path).expect("renames");
        path
    }

    fn found(wanted: &Path, results: &Path) -> (Result<PathBuf, StoreError>, Vec<String>) {
        let mut warnings = Vec::new();
        let found = locate(wanted, results, &mut |warning| warnings.push(warning.to_owned()));
        (found, warnings)
    }

    #[test]
    fn a_run_is_found_by_folder_by_name_and_as_the_latest() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let results = folder.path();
        let old = run(results, "20261124T061557Z-ffff");
        let new = run(results, "20261124T061558Z-0001");
        let kept = run(&results.join("published"), "20250101T000000Z-0001");
        fs::create_dir(results.join("notes")).expect("a folder");
        let found = |wanted: &Path| {
            let (found, warnings) = self::found(wanted, results);
            assert_eq!(warnings, Vec::<String>::new());
            found.expect("found")
        };
        assert_eq!(found(Path::new("latest")), new);
        assert_eq!(found(Path::new("20261124T061557Z-ffff")), old);
        assert_eq!(found(&old), old);
        assert_eq!(found(Path::new("20250101T000000Z-0001")), kept);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let none = found(Path::new("latest"), folder.path()).0.expect_err("no runs");
        assert!(none.to_string().starts_with("there are no runs in"), "{none}");
        run(folder.path(), "20261124T061558Z-0001");
        let missing = found(Path::new("x"), folder.path()).0.expect_err("no such run");
        assert_eq!(missing.to_string(), "there is no run `x`");
        assert!(missing.hint().contains("`20261124T061558Z-0001`"), "{}", missing.hint());
    }

    #[test]
    fn a_run_without_a_header_is_passed_over_with_a_word() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let old = run(folder.path(), "20261124T061557Z-ffff");
        assert_eq!(dated_later(folder.path()), None);
        let cut = run(folder.path(), "20261124T061558Z-0001");
        let whole = fs::read(cut.join(EVENTS)).expect("reads");
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            fs::write(cut.join(EVENTS), &whole[..length]).expect("cuts");
            let (found, warnings) = found(Path::new("latest"), folder.path());
            assert_eq!(found.expect("the other"), old);
            let expected = format!("the run `{}` has no whole header and is passed over", cut.display());
            assert_eq!(warnings, [expected], "{length} bytes");
        }
    }

    #[test]
    fn a_run_of_the_future_does_not_stay_the_latest() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let future = run(folder.path(), "21061124T061557Z-ffff");
        let (only, warnings) = found(Path::new("latest"), folder.path());
        assert_eq!(only.expect("there is no other"), future);
        assert!(
            warnings[0].ends_with("is dated in the future and the only one there is: was the clock wrong?")
        );
        let old = run(folder.path(), "20261124T061557Z-ffff");
        run(folder.path(), "a-name-of-ones-own");
        let (latest, warnings) = found(Path::new("latest"), folder.path());
        assert_eq!(latest.expect("found"), old);
        assert!(warnings[0].ends_with("not taken for the latest: was the clock wrong?"), "{warnings:?}");
    }
}
