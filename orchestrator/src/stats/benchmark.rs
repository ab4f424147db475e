//! The statistics of one benchmark.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cost::AddedCost;
use super::pair::{Pair, PairVerdict};
use super::row::{Row, RowStatus};
use crate::facts::Quantity;
use crate::plan::Question;

/// Statistics of one benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchmarkAnalysis {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub question: Question,
    /// The quantity that answers it; rows are grouped by it.
    pub headline: Quantity,
    /// One row for each label, in the order of the plan.
    pub rows: Vec<Row>,
    /// All pairs of rows with data, for each quantity. The baseline is always the reference.
    pub pairs: Vec<Pair>,
    /// What rows of the same implementation differ by: a check of the machine, which decides nothing.
    pub noise_floor: Vec<NoiseFloor>,
    /// What a trigger costs each row more than with nothing attached; empty where nothing was run for that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<AddedCost>,
}

/// What two rows of the same implementation differ by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoiseFloor {
    /// Of which quantity.
    pub quantity: Quantity,
    /// One row.
    pub label: String,
    /// The other.
    pub reference: String,
    /// Their difference as a share: 0.02 means that they differ by 2 %.
    pub difference: f64,
    /// What the pair would be called if it were two programs: a difference means that the machine was not steady, or is the one
    /// run in twenty.
    pub verdict: PairVerdict,
}

impl BenchmarkAnalysis {
    /// The comparison of `label` with `reference`.
    #[must_use]
    pub fn pair(&self, quantity: Quantity, label: &str, reference: &str) -> Option<&Pair> {
        let wanted = |p: &&Pair| p.quantity == quantity && p.label == label && p.reference == reference;
        self.pairs.iter().find(wanted)
    }

    /// Whether a row is the second run of an implementation whose first stands in the table too: one of an A/A pair.
    #[must_use]
    pub fn is_second(&self, label: &str, baseline: Option<&str>) -> bool {
        let index = self.rows.iter().position(|row| row.label == label);
        index.is_some_and(|index| !is_first(&self.rows, index, baseline))
    }

    /// How many pairs the sign-flip test of the headline is corrected for.
    #[must_use]
    pub fn pairs_of_headline(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.quantity == self.headline && pair.p_holm.is_some()).count()
    }

    /// The widest of the intervals that more blocks make narrow, as a share; none while one of them is missing, or where the
    /// question has none. The stopping rule `--precision` looks at it: at ratios to `baseline` where rows are compared by their
    /// cost, else at the headline itself.
    #[must_use]
    pub fn widest_half_width(&self, baseline: Option<&str>) -> Option<f64> {
        if !self.question.judges(self.headline) {
            return None;
        }
        let valid =
            |label: &str| self.rows.iter().any(|row| row.label == label && row.status == RowStatus::Valid);
        let others = || {
            self.rows
                .iter()
                .filter(|row| row.status == RowStatus::Valid && baseline != Some(row.label.as_str()))
        };
        let baseline = baseline.filter(|label| valid(label) && others().next().is_some());
        let by_ratio = baseline.filter(|_| self.question.facts().precise_by_ratio);
        let all: Option<Vec<f64>> = if let Some(baseline) = by_ratio {
            others().map(|row| self.pair(self.headline, &row.label, baseline)?.half_width).collect()
        } else {
            let ranked = self.rows.iter().filter(|row| row.status == RowStatus::Valid);
            ranked.map(|row| row.estimate(self.headline)?.half_width).collect()
        };
        all?.into_iter().reduce(f64::max)
    }

    /// Whether rows of this benchmark are judged at all.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.question.judges(self.headline)
    }
}

/// Whether a row stands for its implementation: the baseline, or else the first. The others are its second run in an A/A pair.
pub(super) fn is_first(rows: &[Row], index: usize, baseline: Option<&str>) -> bool {
    let row = &rows[index];
    let is_baseline = |row: &Row| baseline == Some(row.label.as_str());
    let mut same = rows.iter().filter(|other| other.implementation == row.implementation);
    match same.clone().find(|other| is_baseline(other)) {
        Some(baseline) => baseline.label == row.label,
        None => same.next().is_some_and(|first| first.label == row.label),
    }
}
