use super::*;
use crate::parse::testing::{HELLO, READY, SECOND, benchmark, counters_line, record, summary_line, timed};
use crate::parse::{Format, encode_histogram, measure};
use crate::plan::Question;
use crate::supervise::{Fill, KernelCounters, KernelReading, WarmUp};

fn figures_of(record: &TrialRecord, question: Question) -> Figures {
    measure(record, &benchmark(question), &Format::Protocol).figures
}

#[test]
fn figures_of_a_balanced_trial() {
    let figures = figures_of(&record(), Question::Saturation);
    assert_eq!(figures.cpu_ns_per_event, Some(100.0));
    assert_eq!(figures.offered_per_sec, Some(5_000.0));
    assert_eq!(figures.delivered_per_sec, Some(4_950.0));
    assert_eq!(figures.drop_ratio, Some(0.01));
    assert_eq!(figures.events_per_wakeup, Some(1_980.0));
    assert_eq!(figures.runner_cpu_percent, Some(0.045));
    assert_eq!(figures.load_cpu_percent, Some(98.0));
    assert_eq!(figures.supervisor_cpu_percent, Some(1.0));
    assert_eq!(figures.peak_rss_bytes, Some(5_000_050));
    assert_eq!(figures.minor_faults, Some(50));
    assert_eq!(figures.major_faults, None);
    assert_eq!(figures.map_memory_bytes, Some((1 << 24) + 3 * 4096 + 4096));
    assert_eq!(figures.time_to_ready_ns, Some(300_000_000));
    assert_eq!((figures.load_ns, figures.attach_ns), (Some(2_500_000), Some(40_000)));
}

