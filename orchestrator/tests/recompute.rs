//! Every figure and every statistic, computed again by a program that shares nothing with this one: tests/recompute, in Python, from
//! the documents.

mod common;
#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/runs.rs"]
mod runs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::project::real_runner;
use common::skipped_without_root;
use runs::{copy, first_version, orchestrator};
use serde_json::{Value, json};

fn recompute(run: &Path) -> Output {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recompute/recompute.py");
    // Nothing of the caller's environment, and no compiled files beside the sources.
    let started = Command::new("python3")
        .args(["-E", "-s", "-B"])
        .arg(program)
        .arg(run)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .output();
    started.expect("python3 is there: the Python runner needs it as well")
}

/// Asserts that everything agrees, and that so much was compared.
fn agrees(run: &Path, figures: usize, statistics: usize) {
    let output = recompute(run);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}{complaint}");
    let last = text.lines().last().unwrap_or_default();
    let counts: Vec<usize> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(counts[0] >= figures && counts[1] >= statistics, "too little was compared: {last}");
}

/// What `run.json` says.
fn result(run: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(run.join("run.json")).expect("a result")).expect("JSON")
}

fn change(run: &Path, pointer: &str, factor: f64) {
    let mut json = result(run);
    let value = json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"));
    *value = (value.as_f64().expect("a number") * factor).into();
    fs::write(run.join("run.json"), json.to_string()).expect("written");
}

/// Two programs, one of them twice, five blocks, the questions that are asked unless somebody says otherwise.
fn measured(folder: &Path) -> PathBuf {
    measured_with(folder, &["--aa", "c", "--blocks", "5", "--duration", "0.3"])
}

/// The same two programs with these options.
fn measured_with(folder: &Path, options: &[&str]) -> PathBuf {
    measured_by(folder, &[&["compare"], options].concat())
}

/// The same two programs by a command.
fn measured_by(folder: &Path, command: &[&str]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout");
    assert!(
        real_runner().is_file() && root.join("build/go/ringbuf_throughput").is_file(),
        "run `make build`"
    );
    let results = folder.join("results");
    let output = Command::new(env!("CARGO_BIN_EXE_orchestrator"))
        .arg("--root")
        .arg(root)
        .args(command)
        .args(["--no-build", "-i", "c,go"])
        .arg("--output")
        .arg(&results)
        .env("TMPDIR", folder)
        .env("ORCHESTRATOR_LOCK", folder)
        .output()
        .expect("started");
    // 7: a busy machine may spoil a trial, which is judged like any other.
    assert!(matches!(output.status.code(), Some(0 | 7)), "{}", String::from_utf8_lossy(&output.stderr));
    let mut runs = fs::read_dir(results).expect("results").flatten().filter(|entry| entry.path().is_dir());
    runs.next().expect("a run").path()
}

#[test]
fn an_independent_program_agrees_with_a_real_run_and_finds_what_was_changed() {
    if skipped_without_root("an_independent_program_agrees_with_a_real_run_and_finds_what_was_changed") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = measured(folder.path());
    agrees(&run, 1_500, 1_000);
    // A search for a rate has none that was offered.
    let json = result(&run);
    let mut offered = json["trials"].as_array().expect("trials").iter();
    let has_rate = |trial: &Value| trial["measurement"]["figures"]["offered_per_sec"].is_number();
    let changed = offered.rposition(has_rate).expect("a trial with a rate");
    change(&run, &format!("/trials/{changed}/measurement/figures/offered_per_sec"), 1.000_001);
    let output = recompute(&run);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("figures.offered_per_sec"));
}

/// A repeatable number between 0 and 1 (Knuth's constants, TAOCP 3.3.4).
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number without a fraction, as JSON knows it.
fn whole(number: f64) -> Value {
    format!("{:.0}", number.trunc()).parse::<u64>().expect("a count").into()
}

