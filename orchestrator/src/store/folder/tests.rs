use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::stats::Analysis;
use crate::store::testing::{finished, new_run, stored, usual};

fn written(results: &Path, trials: usize) -> (RunFolder, Header) {
    let (mut folder, header) = RunFolder::create(results, new_run(2)).expect("creates");
    for planned in header.plan.trials.iter().take(trials) {
        folder.append_trial(&stored(&header.plan, planned)).expect("appends");
    }
    (folder, header)
}

fn resumed(path: &Path) -> Result<(RunFolder, OpenedRun), StoreError> {
    RunFolder::resume(Claim::take(path)?)
}

#[test]
fn what_was_written_is_read_again() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (mut folder, header) = written(results.path(), 3);
    let opened = open(folder.path()).expect("opens");
    assert_eq!((&opened.header, &opened.run, opened.cut), (&header, &None, false));
    assert_eq!(opened.done, header.plan.trials[..3]);
    let raw = opened.raw_trials().expect("readable");
    assert_eq!((raw.len(), &raw[2]), (3, &stored(&header.plan, &header.plan.trials[2])));

    let run = folder.finish(Run { header, ..finished(new_run(2), usual) }).expect("finishes");
    let read = open(folder.path()).expect("opens").run.expect("finished");
    assert_eq!((read.header, read.finished_utc), (run.header, run.finished_utc));
    assert_eq!((read.trials.len(), &read.trials[0]), (8, &run.trials[0]));
    let row = |analysis: &Analysis| analysis.benchmarks[1].rows[1].status.clone();
    assert_eq!(row(&read.analysis), row(&run.analysis));
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).expect("lists").map(|e| e.expect("entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["events.jsonl", "logs", "run.json", "samples", "summary.csv", "trials.csv"]);
    assert!(folder.path().join("samples/0003.csv").exists());
}

#[test]
fn two_runs_in_the_same_second_get_two_folders() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (first, _) = written(results.path(), 0);
    let (second, _) = written(results.path(), 0);
    assert_ne!(first.path(), second.path());
}

#[test]
fn a_run_killed_at_any_byte_keeps_every_finished_trial_and_can_go_on() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (folder, header) = written(results.path(), 3);
    let path = folder.path().to_owned();
    drop(folder);
    let events = path.join(EVENTS);
    let whole = fs::read(&events).expect("reads");
    let ends: Vec<usize> =
        whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(i, _)| i + 1).collect();
    for length in (ends[0]..=whole.len()).step_by(509) {
        fs::write(&events, &whole[..length]).expect("cuts");
        let intact = ends.iter().filter(|end| **end <= length).count() - 1;
        let (mut folder, opened) = resumed(&path).expect("resumes");
        assert_eq!(
            (opened.done.len(), opened.cut),
            (intact, !ends.contains(&length)),
            "cut at byte {length}"
        );
        folder.append_trial(&stored(&header.plan, &header.plan.trials[intact])).expect("appends");
        assert_eq!(open(folder.path()).expect("opens").done.len(), intact + 1, "{path:?}");
    }
}

#[test]
fn events_of_later_versions_are_left_out() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (folder, _) = written(results.path(), 1);
    let events = folder.path().join(EVENTS);
    let text = fs::read_to_string(&events).expect("reads");
    fs::write(&events, text + "{\"event\":\"of another kind\",\"what\":1}\n").expect("writes");
    assert_eq!(open(&events.with_file_name("")).expect("opens").done.len(), 1);
}

#[test]
fn damage_in_the_middle_names_file_and_line() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (folder, _) = written(results.path(), 2);
    let events = folder.path().join(EVENTS);
    let text = fs::read_to_string(&events).expect("reads");
    let lines: Vec<_> = text.lines().collect();
    fs::write(&events, format!("{}\n{{\"event\":\"trial\"}}\n{}\n", lines[0], lines[2])).expect("damages");
    let error = open(folder.path()).expect_err("damaged").to_string();
    assert!(error.contains("events.jsonl`, line 2: "), "{error}");
}

#[test]
fn a_newer_schema_is_refused_by_its_version() {
    let results = tempfile::tempdir().expect("temporary folder");
    let events = results.path().join(EVENTS);
    fs::write(&events, "{\"event\":\"header\",\"schema_version\":9}\n").expect("writes");
    let error = open(results.path()).expect_err("newer");
    assert!(
        error.to_string().ends_with("has schema version 9; this program knows versions up to 2"),
        "{error}"
    );
}

#[test]
fn a_folder_without_a_run_is_named_as_such() {
    let results = tempfile::tempdir().expect("temporary folder");
    for path in [results.path().to_owned(), results.path().join("missing")] {
        let error = open(&path).expect_err("no run");
        assert!(
            error.to_string().ends_with("is not the folder of a run: it has no `events.jsonl`"),
            "{error}"
        );
    }
}

