use hdrhistogram::Histogram;

use super::*;
use crate::parse::testing::{READY, benchmark, record, summary_line, timed};
use crate::parse::{Format, Measurement, TextFormat, encode_histogram, measure};
use crate::plan::{Question, Wakeup};
use crate::sample::Walk;
use crate::supervise::{KernelCounters, KernelFacts, KernelReading, KernelReadings, Knobs, TrialRecord};

fn measured(record: &TrialRecord) -> Measurement {
    measure(record, &benchmark(Question::Saturation), &Format::Protocol)
}

fn failed(record: &TrialRecord) -> Vec<String> {
    match measured(record).verdict {
        Some(Verdict::Invalid { failed }) => failed,
        other => panic!("expected an invalid trial, got {other:?}"),
    }
}

fn missing(record: &TrialRecord) -> Vec<String> {
    match measured(record).verdict {
        Some(Verdict::Unverified { missing }) => missing,
        other => panic!("expected an unverified trial, got {other:?}"),
    }
}

/// The record with its summary line changed.
fn with_summary(change: impl Fn(String) -> String) -> TrialRecord {
    let mut record = record();
    let last = record.stdout.last_mut().expect("has a summary");
    last.line = change(last.line.clone());
    record
}

fn with_ended(change: impl Fn(&mut KernelReading)) -> TrialRecord {
    let mut record = record();
    change(record.readings.ended.as_mut().expect("read"));
    record
}

fn counters(record: &mut TrialRecord) -> &mut KernelCounters {
    record.readings.ended.as_mut().expect("read").counters.as_mut().expect("counted")
}

#[test]
fn a_trial_in_which_everything_agrees_is_valid() {
    let measurement = measured(&record());
    let texts: Vec<_> = measurement.equations.iter().map(Equation::text).collect();
    insta::assert_snapshot!(texts.join("\n"));
    assert_eq!(measurement.verdict, Some(Verdict::Valid));
    assert!(measurement.kernel_evidence);
}

