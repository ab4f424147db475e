//! What the parser makes of each file in tests/fixtures/protocol. A bug report becomes one more file.

use std::fs;
use std::path::Path;

use orchestrator::parse::{Transcript, read_transcript};
use orchestrator::supervise::TimedLine;

fn described(name: &str, text: &str) -> String {
    let lines: Vec<TimedLine> =
        text.lines().map(|line| TimedLine { t_ns: 0, line: line.to_owned() }).collect();
    let (transcript, violation) = read_transcript(&lines);
    match violation {
        Some(violation) => format!("{name}: line {}: {}", violation.line, violation.reason),
        None => format!("{name}: {}", accepted(&transcript)),
    }
}

fn accepted(transcript: &Transcript) -> String {
    if let Some(error) = &transcript.error {
        return format!("error {} `{}`, hint {:?}", error.kind, error.message, error.hint);
    }
    let Some(summary) = &transcript.summary else { return "incomplete".into() };
    let target = transcript.ready.as_ref().and_then(|ready| ready.attach_target.clone());
    format!(
        "ok, {} counters, received {}, marks {}, lost {:?}, wakeups {:?}, version {:?}, target {target:?}",
        transcript.counters.len(),
        summary.received,
        summary.marks,
        summary.lost,
        summary.wakeups,
        transcript.hello.protocol_version,
    )
}

#[test]
fn every_fixture_is_judged_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/protocol");
    let mut lines: Vec<String> = fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .map(|path| {
            described(
                &path.file_stem().expect("has a name").to_string_lossy(),
                &fs::read_to_string(&path).expect("readable"),
            )
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}
