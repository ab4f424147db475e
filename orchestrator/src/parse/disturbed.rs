//! What disturbed a trial. It is said, and nothing is left out because of it: a value that is removed for being an outlier
//! takes the truth about the machine with it.

use super::disturbance::{Disturbance, Disturbed};
use crate::plan::{Benchmark, LoadPattern, Wakeup};
use crate::sample::MachineSnapshot;
use crate::supervise::TrialRecord;

/// More than this share of a processor taken by the hypervisor.
const STEAL_SHARE: f64 = 0.02;

/// More than this share of the pauses showed a processor slower than usual. On the reference machine the share is below 5 % when
/// it is quiet; above a quarter an event cost C a tenth more (docs/METHODOLOGY.md).
const SLOW_PAUSES: f64 = 0.25;

/// A runner may be woken by its own timer now and then; more often than twice a burst it is something else.
const WAKEUPS_PER_BURST: u64 = 2;

/// What the trial's own record shows.
pub(super) fn of_record(record: &TrialRecord) -> Vec<Disturbed> {
    let mut causes = Vec::new();
    if let Some(share) = steal_share(&record.machine).filter(|share| *share > STEAL_SHARE) {
        causes.push(Disturbance::Steal { share });
    }
    if let Some(share) =
        record.pauses.and_then(|pauses| pauses.slow_share()).filter(|share| *share > SLOW_PAUSES)
    {
        causes.push(Disturbance::SharedCore { share });
    }
    if let Some(bytes) = record.left_bytes.filter(|left| *left > 0) {
        causes.push(Disturbance::LeftUnread { bytes });
    }
    if let Some(before) = record.before.as_ref().filter(|before| !before.settled) {
        let objects = before.leftover_bpf.unwrap_or(0);
        causes.push(if objects > 0 {
            Disturbance::LeftoverBpf { objects }
        } else {
            Disturbance::BusyBefore { share: before.busy_share.unwrap_or(0.0) }
        });
    }
    causes.into_iter().map(Disturbed::from).collect()
}

/// In bursts the consumer is woken once a burst. One that was kept from its processor finds the next burst on top of what
/// is left; then each record forces a wakeup, and is read by itself, at ten times the cost.
pub(super) fn overlapping_bursts(
    wakeups: Option<u64>,
    issued: Option<u64>,
    benchmark: &Benchmark,
) -> Option<Disturbed> {
    let (LoadPattern::Bursts { triggers, .. }, Wakeup::Sampled { .. }) =
        (benchmark.load.pattern, benchmark.runner.wakeup)
    else {
        return None;
    };
    let (wakeups, bursts) = (wakeups?, issued? / triggers.max(1));
    (wakeups > bursts.saturating_mul(WAKEUPS_PER_BURST))
        .then(|| Disturbance::OverlappingBursts { wakeups, bursts }.into())
}

fn steal_share(machine: &[MachineSnapshot]) -> Option<f64> {
    let (first, last) = (machine.first()?, machine.last()?);
    let taken = last.steal_ns?.checked_sub(first.steal_ns?)?;
    let time = last.t_ns.checked_sub(first.t_ns).filter(|time| *time > 0)?;
    Some(taken as f64 / time as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::testing::{benchmark, record};
    use crate::parse::{Format, Measurement, measure};
    use crate::plan::Question;
    use crate::sample::{Pauses, Quiet};

    fn measured(change: impl Fn(&mut TrialRecord)) -> Measurement {
        let mut record = record();
        change(&mut record);
        measure(&record, &benchmark(Question::Capacity), &Format::Protocol)
    }

    fn words(measurement: &Measurement) -> Vec<String> {
        measurement.disturbed.iter().map(ToString::to_string).collect()
    }

    fn at(t_ns: u64, steal_ns: u64) -> MachineSnapshot {
        MachineSnapshot { t_ns, steal_ns: Some(steal_ns), ..MachineSnapshot::default() }
    }

    #[test]
    fn stolen_time_is_named_from_two_per_cent_on() {
        let disturbed = |steal_ns: u64| {
            words(&measured(|record| record.machine = vec![at(0, 7), at(1_000_000_000, 7 + steal_ns)]))
        };
        assert_eq!(disturbed(20_000_000), [] as [&str; 0]);
        assert_eq!(disturbed(31_000_000), ["the hypervisor took 3.1 % of a processor"]);
        assert_eq!(words(&measured(|_| {})), [] as [&str; 0]);
    }

    #[test]
    fn a_neighbour_on_the_core_is_named_from_a_quarter_of_the_pauses_on() {
        let disturbed = |slow_pieces| {
            let pauses = Pauses { cpu: 1, cpu_ns: 1, pieces: 100, quick_ns: 1, slow_pieces };
            words(&measured(|record| record.pauses = Some(pauses)))
        };
        assert_eq!(disturbed(25), [] as [&str; 0]);
        assert_eq!(disturbed(26), ["something else used the runner's core in 26 % of the pauses"]);
    }

    #[test]
    fn a_machine_that_was_not_quiet_is_named() {
        let before =
            |leftover_bpf, busy_share| Quiet { settled: false, leftover_bpf, busy_share, ..Quiet::default() };
        let busy = measured(|record| record.before = Some(before(Some(0), Some(0.5))));
        assert_eq!(words(&busy), ["others kept its processors busy before it (50 %)"]);
        let left = measured(|record| record.before = Some(before(Some(3), None)));
        assert!(words(&left)[0].starts_with("3 BPF objects"));
    }

    #[test]
    fn bursts_that_overlap_show_in_the_wakeups() {
        let mut bursts = benchmark(Question::Capacity);
        bursts.runner.wakeup = Wakeup::Sampled { bytes: 1_000 };
        let cause = |wakeups| overlapping_bursts(Some(wakeups), Some(6_000), &bursts);
        assert_eq!(cause(120), None);
        let text = cause(1_750).map(|disturbed| disturbed.text);
        assert_eq!(text.as_deref(), Some("bursts overlapped: 1750 wakeups in 60 bursts"));
        assert_eq!(overlapping_bursts(Some(1_750), Some(6_000), &benchmark(Question::Saturation)), None);
    }
}
