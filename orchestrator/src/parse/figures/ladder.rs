//! The highest rate of a ladder that was carried, and what stood against a higher one: by the pieces' own counts, whatever the search
//! made of them.

use super::values::Figures;
use crate::parse::limit::{Limit, LimitedBy, is_busy, is_mostly_excess, is_wakeups};
use crate::plan::Benchmark;
use crate::supervise::{LadderRule, Rung, RungEnd};

/// Adds what a ladder gives. `figures` has what the load's records cost it alone.
pub(super) fn add(figures: &mut Figures, rungs: &[Rung], benchmark: &Benchmark) {
    let rule = LadderRule::of(benchmark);
    let ends: Option<Vec<(&Rung, RungEnd)>> =
        rungs.iter().map(|rung| rule.judge(rung).map(|end| (rung, end))).collect();
    let Some(ends) = ends else { return };
    let rate = |(rung, _): &&(&Rung, RungEnd)| rung.load.rate_per_sec;
    // A short piece shows what is carried for a moment. Trials of before had no others.
    let has_proofs = rungs.iter().any(|rung| rung.is_proof);
    let counts = |(rung, end): &&(&Rung, RungEnd)| *end == RungEnd::Carried && rung.is_proof == has_proofs;
    let carried = ends.iter().filter(counts).max_by_key(rate);
    let highest = carried.as_ref().map(rate);
    // The lowest rate above it; of the two times that it was tried the second, which decided.
    let failed = |found: &&(&Rung, RungEnd)| found.1 != RungEnd::Carried && Some(rate(found)) > highest;
    let lowest = ends.iter().filter(failed).map(|found| rate(&found)).min();
    let limiting = ends.iter().rev().filter(failed).find(|found| Some(rate(found)) == lowest);
    figures.loss_free_per_sec = carried.and_then(|(rung, _)| offered_per_sec(rung, benchmark));
    figures.limit = limiting.map(|(rung, end)| limit(rung, *end, figures, benchmark));
}

/// What the load really offered, events a second.
fn offered_per_sec(rung: &Rung, benchmark: &Benchmark) -> Option<f64> {
    let slots = rung.load.issued + rung.load.missed;
    let kept = (slots > 0).then(|| rung.load.issued as f64 / slots as f64)?;
    Some(rung.load.rate_per_sec as f64 * records_a_trigger(benchmark) * kept)
}

/// By the filter's chance, where there is one.
fn records_a_trigger(benchmark: &Benchmark) -> f64 {
    f64::from(benchmark.runner.batch) / f64::from(benchmark.runner.keep_one_in)
}

