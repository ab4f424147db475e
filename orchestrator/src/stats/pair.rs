//! One implementation against another, paired by block.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::estimate::{LogInterval, MIN_REPETITIONS};
use super::quantity::{Direction, Quantity};
use super::settings::Settings;
use super::sign_flip::sign_flip_p;
use super::student::t_quantile;
use super::welch::LogMean;

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
    /// The interval is too wide to say, or does not clear the run's noise floor.
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
    /// `label` over `reference`: geometric mean of the blocks' ratios.
    pub ratio: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Half of its width, as a share.
    pub half_width: Option<f64>,
    /// Blocks in which `label` was better.
    pub wins: usize,
    /// p-value of the exact sign-flip test.
    pub p_sign_flip: Option<f64>,
    /// The same after Holm's correction over the quantity's pairs.
    pub p_holm: Option<f64>,
    /// What follows.
    pub verdict: PairVerdict,
}

impl PairVerdict {
    /// Whether it tells the two apart.
    #[must_use]
    pub fn is_difference(self) -> bool {
        matches!(self, Self::FasterBy | Self::Faster | Self::Slower | Self::SlowerBy)
    }
}

/// Compares two series of one quantity: (label, reference) of each block in which both were measured.
#[must_use]
pub fn compare(
    quantity: Quantity,
    label: &str,
    reference: &str,
    blocks: &[(f64, f64)],
    settings: &Settings,
) -> Pair {
    let logs: Vec<f64> =
        blocks.iter().map(|(x, base)| x.ln() - base.ln()).filter(|d| d.is_finite()).collect();
    let sign = sign(quantity);
    let interval = LogInterval::of(&logs, settings.confidence);
    let ends = interval.and_then(|interval| interval.ends());
    Pair {
        quantity,
        label: label.to_owned(),
        reference: reference.to_owned(),
        blocks: logs.len(),
        ratio: interval.map(|interval| interval.mean.exp()),
        low: ends.map(|(low, _)| low.exp()),
        high: ends.map(|(_, high)| high.exp()),
        half_width: interval.and_then(|interval| interval.relative_half_width()),
        wins: logs.iter().filter(|d| sign * **d > 0.0).count(),
        p_sign_flip: sign_flip_p(&logs),
        p_holm: None,
        verdict: judge(quantity, interval.as_ref(), logs.len(), settings.delta),
    }
}

impl Pair {
    /// Whether the whole interval lies further from 1 than `difference`, a share.
    pub(super) fn clears(&self, difference: f64) -> bool {
        let margin = difference.ln_1p();
        self.low.zip(self.high).is_some_and(|(low, high)| low.ln() > margin || high.ln() < -margin)
    }

    /// The mean of the logarithms behind it, where one is known. `confidence` is that of its interval.
    pub(super) fn log_mean(&self, confidence: f64) -> Option<LogMean> {
        let mean = self.ratio?.ln();
        let Some((low, high)) = self.low.zip(self.high) else {
            return Some(LogMean { mean, standard_error: 0.0, degrees: 0 });
        };
        let degrees = u32::try_from(self.blocks.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
        let half = (high.ln() - low.ln()) / 2.0;
        let standard_error = half / t_quantile(f64::midpoint(1.0, confidence), degrees);
        Some(LogMean { mean, standard_error, degrees })
    }
}

/// What the interval of a difference of logarithms says, in the direction of `quantity`.
/// `blocks` are those behind it.
pub(super) fn judge(
    quantity: Quantity,
    interval: Option<&LogInterval>,
    blocks: usize,
    delta: f64,
) -> PairVerdict {
    let sign = sign(quantity);
    match interval.and_then(LogInterval::ends) {
        Some((low, high)) => verdict((sign * low).min(sign * high), (sign * low).max(sign * high), delta),
        None => PairVerdict::NotEnoughRepetitions { have: blocks, needed: MIN_REPETITIONS },
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
