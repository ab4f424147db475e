//! The form of the exports, and how they are written. That the tools which they are for read them is shown by `readers.rs`.

#[path = "common/runs.rs"]
mod runs;

use std::fs;

use rstest::rstest;
use serde_json::Value;

use runs::{copy, first_version, orchestrator, shown};

fn export(format: &str) -> String {
    let output = orchestrator(&first_version(), &["export", ".", "--format", format]);
    assert!(output.status.success(), "{}", shown(&output));
    String::from_utf8(output.stdout).expect("text")
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
