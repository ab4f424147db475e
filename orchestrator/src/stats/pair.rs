//! One implementation against another, paired by block.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::family::{Tests, Trimmed};
use super::interval::{Interval, MIN_REPETITIONS};
use super::settings::Settings;
use super::sign_flip::sign_flip_p;
use crate::facts::{Direction, Quantity};

/// What a comparison says of `label` against `reference`; "faster" stands for better in the quantity's direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PairVerdict {
    /// Better by at least the smallest effect of interest: the whole interval lies beyond it.
    FasterBy,
    /// Better, by how much is not settled: the interval excludes 1 and straddles the smallest effect of interest.
    Faster,
    /// No difference of interest: the whole interval lies within it, on whichever side of 1.
    Equivalent,
    /// Worse, by how much is not settled.
    Slower,
    /// Worse by at least the smallest effect of interest.
    SlowerBy,
    /// The blocks do not show enough to say.
    Undecided,
    /// Too few blocks in which both were measured.
    NotEnoughRepetitions {
        /// Blocks in which both were measured.
        have: usize,
        /// Blocks needed.
        needed: usize,
    },
    /// One of the two does not balance, or could not be verified.
    Invalid,
    /// Shown and never judged: the question has no verdict, the quantity does not decide on it, one of the two is a second run
    /// of an implementation that takes part already, or both are rates that could be more than the load can offer.
    Unranked,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// What is compared.
    pub quantity: Quantity,
    /// The one that is compared.
    pub label: String,
    /// The one it is compared with.
    pub reference: String,
    /// Blocks in which both were measured.
    pub blocks: usize,
    /// `label` over `reference`: median of the blocks' ratios.
    pub ratio: Option<f64>,
    /// Lower end of its interval, which holds for this comparison alone.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Half of its width, as a share.
    pub half_width: Option<f64>,
    /// Blocks in which `label` was better.
    pub wins: usize,
    /// p-value of the trimmed t test on the logarithms of the ratios, for this comparison alone.
    #[serde(default)]
    pub p: Option<f64>,
    /// The same after Holm's correction over all comparisons with the baseline; null for other pairs.
    #[serde(default)]
    pub p_baseline: Option<f64>,
    /// The same after Shaffer's correction over all pairs of implementations: what groups follow from.
    #[serde(default)]
    pub p_pairs: Option<f64>,
    /// p-value of the exact sign-flip test: a second opinion.
    pub p_sign_flip: Option<f64>,
    /// The same after Holm's correction over all pairs of implementations.
    pub p_holm: Option<f64>,
    /// What follows: family-wise over the comparisons with the baseline, or for other pairs over all.
    pub verdict: PairVerdict,
    /// Whether groups separate the two: the verdict that would follow over all pairs of implementations is a difference.
    #[serde(default)]
    pub apart: bool,
    /// What another run's comparison is held against; not in files, whose trials give it again.
    #[serde(skip)]
    pub(super) spread: Option<Trimmed>,
}

impl PairVerdict {
    /// Whether it tells the two apart.
    #[must_use]
    pub fn is_difference(self) -> bool {
        matches!(self, Self::FasterBy | Self::Faster | Self::Slower | Self::SlowerBy)
    }
}

/// Compares two series of one quantity: (label, reference) of each block in which both were measured. The verdict is that of a
/// table with this comparison alone.
#[must_use]
pub fn compare(
    quantity: Quantity,
    label: &str,
    reference: &str,
    blocks: &[(f64, f64)],
    settings: &Settings,
) -> Pair {
    compare_tested(quantity, label, reference, blocks, settings).0
}