fn limit(rung: &Rung, end: RungEnd, figures: &Figures, benchmark: &Benchmark) -> Limit {
    let length_ns = rung.load.ended_ns.saturating_sub(rung.load.started_ns).max(1) as f64;
    let runner = rung.runner_cpu_ns.map(|ns| ns as f64 / length_ns);
    if let Some(share) = runner.filter(|share| is_busy(*share)) {
        return Limit { by: LimitedBy::Consumer, share: Some(share) };
    }
    if end != RungEnd::Missed {
        // What falls behind has not lost anything yet.
        let dropped = rung.dropped.filter(|dropped| *dropped > 0).zip(rung.attempted);
        let share = dropped.map(|(dropped, attempted)| dropped as f64 / attempted as f64);
        let by = if benchmark.runner.wakeup.wakes() { LimitedBy::Loss } else { LimitedBy::TimerOrRing };
        return Limit { by, share };
    }
    let events = rung.load.issued as f64 * records_a_trigger(benchmark);
    let excess = figures.load_ns_per_event_alone.filter(|_| events > 0.0).map(|alone| {
        let with = rung.load.cpu_ns as f64 / events;
        (with - alone, (1.0 - alone / with).max(0.0))
    });
    match excess {
        Some((excess_ns, share)) if is_mostly_excess(share) => {
            let each_ns = rung.sleeps.map(|sleeps| excess_ns * events / sleeps as f64);
            let by = if is_wakeups(each_ns) { LimitedBy::Wakeups } else { LimitedBy::Contention };
            Limit { by, share: Some(share) }
        }
        _ => {
            let threads = f64::from(benchmark.load.threads.max(1));
            Limit { by: LimitedBy::Load, share: Some(rung.load.cpu_ns as f64 / length_ns / threads) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::LadderPiece;
    use crate::parse::testing::benchmark;
    use crate::plan::{Question, Wakeup};

    /// A piece of 100 ms at so many triggers a second, with 100 records each.
    fn rung(rate_per_sec: u64) -> Rung {
        let issued = rate_per_sec / 10;
        Rung {
            load: LadderPiece {
                rate_per_sec,
                issued,
                missed: 0,
                cpu_ns: 50_000_000,
                started_ns: 1,
                ended_ns: 100_000_001,
            },
            is_proof: false,
            attempted: Some(issued * 100),
            dropped: Some(0),
            least_waiting_bytes: Some(0),
            runner_cpu_ns: Some(40_000_000),
            sleeps: Some(100),
        }
    }

    fn found(rungs: &[Rung], wakeup: Wakeup) -> (Option<f64>, Option<String>) {
        let mut benchmark = benchmark(Question::Throughput);
        benchmark.runner.batch = 100;
        benchmark.runner.wakeup = wakeup;
        let mut figures = Figures { load_ns_per_event_alone: Some(40.0), ..Figures::default() };
        add(&mut figures, rungs, &benchmark);
        (figures.loss_free_per_sec, figures.limit.map(|limit| limit.to_string()))
    }

    #[test]
    fn a_busy_consumer_that_loses_is_the_limit() {
        let lossy = Rung { dropped: Some(2_000), runner_cpu_ns: Some(99_000_000), ..rung(20_000) };
        let rungs = [rung(10_000), lossy, lossy, rung(14_000)];
        assert_eq!(found(&rungs, Wakeup::Adaptive), (Some(1.4e6), Some("consumer 99 %".into())));
    }

    #[test]
    fn what_did_not_hold_does_not_count() {
        let proof = |rate| Rung { is_proof: true, ..rung(rate) };
        let lossy = Rung { dropped: Some(2_000), runner_cpu_ns: Some(99_000_000), ..proof(14_000) };
        let held = (Some(1.3e6), Some("consumer 99 %".into()));
        assert_eq!(found(&[rung(14_000), lossy, lossy, proof(13_000)], Wakeup::Adaptive), held);
        assert_eq!(found(&[rung(14_000), lossy, lossy], Wakeup::Adaptive), (None, held.1));
    }

    #[test]
    fn a_rate_that_failed_once_and_then_was_carried_stands_against_nothing() {
        let lossy = Rung { dropped: Some(2_000), ..rung(20_000) };
        assert_eq!(found(&[lossy, rung(20_000)], Wakeup::Adaptive), (Some(2e6), None));
        assert_eq!(found(&[lossy, lossy], Wakeup::BATCHED), (None, Some("timer or ring 1 %".into())));
    }

    #[test]
    fn a_load_that_pays_for_wakeups_is_told_from_one_at_its_end() {
        let mut slow = rung(20_000);
        (slow.load.issued, slow.load.missed, slow.load.cpu_ns) = (1_000, 1_000, 100_000_000);
        // 1,000 ns an event where it takes 40 alone, in 10,000 wakeups or in 5.
        let woken = Rung { sleeps: Some(10_000), ..slow };
        let limit = |rung: Rung| found(&[self::rung(5_000), rung], Wakeup::Adaptive).1.expect("limited");
        assert_eq!(limit(woken), "wakeups 96 %");
        assert_eq!(limit(Rung { sleeps: Some(5), ..slow }), "contention 96 %");
        slow.load.issued = 25_000;
        assert_eq!(limit(slow), "load 100 %");
    }

    #[test]
    fn nothing_is_known_where_the_kernel_was_not_asked() {
        let blind = Rung { attempted: None, ..rung(10_000) };
        assert_eq!(found(&[rung(1_000), blind], Wakeup::Adaptive), (None, None));
    }
}
