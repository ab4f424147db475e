//! Nothing of the caller's shell reaches a measured program.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not know for such")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use common::{fake_runner, spec};
use serde_json::{Value, json};

/// The record of one trial, run by a helper that a shell starts after `preparation`.
fn trial_after(preparation: &str, spec: &orchestrator::supervise::TrialSpec) -> Value {
    let mut helper = Command::new("/bin/sh")
        .args(["-c", &format!("{preparation}; exec \"$0\" helper"), env!("CARGO_BIN_EXE_orchestrator")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = helper.stdin.take().unwrap();
    writeln!(stdin, "{}", json!({"type": "allow", "programs": [fake_runner()]})).unwrap();
    writeln!(stdin, "{}", json!({"type": "trial", "spec": spec})).unwrap();
    let reports = BufReader::new(helper.stdout.take().unwrap()).lines();
    let mut reports = reports.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let record = reports.find(|report| report["type"] == "record").expect("a record")["record"].clone();
    drop(stdin);
    assert!(helper.wait().unwrap().success());
    record
}

fn told(record: &Value) -> Value {
    let said = record["stderr_tail"].as_str().unwrap();
    let line = said.lines().next().unwrap_or_else(|| panic!("nothing was said: {record:#}"));
    serde_json::from_str(line).unwrap()
}

#[test]
fn programs_start_in_fixed_surroundings() {
    let preparation = "export PYTHONMALLOC=debug GOGC=1 LD_LIBRARY_PATH=/nowhere LANG=de_DE.UTF-8 TMPDIR=/var/tmp; \
                       umask 077; trap '' INT HUP USR1 PIPE TERM; ulimit -S -n 300; ulimit -S -s 4096; \
                       ulimit -S -v 8000000; exec 9</dev/null; renice -n 7 $$ >/dev/null; cd /usr";
    let mut spec = spec(&["tells-surroundings"]);
    spec.process.environment = [("FROM_MANIFEST".to_owned(), "yes".to_owned())].into();
    let told = told(&trial_after(preparation, &spec));
    assert_eq!(
        told["environment"],
        json!({"FROM_MANIFEST": "yes", "HOME": "/", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"})
    );
    assert_eq!(told["folder"], "/");
    assert_eq!(told["umask"], "0022");
    // The runtime of the fake ignores SIGPIPE (13) by itself, so that only this bit may be set.
    assert_eq!(told["ignored"], "0000000000001000");
    assert_eq!(told["blocked"], "0000000000000000");
    assert_eq!(told["descriptors"], json!([]));
    assert_eq!(told["oom_score_adj"], "1000", "the runner goes before the supervisor");
    let limits = told["limits"].as_str().unwrap();
    let soft = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!((soft("Max open files").as_str(), soft("Max stack size").as_str()), ("1024", "8388608"));
    assert_eq!((soft("Max address space").as_str(), soft("Max core file size").as_str()), ("unlimited", "0"));
    // A user cannot take a niceness back; then the readings of the trial name it.
    if nix::unistd::geteuid().is_root() {
        assert_eq!(told["nice"], "0");
    }
}

#[test]
fn a_limit_that_is_too_small_is_named() {
    let project = common::project::Project::new("exit 70", "");
    let command = project.compare_command();
    let output = Command::new("/bin/sh")
        .args(["-c", "ulimit -n 40; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the limit of open files (`ulimit -n`) is 40, and measuring needs 128"), "{said}");
    assert!(said.contains("hint: "), "{said}");
    assert_eq!(output.status.code(), Some(4), "{said}");
}
