//! Each export is read back by the tool that it is for, with two runs: what is well in one file may not go with a second one.
//!
//! `scripts/test.sh` gets the tools (`get_export_readers` in scripts/lib/dev.sh). A tool that cannot be had is a skip that says so; one
//! that refuses what it is given is a failure. Two trackers cannot be had from any registry: of those the rules of their own readers
//! are tested, with the place of each rule.

#[path = "common/runs.rs"]
mod runs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rstest::rstest;
use serde_json::Value;

use runs::{copy, orchestrator, shown};

/// Fetched by the language's own tool on first use.
const BENCHSTAT: &str = "golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da";

/// A benchmark may have any name, and each format has other letters that mean something in it.
const ODD: &str = r#"odd, "so called" | *b* _i_ <i>x</i> `code` [l](u) ![i](u) \ \n &amp; ~~s~~ =1"#;

/// `run`, and `later`, in which `go` costs twice as much and takes three times as long until it is ready.
fn two_runs(format: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for run in ["run", "later"] {
        copy(folder.path(), run, |event| {
            if event["event"] == "header" {
                event["plan"]["benchmarks"][2]["name"] = ODD.into();
            }
            if run == "later" && event["planned"]["implementation"] == "go" {
                let figures = &mut event["measurement"]["figures"];
                let cost = figures["cpu_ns_per_event"].as_f64().expect("measured");
                let ready = figures["time_to_ready_ns"].as_u64().expect("measured");
                figures["cpu_ns_per_event"] = (cost * 2.0).into();
                figures["time_to_ready_ns"] = (ready * 3).into();
            }
        });
        let output = orchestrator(folder.path(), &["export", run, "--format", format]);
        assert!(output.status.success(), "{}", shown(&output));
        fs::write(folder.path().join(format!("{run}.export")), output.stdout).expect("written");
    }
    folder
}

fn two_values(format: &str) -> (Value, Value) {
    let folder = two_runs(format);
    let read = |run: &str| {
        let text = fs::read_to_string(folder.path().join(format!("{run}.export"))).expect("written");
        serde_json::from_str(&text).expect("JSON")
    };
    (read("run"), read("later"))
}

#[test]
fn benchstat_compares_two_runs() {
    let folder = two_runs("go-benchmark");
    let started = Command::new("go")
        .args(["run", BENCHSTAT, "-format", "csv", "run.export", "later.export"])
        .current_dir(folder.path())
        .output();
    let output = match started {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            // Only a tool that cannot be fetched is a reason to skip; one that refuses its input is a failure.
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!complaint.contains(".export"), "benchstat: {complaint}");
            return eprintln!("skipped: benchstat cannot be had: {complaint}");
        }
        Err(error) => return eprintln!("skipped: `go` cannot be started: {error}"),
    };
    let table = String::from_utf8(output.stdout).expect("text");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(!complaints.contains(".export:"), "{complaints}");
    for unit in ["sec/event", "events/s", "delivered-share", "ready-sec", "p50-sec"] {
        assert!(table.contains(&format!(",{unit},")), "{unit} is not in:\n{table}");
    }
    // One row for both runs, whose second value is the later one's; the first table is that of the costs.
    let compared = |row: &str| {
        let line = table.lines().find(|line| line.starts_with(row)).expect("a row");
        let mut values = line.split(',').filter_map(|field| field.parse::<f64>().ok());
        let values = values.next().zip(values.find(|value| value.is_finite()));
        values.map_or_else(|| panic!("one run only: {line}"), |(run, later)| later / run)
    };
    assert!((compared("Capacity/impl=c,") - 1.0).abs() < 0.01, "{table}");
    assert!((compared("Capacity/impl=go,") - 2.0).abs() < 0.01, "{table}");
    let odd = table.lines().filter(|line| line.contains("<i>x<_i>") && line.contains("impl=")).count();
    assert!(odd >= 4, "the row with the odd name is not in:\n{table}");
}

#[rstest]
#[case::parser_of_prometheus("openmetrics", "openmetrics.py")]
#[case::pandas("csv", "table.py")]
#[case::parser_of_github("markdown", "markdown.py")]
#[case::scripts_of_hyperfine("hyperfine", "hyperfine.py")]
fn is_read_by(#[case] format: &str, #[case] program: &str) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let own = tests.join("../../build/test/readers/bin/python3");
    let python = if own.is_file() { own } else { PathBuf::from("python3") };
    let folder = two_runs(format);
    // Nothing of the caller's Python, and no compiled files beside the sources.
    let output = Command::new(python)
        .args(["-E", "-s", "-B"])
        .arg(tests.join("readers").join(program))
        .args(["run.export", "later.export", ODD])
        .current_dir(folder.path())
        .output();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) if output.status.code() == Some(77) => {
            eprintln!("skipped: {}", String::from_utf8_lossy(&output.stdout).trim());
        }
        Ok(output) => panic!("{program}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("skipped: `python3` cannot be started: {error}"),
    }
}

