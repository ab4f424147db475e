//! Whether the load did what it was to do: it was not stopped, it had its processor, it kept its schedule. A load that stood still
//! leaves the consumer in peace; what was measured then is not the question that was asked.

use super::accounting::{Equation, Relation};
use super::disturbance::{Disturbance, Disturbed};
use crate::load::LoadReport;
use crate::plan::Question;

/// A load that stood still so long was stopped, or the whole machine was: a scheduler that shares a processor puts a thread aside for a
/// few milliseconds, a busy one for some tens of them.
const STOPPED_NS: u64 = 100_000_000;

/// More than this share of its time without a processor: about what one more busy process on the same core takes at least.
const NOT_RUNNING_SHARE: f64 = 0.25;

/// So many slots of a schedule may be missed without a word: the loss of a hundredth of the rate is smaller than what is told apart.
const MISSED_NAMED: f64 = 0.01;

/// From so many on the rate was another than the one that was asked for.
const MISSED_INVALID: f64 = 0.10;

/// What makes the trial invalid. What an older load did not report is not checked.
pub(super) fn equations(load: &LoadReport, question: Question) -> Vec<Equation> {
    let stopped = load.longest_gap_ns.map(|gap_ns| Equation {
        name: "load_stopped".into(),
        left: format!("the load's longest standstill {} ms", gap_ns / 1_000_000),
        relation: Relation::AtMost,
        right: format!("{} ms", (STOPPED_NS - 1) / 1_000_000),
        holds: Some(gap_ns < STOPPED_NS),
        required: false,
    });
    let missed = missed_share(load).filter(|_| question.facts().at_its_rate).map(|share| Equation {
        name: "load_schedule".into(),
        left: format!("slots that the load missed {}", load.missed.unwrap_or(0)),
        relation: Relation::AtMost,
        right: format!("{:.0} % of {}", MISSED_INVALID * 100.0, slots(load)),
        holds: Some(share <= MISSED_INVALID),
        required: false,
    });
    stopped.into_iter().chain(missed).collect()
}

/// What is said and leaves the trial valid.
pub(super) fn disturbances(load: &LoadReport) -> Vec<Disturbed> {
    let mut causes = Vec::new();
    let not_running = load.to_run_ns.filter(|due| *due > 0).zip(load.not_running_ns);
    if let Some(share) = not_running.map(|(due, off)| off as f64 / due as f64)
        && share > NOT_RUNNING_SHARE
    {
        causes.push(Disturbance::LoadNotRunning { share });
    }
    if let Some(share) = missed_share(load).filter(|share| *share > MISSED_NAMED) {
        causes.push(Disturbance::MissedSlots { missed: load.missed.unwrap_or(0), share });
    }
    causes.into_iter().map(Disturbed::from).collect()
}

/// Slots that were due: those that were kept and those that were not.
fn slots(load: &LoadReport) -> u64 {
    load.on_schedule().saturating_add(load.missed.unwrap_or(0))
}

fn missed_share(load: &LoadReport) -> Option<f64> {
    let slots = Some(slots(load)).filter(|slots| *slots > 0)?;
    Some(load.missed? as f64 / slots as f64)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::accounting::{Verdict, verdict};
    use super::*;
    use crate::parse::testing::{benchmark, load_report, record};
    use crate::parse::{Format, measure};

    fn named_of(load: &LoadReport) -> Vec<String> {
        disturbances(load).into_iter().map(|disturbed| disturbed.text).collect()
    }

    fn judged(load: &LoadReport) -> Option<String> {
        match verdict(&equations(load, Question::Latency)) {
            Verdict::Invalid { failed } => Some(failed.join("; ")),
            _ => None,
        }
    }

    #[test]
    fn a_load_that_was_stopped_makes_the_trial_invalid() {
        let load = |gap_ns| LoadReport { longest_gap_ns: gap_ns, ..load_report() };
        assert_eq!(judged(&load(None)), None, "an older load did not say");
        assert_eq!(judged(&load(Some(99_999_999))), None);
        let stopped = judged(&load(Some(512_345_678)));
        assert_eq!(stopped.as_deref(), Some("the load's longest standstill 512 ms > 99 ms"));
        assert!(judged(&load(Some(100_000_000))).is_some());
    }

    #[rstest]
    #[case(0, None, None)]
    #[case(100, None, None)]
    #[case(150, None, Some("the load missed 1.5 % of its schedule (150 slots)"))]
    #[case(1_000, None, Some("the load missed 10.0 % of its schedule (1000 slots)"))]
    #[case(
        5_000,
        Some("slots that the load missed 5000 > 10 % of 10000"),
        Some("the load missed 50.0 % of its schedule (5000 slots)")
    )]
    fn missed_slots_are_named_and_many_make_it_invalid(
        #[case] missed: u64,
        #[case] invalid: Option<&str>,
        #[case] named: Option<&str>,
    ) {
        let load = LoadReport { issued: 10_000 - missed, missed: Some(missed), ..load_report() };
        assert_eq!(judged(&load).as_deref(), invalid);
        assert_eq!(named_of(&load), named.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_curve_goes_on_where_the_load_can_offer_no_more() {
        let load = LoadReport { issued: 5_000, missed: Some(5_000), ..load_report() };
        assert!(matches!(verdict(&equations(&load, Question::DropCurve)), Verdict::Valid));
        assert_eq!(named_of(&load).len(), 1, "it is said");
    }

    #[test]
    fn a_load_without_a_processor_is_named_from_a_quarter_on() {
        let load = |off| LoadReport { to_run_ns: Some(1_000), not_running_ns: Some(off), ..load_report() };
        assert_eq!(named_of(&load(250)), [] as [&str; 0]);
        assert_eq!(
            named_of(&load(260)),
            ["the load had no processor in 26 % of the time in which it was to run"]
        );
    }

    #[test]
    fn both_reach_the_measurement() {
        let mut record = record();
        record.load = Some(LoadReport {
            longest_gap_ns: Some(400_000_000),
            to_run_ns: Some(1_000),
            not_running_ns: Some(400),
            ..load_report()
        });
        let measurement = measure(&record, &benchmark(Question::Capacity), &Format::Protocol);
        assert!(matches!(
            &measurement.verdict,
            Some(Verdict::Invalid { failed }) if failed.iter().any(|failed| failed.contains("standstill 400 ms"))
        ));
        assert!(measurement.disturbed.iter().any(|cause| cause.text.contains("no processor in 40 %")));
    }

    #[test]
    fn a_load_alone_that_was_stopped_is_invalid_too() {
        let mut record = record();
        record.ended = crate::supervise::Ended::LoadAlone;
        record.load = Some(LoadReport { longest_gap_ns: Some(400_000_000), ..load_report() });
        let measurement = measure(&record, &benchmark(Question::Capacity), &Format::Protocol);
        assert!(matches!(measurement.verdict, Some(Verdict::Invalid { .. })));
    }
}
