//! Ends a run at a block's edge, by the rule of its plan.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::plan::{Plan, PlanEnd, PlannedTrial, StopReason, StopRule};
use crate::stats::{Analysis, PairVerdict, Settings, analyse};
use crate::store::TrialResult;

/// Decides at each edge, and remembers what it decided.
#[derive(Debug)]
pub(super) struct Stopping<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    started: Instant,
    reason: Option<StopReason>,
}

impl<'a> Stopping<'a> {
    /// Time counts from now on.
    pub(super) fn new(plan: &'a Plan, settings: &'a Settings) -> Self {
        Self { plan, settings, started: Instant::now(), reason: None }
    }

    /// Whether the block after `blocks` is to be measured.
    pub(super) fn goes_on(&mut self, blocks: u32, trials: &[TrialResult]) -> bool {
        let elapsed_ns = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let rule = self.rule();
        let looked_at = rule.precision.is_some() && blocks >= rule.least_blocks;
        let widest = looked_at.then(|| {
            let done: Vec<_> = trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
            widest(&analyse(&self.plan.first_blocks(blocks), &done, self.settings))
        });
        self.reason = rule.ends(blocks, elapsed_ns, widest.flatten());
        self.reason.is_none()
    }

    /// The plan as it was carried out, with its end.
    pub(super) fn carried_out(self, done: &[TrialResult], complete: bool) -> Plan {
        let rule = self.rule();
        let begun = done.iter().map(|trial| trial.planned.block).max().unwrap_or(0);
        let mut plan = self.plan.first_blocks(begun.max(rule.least_blocks));
        let (reason, blocks) = match (complete, self.reason) {
            (true, reason) => (reason.unwrap_or(StopReason::Blocks), begun),
            (false, _) => (StopReason::Interrupted, begun.saturating_sub(1)),
        };
        if reason == StopReason::MaxTime {
            plan = self.plan.first_blocks(begun);
        }
        let measured: Vec<_> = done.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
        let analysis = analyse(&plan, &measured, self.settings);
        plan.ended = Some(PlanEnd {
            reason,
            blocks,
            widest_half_width: widest(&analysis),
            undecided: undecided(&analysis),
        });
        plan
    }

    fn rule(&self) -> StopRule {
        self.plan.rule.clone().unwrap_or_else(|| StopRule::fixed(self.plan.blocks))
    }
}

/// Whether `trial` is the first of a block after the first.
pub(super) fn edge_before(trials: &[PlannedTrial], index: usize) -> Option<u32> {
    let before = trials.get(index.checked_sub(1)?)?.block;
    (trials.get(index)?.block != before).then_some(before)
}

/// The widest interval over all benchmarks; none while one is missing.
fn widest(analysis: &Analysis) -> Option<f64> {
    let all: Option<Vec<f64>> =
        analysis.benchmarks.iter().map(crate::stats::BenchmarkAnalysis::widest_half_width).collect();
    all?.into_iter().reduce(f64::max)
}

fn undecided(analysis: &Analysis) -> Vec<String> {
    let open = |verdict: &PairVerdict| {
        matches!(verdict, PairVerdict::Undecided | PairVerdict::NotEnoughRepetitions { .. })
    };
    let mut texts = Vec::new();
    for benchmark in &analysis.benchmarks {
        let headline = benchmark.pairs.iter().filter(|pair| pair.quantity == benchmark.headline);
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
    let mut text = format!("ended    after {} blocks: {why}", end.blocks);
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
