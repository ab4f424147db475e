//! What shows of a trial only beside the run's other trials. It is said, and nothing is left out because of it.

use std::collections::BTreeMap;

use super::disturbance::Disturbance;
use super::measurement::Measurement;
use crate::arithmetic::median;
use crate::plan::PlannedTrial;

/// A canary slower than the run's median by more than this share.
const SLOW_CANARY: f64 = 0.10;

/// So often was a runner put aside, and so many times as often as in the row's other trials. A runner of many threads on
/// one processor puts itself aside all the time, so that only its own kind can be compared.
const MANY_SWITCHES: f64 = 20.0;
const SWITCHES_FACTOR: f64 = 3.0;

/// Adds what shows only beside the run's other trials; what was added before, with fewer of them, is replaced.
pub fn flag_outliers(trials: &mut [(&PlannedTrial, &mut Measurement)]) {
    for (_, measurement) in trials.iter_mut() {
        measurement.disturbed.retain(|disturbed| !disturbed.what.is_relative());
    }
    let canary = median(trials.iter().filter_map(|(_, m)| m.canary_ps_per_round));
    let mut switches: BTreeMap<(usize, &str), Vec<f64>> = BTreeMap::new();
    for (planned, measurement) in trials.iter() {
        let row = switches.entry((planned.benchmark, &planned.label)).or_default();
        row.extend(measurement.figures.involuntary_switches.map(|count| count as f64));
    }
    let switches: BTreeMap<_, _> =
        switches.into_iter().filter_map(|(row, counts)| Some((row, median(counts)?))).collect();
    for (planned, measurement) in trials.iter_mut() {
        if let Some((own, usual)) = measurement.canary_ps_per_round.zip(canary)
            && own > usual * (1.0 + SLOW_CANARY)
        {
            measurement.disturbed.push(Disturbance::SlowCanary { share: own / usual - 1.0 }.into());
        }
        let usual = switches.get(&(planned.benchmark, planned.label.as_str()));
        if let Some((times, &usual)) = measurement.figures.involuntary_switches.zip(usual) {
            let own = times as f64;
            if own > MANY_SWITCHES && own > usual * SWITCHES_FACTOR {
                measurement.disturbed.push(Disturbance::PutAside { times, usual }.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::testing::{benchmark, record};
    use crate::parse::{Format, measure};
    use crate::plan::Question;
    use crate::sample::{Canary, Quiet};
    use crate::supervise::TrialRecord;

    fn measured(change: impl Fn(&mut TrialRecord)) -> Measurement {
        let mut record = record();
        change(&mut record);
        measure(&record, &benchmark(Question::Capacity), &Format::Protocol)
    }

    fn words(measurement: &Measurement) -> Vec<String> {
        measurement.disturbed.iter().map(ToString::to_string).collect()
    }

    fn planned(label: &str) -> PlannedTrial {
        PlannedTrial {
            number: 1,
            block: 1,
            position: 1,
            benchmark: 0,
            label: label.to_owned(),
            implementation: label.to_owned(),
            predecessor: None,
        }
    }

    #[test]
    fn a_slow_canary_and_many_switches_show_beside_the_others() {
        let trial = |duration_ns, switches: u64| {
            let mut measurement = measured(|record| {
                let canary = Canary { cpu: None, rounds: 1_000, duration_ns, cpu_ns: duration_ns };
                record.before = Some(Quiet { settled: true, canary: Some(canary), ..Quiet::default() });
            });
            measurement.figures.involuntary_switches = Some(switches);
            measurement
        };
        let mut own = [trial(1_000, 1), trial(1_120, 2), trial(1_050, 70), trial(1_000, 3)];
        let mut other = trial(1_010, 900);
        let (first, second) = (planned("a"), planned("b"));
        let mut all: Vec<_> = own.iter_mut().map(|measurement| (&first, measurement)).collect();
        all.push((&second, &mut other));
        flag_outliers(&mut all);
        let named: Vec<_> = own.iter().map(|measurement| words(measurement).join("; ")).collect();
        assert_eq!(
            named,
            [
                "",
                "the processor was 11 % slower than usual before it",
                "the runner was put aside 70 times (usually 2.5)",
                ""
            ]
        );
        assert!(other.disturbed.is_empty(), "many switches are usual for it");
    }
}