/// Counters at the given (milliseconds after the load's start, received); the window is 2 s and 10,000 records are received.
fn delivered(counters: &[(u64, u64)]) -> f64 {
    let mut lines = vec![HELLO.to_owned(), READY.to_owned()];
    for (ms, received) in counters {
        let t_ns = 10 * SECOND + ms * 1_000_000;
        lines.push(counters_line(t_ns, *received));
    }
    lines.push(summary_line(10_000, 0, None));
    let mut record = record();
    record.stdout = timed(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    figures_of(&record, Question::Saturation).delivered_per_sec.expect("known")
}

#[test]
fn a_consumer_that_keeps_up_is_credited_with_all_that_was_offered() {
    let rate = delivered(&[(950, 4_750), (1_950, 9_750), (2_050, 10_000)]);
    assert!((rate - 5_000.0).abs() < 1e-6, "{rate}");
}

#[test]
fn a_backlog_drained_after_the_loads_end_does_not_count() {
    let rate = delivered(&[(1_000, 2_000), (1_900, 3_800), (2_100, 4_200), (3_000, 10_000)]);
    assert!((rate - 2_000.0).abs() < 1e-6, "{rate}");
}

#[test]
fn the_message_after_the_end_bounds_what_had_arrived() {
    let rate = delivered(&[(1_000, 6_000), (2_000, 7_000), (3_000, 10_000)]);
    assert!((rate - 3_500.0).abs() < 1e-6, "{rate}");
}

#[test]
fn without_counters_all_that_was_received_counts() {
    assert!((delivered(&[]) - 5_000.0).abs() < 1e-6);
}

#[test]
fn what_was_read_only_at_the_end_gives_no_capacity() {
    let mut record = record();
    record.left_bytes = Some(0);
    let all = figures_of(&record, Question::Capacity);
    record.left_bytes = Some(72);
    let some = figures_of(&record, Question::Capacity);
    assert!(all.cpu_ns_per_event.is_some());
    assert_eq!(some.cpu_ns_per_event, None);
    assert_eq!(some.delivered_per_sec, all.delivered_per_sec);
}

#[test]
fn nothing_received_gives_no_capacity_and_no_division_by_zero() {
    let mut record = record();
    record.stdout = timed(&[HELLO, READY, &summary_line(0, 0, None)]);
    record.readings.ended = None;
    record.load = None;
    record.kernel.buffers[0].consumed = 0;
    let figures = figures_of(&record, Question::Capacity);
    assert_eq!(figures.cpu_ns_per_event, None);
    assert_eq!(figures.drop_ratio, None);
    assert_eq!(figures.delivered_per_sec, None);
}

#[test]
fn latency_counts_must_equal_received() {
    let mut histogram = hdrhistogram::Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
    histogram.record_n(20_000, 9_900).expect("within bounds");
    let mut record = record();
    record.stdout[4].line = summary_line(10_000, 100, Some(&encode_histogram(&histogram)));
    let measurement = measure(&record, &benchmark(Question::Latency), &Format::Protocol);
    assert!(measurement.is_valid());
    let latency = measurement.latency.expect("recorded");
    assert_eq!(latency.p99_ns, Some(20_015));
    assert_eq!(latency.p999_ns, None, "9,900 samples do not support P99.9");

    record.stdout[4].line = summary_line(10_001, 100, Some(&encode_histogram(&histogram)));
    assert!(!measure(&record, &benchmark(Question::Latency), &Format::Protocol).is_valid());
}

fn warm_up() -> WarmUp {
    WarmUp { pieces: Vec::new(), steady: None, fills: Vec::new(), cpu_ns: Some(1_500_000), consumed: None }
}

/// The usual trial after a warm-up of 2,000 records, in which CPU time rose by 500 µs.
fn warmed_up(consumed: Option<u64>) -> Figures {
    let mut record = record();
    record.load.as_mut().expect("load").issued = 800;
    record.load.as_mut().expect("load").warm_up_issued = 200;
    record.times.released_ns = Some(10 * SECOND);
    record.warm_up = Some(WarmUp { consumed, ..warm_up() });
    record.stdout.insert(2, timed(&[&counters_line(9 * SECOND + 900_000_000, 2_000)]).remove(0));
    let measurement = measure(&record, &benchmark(Question::Saturation), &Format::Protocol);
    assert!(measurement.is_valid(), "all triggers are accounted for: {:?}", measurement.equations);
    measurement.figures
}

#[test]
fn the_warm_up_is_not_measured() {
    for figures in [warmed_up(Some(2_000 * 72)), warmed_up(None)] {
        let cpu = figures.cpu_ns_per_event.expect("known");
        assert!((cpu - 490_000.0 / 7_900.0).abs() < 1e-9, "{cpu}");
        assert_eq!(figures.offered_per_sec, Some(4_000.0));
        assert_eq!(figures.delivered_per_sec, Some(2_950.0));
        assert_eq!(figures.runner_cpu_percent, Some(0.02));
    }
}

/// The kernel's word at a moment: attempted, dropped, and how many were read; all since load.
fn reading(t_ns: u64, attempted: u64, dropped: u64, read: u64) -> KernelReading {
    let counters = KernelCounters { attempted, submitted: attempted - dropped, dropped, dropped_marks: 0 };
    KernelReading {
        t_ns,
        counters: Some(counters),
        produced: Some((attempted - dropped) * 72),
        consumed: Some(read * 72),
        missed: None,
        unattended_bytes: None,
    }
}

/// A trial of 10,000 records, of which the first 4,000, without a drop, warmed it up, with 300 wakeups.
fn measured_by_the_kernel(messages: &[String]) -> TrialRecord {
    let mut record = record();
    record.load.as_mut().expect("load").issued = 600;
    record.load.as_mut().expect("load").warm_up_issued = 400;
    record.times.released_ns = Some(10 * SECOND - 1);
    record.warm_up = Some(warm_up());
    record.readings.released = Some(reading(10 * SECOND - 2, 4_000, 0, 4_000));
    record.readings.settled = Some(reading(12 * SECOND + 500_000_000, 10_000, 600, 9_400));
    record.readings.positions = vec![
        reading(10 * SECOND, 4_000, 0, 4_000),
        reading(11 * SECOND, 7_000, 300, 6_200),
        reading(12 * SECOND + 1_000_000, 10_000, 600, 9_000),
    ];
    let summary = summary_line(10_000, 600, None).replace(r#""wakeups":5"#, r#""wakeups":500"#);
    let lines = [HELLO, READY].into_iter().chain(messages.iter().map(String::as_str)).chain([&*summary]);
    record.stdout = timed(&lines.collect::<Vec<_>>());
    record
}

fn message(t_ns: u64, received: u64, wakeups: u64) -> String {
    counters_line(t_ns, received).replace(r#""wakeups":1"#, &format!(r#""wakeups":{wakeups}"#))
}

#[test]
fn drops_are_those_of_the_measured_part() {
    let figures = figures_of(&measured_by_the_kernel(&[]), Question::Saturation);
    assert_eq!(figures.drop_ratio, Some(0.1), "600 of 6,000, not of 10,000");
    assert_eq!(
        (figures.events_attempted, figures.events_dropped, figures.events_read),
        (Some(6_000), Some(600), Some(5_400))
    );
    assert_eq!(figures.peak_backlog_bytes, Some(500 * 72));
}

#[test]
fn delivered_comes_from_the_kernels_positions_and_not_from_the_runners_words() {
    let forged = [message(11 * SECOND, 9_999, 0)];
    let figures = figures_of(&measured_by_the_kernel(&forged), Question::Saturation);
    // 2,200 in the first second, carried on to the end of the second one.
    assert_eq!(figures.delivered_per_sec, Some(2_200.0));
}

#[test]
fn wakeups_are_those_after_the_first_message_of_the_measured_part() {
    let before = message(9 * SECOND + 900_000_000, 3_000, 200);
    let first = message(10 * SECOND + 100_000_000, 4_400, 320);
    let figures = figures_of(&measured_by_the_kernel(&[before, first]), Question::Saturation);
    assert_eq!((figures.wakeups, figures.events_while_wakeups), (Some(180), Some(5_000)));
    assert_eq!(figures.wakeups_per_event, Some(0.036));
}

#[test]
fn a_message_that_has_just_what_the_warm_up_gave_is_the_state_at_the_release() {
    let before = message(9 * SECOND + 900_000_000, 4_000, 300);
    let first = message(10 * SECOND + 100_000_000, 4_400, 320);
    let figures = figures_of(&measured_by_the_kernel(&[before, first]), Question::Saturation);
    assert_eq!((figures.wakeups, figures.events_while_wakeups), (Some(200), Some(5_400)));
    let none = figures_of(&measured_by_the_kernel(&[]), Question::Saturation);
    assert_eq!(none.wakeups_per_event, None, "nobody knows how many were of the warm-up");
}

#[test]
fn what_the_load_pays_beyond_its_own_work_is_measured_in_the_same_trial() {
    let mut record = measured_by_the_kernel(&[]);
    // 1.96 s of CPU time for 6,000 events.
    let fill = |cpu_ns| Fill { issued: 10, cpu_ns };
    record.warm_up.as_mut().expect("warm-up").fills =
        [4_000_000, 9_000_000, 4_100_000, 3_900_000, 4_050_000].map(fill).to_vec();
    let figures = figures_of(&record, Question::Saturation);
    let with = 1_960_000_000.0 / 6_000.0;
    assert_eq!(figures.load_ns_per_event, Some(with));
    assert_eq!(figures.load_ns_per_event_alone, Some(40_500.0));
    assert_eq!(figures.load_excess_share, Some(1.0 - 40_500.0 / with));
}

#[test]
fn lateness_of_an_open_loop_stands_beside_its_delays() {
    let mut lateness = hdrhistogram::Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
    lateness.record_n(1_000, 990).expect("within bounds");
    lateness.record_n(90_000, 9).expect("within bounds");
    let mut record = record();
    let load = record.load.as_mut().expect("load");
    (load.issued, load.missed, load.late) = (999, Some(1), Some(9));
    load.lateness = Some(encode_histogram(&lateness));
    let figures = figures_of(&record, Question::Latency);
    assert_eq!((figures.missed_share, figures.late_share), (Some(0.001), Some(9.0 / 999.0)));
    assert_eq!((figures.lateness_p50_ns, figures.lateness_p99_ns), (Some(1_000), Some(1_000)));
    assert_eq!(figures.load_ns_per_event, None, "it waits for its slots");
}
