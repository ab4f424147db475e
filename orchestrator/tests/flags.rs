//! What a runner need not know: a filter, lookups, a ring for each CPU. Real runners that are told something else than the orchestrator
//! asked for, and one that does not know the flags.
//!
//! They need root and the runner of the baseline built (`make build`).

mod common;

use common::project::{Project, tampering};
use common::skipped_without_root;
use rstest::rstest;
use serde_json::Value;

/// One trial of a benchmark with these settings, of a runner behind which stands `script`.
fn measured(script: &str, settings: &str) -> (Option<i32>, Value, String) {
    let config = format!(
        "benchmarks:\n  - name: one\n    program_type: tracepoint\n    data_mechanism: ring_buffer\n    event_source: sys_enter_openat2\n    \
         duration_seconds: 0.3\n{settings}"
    );
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), config).expect("written");
    let path = file.path().display().to_string();
    let project = Project::new(script, "");
    let output = project.orchestrator(&["run", &path, "--blocks", "1", "--json"]).output().expect("started");
    let run = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), run, String::from_utf8_lossy(&output.stderr).into_owned())
}

const FILTER: &str =
    "    question: complexity\n    metrics: [complexity]\n    batch: 3\n    keep_one_in: 10\n";
const LOOKUPS: &str = "    question: complexity\n    metrics: [complexity]\n    lookups: 5\n";
const RINGS: &str = "    question: saturation\n    metrics: [throughput]\n    batch: 7\n    rings: cpu\n    ring_size: 64KiB\n    \
                     load: {threads: 2}\n";
const QUIET: &str = "    question: starvation\n    metrics: [starvation]\n    load: {busy: 1}\n";

#[rstest]
#[case::filter(FILTER)]
#[case::lookups(LOOKUPS)]
#[case::rings(RINGS)]
#[case::a_reader_a_ring(&format!("{RINGS}    consumers: ring\n"))]
#[case::quiet(QUIET)]
fn an_honest_runner_balances(#[case] settings: &str) {
    if skipped_without_root("an_honest_runner_balances") {
        return;
    }
    let (status, run, complaint) = measured(&tampering("none"), settings);
    let measurement = &run["trials"][0]["measurement"];
    assert_eq!(measurement["verdict"]["kind"], "valid", "{complaint}{measurement:#}");
    assert_eq!(status, Some(0), "{complaint}");
    let counts = &measurement["counts"];
    let (issued, kept) = (counts["issued"].as_u64().expect("known"), counts["kept"].as_u64().expect("known"));
    if settings == FILTER {
        assert!((issued / 12..issued / 8).contains(&kept), "{kept} of {issued}");
    } else {
        assert_eq!(issued, kept);
    }
    if settings == QUIET {
        assert!(measurement["figures"]["quiet_p99_ns"].as_u64() > Some(0), "{measurement:#}");
        let equations = measurement["equations"].as_array().expect("a list");
        let holds = |name: &str| equations.iter().find(|one| one["name"] == name).map(|one| &one["holds"]);
        assert_eq!((holds("quiet_ring"), holds("little_quiet")), (Some(&true.into()), Some(&true.into())));
    }
    if settings.starts_with(RINGS) {
        let rings = measurement["figures"]["rings"].as_array().expect("a list");
        let read: u64 = rings.iter().filter_map(|ring| ring["read"].as_u64()).sum();
        assert_eq!((rings.len(), Some(read)), (2, measurement["figures"]["events_read"].as_u64()));
    }
}

#[rstest]
#[case::no_filter("flag:--keep-one-in=1", FILTER, "kept")]
#[case::a_finer_filter("flag:--keep-one-in=9", FILTER, "marks of the load")]
#[case::a_coarser_filter("flag:--keep-one-in=20", FILTER, "kept")]
#[case::a_filter_that_nobody_asked_for("flag:--keep-one-in=2", LOOKUPS, "issued")]
#[case::fewer_lookups("flag:--lookups=1", LOOKUPS, "the program's lookups 1 != told 5")]
#[case::no_lookups("flag:--lookups=0", LOOKUPS, "tables of 1024 elements to look up in 0 != 1")]
#[case::one_ring("flag:--rings=one", RINGS, "arrays of maps by CPU 0 != 1")]
#[case::rings_that_nobody_asked_for("flag:--rings=cpu", LOOKUPS, "arrays of maps by CPU 1 != 0")]
#[case::rings_of_another_size("flag:--ring-size=32768", RINGS, "size of the ring 32768 != asked for 65536")]
#[case::a_record_of_another_ring(
    "moves-a-record",
    RINGS,
    "rings of which the consumer position is what the runner told"
)]
#[case::a_record_of_the_quiet_ring_less(
    "moves-a-record",
    QUIET,
    "rings of which the consumer position is what the runner told"
)]
fn a_runner_that_does_something_else_is_invalid_by_name(
    #[case] rule: &str,
    #[case] settings: &str,
    #[case] words: &str,
) {
    if skipped_without_root("a_runner_that_does_something_else_is_invalid_by_name") {
        return;
    }
    let (status, run, complaint) = measured(&tampering(rule), settings);
    let measurement = &run["trials"][0]["measurement"];
    assert_eq!(measurement["verdict"]["kind"], "invalid", "{complaint}{measurement:#}");
    let failed = measurement["verdict"]["failed"].to_string();
    assert!(failed.contains(words), "{failed} should name `{words}`");
    assert_eq!(status, Some(7));
}

#[test]
fn a_thread_for_each_ring_where_one_was_to_read_all_is_not_ranked() {
    if skipped_without_root("a_thread_for_each_ring_where_one_was_to_read_all_is_not_ranked") {
        return;
    }
    let (status, run, complaint) = measured(&tampering("flag:--consumers=ring"), QUIET);
    let verdict = &run["trials"][0]["measurement"]["verdict"];
    assert_eq!(verdict["kind"], "unverified", "{complaint}{verdict:#}");
    assert!(verdict["missing"].to_string().contains("threads that read"), "{verdict:#}");
    assert_eq!(status, Some(7));
}

#[test]
fn who_does_not_know_a_flag_cannot_do_it_and_has_not_failed() {
    if skipped_without_root("who_does_not_know_a_flag_cannot_do_it_and_has_not_failed") {
        return;
    }
    let script = r#"
echo '{"type":"hello","protocol_version":2,"implementation":"sixth","framework":"none","framework_version":"1","pid":1}'
echo '{"type":"error","kind":"usage","message":"unknown flag --lookups","hint":null}'
exit 64
"#;
    let (status, run, complaint) = measured(script, LOOKUPS);
    let row = &run["analysis"]["benchmarks"][0]["rows"][0]["status"];
    assert_eq!(row["kind"], "unsupported", "{complaint}{run:#}");
    assert_eq!(row["message"], "does not know `--lookups`");
    assert_ne!(status, Some(7), "{complaint}");
}
