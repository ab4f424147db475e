//! Namespaces in which figures would be false, or nothing can be loaded, are refused before anything is measured.

mod common;

use std::process::Command;

use common::project::Project;
use common::skipped_without_root;
use rstest::rstest;

#[rstest]
#[case::time_ahead(&["--time", "--monotonic", "86400"], "shifts the clock by 86400 s", "nsenter --target 1 --time")]
#[case::boot_time(&["--time", "--boottime", "-100"], "shifts the clock by -100 s", "nsenter --target 1 --time")]
#[case::pid(&["--pid", "--fork", "--mount-proc"], "not the initial pid namespace", "--pid=host")]
#[case::user(&["--user", "--map-root-user"], "not the initial user namespace", "a rootless container cannot do it")]
fn is_refused_with_a_hint_that_helps(#[case] namespace: &[&str], #[case] message: &str, #[case] hint: &str) {
    if skipped_without_root("is_refused_with_a_hint_that_helps") {
        return;
    }
    // Whatever else measures on this machine.
    let lock = format!("namespaces-{}", namespace.concat());
    let unshare = |arguments: &[&std::ffi::OsStr]| {
        let mut command = Command::new("unshare");
        command.env("ORCHESTRATOR_LOCK", &lock).args(namespace).arg("--").args(arguments).output().unwrap()
    };
    let possible = unshare(&["true".as_ref()]);
    if !possible.status.success() {
        eprintln!(
            "this machine does not let a test make such a namespace: {}",
            String::from_utf8_lossy(&possible.stderr)
        );
        return;
    }
    let project = Project::new("exit 70", "");
    let measure = project.compare_command();
    let words: Vec<_> = std::iter::once(measure.get_program()).chain(measure.get_args()).collect();
    let output = unshare(&words);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.contains(message) && text.contains("\nhint: ") && text.contains(hint), "{text}");

    let doctor =
        unshare(&[measure.get_program(), "--root".as_ref(), project.marker().as_ref(), "doctor".as_ref()]);
    let report = String::from_utf8_lossy(&doctor.stdout);
    assert!(report.contains("\nnamespaces\n") && report.contains("not the initial one"), "{report}");
}