#[test]
fn a_results_folder_that_cannot_be_written_gives_an_error_with_a_hint() {
    let parent = tempfile::tempdir().expect("temporary folder");
    let file = parent.path().join("results");
    fs::write(&file, "").expect("writes");
    let error = RunFolder::create(&file, new_run(1)).expect_err("a file is in the way");
    assert!(error.to_string().starts_with("cannot create `"), "{error}");
    assert_eq!(error.hint(), "make the folder writable for this user, or choose another one for the results");

    // Root may write anywhere, so the mode proves something for other users only.
    let read_only = parent.path().join("read-only");
    fs::create_dir(&read_only).expect("creates");
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o555)).expect("changes mode");
    if let Err(error) = RunFolder::create(&read_only, new_run(1)) {
        assert!(error.to_string().ends_with(": permission denied"), "{error}");
    }
}

#[test]
fn the_schema_describes_what_is_written() {
    let schema = schemars::schema_for!(Run).to_value();
    let properties = schema["properties"].as_object().expect("an object");
    let run = serde_json::to_value(finished(new_run(2), usual)).expect("serialises");
    for key in run.as_object().expect("an object").keys() {
        assert!(properties.contains_key(key), "`{key}` is not in the schema");
    }
}

#[test]
fn a_run_is_measured_into_by_one_process_at_a_time() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (folder, _) = written(results.path(), 1);
    let path = folder.path().to_owned();
    assert!(matches!(resumed(&path), Err(StoreError::InUse { .. })), "it is being written");
    drop(folder);
    let (first, _) = resumed(&path).expect("free again");
    let second = Claim::take(&path).expect_err("taken");
    assert_eq!(second.to_string(), format!("another process measures into the run `{}`", path.display()));
    drop(first);
    Claim::take(&path).expect("free again");
}

#[test]
fn raw_facts_survive_the_removal_of_their_file_and_the_run_ends() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (mut folder, header) = written(results.path(), 1);
    let events = folder.path().join(EVENTS);
    let next = |number: usize| stored(&header.plan, &header.plan.trials[number]);
    fs::remove_file(&events).expect("removes");
    let lost = folder.append_trial(&next(1)).expect_err("noticed");
    assert!(matches!(&lost, StoreError::Replaced { rescued: Some(path), .. } if *path == events), "{lost}");
    assert!(lost.hint().contains("orchestrator resume"), "{}", lost.hint());
    assert_eq!(open(folder.path()).expect("opens").done.len(), 2);
    // What follows goes to the file that is there now.
    folder.append_trial(&next(2)).expect("appends");
    assert_eq!(open(folder.path()).expect("opens").done.len(), 3);

    // Another file in its place is nobody's raw facts and is left alone.
    fs::remove_file(&events).expect("removes");
    fs::write(&events, "another").expect("written");
    let replaced = folder.append_trial(&next(3)).expect_err("noticed");
    assert!(replaced.to_string().ends_with("events.rescued.jsonl`"), "{replaced}");
    assert_eq!(fs::read_to_string(&events).expect("reads"), "another");
    assert_eq!(fs::read_to_string(folder.path().join(RESCUED)).expect("reads").lines().count(), 5);
}

#[test]
fn nothing_is_written_through_a_link() {
    let results = tempfile::tempdir().expect("temporary folder");
    let victim = results.path().join("victim");
    fs::write(&victim, "untouched").expect("written");
    let (mut folder, header) = written(results.path(), 1);
    let path = folder.path().to_owned();
    for name in ["run.json", "run.json.partial", "trials.csv", "samples/0002.csv", "samples/0002.csv.partial"]
    {
        symlink(&victim, path.join(name)).expect("a link");
    }
    folder.append_trial(&stored(&header.plan, &header.plan.trials[1])).expect("appends");
    folder.finish(Run { header, ..finished(new_run(2), usual) }).expect("finishes");
    assert_eq!(fs::read_to_string(&victim).expect("reads"), "untouched");
    assert!(fs::symlink_metadata(path.join("samples/0002.csv")).expect("there").is_file());
    drop(folder);

    fs::rename(path.join(EVENTS), &victim).expect("moves");
    symlink(&victim, path.join(EVENTS)).expect("a link");
    assert!(resumed(&path).expect_err("refused").to_string().contains("is a symbolic link"));
}

#[test]
fn a_folder_that_takes_the_place_of_the_run_gets_nothing() {
    let results = tempfile::tempdir().expect("temporary folder");
    let (mut folder, header) = written(results.path(), 1);
    let (path, aside) = (folder.path().to_owned(), results.path().join("aside"));
    fs::rename(&path, &aside).expect("moves");
    fs::create_dir(&path).expect("a folder");
    folder.append_trial(&stored(&header.plan, &header.plan.trials[1])).expect("appends");
    assert_eq!(fs::read_dir(&path).expect("lists").count(), 0);
    assert!(aside.join("samples/0002.csv").exists());
}
