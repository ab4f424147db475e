//! Nothing is self-certified: runners that lie, against real BPF programs and the real load.
//!
//! Each test makes a project of its own with an implementation that stands between the orchestrator and a real runner and
//! falsifies what it says, or reads in its stead. They need root and the runner of the baseline built (`make build`).

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use common::project::{Project, real_runner, tampering};
use common::skipped_without_root;
use rstest::rstest;
use serde_json::Value;

fn first_measurement(run: &Value) -> &Value {
    &run["trials"][0]["measurement"]
}

fn first_row(run: &Value) -> &Value {
    &run["analysis"]["benchmarks"][0]["rows"][0]
}

/// One trial of the question `saturation`, on a ring so small that there are drops.
fn tampered(rule: &str) -> (Option<i32>, Value) {
    let project = Project::new(&tampering(rule), "");
    let (output, run) = project.compare(&["--questions", "saturation", "--ring-size", "4096"]);
    (output.status.code(), run)
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

#[test]
fn a_variant_has_its_environment_and_its_programs_say_the_name_of_the_implementation() {
    if skipped_without_root(
        "a_variant_has_its_environment_and_its_programs_say_the_name_of_the_implementation",
    ) {
        return;
    }
    let variants = "variants:\n  honest: {title: H, environment: {RULE: none}}\n";
    let project = Project::new(&tampering("${RULE:-received+1}"), variants);
    let run = project.compare(&["--questions", "saturation", "-i", "sixth,sixth+honest"]).1;
    let trials = run["trials"].as_array().expect("trials");
    let verdict = |name: &str| {
        let trial = trials.iter().find(|trial| trial["planned"]["implementation"] == name);
        trial.map(|trial| trial["measurement"]["verdict"]["kind"].clone())
    };
    assert_eq!(verdict("sixth"), Some("invalid".into()));
    assert_eq!(verdict("sixth+honest"), Some("valid".into()));
}

#[rstest]
#[case::one_event_more("received+1", "received")]
#[case::one_event_less("received-1", "received")]
#[case::wrong_marks("marks", "marks of the load")]
#[case::consistent_invention("consistent-counts", "attempted by the runner")]
#[case::hidden_drops("hides-drops", "dropped by the runner 0 != by the kernel")]
#[case::drops_called_lost("calls-drops-lost", "since a ring buffer loses nothing")]
#[case::wakeups_without_sleeps("more-wakeups", "times that the runner slept")]
#[case::a_ring_named_100_times("names-a-ring-often", "maps named in `ready` 10")]
#[case::a_decoy_beside_the_ring("names-a-decoy", "different ones among them that the program uses")]
#[case::no_program("names-no-program", "programs named in `ready` 0 != 1")]
#[case::another_name("other-name", "the runner calls itself `other` != started was `sixth`")]
#[case::another_ring_size("flag:--ring-size=8192", "size of the ring 8192 != asked for 4096")]
#[case::another_record_size("flag:--record-size=128", "of the last records in the ring 0 have 64 bytes")]
#[case::another_batch("flag:--batch=1", "x batch 100 != attempted")]
#[case::another_wakeup_policy("flag:--wakeup=timer:10ms", "wakeup policy timer != told adaptive")]
#[case::other_work("flag:--work=1000", "the program's work 1000 != told 0")]
#[case::another_target("flag:--attach-target=syscalls/sys_enter_openat", "attached to `sys_enter_openat`")]
#[case::another_kind("flag:--program-type=raw_tracepoint", "kind of the program raw_tracepoint")]
#[case::everybody("flag:--target-pid=1", "the program's process 1 != told")]
#[case::never_reads("never-reads", "ring's consumer position 0 != producer position")]
#[case::skips_all("skips-all", "marks of the load")]
#[case::skips_one_in_500("skips-one-in-500", "marks of the load")]
#[case::two_of_a_batch("reads-two-of-a-batch", "marks of the load")]
fn runner_that_lies_is_invalid_by_name_and_the_exit_status_says_so(#[case] rule: &str, #[case] words: &str) {
    if skipped_without_root("runner_that_lies_is_invalid_by_name_and_the_exit_status_says_so") {
        return;
    }
    let (status, run) = tampered(rule);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "invalid", "{measurement:#}");
    let failed = measurement["verdict"]["failed"].to_string();
    assert!(failed.contains(words), "{failed} should name `{words}`");
    assert_eq!(status, Some(7));
    let row = first_row(&run);
    assert_eq!(row["status"]["kind"], "invalid");
    assert_eq!(row["group"], Value::Null, "an invalid row is not ranked");
}

