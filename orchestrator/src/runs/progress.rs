//! How far a run has come.

use std::collections::BTreeSet;

use crate::plan::{Plan, PlannedTrial, StopReason};
use crate::store::{OpenedRun, StoredTrial};
use crate::supervise::PhaseTimes;

/// Whether nothing is left to be measured: its rule has ended it, or all of a fixed number of blocks is there.
#[must_use]
pub fn is_complete(opened: &OpenedRun) -> bool {
    let rule = opened.header.plan.rule();
    match opened.end() {
        Some(end) => end.reason != StopReason::Interrupted,
        None => rule.least_blocks >= rule.most_blocks && missing(opened).is_empty(),
    }
}

/// The plan as far as it was carried out.
#[must_use]
pub fn plan(opened: &OpenedRun) -> Plan {
    let begun = opened.done.iter().map(|trial| trial.block).max().unwrap_or(0);
    let planned = &opened.header.plan;
    // Showing a run needs no more of its order than what was run.
    let whole = planned.whole().unwrap_or_else(|_| planned.clone());
    let complete = opened.end().is_some_and(|end| end.reason != StopReason::Interrupted);
    whole.carried_out(begun, opened.end().cloned()).without_skipped(&opened.done, complete)
}

/// The trials that were not run, in their order, of the blocks that were begun or are measured in any case.
#[must_use]
pub fn missing(opened: &OpenedRun) -> Vec<PlannedTrial> {
    missing_of(opened, &plan(opened))
}

/// The trials of a plan that were not run, in their order.
#[must_use]
pub fn missing_of(opened: &OpenedRun, plan: &Plan) -> Vec<PlannedTrial> {
    let done: BTreeSet<u32> = opened.done.iter().map(|trial| trial.number).collect();
    plan.trials.iter().filter(|trial| !done.contains(&trial.number)).cloned().collect()
}

/// How long a run with these trials has been measuring, in all its parts, nanoseconds. The trial that was cut is not counted.
#[must_use]
pub fn measured_ns(trials: &[StoredTrial]) -> u64 {
    let noted = trials.last().and_then(|trial| trial.elapsed_ns);
    // Older versions did not note it. What lies between two trials is short.
    noted.unwrap_or_else(|| trials.iter().map(|trial| lasted_ns(&trial.record.times)).sum())
}

/// How long each of these trials took, with what lay before it, nanoseconds.
#[must_use]
pub fn each_took_ns(trials: &[StoredTrial]) -> Vec<u64> {
    let mut before_ns = 0;
    let took = trials.iter().map(|trial| match trial.elapsed_ns {
        Some(elapsed_ns) => elapsed_ns.saturating_sub(std::mem::replace(&mut before_ns, elapsed_ns)),
        None => lasted_ns(&trial.record.times),
    });
    took.collect()
}

/// From the first to the last thing that is known to have happened.
fn lasted_ns(times: &PhaseTimes) -> u64 {
    let PhaseTimes { spawned_ns, ready_ns, released_ns, load_ended_ns, settled_ns, stop_ns, exited_ns } =
        times;
    let all = [spawned_ns, ready_ns, released_ns, load_ended_ns, settled_ns, stop_ns, exited_ns];
    let known = || all.into_iter().flatten();
    known().max().zip(known().min()).map_or(0, |(last, first)| last - first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{EarlyEnd, PlanEnd, Request, Requested, StopRule, make_plan};
    use crate::runs::result;
    use crate::store::testing::{new_run, stored};
    use crate::store::{RunEnd, RunFolder, open};

    /// A run of at least two and at most `most` blocks, in which so many trials were run.
    fn open_ended(results: &std::path::Path, most: u32, trials: usize) -> OpenedRun {
        let mut new = new_run(1);
        let rule = StopRule { least_blocks: 2, precision: Some(0.02), ..StopRule::fixed(most) };
        let benchmarks = new.plan.benchmarks.iter().cloned().map(|mut benchmark| {
            benchmark.implementations = ["a", "b"].map(str::to_owned).to_vec();
            Requested { benchmark, blocks: most, early: EarlyEnd::default() }
        });
        let request = Request {
            benchmarks: benchmarks.collect(),
            seed: 5,
            baseline: Some("a".into()),
            twice: None,
            placement: new.plan.placement.clone(),
            rule,
        };
        let whole = make_plan(request).expect("valid");
        new.plan = whole.first_blocks(2);
        let (mut folder, _) = RunFolder::create(results, new).expect("creates");
        for planned in whole.trials.iter().take(trials) {
            folder.append_trial(&stored(&whole, planned)).expect("appends");
        }
        open(folder.path()).expect("opens")
    }

    #[test]
    fn what_was_measured_beyond_the_least_blocks_belongs_to_the_plan() {
        let results = tempfile::tempdir().expect("temporary folder");
        // Two benchmarks with two rows each: four trials a block.
        let numbers =
            |opened: &OpenedRun| -> Vec<u32> { missing(opened).iter().map(|trial| trial.number).collect() };
        let begun = open_ended(results.path(), 5, 3);
        assert_eq!((plan(&begun).blocks, numbers(&begun)), (2, vec![4, 5, 6, 7, 8]));
        let cut = open_ended(results.path(), 5, 13);
        assert_eq!((plan(&cut).blocks, numbers(&cut)), (4, vec![14, 15, 16]));
        assert_eq!(result(&cut).expect("readable").analysis.benchmarks[0].rows[0].trials.planned, 4);
        assert_eq!(missing_of(&cut, &cut.header.plan.whole().expect("the same order")).len(), 7);
        // At an edge nothing is missing, but the rule has not ended it.
        let edge = open_ended(results.path(), 5, 16);
        assert_eq!((missing(&edge).len(), is_complete(&edge)), (0, false));
        assert!(is_complete(&open_ended(results.path(), 2, 8)), "a fixed number of blocks");
    }

    #[test]
    fn time_up_leaves_no_block_to_be_measured() {
        let results = tempfile::tempdir().expect("temporary folder");
        let mut opened = open_ended(results.path(), 5, 4);
        let end = PlanEnd {
            reason: StopReason::MaxTime,
            blocks: 1,
            widest_half_width: None,
            undecided: Vec::new(),
            benchmarks: Vec::new(),
        };
        opened.ended = Some(RunEnd { ended_utc: String::new(), end });
        assert_eq!((plan(&opened).blocks, missing(&opened), is_complete(&opened)), (1, Vec::new(), true));
    }

    #[test]
    fn an_older_version_did_not_note_how_long_it_had_measured() {
        let results = tempfile::tempdir().expect("temporary folder");
        let mut trials = open_ended(results.path(), 5, 3).raw_trials().expect("readable");
        assert_eq!(measured_ns(&trials), 3_000_000_000);
        for trial in &mut trials {
            trial.elapsed_ns = None;
            trial.record.times = PhaseTimes {
                spawned_ns: Some(7_000_000_000),
                ready_ns: Some(7_500_000_000),
                stop_ns: Some(9_000_000_000),
                ..PhaseTimes::default()
            };
        }
        assert_eq!(measured_ns(&trials), 6_000_000_000);
    }
}
