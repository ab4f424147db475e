//! Exports, read by the tools that they are for where those can be had.

#[path = "common/runs.rs"]
mod runs;

use std::fs;
use std::process::Command;

use rstest::rstest;
use serde_json::Value;

use runs::{copy, first_version, orchestrator, shown};

/// Fetched by the tool itself on first use.
const BENCHSTAT: &str = "golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da";

fn export(format: &str) -> String {
    let output = orchestrator(&first_version(), &["export", ".", "--format", format]);
    assert!(output.status.success(), "{}", shown(&output));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn benchstat_reads_every_trial() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("run.txt"), export("go-benchmark")).expect("written");
    // The same figures under another run's name: it must be compared, not kept apart.
    copy(folder.path(), "later", |_| {});
    let later = orchestrator(folder.path(), &["export", "later", "--format", "go-benchmark"]);
    fs::write(folder.path().join("later.txt"), later.stdout).expect("written");
    let started = Command::new("go")
        .args(["run", BENCHSTAT, "-format", "csv", "run.txt", "later.txt"])
        .current_dir(folder.path())
        .output();
    let output = match started {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            // Only a tool that cannot be fetched is a reason to skip; one that refuses its input is a failure.
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!complaint.contains("run.txt"), "benchstat: {complaint}");
            eprintln!("skipped: benchstat cannot be had: {complaint}");
            return;
        }
        Err(error) => return eprintln!("skipped: `go` cannot be started: {error}"),
    };
    let table = String::from_utf8(output.stdout).expect("text");
    for row in ["Capacity/impl=c,", "Capacity/impl=go,", "Throughput/impl=c,", "Latency/impl=go,"] {
        assert!(table.contains(row), "{row} is not in:\n{table}");
    }
    for unit in ["sec/event", "events/s", "delivered-share", "ready-sec"] {
        assert!(table.contains(unit), "{unit} is not in:\n{table}");
    }
    let compared = table.lines().find(|line| line.starts_with("Capacity/impl=c,")).expect("a row");
    let numbers = compared.split(',').filter(|field| field.parse::<f64>().is_ok()).count();
    assert!(numbers >= 2, "both runs stand in one row: {compared}");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(!complaints.contains("run.txt:"), "{complaints}");
}

#[test]
fn trackers_get_objects_of_the_form_that_they_document() {
    let metrics: Value = serde_json::from_str(&export("bmf")).expect("JSON");
    let schema = serde_json::json!({
        "type": "object",
        "patternProperties": {".+": {
            "type": "object",
            "patternProperties": {".+": {
                "type": "object",
                "properties": {
                    "value": {"type": "number"}, "lower_value": {"type": "number"},
                    "upper_value": {"type": "number"},
                },
                "required": ["value"],
            }},
        }},
    });
    assert!(jsonschema::is_valid(&schema, &metrics));
    assert_eq!(metrics.as_object().map(serde_json::Map::len), Some(4));

    let entries: Value = serde_json::from_str(&export("github-action-benchmark")).expect("JSON");
    let entries = entries.as_array().expect("a list");
    assert!(entries.len() >= 8);
    for entry in entries {
        let (name, unit, value) = (&entry["name"], &entry["unit"], &entry["value"]);
        assert!(name.is_string() && unit.is_string() && value.is_number(), "{entry}");
    }

    let results: Value = serde_json::from_str(&export("hyperfine")).expect("JSON");
    let results = results["results"].as_array().expect("a list");
    assert_eq!(results.len(), 6);
    for result in results {
        let numbers = ["mean", "stddev", "median", "min", "max"];
        // What was read in the measured part alone is not known of a run of version 1.
        assert!(["user", "system"].iter().all(|name| result.get(name).is_some()), "{result}");
        assert!(numbers.iter().all(|name| result[name].is_number()), "{result}");
        assert_eq!(result["times"].as_array().map(Vec::len), Some(3));
    }
}

#[rstest]
fn a_file_is_written_whole_and_a_pipe_is_not_replaced(
    #[values(
        "csv",
        "markdown",
        "bmf",
        "github-action-benchmark",
        "go-benchmark",
        "openmetrics",
        "hyperfine"
    )]
    format: &str,
) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(folder.path(), "run", |_| {});
    let arguments = ["export", "run", "--format", format, "--output", "exported"];
    let output = orchestrator(folder.path(), &arguments);
    assert!(output.status.success() && output.stdout.is_empty(), "{}", shown(&output));
    let printed = orchestrator(folder.path(), &["export", "run", "--format", format]).stdout;
    assert_eq!(fs::read(folder.path().join("exported")).expect("written"), printed);
    let null = orchestrator(folder.path(), &["export", "run", "--format", format, "-o", "/dev/null"]);
    assert!(null.status.success() && !std::path::Path::new("/dev/null").is_file());
}

/// A program of the Python environment of the tests, where there is one, which reads what `format` gives.
fn read_by_python(format: &str, program: &str) {
    let python = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../build/python/venv/bin/python3");
    let python = if python.is_file() { python } else { "python3".into() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    for run in ["run", "later"] {
        copy(folder.path(), run, |_| {});
        let text = orchestrator(folder.path(), &["export", run, "--format", format]).stdout;
        fs::write(folder.path().join(run).join("export"), text).expect("written");
    }
    let output = Command::new(python)
        .args(["-c", program, "run/export", "later/export"])
        .current_dir(folder.path())
        .output();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) if output.status.code() == Some(77) => {
            eprintln!("skipped: {}", String::from_utf8_lossy(&output.stdout).trim());
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("skipped: `python3` cannot be started: {error}"),
    }
}

#[test]
fn the_parser_of_prometheus_reads_two_runs() {
    read_by_python(
        "openmetrics",
        r#"
import sys
try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
except ImportError:
    print("prometheus_client is not installed"); sys.exit(77)
for path in sys.argv[1:]:
    families = {family.name: family for family in parse(open(path).read())}
    cost = families["ebpf_benchmark_cpu_per_event_seconds"]
    assert {s.labels["implementation"] for s in cost.samples} == {"c", "go"}, cost
    assert all(0 < s.value < 1e-6 for s in cost.samples), cost
"#,
    );
}

#[test]
fn two_runs_of_csv_can_be_put_together() {
    read_by_python(
        "csv",
        r#"
import csv, sys
lines = [line for path in sys.argv[1:] for line in csv.DictReader(open(path, newline=""))]
assert {line["run"] for line in lines} == {"run", "later"}
costs = [float(l["value"]) for l in lines if (l["question"], l["quantity"]) == ("capacity", "cpu_ns_per_event")]
assert len(costs) == 12 and all(1 < cost < 100 for cost in costs), costs
assert all(None not in line and None not in line.values() for line in lines)
"#,
    );
}
