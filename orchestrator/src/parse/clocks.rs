//! Whether load, runner and kernel go by the supervisor's clock: each noted times, and all of them must lie within what the supervisor
//! saw. In a time namespace, or with another clock, they do not.

use super::accounting::{Equation, Relation};
use super::protocol::Transcript;
use crate::supervise::TrialRecord;

/// A message is read a little after it was written, never before; two processors' readings of one clock differ by less.
const TOLERANCE_NS: u64 = 1_000_000;

/// An equation for each clock that is another.
pub(super) fn equations(record: &TrialRecord, transcript: Option<&Transcript>) -> Vec<Equation> {
    let times = &record.times;
    let load = record.load.as_ref().into_iter().flat_map(|load| {
        let (from, to) = (times.released_ns, times.load_ended_ns);
        [other("load", load.started_ns, from, to), other("load", load.ended_ns, from, to)]
    });
    let (from, to) = (times.spawned_ns, times.exited_ns);
    let counters = transcript.map(|transcript| transcript.counters.as_slice()).unwrap_or_default();
    let runner = [counters.first(), counters.last()].into_iter().flatten();
    let runner = runner.map(|counters| other("runner", counters.t_ns, from, to));
    let newest = record.kernel.last_records.and_then(|records| records.newest_ktime_ns);
    let kernel = newest.map(|ktime_ns| other("kernel", ktime_ns, from, to));
    let mut equations: Vec<Equation> = load.chain(runner).chain(kernel).flatten().collect();
    // One for each clock says it.
    equations.dedup_by(|a, b| a.name == b.name);
    equations
}

/// The equation that fails when a time lies outside of what the supervisor saw. Unknown bounds hold nothing against it.
fn other(whose: &str, noted_ns: u64, from_ns: Option<u64>, to_ns: Option<u64>) -> Option<Equation> {
    let early = from_ns.filter(|from_ns| noted_ns.saturating_add(TOLERANCE_NS) < *from_ns);
    let late = to_ns.filter(|to_ns| noted_ns > to_ns.saturating_add(TOLERANCE_NS));
    let bound_ns = early.or(late)?;
    Some(Equation {
        name: format!("clock_{whose}"),
        left: format!("time that the {whose} noted {noted_ns} ns"),
        relation: Relation::Equal,
        right: format!(
            "a time {} {bound_ns} ns of the supervisor's clock",
            if early.is_some() { "after" } else { "before" }
        ),
        holds: Some(false),
        required: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::protocol::read_transcript;
    use crate::parse::testing::record;
    use crate::supervise::TrialRecord;

    const SECOND: u64 = 1_000_000_000;

    fn judged(change: impl Fn(&mut TrialRecord)) -> Vec<String> {
        let mut record = record();
        record.times.released_ns = Some(10 * SECOND - 1_000);
        record.times.exited_ns = Some(14 * SECOND);
        change(&mut record);
        let (transcript, _) = read_transcript(&record.stdout);
        equations(&record, Some(&transcript)).into_iter().map(|equation| equation.name).collect()
    }

    #[test]
    fn one_clock_is_nothing_to_speak_of() {
        assert_eq!(judged(|_| {}), Vec::<String>::new());
        let unknown = judged(|record| record.times = crate::supervise::PhaseTimes::default());
        assert_eq!(unknown, Vec::<String>::new());
    }

    #[test]
    fn each_clock_that_is_another_is_named_once() {
        let shifted = |load: &mut crate::load::LoadReport, by_ns| {
            load.started_ns += by_ns;
            load.ended_ns += by_ns;
        };
        assert_eq!(judged(|record| shifted(record.load.as_mut().unwrap(), 86_400 * SECOND)), ["clock_load"]);
        assert_eq!(
            judged(|record| record.times.spawned_ns = Some(11 * SECOND + 5_000_000)),
            ["clock_runner"]
        );
        assert_eq!(judged(|record| record.times.exited_ns = Some(12 * SECOND)), ["clock_runner"]);
        let kernel = |ktime_ns| {
            judged(move |record| {
                record.kernel.last_records.as_mut().unwrap().newest_ktime_ns = Some(ktime_ns);
            })
        };
        assert_eq!(kernel(12 * SECOND), Vec::<String>::new());
        assert_eq!(kernel(86_400 * SECOND), ["clock_kernel"]);
    }
}
