//! Ends a run at a block's edge, by the rule of its plan.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::arithmetic::nanoseconds;
use crate::plan::{Plan, PlanEnd, PlannedTrial, StopReason};
use crate::stats::{Analysis, PairVerdict, Settings, analyse};
use crate::store::TrialResult;

/// How long a run has been measuring: what it had measured before it was resumed, and the time since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elapsed {
    before_ns: u64,
    since: Instant,
}

impl Elapsed {
    /// Nanoseconds until now.
    pub(super) fn ns(self) -> u64 {
        let since = nanoseconds(self.since.elapsed());
        self.before_ns.saturating_add(since)
    }
}

/// Decides at each edge, and remembers what it decided.
#[derive(Debug)]
pub(super) struct Stopping<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    elapsed: Elapsed,
    reason: Option<StopReason>,
}

impl<'a> Stopping<'a> {
    /// `plan` is the whole one. Time counts from now on, beside that of the parts that were measured before.
    pub(super) fn new(plan: &'a Plan, settings: &'a Settings, before_ns: u64) -> Self {
        Self { plan, settings, elapsed: Elapsed { before_ns, since: Instant::now() }, reason: None }
    }

    /// The clock of its rule.
    pub(super) fn elapsed(&self) -> Elapsed {
        self.elapsed
    }

    /// What is to be measured next of the `missing` trials of the plan: all, or none where the rule ends the run at the edge
    /// that it was cut at.
    pub(super) fn left(&mut self, missing: Vec<PlannedTrial>, trials: &[TrialResult]) -> Vec<PlannedTrial> {
        let block = missing.first().map_or(self.plan.blocks.saturating_add(1), |trial| trial.block);
        let begun = block == 1 || trials.iter().any(|trial| trial.planned.block == block);
        if begun || self.goes_on(block - 1, trials) { missing } else { Vec::new() }
    }

    /// Whether the block after `blocks` is to be measured.
    pub(super) fn goes_on(&mut self, blocks: u32, trials: &[TrialResult]) -> bool {
        let rule = self.plan.rule();
        let looked_at = rule.precision.is_some() && blocks >= rule.least_blocks;
        let widest = looked_at.then(|| {
            let done: Vec<_> = trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
            let analysis = analyse(&self.plan.first_blocks(blocks), &done, self.settings);
            widest(&analysis, self.plan.baseline.as_deref())
        });
        self.reason = rule.ends(blocks, self.elapsed.ns(), widest.flatten());
        self.reason.is_none()
    }

    /// The plan as it was carried out, with its end.
    pub(super) fn carried_out(self, done: &[TrialResult], complete: bool) -> Plan {
        let begun = done.iter().map(|trial| trial.planned.block).max().unwrap_or(0);
        let reason = match (complete, self.reason) {
            (true, reason) => reason.unwrap_or(StopReason::Blocks),
            (false, _) => StopReason::Interrupted,
        };
        let missing = |trial: &&PlannedTrial| done.iter().all(|other| other.planned.number != trial.number);
        let cut = self.plan.trials.iter().filter(missing).any(|trial| trial.block == begun);
        let end = PlanEnd {
            reason,
            blocks: if cut { begun - 1 } else { begun },
            widest_half_width: None,
            undecided: Vec::new(),
        };
        let mut plan = self.plan.carried_out(begun, Some(end));
        let measured: Vec<_> = done.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
        let analysis = analyse(&plan, &measured, self.settings);
        if let Some(end) = &mut plan.ended {
            end.widest_half_width = widest(&analysis, self.plan.baseline.as_deref());
            end.undecided = undecided(&analysis, self.plan.baseline.as_ref());
        }
        plan
    }
}

/// Whether `trial` is the first of a block after the first.
pub(super) fn edge_before(trials: &[PlannedTrial], index: usize) -> Option<u32> {
    let before = trials.get(index.checked_sub(1)?)?.block;
    (trials.get(index)?.block != before).then_some(before)
}

/// The widest interval over all benchmarks whose question is judged; none while one is missing.
fn widest(analysis: &Analysis, baseline: Option<&str>) -> Option<f64> {
    let judged = analysis.benchmarks.iter().filter(|benchmark| benchmark.is_judged());
    let all: Option<Vec<f64>> = judged.map(|benchmark| benchmark.widest_half_width(baseline)).collect();
    all?.into_iter().reduce(f64::max)
}

fn undecided(analysis: &Analysis, baseline: Option<&String>) -> Vec<String> {
    let open = |verdict: &PairVerdict| {
        matches!(verdict, PairVerdict::Undecided | PairVerdict::NotEnoughRepetitions { .. })
    };
    let mut texts = Vec::new();
    for benchmark in &analysis.benchmarks {
        let headline = benchmark.pairs.iter().filter(|pair| pair.quantity == benchmark.headline);
        let headline = headline.filter(|pair| pair.p_baseline.is_some() || baseline == Some(&pair.reference));
        for pair in headline.filter(|pair| open(&pair.verdict)) {
            texts.push(format!("{}: {} against {}", benchmark.name, pair.label, pair.reference));
        }
    }
    texts
}

