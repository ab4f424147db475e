//! A run that is killed again and again loses nothing that was measured, and comes to its end.
//!
//! The runners pretend: what is measured does not matter here, only that it is kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

const BLOCKS: u32 = 20;
const TRIALS: usize = 40;

/// The example `fake-runner`, which `cargo test` builds beside the tests. Asked for nothing else, it behaves.
fn fake_runner() -> PathBuf {
    let tests = std::env::current_exe().expect("a path");
    let target = tests.parent().and_then(Path::parent).expect("a build folder");
    let path = target.join("examples/fake-runner");
    assert!(path.is_file(), "{} is missing: run the tests with `cargo test -p orchestrator`", path.display());
    path
}

/// A project with two built implementations, and a place of its own for the lock.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["first", "second"] {
        let (manifest, built) =
            (folder.path().join("impls").join(name), folder.path().join("build").join(name));
        fs::create_dir_all(&manifest).expect("a folder");
        fs::create_dir_all(&built).expect("a folder");
        let text = format!(
            "name: {name}\ntitle: The {name} one\nlanguage: some\nframework: none\nbuild:\n  - [\"true\"]\nprograms:\n  \
             ringbuf_throughput:\n    from: made/{name}\n    program_types: [tracepoint]\n    mechanisms: [ring_buffer]\n"
        );
        fs::write(manifest.join("impl.yaml"), text).expect("a file");
        fs::copy(fake_runner(), built.join("ringbuf_throughput")).expect("a copy");
        write_receipt(folder.path(), name, "1");
    }
    folder
}

fn write_receipt(project: &Path, name: &str, version: &str) {
    let receipt = serde_json::json!({"implementation": name, "programs": [
        {"name": "ringbuf_throughput", "path": "p", "version": version, "changed": false}
    ]});
    let path = project.join("build").join(name).join("receipt.json");
    fs::write(path, receipt.to_string()).expect("a file");
}

fn orchestrator(project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("orchestrator").expect("built");
    command.current_dir(project).args(arguments).env("TMPDIR", project);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Kills it after a while; says whether it had ended by itself.
fn kill_after(mut command: Command, milliseconds: u64) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    std::thread::sleep(Duration::from_millis(milliseconds));
    let ended = child.try_wait().expect("a child").is_some();
    child.kill().ok();
    child.wait().expect("a child");
    ended
}

fn events(run: &Path) -> String {
    let text = fs::read_to_string(run.join("events.jsonl")).expect("readable");
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    text[..whole].to_owned()
}

fn only_run(project: &Path) -> PathBuf {
    let mut runs = fs::read_dir(project.join("results")).expect("results").flatten();
    let run = runs.next().expect("a run").path();
    assert!(runs.next().is_none(), "one run only");
    run
}

fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can measure without a password");
    }
    root
}

const COMPARE: [&str; 8] =
    ["compare", "--no-build", "--questions", "throughput", "--duration", "0.1", "--blocks", "20"];

#[test]
fn ten_kills_at_random_moments_lose_no_finished_trial() {
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    // Long enough for the header and a trial or two on a busy machine.
    kill_after(orchestrator(project, &COMPARE), 1000);
    let run = only_run(project);
    let mut kept = events(&run);
    // Steps of a multiplicative generator: different moments, the same in every run of this test.
    let mut moment: u64 = 7;
    for _ in 0..9 {
        moment = moment * 48_271 % 2_147_483_647;
        let ended = kill_after(orchestrator(project, &["resume"]), 150 + moment % 600);
        assert!(!ended, "the run has too few trials for ten kills: {}", events(&run).lines().count());
        let now = events(&run);
        assert!(now.starts_with(&kept), "a finished trial was lost");
        kept = now;
    }
    let output = orchestrator(project, &["resume", "--json"]).output().expect("started");
    let result: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert!(events(&run).starts_with(&kept));
    let numbers = |value: &Value| -> Vec<u64> {
        let trials = value.as_array().expect("a list").iter();
        trials.filter_map(|trial| trial["planned"]["number"].as_u64()).collect()
    };
    let numbers = numbers(&result["trials"]);
    assert_eq!(numbers.len(), TRIALS, "no trial twice");
    assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>().len(), TRIALS, "and none missing");
    for row in result["analysis"]["benchmarks"][0]["rows"].as_array().expect("rows") {
        assert_eq!(row["trials"]["run"], BLOCKS, "every block");
    }
    assert_eq!(fs::read_dir(run.join("samples")).expect("samples").count(), TRIALS);
    assert!(run.join("run.json").is_file() && run.join("summary.csv").is_file());

    // Nothing is left: the result is shown again, and nothing is run.
    let before = events(&run);
    let again = orchestrator(project, &["resume"]).output().expect("started");
    assert!(String::from_utf8_lossy(&again.stdout).contains("\nresult "));
    assert_eq!(events(&run), before);
}

#[test]
fn a_run_is_not_resumed_with_other_programs() {
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    kill_after(orchestrator(project, &COMPARE), 1000);
    let before = events(&only_run(project));
    write_receipt(project, "first", "2");
    fs::remove_file(project.join("build/second/ringbuf_throughput")).expect("removed");
    let output = orchestrator(project, &["resume"]).output().expect("started");
    assert_eq!(output.status.code(), Some(10));
    let text = String::from_utf8_lossy(&output.stderr);
    let reasons = "\n  program `first/ringbuf_throughput`: version 1, then version 2\n  \
                   program `second/ringbuf_throughput` is not built\n\nhint: ";
    assert!(text.contains(reasons), "{text}");
    assert_eq!(events(&only_run(project)), before);
}
