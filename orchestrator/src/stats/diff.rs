//! Two runs against each other. Their trials are not paired, and machines drift from run to run, so that only ratios to
//! the same reference within each run are compared (docs/METHODOLOGY.md).

use serde::Serialize;

use super::analysis::Analysis;
use super::benchmark::BenchmarkAnalysis;
use super::family::{Tests, Trimmed, corrected};
use super::holm::holm;
use super::interval::{Interval, MIN_REPETITIONS};
use super::pair::{PairVerdict, judge};
use super::row::{Row, RowStatus};
use super::settings::Settings;
use crate::facts::{Direction, Quantity};
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
        /// Whether it was to be measured there: what was not asked for is not lost.
        planned: bool,
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
    /// What follows, family-wise over all cells; null where nothing was compared. "Slower" stands for worse in the quantity's direction.
    pub verdict: Option<PairVerdict>,
    /// What p-values follow from; none where nothing was compared.
    #[serde(skip)]
    spread: Option<Trimmed>,
}

/// What a limit makes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The later run is worse by at least the limit, for certain.
    Slower,
    /// It lost what the earlier one had.
    Lost,
    /// It is not worse by the limit, for certain.
    Kept,
    /// The interval reaches over the limit, or there is none.
    Uncertain,
    /// Nothing was compared.
    NotCompared,
}

/// Benchmarks of which one run has none although the other has figures that are judged, with the side that lacks them.
#[must_use]
pub fn lacking(old: &Analysis, new: &Analysis) -> Vec<(String, Side)> {
    let without = |from: &Analysis, other: &Analysis, side: Side| {
        let lacking = from.benchmarks.iter().filter(|benchmark| {
            !benchmark.question.facts().gated.is_empty()
                && other.benchmarks.iter().all(|known| known.name != benchmark.name)
        });
        lacking.map(|benchmark| (benchmark.name.clone(), side)).collect::<Vec<_>>()
    };
    let mut all = without(old, new, Side::New);
    all.extend(without(new, old, Side::Old));
    all
}

/// Compares every benchmark that both runs have. Both must be analysed with `settings` and with `reference` as baseline. Second runs
/// of an implementation (A/A pairs) are no rows of their own here. All verdicts are one family: the points of a sweep, too, are looked
/// at together.
#[must_use]
pub fn diff(old: &Analysis, new: &Analysis, reference: &str, settings: &Settings) -> Vec<DiffCell> {
    let mut cells = Vec::new();
    for before in &old.benchmarks {
        let Some(after) = new.benchmarks.iter().find(|benchmark| benchmark.name == before.name) else {
            continue;
        };
        let added = after.rows.iter().filter(|row| before.rows.iter().all(|known| known.label != row.label));
        let labels = before.rows.iter().chain(added).map(|row| row.label.as_str());
        let second = |label: &str| {
            label != reference
                && [before, after].iter().any(|benchmark| benchmark.is_second(label, Some(reference)))
        };
        for label in labels.filter(|label| !second(label)) {
            for quantity in before.question.facts().gated {
                cells.extend(cell(before, after, label, *quantity, reference));
            }
        }
    }
    judge_family(&mut cells, settings);
    cells
}

/// The verdicts of all cells: at most 5 % of such tables have a false one.
fn judge_family(cells: &mut [DiffCell], settings: &Settings) {
    let mut family: Vec<(&mut DiffCell, Tests)> = Vec::new();
    for cell in cells.iter_mut().filter(|cell| cell.basis == Basis::Compared) {
        match cell.spread.filter(|_| cell.blocks() >= MIN_REPETITIONS) {
            Some(spread) => family.push((cell, spread.tests(settings.delta))),
            None => cell.verdict = Some(judge(cell.quantity, None, cell.blocks(), None, settings)),
        }
    }
    let tests: Vec<Tests> = family.iter().map(|(_, tests)| *tests).collect();
    for ((cell, _), tests) in family.into_iter().zip(corrected(&tests, None)) {
        let ends = cell.low.zip(cell.high);
        cell.verdict = Some(judge(cell.quantity, ends, cell.blocks(), Some(tests), settings));
    }
}

/// What a limit makes of each cell. That something is slower is family-wise, too: a gate fails by chance in at most 5 % of comparisons,
/// however many cells there are. Without blocks enough for a verdict nothing is certain.
#[must_use]
pub fn findings(cells: &[DiffCell], limit: f64, settings: &Settings) -> Vec<Finding> {
    let by_chance: Vec<Option<f64>> = cells.iter().map(|cell| cell.slower_by_chance(limit)).collect();
    let known: Vec<f64> = by_chance.iter().copied().flatten().collect();
    let mut adjusted = holm(&known).into_iter();
    let of = |(cell, p): (&DiffCell, Option<f64>)| {
        let p = p.and_then(|_| adjusted.next());
        cell.finding(limit, p.is_some_and(|p| p <= 1.0 - settings.confidence))
    };
    cells.iter().zip(by_chance).map(of).collect()
}

