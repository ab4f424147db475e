//! Each benchmark of a run ends by its own rule, also in a run that is stopped and resumed. Needs root and the runner of the baseline
//! built (`make build`).

mod common;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::project::{Project, tampering};
use common::skipped_without_root;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// Four benchmarks: intervals so wide are reached at the first look, no second trial fits into a millisecond, and ten hours are enough
/// for two blocks.
const RULES: [(&str, &str); 4] = [
    ("precise", "precision: 95%"),
    ("at_once", "max_time: 1ms"),
    ("few", "{max_time: 600m, max_blocks: 2}"),
    ("fixed", "blocks: 10"),
];

/// Blocks of each, and why no more.
const BLOCKS: [(&str, usize, Option<&str>); 4] = [
    ("precise", 8, Some("precision")),
    ("at_once", 1, Some("max_time")),
    ("few", 2, Some("blocks")),
    ("fixed", 10, None),
];

fn config() -> String {
    let entries = RULES.map(|(name, rule)| {
        let rule = rule.trim_matches(['{', '}']).replace(", ", "\n    ");
        format!(
            "  - name: {name}\n    question: capacity\n    program_type: tracepoint\n    data_mechanism: ring_buffer\n    \
             event_source: sys_enter_openat2\n    duration_seconds: 0.3\n    metrics: [capacity]\n    {rule}\n"
        )
    });
    format!("benchmarks:\n{}", entries.concat())
}

fn answered(project: &Project, arguments: &[&str]) -> Value {
    let output = project.orchestrator(arguments).arg("--json").output().expect("started");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Stops it in the middle of a trial, once so many are on disk in all.
fn stop_after(project: &Project, arguments: &[&str], trials: usize) {
    let mut command = project.orchestrator(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    let deadline = Instant::now() + Duration::from_secs(120);
    let measured = || {
        let text = project.events_path().and_then(|path| std::fs::read_to_string(path).ok());
        text.map_or(0, |text| text.matches("\"event\":\"trial\"").count())
    };
    while measured() < trials {
        assert!(child.try_wait().expect("a child").is_none(), "it ended before {trials} trials");
        assert!(Instant::now() < deadline, "{trials} trials take too long");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a number")), Signal::SIGINT).expect("interrupted");
    assert!(!child.wait().expect("a child").success());
}

/// How often each benchmark's only implementation is among trials.
fn blocks_of(run: &Value, trials: &Value, key: impl Fn(&Value) -> Value) -> BTreeMap<String, usize> {
    let mut blocks = BTreeMap::new();
    for trial in trials.as_array().expect("a list") {
        let benchmark = usize::try_from(key(trial).as_u64().expect("a number")).expect("small");
        let name = run["plan"]["benchmarks"][benchmark]["name"].as_str().expect("a name");
        *blocks.entry(name.to_owned()).or_default() += 1;
    }
    blocks
}

#[test]
fn each_benchmark_ends_by_its_own_rule_and_resuming_keeps_to_it() {
    if skipped_without_root("each_benchmark_ends_by_its_own_rule_and_resuming_keeps_to_it") {
        return;
    }
    let project = Project::new(&tampering("none"), "");
    let path = project.path().join("ends.yaml");
    std::fs::write(&path, config()).expect("written");
    // In the second block, of which `at_once` has none; then in the last, of which only `fixed` has one.
    stop_after(&project, &["run", &path.display().to_string(), "--aa", "none"], 5);
    stop_after(&project, &["resume"], 20);
    let run = answered(&project, &["resume"]);

    let expected: BTreeMap<String, usize> =
        BLOCKS.iter().map(|(name, blocks, _)| ((*name).to_owned(), *blocks)).collect();
    assert_eq!(blocks_of(&run, &run["trials"], |trial| trial["planned"]["benchmark"].clone()), expected);
    assert_eq!(blocks_of(&run, &run["plan"]["trials"], |trial| trial["benchmark"].clone()), expected);
    assert_eq!(run["resumed"].as_array().map(Vec::len), Some(2));

    let ended = &run["plan"]["ended"];
    assert_eq!((&ended["reason"], &ended["blocks"]), (&"blocks".into(), &10.into()));
    let own: Vec<Value> = ended["benchmarks"].as_array().expect("a list").clone();
    let own: Vec<_> = own.iter().map(|end| [&end["benchmark"], &end["blocks"], &end["reason"]]).collect();
    let wanted: Vec<[Value; 3]> = BLOCKS
        .iter()
        .filter_map(|(name, blocks, reason)| Some([(*name).into(), (*blocks).into(), (*reason)?.into()]))
        .collect();
    assert_eq!(own, wanted.iter().map(<[Value; 3]>::each_ref).collect::<Vec<_>>());

    let report = project.orchestrator(&["report"]).output().expect("started");
    let report = String::from_utf8_lossy(&report.stdout);
    for part in [
        "\nended    after 10 blocks: each benchmark has ended",
        "\n         precise after 8 blocks: every interval is narrow enough",
        "\n         at_once after 1 block: one more would have ended after 0.001 s",
        "\n         few after 2 blocks: that is as many as the rule allows",
    ] {
        assert!(report.contains(part), "`{part}` is not in: {report}");
    }
    // All of it follows from what was appended, and nothing is left.
    let again = answered(&project, &["report", "--reanalyse"]);
    assert_eq!(again["plan"], run["plan"]);
    let measured = answered(&project, &["resume"]);
    assert_eq!(measured["trials"].as_array().map(Vec::len), run["trials"].as_array().map(Vec::len));
}