/// Changes the figures of a trial by a factor, each by a little more or less, and now and then by much.
fn scatter(measurement: &mut Value, factor: f64, state: &mut u64) {
    for place in ["figures", "latency"] {
        let Some(fields) = measurement[place].as_object_mut() else { continue };
        for (_, value) in fields.iter_mut().filter(|(name, _)| SCATTERED.contains(&name.as_str())) {
            let Some(number) = value.as_f64() else { continue };
            let outlier = if random(state) < 0.05 { random(state) } else { 0.0 };
            let log = (random(state) + random(state) + random(state) - 1.5) * 0.04 + outlier;
            let scattered = number * factor * log.exp();
            *value = if value.is_u64() { whole(scattered) } else { scattered.into() };
        }
    }
}

const SCATTERED: [&str; 8] = [
    "cpu_ns_per_event",
    "delivered_per_sec",
    "runner_cpu_percent",
    "peak_rss_bytes",
    "time_to_ready_ns",
    "p50_ns",
    "p95_ns",
    "p99_ns",
];

/// Seven rows, one of them the baseline again, made from the trials of the first version, which are all valid: every verdict occurs.
fn invented(folder: &Path, blocks: u32, seed: u64) -> PathBuf {
    const ROWS: [(&str, &str, f64); 7] = [
        ("w", "w", 0.8),
        ("c", "c", 1.0),
        ("c@2", "c", 1.0),
        ("go", "go", 1.3),
        ("x", "x", 1.06),
        ("y", "y", 1.02),
        ("z", "z", 1.003),
    ];
    let text = fs::read_to_string(first_version().join("events.jsonl")).expect("a fixture");
    let mut events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut header = events.remove(0);
    let mut state = seed;
    let mut trials: Vec<Value> = Vec::new();
    for block in 1..=blocks {
        for benchmark in 0..3 {
            let machine = 1.0 + 0.2 * random(&mut state);
            for (label, implementation, factor) in ROWS {
                let mut trial = events
                    .iter()
                    .find(|event| event["planned"]["benchmark"] == benchmark)
                    .expect("a trial of each benchmark")
                    .clone();
                let planned = &mut trial["planned"];
                planned["number"] = (trials.len() + 1).into();
                planned["block"] = block.into();
                (planned["label"], planned["implementation"]) = (label.into(), implementation.into());
                scatter(&mut trial["measurement"], factor * machine, &mut state);
                trials.push(trial);
            }
        }
    }
    header["plan"]["blocks"] = blocks.into();
    header["plan"]["trials"] = trials.iter().map(|trial| trial["planned"].clone()).collect();
    for benchmark in header["plan"]["benchmarks"].as_array_mut().expect("benchmarks") {
        benchmark["implementations"] = serde_json::json!(["c", "go", "w", "x", "y", "z"]);
    }
    let lines: Vec<String> = std::iter::once(&header).chain(&trials).map(Value::to_string).collect();
    let run = folder.join(format!("invented-{seed}"));
    fs::create_dir_all(&run).expect("a folder");
    fs::write(run.join("events.jsonl"), lines.join("\n") + "\n").expect("written");
    run
}

