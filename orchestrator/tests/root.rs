//! What root does for a user behind sudo: it follows no link that the user could have planted, gives away nothing that is not theirs,
//! and starts nothing that a third person could have put there. Needs root.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;

use common::project::Project;
use common::skipped_without_root;

/// The user `daemon` of every distribution stands for whoever called sudo.
const USER: u32 = 1;

/// A project of that user with a runner that fails at once.
fn project() -> (Project, PathBuf) {
    let project = Project::new("exit 70", "");
    let folder = PathBuf::from(project.marker());
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    let planned = project.compare_command().args(["--dry-run"]).output().unwrap();
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    let build = folder.join("build/sixth");
    fs::create_dir_all(&build).unwrap();
    fs::copy(folder.join("impls/sixth/runner.sh"), build.join("ringbuf_throughput")).unwrap();
    (project, folder)
}

/// A short run behind sudo, of what is built.
fn measured(project: &Project, more: &[&str]) -> Output {
    let mut command = project.compare_command();
    command.args(["--no-build", "--duration", "0.2", "--questions", "latency"]).args(more);
    command.env("SUDO_UID", USER.to_string()).env("SUDO_GID", USER.to_string()).output().unwrap()
}

fn owner(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().uid()
}

fn text(output: &Output) -> String {
    format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn results_behind_a_planted_link_are_refused() {
    if skipped_without_root("results_behind_a_planted_link_are_refused") {
        return;
    }
    let (project, folder) = project();
    let foreign = folder.join("foreign");
    fs::create_dir(&foreign).unwrap();
    symlink(&foreign, folder.join("results")).unwrap();
    lchown(folder.join("results"), Some(USER), Some(USER)).unwrap();
    let output = measured(&project, &[]);
    assert_eq!(output.status.code(), Some(9), "{}", text(&output));
    assert!(
        text(&output).contains("is a symbolic link to something that does not belong"),
        "{}",
        text(&output)
    );
    assert_eq!((owner(&foreign), fs::read_dir(&foreign).unwrap().count()), (0, 0));
}

#[test]
fn results_are_the_users_and_nothing_else_becomes_theirs() {
    if skipped_without_root("results_are_the_users_and_nothing_else_becomes_theirs") {
        return;
    }
    let (project, folder) = project();
    let output = measured(&project, &[]);
    let run = project.events_path().unwrap_or_else(|| panic!("{}", text(&output))).with_file_name("");
    for place in ["", "events.jsonl", "run.json", "samples", "samples/0001.csv"] {
        assert_eq!(owner(&run.join(place)), USER, "{place}: {}", text(&output));
    }
    assert_eq!(owner(&folder.join("results")), USER);

    // The folder is theirs now, and they plant what root gives away and writes to when it completes the result.
    let (secret, second) = (folder.join("secret"), folder.join("second"));
    fs::write(&secret, "root's").unwrap();
    fs::write(&second, "root's").unwrap();
    fs::hard_link(&secret, run.join("hard")).unwrap();
    symlink(&second, run.join("soft")).unwrap();
    symlink(&folder, run.join("logs/deep")).unwrap();
    fs::remove_file(run.join("run.json")).unwrap();
    symlink(&second, run.join("run.json")).unwrap();
    symlink(&second, run.join("run.json.partial")).unwrap();
    let mut report = project.compare_command();
    let program = report.get_program().to_owned();
    report = std::process::Command::new(program);
    report.args(["--root", &project.marker(), "report", "latest", "--reanalyse", "--write"]);
    let output = report.env("SUDO_UID", USER.to_string()).env("SUDO_GID", USER.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!((owner(&secret), owner(&second), owner(&folder)), (0, 0, 0));
    assert_eq!(fs::read_to_string(&second).unwrap(), "root's");
    let result = fs::symlink_metadata(run.join("run.json")).unwrap();
    assert!(result.is_file() && result.uid() == USER);
}

#[test]
fn a_program_that_a_third_person_could_replace_is_not_started() {
    if skipped_without_root("a_program_that_a_third_person_could_replace_is_not_started") {
        return;
    }
    let (project, folder) = project();
    fs::set_permissions(folder.join("build"), Permissions::from_mode(0o777)).unwrap();
    let output = measured(&project, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    assert!(text(&output).contains("/build` can be written by everybody"), "{}", text(&output));
    assert!(text(&output).contains("\nhint: "), "{}", text(&output));
}