/// The same, with the p-values that other comparisons of the table correct.
pub(super) fn compare_tested(
    quantity: Quantity,
    label: &str,
    reference: &str,
    blocks: &[(f64, f64)],
    settings: &Settings,
) -> (Pair, Option<Tests>) {
    let logs: Vec<f64> =
        blocks.iter().map(|(x, base)| x.ln() - base.ln()).filter(|d| d.is_finite()).collect();
    let sign = sign(quantity);
    let interval = Interval::of(&logs, settings.confidence);
    let ends = interval.and_then(|interval| interval.ends);
    let spread = Trimmed::of(&logs);
    let tests = spread.map(|spread| spread.tests(settings.delta));
    let mut pair = Pair {
        quantity,
        label: label.to_owned(),
        reference: reference.to_owned(),
        blocks: logs.len(),
        ratio: interval.map(|interval| interval.middle.exp()),
        low: ends.map(|(low, _)| low.exp()),
        high: ends.map(|(_, high)| high.exp()),
        half_width: interval.and_then(|interval| interval.relative_half_width()),
        wins: logs.iter().filter(|d| sign * **d > 0.0).count(),
        p: tests.map(|tests| tests.differs),
        p_baseline: None,
        p_pairs: None,
        p_sign_flip: sign_flip_p(&logs),
        p_holm: None,
        verdict: PairVerdict::Undecided,
        apart: false,
        spread,
    };
    pair.verdict = pair.judged(tests, settings);
    (pair, tests)
}

impl Pair {
    /// What follows from p-values that may have been corrected for other comparisons. The interval, which holds whatever the
    /// distribution, must agree.
    pub(super) fn judged(&self, tests: Option<Tests>, settings: &Settings) -> PairVerdict {
        judge(self.quantity, self.low.zip(self.high), self.blocks, tests, settings)
    }

    /// Its interval as logarithms.
    pub(super) fn log_interval(&self) -> Option<Interval> {
        let ends = self.low.zip(self.high).map(|(low, high)| (low.ln(), high.ln()));
        Some(Interval { middle: self.ratio?.ln(), ends })
    }
}

/// What follows from the interval of a ratio, from `blocks` blocks, and from p-values that may have been corrected for other comparisons.
/// The interval, which holds whatever the distribution, must agree.
pub(super) fn judge(
    quantity: Quantity,
    ends: Option<(f64, f64)>,
    blocks: usize,
    tests: Option<Tests>,
    settings: &Settings,
) -> PairVerdict {
    let too_few = PairVerdict::NotEnoughRepetitions { have: blocks, needed: MIN_REPETITIONS };
    let Some((low, high)) = ends.filter(|_| blocks >= MIN_REPETITIONS) else { return too_few };
    let Some(tests) = tests else { return too_few };
    let alpha = 1.0 - settings.confidence;
    // A mean on the other side of 1 than the interval proves nothing.
    let same_side = |verdict: PairVerdict| {
        let up = (low > 1.0) == (tests.mean > 0.0);
        if verdict.is_difference() && !up { PairVerdict::Undecided } else { verdict }
    };
    let sign = sign(quantity);
    let (low, high) = (low.ln(), high.ln());
    match same_side(verdict((sign * low).min(sign * high), (sign * low).max(sign * high), settings.delta)) {
        PairVerdict::Equivalent if tests.within > alpha => {
            // Inside the limit, but not for certain beside the other comparisons.
            let apart = (low > 0.0 || high < 0.0) && tests.differs <= alpha;
            match (apart, sign * low > 0.0) {
                (false, _) => PairVerdict::Undecided,
                (true, true) => PairVerdict::Faster,
                (true, false) => PairVerdict::Slower,
            }
        }
        verdict if verdict.is_difference() && tests.differs > alpha => PairVerdict::Undecided,
        PairVerdict::FasterBy if tests.beyond > alpha => PairVerdict::Faster,
        PairVerdict::SlowerBy if tests.beyond > alpha => PairVerdict::Slower,
        verdict => verdict,
    }
}

/// What turns the logarithm of a ratio into that of a benefit.
fn sign(quantity: Quantity) -> f64 {
    match quantity.direction() {
        Direction::Higher => 1.0,
        Direction::Lower => -1.0,
    }
}

/// Ends of the interval of log(benefit), positive is better.
fn verdict(low: f64, high: f64, delta: f64) -> PairVerdict {
    let margin = delta.ln_1p();
    if low >= margin {
        PairVerdict::FasterBy
    } else if high <= -margin {
        PairVerdict::SlowerBy
    } else if low >= -margin && high <= margin {
        PairVerdict::Equivalent
    } else if low > 0.0 {
        PairVerdict::Faster
    } else if high < 0.0 {
        PairVerdict::Slower
    } else {
        PairVerdict::Undecided
    }
}

#[cfg(test)]
mod tests;
