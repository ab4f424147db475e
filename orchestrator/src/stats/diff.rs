//! Two runs against each other. Their trials are not paired, and machines drift from run to run, so that only ratios to
//! the same reference within each run are compared (docs/METHODOLOGY.md).

use serde::Serialize;

use super::analysis::{Analysis, BenchmarkAnalysis};
use super::pair::{PairVerdict, judge};
use super::quantity::{Direction, Quantity};
use super::row::{Row, RowStatus};
use super::settings::Settings;
use super::welch::welch;
use crate::plan::Question;

/// One of the two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The earlier one.
    Old,
    /// The later one.
    New,
}

/// What a cell rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Basis {
    /// The ratios of both runs.
    Compared,
    /// It is the reference that all ratios share, so nothing can be said of it.
    Reference,
    /// One run has no figure for it.
    Missing {
        /// Which run.
        side: Side,
        /// Why.
        reason: String,
    },
}

/// What one run says of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The quantity itself.
    pub value: f64,
    /// Over the reference's in the same blocks; null for the reference.
    pub ratio: Option<f64>,
    /// Trials behind it.
    pub repetitions: usize,
}

/// One quantity of one row in both runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffCell {
    /// Name of the benchmark.
    pub benchmark: String,
    /// What it asks.
    pub question: Question,
    /// Name of the row.
    pub label: String,
    /// What is compared.
    pub quantity: Quantity,
    /// What the cell rests on.
    pub basis: Basis,
    /// The earlier run's figure.
    pub old: Option<Figure>,
    /// The later run's figure.
    pub new: Option<Figure>,
    /// The later ratio over the earlier one.
    pub change: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// What follows; null where nothing was compared. "Slower" stands for worse in the quantity's direction.
    pub verdict: Option<PairVerdict>,
}

/// The headline and what must not be traded for it.
fn compared(question: Question) -> &'static [Quantity] {
    match question {
        Question::Capacity => &[Quantity::CpuNsPerEvent],
        Question::Saturation => &[Quantity::DeliveredPerSec, Quantity::DeliveredShare],
        Question::Latency => &[Quantity::LatencyP50, Quantity::LatencyP99],
        Question::Cost => &[Quantity::LoadNsPerTrigger],
        Question::RunTime => &[Quantity::BpfRunNs],
    }
}

/// Compares every benchmark that both runs have. Both must be analysed with `settings` and with `reference` as baseline.
#[must_use]
pub fn diff(old: &Analysis, new: &Analysis, reference: &str, settings: &Settings) -> Vec<DiffCell> {
    let mut cells = Vec::new();
    for before in &old.benchmarks {
        let Some(after) = new.benchmarks.iter().find(|benchmark| benchmark.name == before.name) else {
            continue;
        };
        let added = after.rows.iter().filter(|row| before.rows.iter().all(|known| known.label != row.label));
        for label in before.rows.iter().chain(added).map(|row| row.label.as_str()) {
            for quantity in compared(before.question) {
                cells.extend(cell(before, after, label, *quantity, reference, settings));
            }
        }
    }
    cells
}

fn cell(
    before: &BenchmarkAnalysis,
    after: &BenchmarkAnalysis,
    label: &str,
    quantity: Quantity,
    reference: &str,
    settings: &Settings,
) -> Option<DiffCell> {
    let figure = |benchmark: &BenchmarkAnalysis| {
        let row = benchmark.rows.iter().find(|row| row.label == label && row.status == RowStatus::Valid)?;
        let estimate = row.estimate(quantity)?;
        let ratio = benchmark.pair(quantity, label, reference).and_then(|pair| pair.ratio);
        Some(Figure { value: estimate.value, ratio, repetitions: estimate.repetitions })
    };
    let mut cell = DiffCell {
        benchmark: before.name.clone(),
        question: before.question,
        label: label.to_owned(),
        quantity,
        basis: Basis::Reference,
        old: figure(before),
        new: figure(after),
        change: None,
        low: None,
        high: None,
        verdict: None,
    };
    let missing = obstacle(before, label, quantity, reference)
        .map(|reason| Basis::Missing { side: Side::Old, reason })
        .or_else(|| {
            let reason = obstacle(after, label, quantity, reference)?;
            Some(Basis::Missing { side: Side::New, reason })
        });
    if let Some(missing) = missing {
        cell.basis = missing;
        return Some(cell);
    }
    if label == reference {
        return Some(cell);
    }
    let log_mean = |benchmark: &BenchmarkAnalysis| {
        benchmark.pair(quantity, label, reference)?.log_mean(settings.confidence)
    };
    let interval = welch(log_mean(before)?, log_mean(after)?, settings.confidence);
    let ends = interval.ends();
    let blocks = |figure: &Option<Figure>| figure.map_or(0, |figure| figure.repetitions);
    cell.basis = Basis::Compared;
    cell.change = Some(interval.mean.exp());
    cell.low = ends.map(|(low, _)| low.exp());
    cell.high = ends.map(|(_, high)| high.exp());
    cell.verdict =
        Some(judge(quantity, Some(&interval), blocks(&cell.old).min(blocks(&cell.new)), settings.delta));
    Some(cell)
}

/// Why a run has no ratio for this cell.
fn obstacle(
    benchmark: &BenchmarkAnalysis,
    label: &str,
    quantity: Quantity,
    reference: &str,
) -> Option<String> {
    let unusable = |label: &str| {
        let Some(row) = benchmark.rows.iter().find(|row| row.label == label) else {
            return Some(format!("{label} took no part"));
        };
        status_word(row).map(|word| format!("{label} {word}"))
    };
    let no_ratio = || {
        let pair = benchmark.pair(quantity, label, reference);
        let known = label == reference || pair.is_some_and(|pair| pair.ratio.is_some());
        (!known).then(|| format!("no block has {} of both {label} and {reference}", quantity.name()))
    };
    unusable(label).or_else(|| unusable(reference)).or_else(no_ratio)
}

fn status_word(row: &Row) -> Option<&'static str> {
    match row.status {
        RowStatus::Valid => None,
        RowStatus::Unverified { .. } => Some("is unverified"),
        RowStatus::Invalid { .. } => Some("is invalid"),
        RowStatus::Unsupported { .. } => Some("is unsupported"),
        RowStatus::Failed { .. } => Some("failed"),
        RowStatus::NotRun => Some("was not run"),
    }
}

impl DiffCell {
    /// Whether the later run is worse by at least this share for certain: the whole interval says so.
    #[must_use]
    pub fn is_slower_by(&self, share: f64) -> bool {
        self.log_slowdown().is_some_and(|(least, _)| least >= share.ln_1p())
    }

    /// Whether the later run may be worse by at least this share although it is not certain.
    #[must_use]
    pub fn may_be_slower_by(&self, share: f64) -> bool {
        self.log_slowdown().is_some_and(|(least, most)| least < share.ln_1p() && most >= share.ln_1p())
    }

    /// The least and the most by which the later run is worse, as logarithms.
    fn log_slowdown(&self) -> Option<(f64, f64)> {
        let (low, high) = (self.low?.ln(), self.high?.ln());
        Some(match self.quantity.direction() {
            Direction::Higher => (-high, -low),
            Direction::Lower => (low, high),
        })
    }

    /// Whether the later run lost what the earlier one had: a row that no longer counts.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self.basis, Basis::Missing { side: Side::New, .. }) && self.old.is_some()
    }
}

#[cfg(test)]
mod tests;
