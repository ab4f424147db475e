//! Which blocks of a plan a run measures.

use super::rule::{PlanEnd, StopReason, StopRule};
use super::spec::Plan;

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

    /// When a benchmark ends: by the plan's rule, with as many blocks as it has itself.
    #[must_use]
    pub fn rule_of(&self, benchmark: usize) -> StopRule {
        let rule = self.rule();
        let own = || self.trials.iter().filter(|trial| trial.benchmark == benchmark);
        // Results of older versions do not say it; a benchmark that ended before the others had no more blocks.
        let most_blocks = rule.benchmark_blocks.get(benchmark).copied().unwrap_or_else(|| {
            let last = own().map(|trial| trial.block).max().unwrap_or(0);
            if last < self.blocks { last } else { rule.most_blocks }
        });
        StopRule { most_blocks, least_blocks: rule.least_blocks.min(most_blocks), ..rule }
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
