//! Trials of runners that were told to filter, or to look things up.

use super::Verdict;
use crate::parse::testing::{READY, benchmark, record};
use crate::parse::{Format, Measurement, measure};
use crate::plan::Question;
use crate::supervise::{MapFacts, TrialRecord};

/// The load says that of so many triggers so many are to be kept, with this sum of cookies.
fn filtered(issued: u64, kept: u64, kept_cookies: u64) -> Measurement {
    let mut record = record();
    let load = record.load.as_mut().expect("load");
    (load.issued, load.cookies) = (issued, Some(99_999));
    (load.kept, load.kept_cookies) = (Some(kept), Some(kept_cookies));
    (load.warm_up_kept, load.warm_up_kept_cookies) = (Some(0), Some(0));
    let mut benchmark = benchmark(Question::Saturation);
    benchmark.runner.keep_one_in = 10;
    measure(&record, &benchmark, &Format::Protocol)
}

#[test]
fn who_was_told_to_filter_has_records_of_the_kept_triggers_and_of_no_others() {
    let exact = filtered(10_123, 1_000, 5_000);
    assert_eq!(exact.verdict, Some(Verdict::Valid), "{:?}", exact.equations);
    assert_eq!((exact.counts.issued, exact.counts.kept), (Some(10_123), Some(1_000)));
    assert_eq!(exact.figures.offered_per_sec, Some(5_000.0), "of records, not of triggers");
    let triggers = exact.equations.iter().find(|equation| equation.name == "triggers").expect("counted");
    assert_eq!(triggers.text(), "kept 1000, one in 10 of issued 10123 x batch 10 = attempted 10000");
    // A program that filters less, more, or others.
    for (kept, cookies) in [(990, 5_000), (1_010, 5_000), (1_000, 5_001)] {
        let verdict = filtered(10_123, kept, cookies).verdict;
        let Some(Verdict::Invalid { failed }) = verdict else { panic!("{kept}, {cookies}: {verdict:?}") };
        assert!(failed.iter().any(|text| text.contains("marks of the load")), "{failed:?}");
        assert_eq!(failed.iter().any(|text| text.starts_with("kept")), kept != 1_000, "{failed:?}");
    }
}

#[test]
fn a_table_is_there_for_who_was_told_to_look_things_up_and_is_no_way_to_tell_the_consumer() {
    let table = MapFacts {
        id: 13,
        name: "table".into(),
        kind: Some("hash".into()),
        max_entries: Some(1024),
        value_bytes: Some(8),
        frozen: Some(false),
        read_only_to_programs: Some(true),
        older_than_runner: Some(false),
        memory_bytes: Some(1),
    };
    let mut told = benchmark(Question::Saturation);
    told.runner.lookups = 5;
    let mut record = record();
    record.stdout[1].line = READY.replace("[11,12]", "[11,12,13]");
    record.kernel.maps.push(table);
    let verdict = |record: &TrialRecord, told: &_| measure(record, told, &Format::Protocol).verdict;
    assert_eq!(verdict(&record, &told), Some(Verdict::Valid));
    assert_eq!(verdict(&record, &benchmark(Question::Saturation)), Some(Verdict::Valid), "it harms nobody");
    record.kernel.maps[2].read_only_to_programs = Some(false);
    let Some(Verdict::Invalid { failed }) = verdict(&record, &told) else { panic!("it can be written to") };
    assert_eq!(failed, ["tables of 1024 elements to look up in 0 != 1"]);
    let words = "what the consumer knows = what is in the ring (the program also uses the map `table`)";
    let Some(Verdict::Unverified { missing }) = verdict(&record, &benchmark(Question::Saturation)) else {
        panic!("a map that can be written to may say something")
    };
    assert_eq!(missing, [words]);
}
