use super::*;
use crate::parse::testing::{READY, benchmark, record, summary_line, timed};
use crate::parse::{Format, Measurement, TextFormat, measure};
use crate::plan::Question;
use crate::supervise::TrialRecord;

fn measured(record: &TrialRecord) -> Measurement {
    measure(record, &benchmark(Question::Saturation), &Format::Protocol)
}

fn failed(record: &TrialRecord) -> Vec<String> {
    match measured(record).verdict {
        Some(Verdict::Invalid { failed }) => failed,
        other => panic!("expected an invalid trial, got {other:?}"),
    }
}

/// The record with its summary line changed.
fn with_summary(change: impl Fn(String) -> String) -> TrialRecord {
    let mut record = record();
    let last = record.stdout.last_mut().expect("has a summary");
    last.line = change(last.line.clone());
    record
}

#[test]
fn a_trial_in_which_everything_agrees_is_valid() {
    let measurement = measured(&record());
    assert_eq!(measurement.verdict, Some(Verdict::Valid));
    assert!(measurement.kernel_evidence);
    let texts: Vec<_> = measurement.equations.iter().map(Equation::text).collect();
    insta::assert_snapshot!(texts.join("\n"), @"
    issued 1000 x batch 10 = attempted 10000
    attempted 10000 = submitted 9900 + dropped 100
    submitted 9900 = received 9900
    received 9900 x record size 64 = bytes 633600
    last counters' received 9900 <= the summary's received 9900
    last counters' bytes 633600 <= the summary's bytes 633600
    last counters' wakeups 1 <= the summary's wakeups 5
    ring's consumer position 712800 = producer position 712800
    ring's consumer position 712800 = received 9900 x 72 bytes a slot
    ");
}

#[test]
fn a_runner_that_received_one_more_is_invalid() {
    let record = with_summary(|line| line.replace(r#""received":9900"#, r#""received":9901"#));
    assert_eq!(failed(&record)[0], "submitted 9900 != received 9901");
}

#[test]
fn a_runner_that_repeats_the_kernels_counts_without_reading_is_unmasked_by_the_ring() {
    let mut record = record();
    record.kernel.rings[0].consumer_position = 0;
    assert_eq!(
        failed(&record),
        [
            "ring's consumer position 0 != producer position 712800",
            "ring's consumer position 0 != received 9900 x 72 bytes a slot"
        ]
    );
}

#[test]
fn a_summary_behind_the_last_counters_is_invalid() {
    let mut record = record();
    record.stdout[3].line = record.stdout[3].line.replace(r#""received":9900"#, r#""received":9999"#);
    assert_eq!(failed(&record), ["last counters' received 9999 > the summary's received 9900"]);
}

#[test]
fn missed_runs_explain_a_gap_but_never_a_surplus() {
    let mut fewer = record();
    fewer.kernel.programs[0].missed = Some(3);
    fewer.load.as_mut().expect("load").issued = 1_003;
    assert!(measured(&fewer).is_valid());
    fewer.load.as_mut().expect("load").issued = 1_004;
    assert_eq!(failed(&fewer), ["(issued 1004 - at most 3 missed) x batch 10 != attempted 10000"]);
    fewer.load.as_mut().expect("load").issued = 999;
    assert_eq!(failed(&fewer).len(), 1);
}

#[test]
fn without_privileges_the_rings_equations_are_not_checked() {
    let mut record = record();
    record.kernel = KernelFacts::default();
    let measurement = measured(&record);
    assert_eq!(measurement.verdict, Some(Verdict::Valid));
    assert!(!measurement.kernel_evidence);
    assert!(measurement.equations.iter().filter(|e| e.name.starts_with("ring_")).all(|e| e.holds.is_none()));
}

#[test]
fn a_runner_that_names_no_ring_is_unverified() {
    let mut record = record();
    record.stdout[1].line = READY.replace("[11,12]", "[12]");
    let Some(Verdict::Unverified { missing }) = measured(&record).verdict else {
        panic!("must be unverified")
    };
    assert_eq!(missing[0], "ring's consumer position ? = producer position ?");
}

#[test]
fn huge_counts_do_not_overflow() {
    let mut record = record();
    let huge = format!(r#""received":{}"#, u64::MAX);
    record.stdout.last_mut().expect("summary").line = summary_line(10_000, 100, None)
        .replace(r#""received":9900"#, &huge)
        .replace(r#""dropped":100"#, &format!(r#""dropped":{}"#, u64::MAX));
    assert!(failed(&record).len() >= 3);
}

#[test]
fn a_text_program_that_only_counts_what_it_received_is_unverified() {
    let patterns = [("received".to_owned(), r"got (\d+)".to_owned())].into();
    let format = Format::Text(TextFormat::new(&patterns).expect("good pattern"));
    let mut record = record();
    record.stdout = timed(&["got 9900"]);
    let measurement = measure(&record, &benchmark(Question::Saturation), &format);
    let Some(Verdict::Unverified { missing }) = measurement.verdict else { panic!("must be unverified") };
    assert_eq!(
        missing,
        [
            "issued 1000 x batch 10 = attempted ?",
            "attempted ? = submitted ? + dropped ?",
            "submitted ? = received 9900"
        ]
    );
    assert_eq!(measurement.figures.cpu_ns_per_event, Some(100.0));
    assert_eq!(measurement.figures.drop_ratio, None);
}