fn cell(
    before: &BenchmarkAnalysis,
    after: &BenchmarkAnalysis,
    label: &str,
    quantity: Quantity,
    reference: &str,
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
        spread: None,
    };
    let missing = |benchmark: &BenchmarkAnalysis, side: Side| {
        let (reason, planned) = obstacle(benchmark, label, quantity, reference)?;
        Some(Basis::Missing { side, reason, planned })
    };
    let missing = missing(before, Side::Old).or_else(|| missing(after, Side::New));
    if let Some(missing) = missing {
        cell.basis = missing;
        return Some(cell);
    }
    if label == reference {
        return Some(cell);
    }
    let of = |benchmark: &BenchmarkAnalysis| benchmark.pair(quantity, label, reference).cloned();
    let (before, after) = (of(before)?, of(after)?);
    let interval = Interval::difference(before.log_interval()?, after.log_interval()?);
    let ends = interval.ends;
    cell.basis = Basis::Compared;
    cell.change = Some(interval.middle.exp());
    cell.low = ends.map(|(low, _)| low.exp());
    cell.high = ends.map(|(_, high)| high.exp());
    cell.spread = before.spread.zip(after.spread).map(|(old, new)| Trimmed::difference(old, new));
    Some(cell)
}

/// Why a run has no ratio for this cell, and whether it was to have one.
fn obstacle(
    benchmark: &BenchmarkAnalysis,
    label: &str,
    quantity: Quantity,
    reference: &str,
) -> Option<(String, bool)> {
    let unusable = |label: &str| {
        let Some(row) = benchmark.rows.iter().find(|row| row.label == label) else {
            return Some((format!("{label} took no part"), false));
        };
        status_word(row).map(|word| (format!("{label} {word}"), row.status != RowStatus::NotRun))
    };
    let no_ratio = || {
        let pair = benchmark.pair(quantity, label, reference);
        let known = label == reference || pair.is_some_and(|pair| pair.ratio.is_some());
        let text = || format!("no block has {} of both {label} and {reference}", quantity.name());
        (!known).then(|| (text(), true))
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
    /// Whether its own interval, by itself, says that the later run is worse by at least this share.
    #[must_use]
    pub fn is_slower_by(&self, share: f64) -> bool {
        self.log_slowdown().is_some_and(|(least, _)| least >= share.ln_1p())
    }

    /// Whether its own interval lets the later run be worse by at least this share.
    fn may_be_slower_by(&self, share: f64) -> bool {
        self.log_slowdown().is_some_and(|(_, most)| most >= share.ln_1p())
    }

    /// p-value of a later run that is worse by at most this share; none where nothing can be certain.
    fn slower_by_chance(&self, share: f64) -> Option<f64> {
        let spread = self.spread.filter(|_| self.blocks() >= MIN_REPETITIONS)?;
        let slowdown = match self.quantity.direction() {
            Direction::Higher => -spread.mean,
            Direction::Lower => spread.mean,
        };
        Some(spread.p(slowdown - share.ln_1p()))
    }

    /// Blocks behind it: those of the run that has fewer.
    fn blocks(&self) -> usize {
        let of = |figure: Option<Figure>| figure.map_or(0, |figure| figure.repetitions);
        of(self.old).min(of(self.new))
    }

    /// The least and the most by which the later run is worse, as logarithms.
    fn log_slowdown(&self) -> Option<(f64, f64)> {
        let (low, high) = (self.low?.ln(), self.high?.ln());
        Some(match self.quantity.direction() {
            Direction::Higher => (-high, -low),
            Direction::Lower => (low, high),
        })
    }

    /// Whether the later run lost what the earlier one had: a row that was measured and no longer counts.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self.basis, Basis::Missing { side: Side::New, planned: true, .. }) && self.old.is_some()
    }

    /// What a limit makes of it, beside the other cells.
    fn finding(&self, limit: f64, is_certain: bool) -> Finding {
        let too_few = matches!(self.verdict, Some(PairVerdict::NotEnoughRepetitions { .. }));
        match &self.basis {
            Basis::Missing { .. } if self.is_lost() => Finding::Lost,
            Basis::Missing { .. } | Basis::Reference => Finding::NotCompared,
            Basis::Compared if too_few || self.low.is_none() => Finding::Uncertain,
            Basis::Compared if self.is_slower_by(limit) && is_certain => Finding::Slower,
            Basis::Compared if self.may_be_slower_by(limit) => Finding::Uncertain,
            Basis::Compared => Finding::Kept,
        }
    }
}

#[cfg(test)]
mod tests;