fn analyse_again(folder: &Path, run: &Path) {
    let name = run.file_name().and_then(|name| name.to_str()).expect("a name");
    let again = orchestrator(folder, &["report", name, "--reanalyse", "--write"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
}

#[test]
fn an_independent_program_agrees_with_every_kind_of_verdict() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut kinds = String::new();
    for (blocks, seed) in [(4, 6), (5, 1), (8, 2), (9, 3), (12, 4)] {
        let run = invented(folder.path(), blocks, seed);
        analyse_again(folder.path(), &run);
        agrees(&run, 0, 3_000);
        let json = fs::read_to_string(run.join("run.json")).expect("a result");
        kinds += &serde_json::from_str::<Value>(&json).expect("JSON").to_string();
    }
    for kind in
        ["faster_by", "faster", "equivalent", "slower", "slower_by", "undecided", "not_enough_repetitions"]
    {
        assert!(kinds.contains(&format!(r#""kind":"{kind}""#)), "no pair is {kind}");
    }
}

#[test]
fn an_independent_program_agrees_with_the_statistics_of_the_first_version() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = copy(folder.path(), "old", |_| {});
    analyse_again(folder.path(), &run);
    agrees(&run, 0, 500);
    change(&run, "/analysis/benchmarks/0/pairs/0/ratio", 1.000_001);
    assert_eq!(recompute(&run).status.code(), Some(1));
}

#[test]
fn the_rate_without_loss_follows_from_what_became_of_each_rate_that_was_tried() {
    if skipped_without_root("the_rate_without_loss_follows_from_what_became_of_each_rate_that_was_tried") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run =
        measured_with(folder.path(), &["--questions", "throughput", "--blocks", "2", "--duration", "0.5"]);
    agrees(&run, 300, 50);
    let json = result(&run);
    let trials = json["trials"].as_array().expect("trials");
    // Both programs under both wakeup policies.
    assert_eq!(trials.len(), 8);
    for trial in trials {
        let figures = &trial["measurement"]["figures"];
        let carried = figures["loss_free_per_sec"].as_f64();
        assert!(carried.is_some_and(|rate| rate > 10_000.0), "{trial}");
        assert!(figures["offered_per_sec"].is_null() && figures["delivered_per_sec"].is_null(), "{figures}");
    }
    change(&run, "/trials/3/measurement/figures/loss_free_per_sec", 1.000_001);
    let output = recompute(&run);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("figures.loss_free_per_sec"));
}

/// A short configuration with every question that is a curve, two of them with blocks enough for intervals.
fn short_curves(folder: &Path) -> PathBuf {
    let short = |question: &str, blocks: u32, sweep: Option<(&str, Value)>| {
        let mut entry = json!({
            "name": question, "question": question, "metrics": [question], "blocks": blocks, "duration_seconds": 0.2,
            "program_type": "tracepoint", "data_mechanism": "ring_buffer", "event_source": "sys_enter_openat2",
        });
        if let Some((over, values)) = sweep {
            entry["sweep"] = json!({"over": over, "values": values});
        }
        entry
    };
    let benchmarks = [
        short("complexity", 5, Some(("work", json!([0, 100, 1_000])))),
        short("start_up", 5, None),
        short("memory_usage", 2, Some(("ring_size", json!(["64KiB", "1MiB", "4MiB"])))),
        short("overhead", 2, Some(("rate", json!([1_000])))),
        // The second is more than any load can offer.
        short("drop_curve", 1, Some(("rate", json!([1_000, 10_000_000])))),
        short("scalability", 1, Some(("threads", json!([1, 2])))),
    ];
    let path = folder.join("curves.yaml");
    // JSON is YAML, too.
    fs::write(&path, json!({ "benchmarks": benchmarks }).to_string()).expect("written");
    path
}

#[test]
fn curves_and_what_is_fitted_to_them_follow_from_the_trials() {
    if skipped_without_root("curves_and_what_is_fitted_to_them_follow_from_the_trials") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = short_curves(folder.path());
    let run = measured_by(folder.path(), &["run", file.to_str().expect("UTF-8")]);
    agrees(&run, 3_500, 5_000);
    let json = result(&run);
    let curves = json["analysis"]["curves"].as_array().expect("curves");
    let found: Vec<_> = curves
        .iter()
        .map(|curve| (curve["series"].as_str(), curve["fits"].as_array().map(Vec::len)))
        .collect();
    // Two threads are too few for a law of scalability, and a curve of drops has no shape.
    let expected =
        [("complexity", 2), ("memory_usage", 2), ("overhead", 0), ("drop_curve", 0), ("scalability", 0)]
            .map(|(series, fits)| (Some(series), Some(fits)));
    assert_eq!(found, expected);
    for trial in json["trials"].as_array().expect("trials") {
        let benchmark = trial["planned"]["benchmark"].as_u64().expect("an index");
        let question = json["plan"]["benchmarks"]
            .get(usize::try_from(benchmark).expect("an index"))
            .expect("a benchmark")["question"]
            .as_str();
        let figures = &trial["measurement"]["figures"];
        let has_first = figures["first_event_ns"].as_f64().is_some_and(|first| first > 0.0);
        assert_eq!(has_first, question == Some("start_up"), "{figures}");
        if question == Some("drop_curve") {
            assert_ne!(trial["measurement"]["verdict"]["kind"], "invalid", "{trial}");
        }
    }
    change(&run, "/analysis/curves/0/fits/1/slope/value", 1.000_001);
    let output = recompute(&run);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("curves[0].fits[1].slope.value"));
}

/// Two rows at seven numbers of threads and at four amounts of work, made from trials of the first version, with figures of a known law,
/// each off by a little. One trial does not balance.
fn invented_curves(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(first_version().join("events.jsonl")).expect("a fixture");
    let mut events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut header = events.remove(0);
    let trial = events.into_iter().find(|event| event["planned"]["benchmark"] == 1).expect("a trial");
    let threads = [1.0, 2.0, 3.0, 4.0, 8.0, 12.0, 16.0].map(|x| ("scalability", "threads", x));
    let work = [1_000.0, 0.0, 10.0, 100.0].map(|x| ("complexity", "work", x));
    let points: Vec<_> = threads.into_iter().chain(work).collect();
    let benchmark = header["plan"]["benchmarks"][1].clone();
    let point = |(question, axis, x): &(&str, &str, f64)| {
        let mut benchmark = benchmark.clone();
        benchmark["name"] = format!("{question} {axis}={x}").into();
        benchmark["question"] = (*question).into();
        benchmark["point"] = json!({"series": question, "axis": axis, "x": x});
        benchmark
    };
    let mut state = 11;
    let mut trials: Vec<Value> = Vec::new();
    for block in 1..=6 {
        for (index, (question, _, x)) in points.iter().enumerate() {
            for (label, factor) in [("c", 1.0), ("go", 1.3)] {
                let mut trial = trial.clone();
                let planned = &mut trial["planned"];
                (planned["number"], planned["block"]) = ((trials.len() + 1).into(), block.into());
                planned["benchmark"] = index.into();
                (planned["label"], planned["implementation"]) = (label.into(), label.into());
                let off = factor * (1.0 + 0.02 * random(&mut state));
                let figures = &mut trial["measurement"]["figures"];
                if *question == "scalability" {
                    let slowed = 1.0 + 0.1 * factor * (x - 1.0) + 0.004 * x * (x - 1.0);
                    figures["delivered_per_sec"] = (3e6 * x / slowed * off).into();
                } else {
                    figures["load_ns_per_trigger"] = ((250.0 + 0.07 * x) * off).into();
                }
                if (block, index, label) == (3, 5, "go") {
                    trial["measurement"]["verdict"] = json!({"kind": "invalid", "failed": ["one and one"]});
                }
                trials.push(trial);
            }
        }
    }
    header["plan"]["blocks"] = 6.into();
    header["plan"]["benchmarks"] = points.iter().map(point).collect();
    header["plan"]["trials"] = trials.iter().map(|trial| trial["planned"].clone()).collect();
    let lines: Vec<String> = std::iter::once(&header).chain(&trials).map(Value::to_string).collect();
    let run = folder.join("invented-curves");
    fs::create_dir_all(&run).expect("a folder");
    fs::write(run.join("events.jsonl"), lines.join("\n") + "\n").expect("written");
    run
}

#[test]
fn an_independent_program_agrees_with_a_law_of_scalability_and_a_straight_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = invented_curves(folder.path());
    analyse_again(folder.path(), &run);
    agrees(&run, 0, 2_000);
    let json = result(&run);
    let fit = |curve: usize, row: usize| &json["analysis"]["curves"][curve]["fits"][row];
    let near = |value: &Value, expected: f64, most: f64| {
        assert!(value.as_f64().is_some_and(|value| (value - expected).abs() <= most), "{value}, {expected}");
    };
    for (row, factor, blocks) in [(0, 1.0, 6), (1, 1.3, 5)] {
        assert_eq!((&fit(0, row)["law"], &fit(0, row)["blocks"]), (&"usl".into(), &blocks.into()));
        near(&fit(0, row)["contention"]["value"], 0.1 * factor, 0.02);
        near(&fit(0, row)["coherence"]["value"], 0.004, 0.002);
        assert_eq!((&fit(1, row)["law"], &fit(1, row)["blocks"]), (&"line".into(), &6.into()));
        near(&fit(1, row)["slope"]["value"], 0.07 * factor, 0.005);
    }
    change(&run, "/analysis/curves/0/fits/1/coherence/high", 1.000_001);
    assert_eq!(recompute(&run).status.code(), Some(1));
}
