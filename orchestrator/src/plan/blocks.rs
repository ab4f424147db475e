//! Which blocks of a plan a run measures.

use super::rule::{EarlyEnd, PlanEnd, StopReason, StopRule};
use super::spec::{Plan, PlannedTrial};

impl Plan {
    /// The same plan with its first blocks only.
    #[must_use]
    pub fn first_blocks(&self, blocks: u32) -> Self {
        let trials = self.trials.iter().filter(|trial| trial.block <= blocks).cloned().collect();
        Self { blocks: blocks.min(self.blocks), trials, ..self.clone() }
    }

    /// When the run ends: in results of older versions, after all blocks.
    #[must_use]
    pub fn rule(&self) -> StopRule {
        self.rule.clone().unwrap_or_else(|| StopRule::fixed(self.blocks))
    }

    /// When a benchmark ends that does not end with the others: after as many blocks as it has itself, or by a rule of its own.
    #[must_use]
    pub fn rule_of(&self, benchmark: usize) -> StopRule {
        let rule = self.rule();
        let own = || self.trials.iter().filter(|trial| trial.benchmark == benchmark);
        // Results of older versions do not say it; a benchmark that ended before the others had no more blocks.
        let most_blocks = rule.benchmark_blocks.get(benchmark).copied().unwrap_or_else(|| {
            let last = own().map(|trial| trial.block).max().unwrap_or(0);
            if last < self.blocks { last } else { rule.most_blocks }
        });
        let early = self.early_end_of(benchmark);
        StopRule {
            least_blocks: early.least_blocks(most_blocks),
            precision: early.precision,
            max_time_ns: early.max_time_ns,
            ..StopRule::fixed(most_blocks)
        }
    }

    /// What else than its number of blocks ends a benchmark.
    #[must_use]
    pub fn early_end_of(&self, benchmark: usize) -> EarlyEnd {
        let rule = self.rule.as_ref();
        rule.and_then(|rule| rule.early.get(benchmark)).copied().unwrap_or_default()
    }

    /// The plan without the trials that are not run because their benchmark had ended before, as these trials show that were: they
    /// are run in order. `complete`: nothing of the plan is left to be run.
    #[must_use]
    pub fn without_skipped<'a>(
        &self,
        done: impl IntoIterator<Item = &'a PlannedTrial>,
        complete: bool,
    ) -> Self {
        if self.rule.as_ref().is_none_or(|rule| rule.early.is_empty()) {
            return self.clone();
        }
        let mut last = 0;
        let mut blocks = vec![0; self.benchmarks.len()];
        for trial in done {
            last = last.max(trial.number);
            if let Some(blocks) = blocks.get_mut(trial.benchmark) {
                *blocks = trial.block.max(*blocks);
            }
        }
        let has_ended: Vec<bool> = (0..)
            .zip(&blocks)
            .map(|(benchmark, blocks)| {
                let mut of_it = self.trials.iter().filter(|trial| trial.benchmark == benchmark);
                let next = of_it.find(|trial| trial.block > *blocks);
                next.is_some_and(|next| complete || next.number < last)
            })
            .collect();
        let runs = |trial: &&PlannedTrial| {
            !has_ended.get(trial.benchmark).is_some_and(|ended| *ended)
                || blocks.get(trial.benchmark).is_some_and(|blocks| trial.block <= *blocks)
        };
        let mut trials: Vec<PlannedTrial> = Vec::new();
        for trial in self.trials.iter().filter(runs) {
            let predecessor =
                trials.last().map_or(trial.predecessor.clone(), |last| Some(last.label.clone()));
            trials.push(PlannedTrial { predecessor, ..trial.clone() });
        }
        Self { trials, ..self.clone() }
    }

    /// What a run has carried out of this plan, if it has begun so many blocks and ended so. Blocks that it was to measure
    /// in any case belong to it, unless its time was up before.
    #[must_use]
    pub fn carried_out(&self, begun: u32, ended: Option<PlanEnd>) -> Self {
        let time_was_up = ended.as_ref().is_some_and(|end| end.reason == StopReason::MaxTime);
        let blocks = if time_was_up { begun } else { begun.max(self.rule().least_blocks) };
        Self { ended, ..self.first_blocks(blocks) }
    }
}
