//! A run that is killed again and again loses nothing that was measured, and comes to its end.
//!
//! The runners pretend: what is measured does not matter here, only that it is kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use orchestrator::files::hexadecimal;
use serde_json::Value;
use sha2::{Digest, Sha256};

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

/// The arguments of `compare` for two implementations that take turns, and `more`.
fn compare(more: &[&'static str]) -> Vec<&'static str> {
    let usual = ["compare", "--no-build", "--questions", "saturation", "--duration", "0.1", "--seed", "7"];
    usual.iter().chain(more).copied().collect()
}

/// Kills it once so many trials are on disk: in the middle of the next one, since a trial takes most of a second.
fn kill_after_trials(project: &Path, arguments: &[&str], wanted: usize) {
    let mut command = orchestrator(project, arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    let deadline = Instant::now() + Duration::from_secs(100);
    while results(project).is_none_or(|run| of_kind(&run, "trial").len() < wanted) {
        assert!(child.try_wait().expect("a child").is_none(), "it ended before {wanted} trials were run");
        assert!(Instant::now() < deadline, "{wanted} trials take too long");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().ok();
    child.wait().expect("a child");
}

/// The folder of the only run, once it has a header.
fn results(project: &Path) -> Option<PathBuf> {
    let run = fs::read_dir(project.join("results")).ok()?.flatten().next()?.path();
    run.join("events.jsonl").is_file().then_some(run)
}

/// How many trials have readings of procfs.
fn readings(run: &Path) -> usize {
    let names = fs::read_dir(run.join("samples")).expect("samples").flatten().map(|entry| entry.file_name());
    names.filter(|name| !name.to_string_lossy().ends_with("-ring.csv")).count()
}

/// The events of one kind, in their order.
fn of_kind(run: &Path, kind: &str) -> Vec<Value> {
    let events = events(run);
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    events.filter(|event| event["event"] == kind).collect()
}

/// Resumes it to its end: the result.
fn resumed(project: &Path) -> Value {
    let output = orchestrator(project, &["resume", "--json"]).output().expect("started");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn orchestrator(project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("orchestrator").expect("built");
    command.current_dir(project).args(arguments).env("ORCHESTRATOR_LOCK", project);
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

#[test]
fn ten_kills_at_random_moments_lose_no_finished_trial() {
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    // Long enough for the header and a trial or two on a busy machine.
    kill_after(orchestrator(project, &compare(&["--blocks", "20"])), 1000);
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
    let result = resumed(project);
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
    assert_eq!(readings(&run), TRIALS);
    assert!(run.join("run.json").is_file() && run.join("summary.csv").is_file());

    // Nothing is left: the result is shown again, and nothing is run.
    let before = events(&run);
    let again = orchestrator(project, &["resume"]).output().expect("started");
    let text = String::from_utf8_lossy(&again.stdout);
    assert!(
        text.contains("\nresult ") && text.ends_with("complete: nothing was left to measure\n"),
        "{text}"
    );
    assert_eq!(events(&run), before);
}

#[test]
fn a_run_without_a_fixed_number_of_blocks_goes_on_in_its_order_until_its_rule_ends_it() {
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    // What these runners say balances nowhere, so there is no interval that could be narrow: it takes all ten blocks.
    // Only what is judged can be narrow enough.
    let mut open_ended = compare(&["--precision", "1%", "--blocks", "10"]);
    open_ended.iter_mut().filter(|word| **word == "saturation").for_each(|word| *word = "latency");
    let plan = orchestrator(project, &[&open_ended[..], &["--dry-run", "--json"]].concat()).output();
    let plan: Value = serde_json::from_slice(&plan.expect("started").stdout).expect("a plan");
    // Once among the eight blocks that are measured in any case, once beyond them.
    kill_after_trials(project, &open_ended, 5);
    kill_after_trials(project, &["resume"], 17);
    let run = only_run(project);
    let shown = orchestrator(project, &["report"]).output().expect("started");
    let shown = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.contains("\nthis run is not complete: 1 of 18 trials were not run\n"), "{shown}");
    let kept = events(&run);
    let result = resumed(project);
    assert!(events(&run).starts_with(&kept), "a finished trial was lost");

    assert_eq!(result["plan"]["trials"], plan["trials"]);
    let order: Vec<&Value> =
        result["trials"].as_array().expect("trials").iter().map(|trial| &trial["planned"]).collect();
    assert_eq!(order, plan["trials"].as_array().expect("trials").iter().collect::<Vec<_>>());
    let end = &result["plan"]["ended"];
    assert_eq!((&end["reason"], &end["blocks"]), (&"blocks".into(), &10.into()));
    let places = |resumptions: &[Value]| -> Vec<(Value, Value)> {
        resumptions.iter().map(|event| (event["trial"].clone(), event["block"].clone())).collect()
    };
    let noted = result["resumed"].as_array().expect("a list");
    assert_eq!(places(noted), [(6.into(), 3.into()), (18.into(), 9.into())]);
    assert_eq!(places(&of_kind(&run, "resumed")), places(noted));
    assert_eq!(of_kind(&run, "ended").len(), 1);

    // All of it can be made again from what was appended.
    let again = orchestrator(project, &["report", "--reanalyse", "--json"]).output().expect("started");
    let again: Value = serde_json::from_slice(&again.stdout).expect("a result");
    for key in ["plan", "resumed", "finished_utc"] {
        assert_eq!(again[key], result[key], "`{key}`");
    }

    // It has ended, and no lost result makes it begin again.
    let whole = events(&run);
    fs::remove_file(run.join("run.json")).expect("removed");
    let again = orchestrator(project, &["resume"]).output().expect("started");
    let text = String::from_utf8_lossy(&again.stdout);
    let utc = noted[1]["resumed_utc"].as_str().expect("a time");
    for part in [
        &format!("\n  resumed {utc} with trial 18, in block 9\n"),
        "\nended    after 10 blocks: that is as many as the rule allows",
        "\nthis run is complete: nothing was left to measure\n",
    ] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    let stored = fs::read_to_string(run.join("run.json")).expect("a result");
    assert_eq!(serde_json::from_str::<Value>(&stored).expect("JSON"), result);
    assert_eq!(events(&run), whole);
}

#[test]
fn the_time_between_two_parts_of_a_run_is_not_counted_and_that_of_the_first_is() {
    const LONGEST: f64 = 9.0;
    const PAUSE: f64 = 5.0;
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    kill_after_trials(project, &compare(&["--max-time", "9s"]), 3);
    let run = only_run(project);
    let before = of_kind(&run, "trial").len();
    // No synchronisation: this is the time that must not be counted.
    std::thread::sleep(Duration::from_secs_f64(PAUSE));
    let result = resumed(project);
    let elapsed: Vec<f64> = of_kind(&run, "trial")
        .iter()
        .map(|trial| trial["elapsed_ns"].as_f64().expect("a number") / 1e9)
        .collect();
    let took = elapsed[before] - elapsed[before - 1];
    assert!(took > 0.0 && took < PAUSE, "the first trial after the pause took {took} s");
    let end = &result["plan"]["ended"];
    assert_eq!(end["reason"], "max_time");
    let blocks = end["blocks"].as_u64().expect("a number");
    assert_eq!((elapsed.len() as u64, &result["plan"]["blocks"]), (2 * blocks, &blocks.into()));
    // Each block that was begun would have ended in time, as far as could be told, and one more would not.
    let ends = |blocks: usize| elapsed[2 * blocks - 1] * (blocks + 1) as f64 / blocks as f64;
    let last = elapsed.len() / 2;
    assert!(ends(last) > LONGEST - 0.1, "it ended too early: {elapsed:?}");
    assert!(last == before.div_ceil(2) || ends(last - 1) < LONGEST + 0.1, "it ended too late: {elapsed:?}");
}

#[test]
fn a_run_is_not_resumed_with_other_programs() {
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    kill_after(orchestrator(project, &compare(&["--blocks", "20"])), 1000);
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

/// Changes a fact of the machine that a run began on, and hides it: every line gets the hash of the one before it anew.
fn change_machine(run: &Path, fact: &str, value: &str) {
    let mut previous = "start".to_owned();
    let mut text = String::new();
    for (index, line) in events(run).lines().enumerate() {
        let mut event: Value = serde_json::from_str(line).expect("JSON");
        if index == 0 {
            event["machine"]["environment"][fact] = value.into();
        }
        event["previous"] = previous.into();
        let line = format!("{event}\n");
        previous = hexadecimal(&Sha256::digest(&line));
        text.push_str(&line);
    }
    fs::write(run.join("events.jsonl"), text).expect("written");
}

#[test]
fn a_run_whose_raw_facts_were_edited_is_neither_resumed_nor_analysed_again() {
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    kill_after_trials(project, &compare(&["--blocks", "2"]), 2);
    let run = only_run(project);
    let edited = events(&run).replacen("\"issued\":", "\"issued\":1", 1);
    fs::write(run.join("events.jsonl"), &edited).expect("written");
    for arguments in
        [&["resume"][..], &["report", "latest", "--reanalyse"], &["export", "latest", "--format", "csv"]]
    {
        let output = orchestrator(project, arguments).output().expect("started");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(9), "{arguments:?}: {text}");
        assert!(text.contains("was edited: line 3 does not have the hash of the line before it"), "{text}");
    }
    let shown = orchestrator(project, &["report", "latest"]).output().expect("started");
    assert!(shown.status.success());
    let text = String::from_utf8_lossy(&shown.stderr);
    assert!(text.contains("warning: `") && text.contains("was edited: line 3"), "{text}");
    assert_eq!(events(&run), edited, "nothing was written");
}

#[test]
fn another_kernel_is_refused_and_a_doubtful_change_is_noted() {
    if !is_root() {
        return;
    }
    let project = project();
    let project = project.path();
    kill_after_trials(project, &compare(&["--blocks", "1"]), 1);
    let run = only_run(project);
    change_machine(&run, "clock_source", "sundial");
    let whole = events(&run);
    change_machine(&run, "kernel_release", "2.4.0");
    let refused = orchestrator(project, &["resume"]).output().expect("started");
    assert_eq!(refused.status.code(), Some(10));
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(text.contains("cannot be resumed:\n  kernel: 2.4.0, then "), "{text}");
    assert!(of_kind(&run, "resumed").is_empty());

    fs::write(run.join("events.jsonl"), &whole).expect("written");
    let output = orchestrator(project, &["resume"]).output().expect("started");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("since the run began something changed: clock source: sundial, then "), "{text}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\n    changed since the run began: clock source: sundial, then "), "{text}");
    assert_eq!(of_kind(&run, "resumed")[0]["changed"][0]["what"], "clock source");
}
