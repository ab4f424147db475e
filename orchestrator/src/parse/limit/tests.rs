use rstest::rstest;

use super::*;
use crate::parse::testing::benchmark;
use crate::plan::Question;

/// A closed loop that keeps its core busy, and a consumer that is half idle.
fn closed() -> Figures {
    Figures {
        drop_ratio: Some(0.0),
        runner_cpu_percent: Some(50.0),
        load_cpu_percent: Some(98.0),
        wakeups_per_event: Some(0.02),
        load_ns_per_event: Some(300.0),
        load_ns_per_event_alone: Some(36.0),
        load_excess_share: Some(0.88),
        ..Figures::default()
    }
}

fn judged(figures: &Figures, question: Question, wakeup: Wakeup) -> String {
    limit(figures, &benchmark(question).load, wakeup).expect("never null").to_string()
}

fn saturation(figures: &Figures) -> String {
    judged(figures, Question::Saturation, Wakeup::Adaptive)
}

#[test]
fn what_wakeups_cost_the_load_is_the_limit_though_the_load_is_busy_with_them() {
    assert_eq!(saturation(&closed()), "wakeups 88 %");
    let little = Figures { load_excess_share: Some(0.4), ..closed() };
    assert_eq!(saturation(&little), "load 59 %");
}

#[test]
fn an_excess_that_no_wakeup_can_explain_is_contention() {
    // 264 ns an event beyond its own work: 13.2 µs a wakeup at one in 50, 264 µs at one in 1,000.
    let rare = |wakeups| Figures { wakeups_per_event: Some(wakeups), ..closed() };
    assert_eq!(saturation(&rare(0.001)), "contention 88 %");
    assert_eq!(saturation(&rare(0.0)), "contention 88 %");
    assert_eq!(saturation(&rare(0.02)), "wakeups 88 %");
}

#[rstest]
#[case(20_000, "wakeups 88 %")]
#[case(10, "contention 88 %")]
fn a_runner_that_cannot_tell_its_wakeups_is_judged_by_how_often_it_slept(
    #[case] sleeps: u64,
    #[case] expected: &str,
) {
    let figures = Figures {
        wakeups_per_event: None,
        voluntary_switches: Some(sleeps),
        events_read: Some(1_000_000),
        ..closed()
    };
    assert_eq!(saturation(&figures), expected);
}

#[rstest]
#[case(0.001, "wakeups 88 %")]
#[case(0.157, "loss 16 %")]
fn drops_are_the_limit_beyond_one_in_a_thousand(#[case] dropped: f64, #[case] expected: &str) {
    assert_eq!(saturation(&Figures { drop_ratio: Some(dropped), ..closed() }), expected);
}

#[test]
fn a_consumer_that_looked_too_seldom_is_not_a_slow_one() {
    let lossy = Figures { drop_ratio: Some(0.3), wakeups_per_event: Some(0.0), ..closed() };
    assert_eq!(judged(&lossy, Question::Saturation, Wakeup::WITHOUT), "timer or ring 30 %");
    let busy = Figures { runner_cpu_percent: Some(97.0), ..lossy };
    assert_eq!(judged(&busy, Question::Saturation, Wakeup::WITHOUT), "loss 30 %");
}

#[test]
fn a_busy_consumer_that_drops_nothing_is_the_limit() {
    assert_eq!(saturation(&Figures { runner_cpu_percent: Some(99.0), ..closed() }), "consumer 99 %");
}

#[test]
fn one_missed_slot_of_ten_thousand_limits_nothing() {
    let open = |missed| Figures {
        missed_share: Some(missed),
        load_cpu_percent: Some(40.0),
        load_excess_share: None,
        wakeups_per_event: Some(0.01),
        ..closed()
    };
    let limit = |missed| limit(&open(missed), &benchmark(Question::Latency).load, Wakeup::Adaptive);
    assert_eq!(limit(0.0001), Some(Limit { by: LimitedBy::Schedule, share: Some(0.9999) }));
    assert_eq!(limit(0.02), Some(Limit { by: LimitedBy::Load, share: Some(0.02) }));
    assert_eq!(judged(&closed(), Question::Capacity, Wakeup::Adaptive), "schedule");
}

#[test]
fn it_is_never_unknown_while_there_is_a_load() {
    let little = Figures { load_cpu_percent: Some(40.0), ..Figures::default() };
    assert_eq!(saturation(&little), "load 40 %");
    let woken = Figures { wakeups_per_event: Some(0.05), ..little };
    assert_eq!(saturation(&woken), "wakeups");
    assert_eq!(limit(&Figures::default(), &benchmark(Question::Saturation).load, Wakeup::Adaptive), None);
}

#[test]
fn the_word_of_version_1_still_opens() {
    let read = |json: &str| serde_json::from_str::<Limit>(json).expect("reads");
    assert_eq!(read(r#""consumer""#), Limit { by: LimitedBy::Consumer, share: None });
    let limit = Limit { by: LimitedBy::TimerOrRing, share: Some(0.25) };
    let json = serde_json::to_string(&limit).expect("serialises");
    assert_eq!(json, r#"{"by":"timer_or_ring","share":0.25}"#);
    assert_eq!(read(&json), limit);
}
