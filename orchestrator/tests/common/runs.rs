//! A finished run of the first schema version, and runs made from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

/// Three blocks of two implementations, measured in earnest and shortened.
pub(crate) fn first_version() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/runs/v1")
}

/// A copy below `folder` whose trials, raw and judged, and header `change` may change.
pub(crate) fn copy(folder: &Path, name: &str, change: impl Fn(&mut Value)) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(&path).expect("a folder");
    let events = fs::read_to_string(first_version().join("events.jsonl")).expect("a fixture");
    let mut changed = String::new();
    for line in events.lines() {
        let mut event: Value = serde_json::from_str(line).expect("JSON");
        if event["event"] == "header" {
            event["run"] = name.into();
        }
        change(&mut event);
        changed += &event.to_string();
        changed.push('\n');
    }
    fs::write(path.join("events.jsonl"), changed).expect("written");
    path
}

pub(crate) fn orchestrator(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("orchestrator").expect("built");
    // A project of its own: the results that this checkout happens to hold must not show.
    std::fs::create_dir_all(folder.join("impls")).expect("a folder");
    command.env("ORCHESTRATOR_ROOT", folder);
    command.current_dir(folder).args(arguments).output().expect("started")
}

/// Exit status and both outputs, as one text for a snapshot.
pub(crate) fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let status = output.status.code().unwrap_or(-1);
    format!("status {status}\n{}{}", text(&output.stdout), text(&output.stderr))
}
