use super::*;
use crate::parse::testing::{HELLO, READY, SECOND, benchmark, counters_line, record, summary_line, timed};
use crate::parse::{Format, encode_histogram, measure};
use crate::plan::Question;
use crate::supervise::WarmUp;

fn figures_of(record: &TrialRecord, question: Question) -> Figures {
    measure(record, &benchmark(question), &Format::Protocol).figures
}

#[test]
fn figures_of_a_balanced_trial() {
    let figures = figures_of(&record(), Question::Saturation);
    assert_eq!(figures.cpu_ns_per_event, Some(100.0));
    assert_eq!(figures.events_per_core_sec, Some(1e7));
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
    assert_eq!(figures.map_memory_bytes, Some((1 << 24) + 4096));
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
    assert!(all.cpu_ns_per_event.is_some() && all.events_per_core_sec.is_some());
    assert_eq!((some.cpu_ns_per_event, some.events_per_core_sec), (None, None));
    assert_eq!(some.delivered_per_sec, all.delivered_per_sec);
}

#[test]
fn nothing_received_gives_no_capacity_and_no_division_by_zero() {
    let mut record = record();
    record.stdout = timed(&[HELLO, READY, &summary_line(0, 0, None)]);
    record.load = None;
    record.kernel.rings[0].consumer_position = 0;
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

/// The usual trial after a warm-up of 2,000 records, in which CPU time rose by 500 µs.
fn warmed_up(consumer_position: Option<u64>) -> Figures {
    let mut record = record();
    record.load.as_mut().expect("load").issued = 800;
    record.load.as_mut().expect("load").warm_up_issued = 200;
    record.times.released_ns = Some(10 * SECOND);
    record.warm_up =
        Some(WarmUp { pieces: Vec::new(), steady: None, cpu_ns: Some(1_500_000), consumer_position });
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

mod limits {
    use super::*;

    /// A record of 10,000 attempted records with these drops, wakeups, and CPU use of both sides in per cent.
    fn limit(question: Question, dropped: u64, wakeups: u64, runner: u64, load: u64) -> Option<LimitedBy> {
        let mut record = record();
        let summary =
            summary_line(10_000, dropped, None).replace(r#""wakeups":5"#, &format!(r#""wakeups":{wakeups}"#));
        record.stdout = timed(&[HELLO, READY, &summary]);
        record.cpu_load_ended_ns = Some(1_000_000 + runner * 2 * SECOND / 100);
        let report = record.load.as_mut().expect("load");
        (report.user_ns, report.system_ns) = (0, load * 2 * SECOND / 100);
        figures_of(&record, question).limited_by
    }

    #[test]
    fn drops_or_a_busy_runner_mean_the_consumer() {
        assert_eq!(limit(Question::Saturation, 1, 5, 10, 99), Some(LimitedBy::Consumer));
        assert_eq!(limit(Question::Saturation, 0, 5, 95, 99), Some(LimitedBy::Consumer));
        assert_eq!(limit(Question::Latency, 1, 5, 10, 10), Some(LimitedBy::Consumer));
    }

    #[test]
    fn many_wakeups_without_drops_mean_wakeups_though_the_load_is_busy_with_them() {
        assert_eq!(limit(Question::Saturation, 0, 500, 60, 99), Some(LimitedBy::Wakeups));
        assert_eq!(limit(Question::Saturation, 0, 500, 60, 40), Some(LimitedBy::Wakeups));
    }

    #[test]
    fn a_busy_load_without_drops_means_the_load() {
        assert_eq!(limit(Question::Saturation, 0, 499, 60, 95), Some(LimitedBy::Load));
        assert_eq!(limit(Question::Saturation, 0, 5, 60, 94), None);
    }

    #[test]
    fn a_schedule_that_was_kept_limits_by_itself() {
        assert_eq!(limit(Question::Capacity, 0, 5, 10, 30), Some(LimitedBy::Schedule));
        assert_eq!(limit(Question::Latency, 0, 9_000, 10, 30), Some(LimitedBy::Schedule));
    }
}
