//! When a run ends: fixed before it begins, kept in the result. Never "until something is significant": a run that is
//! continued until it shows a difference shows one in every fifth case where there is none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// With `--precision`: no interval is looked at before, and none is waited for after.
pub const PRECISION_BLOCKS: (u32, u32) = (8, 40);

/// From so many blocks on the baseline runs twice, if nothing else is said.
pub const AA_BLOCKS: u32 = 8;

/// The rule that ends a run at a block's edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StopRule {
    /// Blocks that are measured in any case (but for `max_time_ns`).
    pub least_blocks: u32,
    /// Blocks at most.
    pub most_blocks: u32,
    /// Blocks at most of each benchmark, in the plan's order; empty in results of older versions.
    #[serde(default)]
    pub benchmark_blocks: Vec<u32>,
    /// What ends each benchmark before it has all of its blocks, in the plan's order; empty: none has such a rule of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<EarlyEnd>,
    /// Stop once half the width of every interval of every headline quantity is below this share.
    pub precision: Option<f64>,
    /// Begin no block that would end later than this after the run's start, nanoseconds. The first is always measured.
    pub max_time_ns: Option<u64>,
}

/// What ends a benchmark before it has all of its blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EarlyEnd {
    /// Measure no more of it once half the width of each of its headline intervals is below this share.
    pub precision: Option<f64>,
    /// Begin no block of it that would end later than when its own trials have taken this long, nanoseconds.
    pub max_time_ns: Option<u64>,
}

impl EarlyEnd {
    /// Whether anything but the number of blocks ends it.
    #[must_use]
    pub fn is_said(&self) -> bool {
        *self != Self::default()
    }

    /// Blocks that are measured in any case, of so many at most.
    #[must_use]
    pub fn least_blocks(&self, most_blocks: u32) -> u32 {
        match (self.precision, self.max_time_ns) {
            (Some(_), _) => most_blocks.min(PRECISION_BLOCKS.0),
            (None, Some(_)) => 1,
            (None, None) => most_blocks,
        }
    }
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All blocks were measured.
    Blocks,
    /// Every interval is narrow enough.
    Precision,
    /// Time was up.
    MaxTime,
    /// It was interrupted, or failed.
    Interrupted,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanEnd {
    /// Why.
    pub reason: StopReason,
    /// Blocks measured to their end.
    pub blocks: u32,
    /// Half the width of the widest interval of a headline quantity, as a share; null while one is missing.
    pub widest_half_width: Option<f64>,
    /// Comparisons with the baseline that stayed undecided, in words.
    pub undecided: Vec<String>,
    /// How each benchmark ended that has a rule of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benchmarks: Vec<BenchmarkEnd>,
}

/// How a benchmark with a rule of its own ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchmarkEnd {
    /// Its name.
    pub benchmark: String,
    /// Why.
    pub reason: StopReason,
    /// Blocks measured to their end.
    pub blocks: u32,
    /// Half the width of its widest headline interval, as a share; null while one is missing.
    pub widest_half_width: Option<f64>,
}

impl StopRule {
    /// A fixed number of blocks.
    #[must_use]
    pub fn fixed(blocks: u32) -> Self {
        Self {
            least_blocks: blocks,
            most_blocks: blocks,
            benchmark_blocks: Vec::new(),
            early: Vec::new(),
            precision: None,
            max_time_ns: None,
        }
    }

    /// Whether the run may end, `blocks` blocks after its start, `elapsed_ns` later; none: it goes on. `widest` is the
    /// widest interval so far.
    #[must_use]
    pub fn ends(&self, blocks: u32, elapsed_ns: u64, widest: Option<f64>) -> Option<StopReason> {
        if blocks >= self.most_blocks {
            return Some(StopReason::Blocks);
        }
        let narrow = self.precision.zip(widest).is_some_and(|(wanted, widest)| widest < wanted);
        if narrow && blocks >= self.least_blocks {
            return Some(StopReason::Precision);
        }
        let next_ends_ns = elapsed_ns.saturating_add(elapsed_ns / u64::from(blocks.max(1)));
        self.max_time_ns.is_some_and(|longest| next_ends_ns > longest).then_some(StopReason::MaxTime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000_000;

    #[test]
    fn a_fixed_number_of_blocks_is_measured_whatever_comes_out() {
        let rule = StopRule::fixed(3);
        assert_eq!(rule.ends(2, 100 * MINUTE, Some(0.0001)), None);
        assert_eq!(rule.ends(3, 1, None), Some(StopReason::Blocks));
    }

    #[test]
    fn precision_is_looked_at_from_the_least_number_of_blocks_on() {
        let rule = StopRule { least_blocks: 8, precision: Some(0.02), ..StopRule::fixed(40) };
        assert_eq!(rule.ends(7, 1, Some(0.001)), None);
        assert_eq!(rule.ends(8, 1, Some(0.02)), None);
        assert_eq!(rule.ends(8, 1, Some(0.019)), Some(StopReason::Precision));
        assert_eq!(rule.ends(39, 1, None), None);
        assert_eq!(rule.ends(40, 1, None), Some(StopReason::Blocks));
    }

    #[test]
    fn no_block_is_begun_that_would_end_too_late() {
        let rule = StopRule { least_blocks: 1, max_time_ns: Some(10 * MINUTE), ..StopRule::fixed(40) };
        assert_eq!(rule.ends(4, 8 * MINUTE, None), None);
        assert_eq!(rule.ends(5, 8 * MINUTE + 30_000_000_000, None), Some(StopReason::MaxTime));
        assert_eq!(rule.ends(1, 6 * MINUTE, None), Some(StopReason::MaxTime));
    }
}