#[test]
fn a_runner_that_received_one_more_is_invalid() {
    let record = with_summary(|line| line.replace(r#""received":9900"#, r#""received":9901"#));
    assert_eq!(failed(&record)[0], "submitted 9900 != received 9901");
}

#[test]
fn marks_that_do_not_add_up_are_invalid() {
    let record = with_summary(|line| line.replace(r#""marks":94700"#, r#""marks":94701"#));
    assert_eq!(failed(&record), ["marks of the load 95000 != marks received 94701 + marks dropped 300"]);
}

#[test]
fn marks_wrap_and_count_those_of_the_warm_up() {
    let mut wrapped = with_summary(|line| line.replace(r#""marks":94700"#, r#""marks":94699"#));
    let load = wrapped.load.as_mut().expect("load");
    // 10 x (2^64 - 1 + 5,000) = 10 x 4,999, modulo 2^64; and ten times less than before is nine less than that.
    (load.cookies, load.warm_up_cookies) = (Some(u64::MAX), Some(5_000));
    assert!(failed(&wrapped)[0].starts_with("marks of the load 94990 != "), "{:?}", failed(&wrapped));
    let mut dropped = record();
    dropped.load.as_mut().expect("load").warm_up_cookies = None;
    assert!(measured(&dropped).is_valid(), "without a warm-up there are no cookies of it");
    dropped.load.as_mut().expect("load").cookies = None;
    assert_eq!(missing(&dropped), ["marks of the load ? = marks received 94700 + marks dropped 300"]);
}

#[test]
fn what_the_runner_says_of_the_kernel_is_held_against_the_kernel() {
    // Drops that the runner hides: what it says is consistent, and the figures are not taken from it.
    let hidden = with_summary(|line| {
        line.replace(r#""attempted":10000"#, r#""attempted":9900"#)
            .replace(r#""dropped":100"#, r#""dropped":0"#)
    });
    assert_eq!(
        failed(&hidden),
        [
            "attempted by the runner 9900 != by the kernel 10000",
            "dropped by the runner 0 != by the kernel 100"
        ]
    );
    assert_eq!(measured(&hidden).figures.drop_ratio, Some(0.01));
}

#[test]
fn a_ring_buffer_that_is_said_to_have_lost_records_is_invalid() {
    let lost = with_summary(|line| line.replace(r#""lost":0"#, r#""lost":100"#));
    assert_eq!(failed(&lost), ["lost 100 != 0, since a ring buffer loses nothing"]);
    assert!(measured(&with_summary(|line| line.replace(r#""lost":0"#, r#""lost":null"#))).is_valid());
}

#[test]
fn a_runner_that_repeats_the_kernels_counts_without_reading_is_unmasked_by_the_ring() {
    let record = with_ended(|ended| ended.consumed = Some(0));
    assert_eq!(
        failed(&record),
        [
            "ring's consumer position 0 != producer position 712800",
            "ring's consumer position 0 != received 9900 x 72 bytes a slot"
        ]
    );
}

#[test]
fn what_was_submitted_is_what_the_producer_wrote() {
    let record = with_ended(|ended| {
        (ended.produced, ended.consumed) = (Some(720_000), Some(720_000));
    });
    assert_eq!(failed(&record)[0], "ring's producer position 720000 != submitted 9900 x 72 bytes a slot");
}

#[test]
fn a_program_that_counted_before_the_load_is_not_the_runners_own() {
    let mut record = record();
    let ready = record.readings.ready.as_mut().expect("read");
    ready.counters = Some(KernelCounters { attempted: 12, ..KernelCounters::default() });
    assert_eq!(failed(&record), ["attempted before the load 12 != 0"]);
}

#[test]
fn delays_that_were_asked_for_and_are_not_there_leave_it_unverified() {
    let mut benchmark = benchmark(Question::Saturation);
    benchmark.runner.latency = true;
    let verdict = measure(&record(), &benchmark, &Format::Protocol).verdict;
    let missing = vec!["latency samples ? = received 9900".to_owned()];
    assert_eq!(verdict, Some(Verdict::Unverified { missing }));
}

#[test]
fn a_summary_behind_the_last_counters_is_invalid() {
    let mut record = record();
    record.stdout[3].line = record.stdout[3].line.replace(r#""received":9900"#, r#""received":9999"#);
    assert_eq!(failed(&record), ["last counters' received 9999 > the summary's received 9900"]);
}

#[test]
fn missed_runs_explain_a_gap_but_never_a_surplus_and_leave_the_marks_unknown() {
    let mut fewer = with_ended(|ended| ended.missed = Some(8));
    // Five of them were before `ready`.
    fewer.readings.ready.as_mut().expect("read").missed = Some(5);
    fewer.load.as_mut().expect("load").issued = 1_003;
    assert_eq!(
        missing(&fewer),
        ["marks of the load = marks received + marks dropped (3 runs were skipped, nobody knows which)"]
    );
    fewer.load.as_mut().expect("load").issued = 1_004;
    assert_eq!(failed(&fewer), ["(issued 1004 - at most 3 missed) x batch 10 != attempted 10000"]);
    fewer.load.as_mut().expect("load").issued = 999;
    assert_eq!(failed(&fewer).len(), 1);
}

#[test]
fn without_privileges_a_trial_is_unverified() {
    let mut record = record();
    record.kernel = KernelFacts::default();
    record.readings = KernelReadings::default();
    let missing = missing(&record);
    assert!(missing.contains(&"ring's consumer position ? = producer position ?".into()), "{missing:#?}");
    assert!(missing.contains(&"dropped by the runner 100 = by the kernel ?".into()), "{missing:#?}");
    assert!(!measured(&record).kernel_evidence);
}

#[test]
fn ids_that_are_not_the_programs_or_named_twice_are_invalid() {
    let named = |ids: &str| {
        let mut record = record();
        record.stdout[1].line = READY.replace("[11,12]", ids);
        record
    };
    assert!(measured(&named("[11]")).is_valid(), "the kernel's own list counts");
    let twice = "maps named in `ready` 3 != different ones among them that the program uses 2";
    assert_eq!(failed(&named("[11,12,12]")), [twice]);
    assert_eq!(failed(&named("[11,12,13]")), [twice]);
}

/// What must be caught, the words that name it, and whether it is a contradiction.
type Case = (fn(&mut TrialRecord), &'static str, bool);

#[test]
fn what_the_kernel_knows_of_the_program_is_checked() {
    let cases: [Case; 17] = [
        (
            |r| r.kernel.buffers[0].size_bytes = 1 << 20,
            "size of the ring 1048576 != asked for 16777216",
            true,
        ),
        (|r| r.kernel.maps.push(r.kernel.maps[0].clone()), "ring buffers that the program uses 2 != 1", true),
        (|r| r.kernel.maps[1].max_entries = Some(2), "one element of 32 bytes a CPU 0 != 1", true),
        (|r| r.kernel.maps[0].older_than_runner = Some(true), "before the runner was 1 != 0", true),
        (|r| r.kernel.programs[0].older_than_runner = Some(true), "before the runner was 1 != 0", true),
        (|r| r.kernel.programs[0].kind = Some("kprobe".into()), "kind of the program kprobe != asked", true),
        (
            |r| records(r).of_told_size = 41,
            "of the last records in the ring 41 have 64 bytes != all 4096",
            true,
        ),
        (|r| records(r).of_the_load = Some(0), "of these in the load's name 0 != of 4096", true),
        (|r| attach(r, Some("sys_enter_close")), "attached to `sys_enter_close` != asked for `sysc", true),
        (|r| knobs(r, |k| k.batch = 1), "the program's batch 1 != told 10", true),
        (|r| knobs(r, |k| k.wakeup = 1), "the program's wakeup policy sampled != told adaptive", true),
        (|r| knobs(r, |k| k.work = 9), "the program's work 9 != told 0", true),
        (|r| knobs(r, |k| k.target_pid = 9), "the program's process 9 != told 4242", true),
        (|r| r.kernel.attached = Some(Vec::new()), "what the runner attached the program to", false),
        (|r| r.kernel.counters_frozen = Some(false), "what is in `counters`", false),
        (|r| other_map(r, Some(false)), "(the program also uses the map `notes`)", false),
        (|r| r.kernel.programs.clear(), "the program named in `ready`", false),
    ];
    for (change, words, contradiction) in cases {
        let mut record = record();
        change(&mut record);
        let found = if contradiction { failed(&record) } else { missing(&record) };
        assert!(found.iter().any(|text| text.contains(words)), "{words}: {found:#?}");
    }
    let mut constant = record();
    other_map(&mut constant, Some(true));
    knobs(&mut constant, |_| {});
    attach(&mut constant, None);
    assert!(measured(&constant).is_valid(), "{:#?}", measured(&constant).verdict);
}

fn records(record: &mut TrialRecord) -> &mut crate::supervise::RecordFacts {
    record.kernel.last_records.as_mut().expect("looked at")
}

fn attach(record: &mut TrialRecord, target: Option<&str>) {
    record.kernel.attached.as_mut().expect("asked")[0].target = target.map(str::to_owned);
}

fn knobs(record: &mut TrialRecord, change: impl Fn(&mut Knobs)) {
    let mut knobs = Knobs {
        target_pid: 4242,
        record_size: 64,
        batch: 10,
        wakeup: 0,
        wakeup_bytes: 0,
        work: 0,
        keep_one_in: Some(0),
        lookups: Some(0),
        rings: Some(0),
    };
    change(&mut knobs);
    record.kernel.knobs = Some(knobs);
}

fn other_map(record: &mut TrialRecord, frozen: Option<bool>) {
    let mut map = record.kernel.maps[1].clone();
    (map.name, map.kind, map.frozen) = ("notes".into(), Some("array".into()), frozen);
    record.kernel.maps.push(map);
}

#[test]
fn who_was_started_must_be_who_speaks() {
    let mut other = record();
    other.program.as_mut().expect("started").implementation = Some("b".into());
    assert_eq!(failed(&other), ["the runner calls itself `a` != started was `b`"]);
    let mut replaced = record();
    replaced.program.as_mut().expect("started").sha256 = Some("badc0de".into());
    assert_eq!(failed(&replaced), ["SHA-256 of the program file badc0de != when the run began 5ca1ab1e"]);
}

#[test]
fn a_capacity_below_that_of_a_bare_walk_is_not_believed() {
    let mut record = record();
    let walk = |fastest_ns| Walk {
        ring_bytes: 1 << 24,
        record_bytes: 64,
        walks: 7,
        fastest_ns,
        median_ns: fastest_ns,
        wake_ns: None,
    };
    record.walk = Some(walk(166.0));
    assert!(measured(&record).is_valid(), "100 ns are more than 0.6 of it");
    record.walk = Some(walk(167.0));
    assert_eq!(
        missing(&record),
        ["capacity 100.00 ns an event = what a reader can do (a bare walk takes 167.00 ns a record)"]
    );
}

#[test]
fn more_wakeups_than_sleeps_are_invalid_and_a_timer_wakes_nobody() {
    let mut record = record();
    record.snapshots[1].voluntary_switches = Some(2);
    assert_eq!(failed(&record), ["wakeups 5 > times that the runner slept 2"]);
    let load_ended_ns = record.times.load_ended_ns.take();
    assert!(measured(&record).is_valid(), "stopped under load: it is woken after the last reading too");
    record.times.load_ended_ns = load_ended_ns;
    record.snapshots[1].voluntary_switches = Some(3);
    let mut timer = benchmark(Question::Saturation);
    timer.runner.wakeup = Wakeup::WITHOUT;
    let Some(Verdict::Invalid { failed }) = measure(&record, &timer, &Format::Protocol).verdict else {
        panic!("must be invalid")
    };
    assert_eq!(failed, ["wakeups with `timer:10ms` 5 != 0"]);
}

/// Twenty looks at the ring, a consumer of 5,000 records a second, and so many bytes that wait at each.
fn watched(waiting: impl Fn(u64) -> u64, unattended: impl Fn(u64) -> u64) -> TrialRecord {
    let mut record = record();
    let look = |index: u64| KernelReading {
        t_ns: 10_000_000_000 + index * 100_000_000,
        produced: Some(72 * 500 * index + waiting(index)),
        consumed: Some(72 * 500 * index),
        unattended_bytes: Some(unattended(index)),
        ..KernelReading::default()
    };
    record.readings.positions = (1..20).map(look).collect();
    record
}

#[test]
fn a_consumer_that_sleeps_on_its_data_does_not_follow_the_wakeup_policy() {
    let asleep = watched(|_| 7_200, |index| if index % 3 == 0 { 0 } else { 7_200 });
    let words =
        "times that the runner slept on more than 0 bytes of data, told `adaptive`: 13 > 6 of 19 looks";
    assert_eq!(failed(&asleep), [words]);
    assert!(measured(&watched(|_| 7_200, |index| if index < 6 { 7_200 } else { 0 })).is_valid());
    let mut sampled = benchmark(Question::Saturation);
    sampled.runner.wakeup = Wakeup::Sampled { bytes: 7_200 };
    assert!(measure(&asleep, &sampled, &Format::Protocol).is_valid());
}

/// A trial with a histogram of these delays, and `waiting` bytes in the ring at each look.
fn delayed(delay_ns: u64, waiting: u64) -> TrialRecord {
    let mut record = watched(|_| waiting, |_| 0);
    let mut delays = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
    delays.record_n(delay_ns, 9_900).expect("within bounds");
    record.stdout.last_mut().expect("summary").line =
        summary_line(10_000, 100, Some(&encode_histogram(&delays)));
    record
}

#[test]
fn delays_that_cannot_be_true_are_invalid() {
    assert!(measured(&delayed(20_000, 0)).is_valid());
    assert_eq!(
        failed(&delayed(1, 0)),
        ["50 ns, the least that a record takes to another core > shortest delay 1 ns"]
    );
    // 50 records wait on the average, at 5,000 a second: 10 ms.
    assert!(measured(&delayed(10_000_000, 3_600)).is_valid());
    assert_eq!(
        failed(&delayed(20_000, 3_600)),
        ["mean delay 0.020 ms != backlog 50.0 / 5000 a second = 10.000 ms, roughly"]
    );
    assert_eq!(failed(&delayed(1_000_000_000, 3_600)).len(), 1);
    let mut scheduled = delayed(300, 0);
    (scheduled.snapshots[0].voluntary_switches, scheduled.snapshots[1].voluntary_switches) =
        (Some(0), Some(900));
    let latency = benchmark(Question::Latency);
    let Some(Verdict::Invalid { failed }) = measure(&scheduled, &latency, &Format::Protocol).verdict else {
        panic!("must be invalid")
    };
    let words = "half of the 900 sleeps that triggers ended > delays of 500 ns, the least that a wakeup takes, and more 0";
    assert_eq!(failed, [words]);
    // What a wakeup took before the trial bounds them too.
    let mut timed = delayed(1_000, 0);
    timed.snapshots.clone_from(&scheduled.snapshots);
    timed.walk.as_mut().expect("timed").wake_ns = Some(3_000);
    assert_ne!(least_wakeup(&timed), Some(false), "900 ns are less than 1,000");
    timed.walk.as_mut().expect("timed").wake_ns = Some(10_000);
    assert_eq!(least_wakeup(&timed), Some(false), "3,000 ns are more");
}

/// Whether delays may be so short, after wakeups.
fn least_wakeup(record: &TrialRecord) -> Option<bool> {
    let measurement = measure(record, &benchmark(Question::Latency), &Format::Protocol);
    measurement.equations.iter().find(|equation| equation.name == "least_wakeup")?.holds
}

#[test]
fn huge_counts_do_not_overflow() {
    let mut record = record();
    let huge = format!(r#""received":{}"#, u64::MAX);
    record.stdout.last_mut().expect("summary").line =
        summary_line(10_000, 100, None).replace(r#""received":9900"#, &huge);
    *counters(&mut record) = KernelCounters {
        attempted: u64::MAX,
        submitted: u64::MAX,
        dropped: u64::MAX,
        dropped_marks: u64::MAX,
    };
    assert!(failed(&record).len() >= 3);
}

#[test]
fn what_a_text_program_says_is_a_claim() {
    let patterns = [("received", r"got (\d+)"), ("attempted", r"of (\d+)"), ("submitted", r"got (\d+)")];
    let all: Vec<(String, String)> = patterns
        .iter()
        .chain(&[("dropped", r"lost (\d+)")])
        .map(|(name, pattern)| ((*name).to_owned(), (*pattern).to_owned()))
        .collect();
    let format = Format::Text(TextFormat::new(&all.into_iter().collect()).expect("good pattern"));
    let mut record = record();
    record.stdout = timed(&["got 9900 of 10000, lost 100"]);
    let measurement = measure(&record, &benchmark(Question::Saturation), &format);
    let Some(Verdict::Unverified { missing }) = measurement.verdict else { panic!("must be unverified") };
    assert_eq!(missing, ["what the program's text claims = what the kernel counted"]);
    assert!(!measurement.kernel_evidence);
    assert_eq!(measurement.figures.cpu_ns_per_event, Some(100.0));
}
