//! Where tracepoints are looked up, and what is said when they cannot be. Needs root.

use std::fs::File;
use std::process::{Command, Output};

use crate::RUNNER;
use crate::process::is_root;

/// The runner as standard input, so that it can be started where its folder is hidden.
fn command(program: &str, args: &[&str]) -> Output {
    let runner = File::open(RUNNER).expect("the runner is there");
    Command::new(program).args(args).stdin(runner).output().expect("it starts")
}

/// Runs a script in a mount namespace of its own; `$0` there is the runner.
fn in_own_mounts(script: &str) -> Output {
    command("unshare", &["--mount", "sh", "-c", script, RUNNER])
}

fn fails_with(output: &Output, text: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), text);
    assert_eq!(output.status.code(), Some(69));
}

#[test]
fn two_capabilities_may_not_read_tracefs() {
    if !is_root() {
        return eprintln!("skipped: giving capabilities to another user needs root");
    }
    let output = command(
        "setpriv",
        &[
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=-all,+bpf,+perfmon",
            "--ambient-caps=-all,+bpf,+perfmon",
            "--bounding-set=-all,+bpf,+perfmon",
            "/proc/self/fd/0",
        ],
    );
    fails_with(&output, "error: this process may not read `/sys/kernel/tracing`\n\nhint: run it with sudo\n");
}

#[test]
fn says_that_tracefs_is_not_mounted() {
    if !is_root() {
        return eprintln!("skipped: mounting needs root");
    }
    let output = in_own_mounts(
        "mount -t tmpfs none /sys/kernel/debug && mount -t tmpfs none /sys/kernel/tracing && exec \"$0\"",
    );
    fails_with(
        &output,
        "error: tracefs is not mounted at `/sys/kernel/tracing`\n\n\
         hint: run `mount -t tracefs tracefs /sys/kernel/tracing` as root\n",
    );
}

#[test]
fn finds_tracefs_below_debugfs() {
    if !is_root() {
        return eprintln!("skipped: mounting needs root");
    }
    // It may be there already. The kernel mounts tracefs in it when somebody looks.
    let output = in_own_mounts(
        "mount -t debugfs none /sys/kernel/debug 2>/dev/null; ls /sys/kernel/debug/tracing >/dev/null &&
         mount -t tmpfs none /sys/kernel/tracing && exec \"$0\" -d 0.01",
    );
    assert!(output.status.success(), "{output:?}");
}
