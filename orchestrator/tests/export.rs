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
    let started = Command::new("go")
        .args(["run", BENCHSTAT, "-format", "csv", "run.txt"])
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
    for unit in ["sec/event", "events/s", "delivered-share", "peak-RSS-bytes"] {
        assert!(table.contains(unit), "{unit} is not in:\n{table}");
    }
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
    assert_eq!(metrics.as_object().map(serde_json::Map::len), Some(6));

    let entries: Value = serde_json::from_str(&export("github-action-benchmark")).expect("JSON");
    let entries = entries.as_array().expect("a list");
    assert!(entries.len() > 12);
    for entry in entries {
        let (name, unit, value) = (&entry["name"], &entry["unit"], &entry["value"]);
        assert!(name.is_string() && unit.is_string() && value.is_number(), "{entry}");
    }

    let results: Value = serde_json::from_str(&export("hyperfine")).expect("JSON");
    let results = results["results"].as_array().expect("a list");
    assert_eq!(results.len(), 6);
    for result in results {
        let numbers = ["mean", "stddev", "median", "user", "system", "min", "max"];
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