#[test]
fn a_program_of_somebody_elses_is_invalid() {
    if skipped_without_root("a_program_of_somebody_elses_is_invalid") {
        return;
    }
    // It was there before, and counts: a daemon could read for a runner that only speaks.
    let mut other = Command::new(real_runner());
    other.args(["--output=jsonl", "--duration=60"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut other = other.spawn().expect("started");
    let mut lines = BufReader::new(other.stdout.take().expect("piped")).lines();
    let ready = lines.find_map(|line| {
        let message: Value = serde_json::from_str(&line.expect("readable")).expect("JSON");
        (message["type"] == "ready").then_some(message)
    });
    let id = &ready.expect("it gets ready")["program_ids"][0];
    let (status, run) = tampered(&format!("names-program:{id}"));
    other.kill().ok();
    other.wait().expect("a child");
    let failed = first_measurement(&run)["verdict"]["failed"].to_string();
    assert!(failed.contains("programs and maps that were there before the runner was"), "{failed}");
    assert_eq!(status, Some(7));
}

#[test]
fn counters_cannot_be_rewritten_from_user_space() {
    if skipped_without_root("counters_cannot_be_rewritten_from_user_space") {
        return;
    }
    let (status, run) = tampered("rewrites-counters");
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "valid", "{measurement:#}");
    assert!(measurement["counts"]["dropped"].as_u64() > Some(0), "{measurement:#}");
    assert_eq!(status, Some(0));
}

#[test]
fn a_capacity_that_no_reader_can_have_is_unverified() {
    if skipped_without_root("a_capacity_that_no_reader_can_have_is_unverified") {
        return;
    }
    // Two records of a batch give away the marks of all, so that everything adds up.
    let project = Project::new(&tampering("reads-the-first-of-a-batch"), "");
    let (_, run) = project.compare(&["--questions", "capacity", "--batch", "1000"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "unverified", "{measurement:#}");
    let missing = measurement["verdict"]["missing"].to_string();
    assert!(missing.contains("what a reader can do (a bare walk takes"), "{missing}");
    assert_eq!(first_row(&run)["group"], Value::Null);
}

#[rstest]
#[case::of_1_ns("delays-of-1-ns", "the least that a record takes to another core")]
#[case::of_60_ns("delays-of-60-ns", "the least that a wakeup takes")]
fn delays_that_nothing_can_have_are_invalid(#[case] rule: &str, #[case] words: &str) {
    if skipped_without_root("delays_that_nothing_can_have_are_invalid") {
        return;
    }
    let project = Project::new(&tampering(rule), "");
    let (output, run) = project.compare(&["--questions", "latency"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "invalid", "{measurement:#}");
    let failed = measurement["verdict"]["failed"].to_string();
    assert!(failed.contains(words), "{failed} should name `{words}`");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn hidden_wakeups_leave_a_trial_unverified() {
    if skipped_without_root("hidden_wakeups_leave_a_trial_unverified") {
        return;
    }
    let project = Project::new(&tampering("no-wakeups"), "");
    let (_, run) = project.compare(&["--questions", "latency"]);
    let measurement = first_measurement(&run);
    assert_eq!(measurement["verdict"]["kind"], "unverified", "{measurement:#}");
    let missing = measurement["verdict"]["missing"].to_string();
    assert!(missing.contains("wakeups 0 = times that its reading thread slept"), "{missing}");
    // The ring was looked at meanwhile.
    let events = std::fs::read_to_string(project.events_path().expect("a run")).expect("readable");
    let trial: Value = serde_json::from_str(events.lines().nth(1).expect("a trial")).expect("JSON");
    assert!(trial["record"]["readings"]["glances"]["looks"].as_u64() > Some(0));
}

#[test]
fn a_program_file_that_changes_in_mid_run_is_invalid() {
    if skipped_without_root("a_program_file_that_changes_in_mid_run_is_invalid") {
        return;
    }
    let script = format!("echo '#' >> \"$0\"\n{}", tampering("none"));
    let project = Project::new(&script, "");
    let (output, run) = project.compare(&["--questions", "capacity,saturation"]);
    let verdict = |trial: usize| &run["trials"][trial]["measurement"]["verdict"];
    assert_eq!(verdict(0)["kind"], "valid", "{:#}", verdict(0));
    assert!(verdict(1)["failed"].to_string().contains("SHA-256 of the program file"), "{:#}", verdict(1));
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
fn what_a_program_says_in_text_is_a_claim_and_not_ranked() {
    if skipped_without_root("what_a_program_says_in_text_is_a_claim_and_not_ranked") {
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
    let missing = measurement["verdict"]["missing"].to_string();
    assert!(missing.contains("what the program's text claims"), "{missing}");
    assert_eq!(first_row(&run)["group"], Value::Null);
    assert_eq!(result.status.code(), Some(7), "what is not ranked is no success");
}
