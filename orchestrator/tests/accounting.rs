//! Nothing is self-certified: runners that lie, against real BPF programs and the real load.
//!
//! Each test makes a project of its own with an implementation that stands between the orchestrator and a real runner and
//! falsifies what it says. They need root and the runner of the baseline built (`make build`).

mod common;

use common::project::{Project, tampering};
use common::skipped_without_root;
use rstest::rstest;
use serde_json::Value;

fn first_measurement(run: &Value) -> &Value {
    &run["trials"][0]["measurement"]
}

#[test]
fn sixth_implementation_is_one_folder_and_honest_counts_are_valid() {
    if skipped_without_root("sixth_implementation_is_one_folder_and_honest_counts_are_valid") {
        return;
    }
    let project = Project::new(&tampering("none"), "");
    let (output, run) = project.compare(&["--questions", "saturation"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "valid", "{measurement:#}");
    assert_eq!(measurement["kernel_evidence"], true);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[rstest]
#[case::one_event_more("received+1", "received")]
#[case::one_event_less("received-1", "received")]
#[case::wrong_marks("marks", "marks")]
#[case::consistent_invention("consistent-counts", "issued")]
#[case::hidden_drops("hides-drops", "attempted")]
fn runner_that_miscounts_is_invalid_and_the_exit_status_says_so(#[case] rule: &str, #[case] names: &str) {
    if skipped_without_root("runner_that_miscounts_is_invalid_and_the_exit_status_says_so") {
        return;
    }
    let project = Project::new(&tampering(rule), "");
    // A small ring, so that there are drops to hide.
    let (output, run) = project.compare(&["--questions", "saturation", "--ring-size", "4096"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "invalid", "{measurement:#}");
    let failed = measurement["verdict"]["failed"].to_string();
    assert!(failed.contains(names), "{failed} should name `{names}`");
    assert_eq!(output.status.code(), Some(7));
    let row = &run["analysis"]["benchmarks"][0]["rows"][0];
    assert_eq!(row["status"]["kind"], "invalid");
    assert_eq!(row["group"], Value::Null, "an invalid row is not ranked");
}

#[test]
fn summary_that_repeats_the_kernels_count_is_invalid() {
    if skipped_without_root("summary_that_repeats_the_kernels_count_is_invalid") {
        return;
    }
    // It loads and attaches, never reads a record, and at the end claims that it received what was submitted.
    let project = Project::new(&tampering("never-reads"), "");
    let (output, run) = project.compare(&["--questions", "saturation", "--ring-size", "4096"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "invalid", "{measurement:#}");
    assert!(
        measurement["verdict"]["failed"].to_string().contains("consumer"),
        "{:#}",
        measurement["verdict"]
    );
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn bursts_wait_for_a_consumer_that_is_put_aside() {
    if skipped_without_root("bursts_wait_for_a_consumer_that_is_put_aside") {
        return;
    }
    // It is held for 100 ms again and again. Bursts that followed the clock would find the ring full.
    let project = Project::new(&tampering("often-held"), "");
    let (_, run) = project.compare(&["--questions", "capacity"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "valid", "{measurement:#}");
    assert_eq!(measurement["counts"]["dropped"], 0);
    assert!(measurement["figures"]["cpu_ns_per_event"].as_f64().is_some_and(|ns| ns > 0.0));
    let disturbed = measurement["disturbed"].to_string();
    assert!(!disturbed.contains("overlapped"), "{disturbed}");
}

#[test]
fn program_that_speaks_text_takes_part_and_is_not_ranked_without_its_counts() {
    if skipped_without_root("program_that_speaks_text_takes_part_and_is_not_ranked_without_its_counts") {
        return;
    }
    let output = "    output:\n      protocol: text\n      ready: '^attached'\n      patterns:\n        \
                  received: 'received (\\d+)'\n    args: ['{duration}', '{target_pid}']\n";
    // Not a benchmark of anything: it shows that reading text works, and that a bare claim is not taken for a fact.
    let script = "trap 'echo received 12; exit 0' TERM\necho attached\nwhile :; do sleep 0.05; done";
    let project = Project::new(script, output);
    let (result, run) = project.compare(&["--questions", "saturation"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["outcome"]["kind"], "completed", "{measurement:#}");
    assert_eq!(measurement["counts"]["received"], 12);
    assert_eq!(measurement["verdict"]["kind"], "unverified");
    assert_eq!(run["analysis"]["benchmarks"][0]["rows"][0]["group"], Value::Null);
    assert_eq!(result.status.code(), Some(0));
}