/// The end in words, for a run whose rule is more than a number of blocks; empty for the others.
pub(super) fn end_in_words(plan: &Plan) -> String {
    let (Some(rule), Some(end)) = (&plan.rule, &plan.ended) else { return String::new() };
    if rule.precision.is_none() && rule.max_time_ns.is_none() {
        return String::new();
    }
    let why = match end.reason {
        StopReason::Blocks => "that is as many as the rule allows".to_owned(),
        StopReason::Precision => "every interval is narrow enough".to_owned(),
        StopReason::MaxTime => {
            let limit = Duration::from_nanos(rule.max_time_ns.unwrap_or(0));
            format!("one more would have ended after {} s", limit.as_secs_f64())
        }
        StopReason::Interrupted => "it was interrupted".to_owned(),
    };
    let blocks = if end.blocks == 1 { "block" } else { "blocks" };
    let mut text = format!("ended    after {} {blocks}: {why}", end.blocks);
    // Writing to a string cannot fail.
    if let Some(widest) = end.widest_half_width {
        write!(text, "; the widest interval is ±{:.1} %", widest * 100.0).ok();
    }
    if let Some(wanted) = rule.precision {
        write!(text, " (wanted: ±{:.1} %)", wanted * 100.0).ok();
    }
    if !end.undecided.is_empty() {
        write!(text, "\n         undecided: {}", end.undecided.join(", ")).ok();
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::testing::benchmark;
    use crate::plan::{Question, StopRule};
    use crate::stats::testing::plan;
    use crate::store::testing::stored;

    const SECOND: u64 = 1_000_000_000;

    /// Two trials a block.
    fn ten_blocks(rule: StopRule) -> Plan {
        Plan { rule: Some(rule), ..plan(vec![benchmark(Question::Capacity)], &["a", "b"], 10) }
    }

    /// What is left of the plan after its first trials, which took so long; and how it ended if that is nothing.
    fn left_after(plan: &Plan, trials: usize, before_ns: u64) -> (Vec<u32>, Option<PlanEnd>) {
        let settings = Settings::default();
        let (done, missing) = plan.trials.split_at(trials);
        let done: Vec<TrialResult> = done.iter().map(|trial| stored(plan, trial).into()).collect();
        let mut stopping = Stopping::new(plan, &settings, before_ns);
        let left = stopping.left(missing.to_vec(), &done);
        let end = left.is_empty().then(|| stopping.carried_out(&done, true).ended).flatten();
        (left.iter().map(|trial| trial.number).collect(), end)
    }

    fn reason(end: Option<PlanEnd>) -> Option<(StopReason, u32)> {
        end.map(|end| (end.reason, end.blocks))
    }

    #[test]
    fn a_block_that_was_cut_is_finished_whatever_the_rule_says() {
        let time_is_up = StopRule { least_blocks: 1, max_time_ns: Some(SECOND), ..StopRule::fixed(10) };
        let (left, _) = left_after(&ten_blocks(time_is_up), 7, 9 * SECOND);
        assert_eq!(left, (8..=20).collect::<Vec<_>>());
    }

    #[test]
    fn at_an_edge_the_rule_is_asked_before_anything_is_measured() {
        let rule = StopRule { least_blocks: 8, precision: Some(0.5), ..StopRule::fixed(10) };
        let (left, _) = left_after(&ten_blocks(rule.clone()), 14, 0);
        assert_eq!(left, (15..=20).collect::<Vec<_>>(), "not before the least number of blocks");
        let (left, end) = left_after(&ten_blocks(rule.clone()), 16, 0);
        assert_eq!((left, reason(end)), (Vec::new(), Some((StopReason::Precision, 8))));
        let narrow = StopRule { precision: Some(1e-9), ..rule };
        let (left, _) = left_after(&ten_blocks(narrow.clone()), 16, 0);
        assert_eq!(left, [17, 18, 19, 20]);
        let (left, end) = left_after(&ten_blocks(narrow), 20, 0);
        assert_eq!((left, reason(end)), (Vec::new(), Some((StopReason::Blocks, 10))));
    }

    #[test]
    fn the_time_of_earlier_parts_counts() {
        let rule = StopRule { least_blocks: 1, max_time_ns: Some(5 * SECOND), ..StopRule::fixed(10) };
        let plan = ten_blocks(rule);
        assert_eq!(
            left_after(&plan, 8, 3 * SECOND).0.len(),
            12,
            "a fifth block would take less than a second"
        );
        let (left, end) = left_after(&plan, 8, 4 * SECOND + 1);
        assert_eq!((left, reason(end)), (Vec::new(), Some((StopReason::MaxTime, 4))));
    }

    #[test]
    fn a_run_that_has_not_measured_anything_begins_with_the_first_block() {
        let (left, _) = left_after(&ten_blocks(StopRule::fixed(10)), 0, 0);
        assert_eq!(left.len(), 20);
    }

    #[test]
    fn an_interrupted_run_has_measured_the_blocks_whose_trials_are_all_there() {
        let (plan, settings) = (ten_blocks(StopRule::fixed(10)), Settings::default());
        let blocks = |trials: usize| {
            let done: Vec<TrialResult> =
                plan.trials[..trials].iter().map(|trial| stored(&plan, trial).into()).collect();
            reason(Stopping::new(&plan, &settings, 0).carried_out(&done, false).ended)
        };
        assert_eq!(blocks(0), Some((StopReason::Interrupted, 0)));
        assert_eq!(blocks(5), Some((StopReason::Interrupted, 2)));
        assert_eq!(blocks(6), Some((StopReason::Interrupted, 3)));
    }

    #[test]
    fn edges_lie_between_blocks() {
        let trial = |block| PlannedTrial {
            number: 1,
            block,
            position: 1,
            benchmark: 0,
            label: String::new(),
            implementation: String::new(),
            predecessor: None,
        };
        let trials = [trial(1), trial(1), trial(2)];
        let edges: Vec<_> = (0..4).map(|index| edge_before(&trials, index)).collect();
        assert_eq!(edges, [None, None, Some(1), None]);
    }
}
