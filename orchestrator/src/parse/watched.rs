//! Whether somebody watched: the supervisor read the runner's clocks all the time, and the machine was awake.

use super::accounting::{Equation, Relation};
use super::disturbance::{Disturbance, Disturbed};
use crate::supervise::TrialRecord;

/// Snapshots come every 100 ms. One that is later than this is named: usage over time is coarser than it says.
const AWAY_NAMED_NS: u64 = 300_000_000;

/// From so long on the supervisor was stopped, and nobody knows what the runner did meanwhile.
const AWAY_INVALID_NS: u64 = 2_000_000_000;

/// `CLOCK_BOOTTIME` counts what CLOCK_MONOTONIC leaves out: the time in which the machine slept. Nobody goes to sleep for less, and
/// readings of the two clocks are closer together.
const ASLEEP_NS: u64 = 100_000_000;

/// What makes the trial invalid: an equation for each thing that does.
pub(super) fn equations(record: &TrialRecord) -> Vec<Equation> {
    let away = longest_absence_ns(record).map(|away_ns| Equation {
        name: "supervisor_away".into(),
        left: format!("the supervisor's longest absence {} ms", away_ns / 1_000_000),
        relation: Relation::AtMost,
        right: format!("{} ms", (AWAY_INVALID_NS - 1) / 1_000_000),
        holds: Some(away_ns < AWAY_INVALID_NS),
        required: false,
    });
    let asleep = asleep_ns(record).map(|asleep_ns| Equation {
        name: "machine_asleep".into(),
        left: format!("time that the machine slept {} ms", asleep_ns / 1_000_000),
        relation: Relation::Equal,
        right: "0 ms".into(),
        holds: Some(asleep_ns < ASLEEP_NS),
        required: false,
    });
    away.into_iter().chain(asleep).filter(|equation| equation.holds == Some(false)).collect()
}

/// What is said and leaves the trial valid.
pub(super) fn disturbances(record: &TrialRecord) -> Option<Disturbed> {
    let ns = longest_absence_ns(record).filter(|away_ns| *away_ns > AWAY_NAMED_NS)?;
    Some(Disturbance::SupervisorAway { ns }.into())
}

fn longest_absence_ns(record: &TrialRecord) -> Option<u64> {
    let times = record.snapshots.iter().map(|snapshot| snapshot.t_ns);
    times.clone().zip(times.skip(1)).map(|(before, after)| after.saturating_sub(before)).max()
}

fn asleep_ns(record: &TrialRecord) -> Option<u64> {
    let (first, last) = (record.machine.first()?, record.machine.last()?);
    Some(last.suspended_ns?.saturating_sub(first.suspended_ns?))
}

#[cfg(test)]
mod tests {
    use super::super::accounting::{Verdict, verdict};
    use super::*;
    use crate::parse::testing::{benchmark, record};
    use crate::parse::{Format, measure};
    use crate::plan::Question;
    use crate::sample::{MachineSnapshot, Snapshot};

    fn with(times_ms: &[u64], slept_ns: &[u64]) -> TrialRecord {
        let mut record = record();
        let at = |ms: &u64| Snapshot { t_ns: ms * 1_000_000, ..Snapshot::default() };
        record.snapshots = times_ms.iter().map(at).collect();
        let slept = |ns: &u64| MachineSnapshot { suspended_ns: Some(*ns), ..MachineSnapshot::default() };
        record.machine = slept_ns.iter().map(slept).collect();
        record
    }

    fn failed(record: &TrialRecord) -> Vec<String> {
        match verdict(&equations(record)) {
            Verdict::Invalid { failed } => failed,
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_supervisor_that_was_stopped_is_named_and_after_a_while_makes_it_invalid() {
        assert_eq!(disturbances(&with(&[0, 100, 400], &[])), None);
        let short = with(&[0, 100, 1_500, 1_600], &[]);
        let named = disturbances(&short).expect("named").to_string();
        assert_eq!((named.as_str(), failed(&short).len()), ("the supervisor stood still for 1400 ms", 0));
        assert_eq!(
            failed(&with(&[0, 100, 5_100], &[])),
            ["the supervisor's longest absence 5000 ms > 1999 ms"]
        );
    }

    #[test]
    fn a_machine_that_slept_makes_it_invalid() {
        assert_eq!(failed(&with(&[0, 100], &[7_000, 9_000])), Vec::<String>::new());
        assert_eq!(
            failed(&with(&[0, 100], &[7_000, 5_000_007_000])),
            ["time that the machine slept 5000 ms != 0 ms"]
        );
        assert_eq!(failed(&with(&[], &[])), Vec::<String>::new(), "an older record does not say");
    }

    #[test]
    fn both_reach_the_measurement() {
        let record = with(&[0, 3_000], &[0, 2_000_000_000]);
        let measurement = measure(&record, &benchmark(Question::Capacity), &Format::Protocol);
        let Some(Verdict::Invalid { failed }) = &measurement.verdict else { panic!("{measurement:?}") };
        assert_eq!(
            failed.iter().filter(|text| text.contains("absence") || text.contains("slept")).count(),
            2
        );
        assert!(measurement.disturbed.iter().any(|cause| cause.text.contains("stood still for 3000 ms")));
    }
}