/// Bencher's reader of its metric format. bencherdev/bencher at 8d75325c3bc5 (0.6.12), with which both files were read by hand as well:
/// `lib/bencher_adapter/src/adapters/json.rs`: a map of names to maps of measures to metrics, all or nothing.
/// `lib/bencher_valid/src/benchmark_name.rs`: a name has 1 to 1024 bytes, and the end `-bencher-ignore` and its like hide it.
/// `lib/bencher_valid/src/name_id.rs`, `slug.rs`: a measure is named by a slug of at most 64 letters, the same one in every run.
/// `lib/bencher_json/src/project/metric/`: `value` is a number; `lower_value` and `upper_value` are numbers or null.
#[test]
fn bencher_takes_two_runs_for_the_same_benchmarks_and_measures() {
    let (earlier, later) = two_values("bmf");
    let mut names = BTreeSet::new();
    for run in [&earlier, &later] {
        let mut of_run = Vec::new();
        for (benchmark, measures) in run.as_object().expect("a map of benchmarks") {
            assert!((1..=1024).contains(&benchmark.len()) && !benchmark.ends_with("ignore"), "{benchmark}");
            for (measure, metric) in measures.as_object().expect("a map of measures") {
                let in_slug =
                    |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
                assert!((1..=64).contains(&measure.len()) && measure.chars().all(in_slug), "{measure}");
                assert!(!measure.starts_with('-') && !measure.ends_with('-') && !measure.contains("--"));
                let metric = metric.as_object().expect("a metric");
                assert!(
                    metric.keys().all(|key| ["value", "lower_value", "upper_value"].contains(&key.as_str()))
                );
                assert!(metric.contains_key("value") && metric.values().all(Value::is_number), "{metric:?}");
                of_run.push(format!("{benchmark} {measure}"));
            }
        }
        assert!(of_run.len() >= 8, "{of_run:?}");
        names.insert(of_run);
    }
    assert_eq!(names.len(), 1, "one line through both runs for each measure: {names:?}");
    let cost =
        |run: &Value, label: &str| run[format!("capacity/{label}")]["cpu-ns-per-event"]["value"].as_f64();
    assert_eq!(cost(&earlier, "c"), cost(&later, "c"));
    assert!(
        (cost(&later, "go").expect("a value") / cost(&earlier, "go").expect("a value") - 2.0).abs() < 0.01
    );
}

/// github-action-benchmark's reader. benchmark-action/github-action-benchmark at c38cce98215c, which was run by hand with both files as
/// well, and raised the same three alerts:
/// `src/extract.ts`: a list, not empty, of `name`, `value`, `unit`, and perhaps `range` and `extra`, which are text.
/// `src/write.ts`, `findAlerts`: an entry of the run before is found by its `name`, the first one of that name; an alert is raised where
/// new value ÷ old is above a limit, so that a value of 0 would raise one at the slightest change.
/// `src/normalizeBenchmarkResult.ts`, `src/extractRangeInfo.ts`: where a unit changed, a `range` that is a bare number is converted along
/// with the value; one in per cent stays.
#[test]
fn the_github_action_finds_every_entry_of_the_run_before_and_alerts_on_what_got_worse() {
    let (earlier, later) = two_values("github-action-benchmark");
    let (earlier, later) = (earlier.as_array().expect("a list"), later.as_array().expect("a list"));
    let mut worse = Vec::new();
    for (run, other) in [(earlier, later), (later, earlier)] {
        assert!(run.len() >= 8);
        for entry in run {
            let fields = entry.as_object().expect("an entry");
            assert!(entry["name"].is_string() && entry["unit"].is_string(), "{entry}");
            assert!(entry["value"].as_f64().is_some_and(|value| value.is_finite() && value > 0.0), "{entry}");
            let text = |key: &str| fields.get(key).is_none_or(Value::is_string);
            assert!(text("range") && text("extra") && fields.len() <= 5, "{entry}");
            let range = fields.get("range").and_then(Value::as_str);
            assert!(range.is_none_or(|range| range.starts_with("± ") && range.ends_with('%')), "{entry}");
            let named: Vec<&Value> = other.iter().filter(|found| found["name"] == entry["name"]).collect();
            assert!(named.len() == 1 && named[0]["unit"] == entry["unit"], "{named:?}");
            if std::ptr::eq(run, later) {
                let ratio =
                    entry["value"].as_f64().zip(named[0]["value"].as_f64()).map(|(new, old)| new / old);
                // The limit that was given to the action: 150 %.
                if ratio.expect("numbers") > 1.5 {
                    worse.push(entry["name"].as_str().unwrap_or_default());
                }
            }
        }
    }
    let of_odd = format!("{ODD}/go: time to ready");
    assert_eq!(worse, ["capacity/go: CPU per event", "capacity/go: time to ready", of_odd.as_str()]);
}
