//! All statistics of a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::groups::groups;
use super::holm::holm;
use super::pair::{Pair, PairVerdict, compare};
use super::quantity::{Direction, Quantity};
use super::row::{Row, RowStatus, is_usable};
use super::score::{Score, scores};
use super::settings::Settings;
use crate::parse::Measurement;
use crate::plan::{Plan, PlannedTrial, Question};

/// Statistics of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// What they were told.
    pub settings: Settings,
    /// One for each benchmark of the plan, in its order.
    pub benchmarks: Vec<BenchmarkAnalysis>,
    /// Over several benchmarks of the same question.
    pub scores: Vec<Score>,
}

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
    /// What rows of the same implementation differ by: nothing but noise.
    pub noise_floor: Vec<NoiseFloor>,
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
    /// What the interval alone says. A difference means that the machine was not steady; as the verdict on the pair it would
    /// be nonsense, so there it is `undecided`.
    pub verdict: PairVerdict,
}

/// Analyses a run. Trials that were not run are simply absent.
#[must_use]
pub fn analyse(plan: &Plan, trials: &[(&PlannedTrial, &Measurement)], settings: &Settings) -> Analysis {
    let benchmarks: Vec<_> =
        (0..plan.benchmarks.len()).map(|index| analyse_benchmark(plan, index, trials, settings)).collect();
    let scores = scores(&benchmarks, plan.baseline.as_deref());
    Analysis { settings: settings.clone(), benchmarks, scores }
}

/// Measurements by block.
type Series<'a> = BTreeMap<u32, &'a Measurement>;

fn analyse_benchmark(
    plan: &Plan,
    index: usize,
    trials: &[(&PlannedTrial, &Measurement)],
    settings: &Settings,
) -> BenchmarkAnalysis {
    let benchmark = &plan.benchmarks[index];
    let (rows, series): (Vec<Row>, Vec<Series>) = labels(plan, index)
        .into_iter()
        .map(|(label, implementation)| {
            let planned = plan.trials.iter().filter(|t| t.benchmark == index && t.label == label).count();
            let own = trials.iter().filter(|(trial, _)| trial.benchmark == index && trial.label == label);
            let series: Series = own.map(|(trial, measurement)| (trial.block, *measurement)).collect();
            (Row::of((label, implementation), planned, &series, benchmark.question, settings), series)
        })
        .unzip();
    let headline = Quantity::headline(benchmark.question);
    let mut analysis = BenchmarkAnalysis {
        name: benchmark.name.clone(),
        question: benchmark.question,
        headline,
        noise_floor: Vec::new(),
        pairs: Vec::new(),
        rows,
    };
    for quantity in Quantity::ALL {
        let pairs = all_pairs(&analysis.rows, &series, quantity, plan.baseline.as_deref(), settings);
        analysis.pairs.extend(pairs);
    }
    analysis.noise_floor = noise_floor(&analysis);
    doubt(&mut analysis);
    assign_groups(&mut analysis);
    analysis
}

/// Labels and implementations of a benchmark: implementations in the benchmark's own order, extra labels after theirs.
fn labels(plan: &Plan, index: usize) -> Vec<(&str, &str)> {
    let mut labels: Vec<(&str, &str)> = Vec::new();
    for trial in plan.trials.iter().filter(|trial| trial.benchmark == index) {
        let entry = (trial.label.as_str(), trial.implementation.as_str());
        if !labels.contains(&entry) {
            labels.push(entry);
        }
    }
    let order = &plan.benchmarks[index].implementations;
    labels.sort_by_key(|(label, implementation)| {
        (
            order.iter().position(|name| name == implementation).unwrap_or(order.len()),
            label != implementation,
            *label,
        )
    });
    labels
}

fn all_pairs(
    rows: &[Row],
    series: &[Series],
    quantity: Quantity,
    baseline: Option<&str>,
    settings: &Settings,
) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for first in 0..rows.len() {
        for second in first + 1..rows.len() {
            let baseline_last = baseline == Some(rows[second].label.as_str());
            let (x, reference) = if baseline_last { (first, second) } else { (second, first) };
            let blocks = common_blocks(&series[x], &series[reference], quantity);
            let has_data = |row: &Row| row.trials.completed > 0;
            if !has_data(&rows[x]) || !has_data(&rows[reference]) {
                continue;
            }
            let mut pair = compare(quantity, &rows[x].label, &rows[reference].label, &blocks, settings);
            if rows[x].status != RowStatus::Valid || rows[reference].status != RowStatus::Valid {
                pair.verdict = PairVerdict::Invalid;
            } else if pair.blocks == 0 {
                continue;
            }
            pairs.push(pair);
        }
    }
    correct(&mut pairs);
    pairs
}

/// Holm's correction over the pairs of one quantity that have a p-value and are ranked.
fn correct(pairs: &mut [Pair]) {
    let mut ranked: Vec<&mut Pair> = pairs.iter_mut().filter(|p| p.verdict != PairVerdict::Invalid).collect();
    ranked.retain(|pair| pair.p_sign_flip.is_some());
    let p_values: Vec<f64> = ranked.iter().filter_map(|pair| pair.p_sign_flip).collect();
    for (pair, adjusted) in ranked.into_iter().zip(holm(&p_values)) {
        pair.p_holm = Some(adjusted);
    }
}

fn common_blocks(x: &Series, reference: &Series, quantity: Quantity) -> Vec<(f64, f64)> {
    let value =
        |measurement: &Measurement| is_usable(measurement).then(|| quantity.of(measurement)).flatten();
    x.iter().filter_map(|(block, m)| Some((value(m)?, value(reference.get(block)?)?))).collect()
}

fn noise_floor(analysis: &BenchmarkAnalysis) -> Vec<NoiseFloor> {
    let implementation =
        |label: &str| analysis.rows.iter().find(|row| row.label == label).map(|row| &row.implementation);
    let same = |pair: &&Pair| implementation(&pair.label) == implementation(&pair.reference);
    let floor = |pair: &Pair| {
        Some(NoiseFloor {
            quantity: pair.quantity,
            label: pair.label.clone(),
            reference: pair.reference.clone(),
            difference: pair.ratio?.ln().abs().exp_m1(),
            verdict: pair.verdict,
        })
    };
    analysis.pairs.iter().filter(same).filter_map(floor).collect()
}

/// What one program differs by from itself is no difference: an interval that does not clear the noise floor decides nothing.
/// It cannot clear the floor of its own pair.
fn doubt(analysis: &mut BenchmarkAnalysis) {
    let BenchmarkAnalysis { pairs, noise_floor, .. } = analysis;
    for pair in pairs.iter_mut().filter(|pair| pair.verdict.is_difference()) {
        let floors = noise_floor.iter().filter(|floor| floor.quantity == pair.quantity);
        let floor = floors.map(|floor| floor.difference).fold(0.0, f64::max);
        if !pair.clears(floor) {
            pair.verdict = PairVerdict::Undecided;
        }
    }
}

/// Only valid rows with an interval are ranked.
fn assign_groups(analysis: &mut BenchmarkAnalysis) {
    let headline = analysis.headline;
    let value = |row: &Row| {
        let estimate = row.estimate(headline).filter(|estimate| estimate.low.is_some())?;
        (row.status == RowStatus::Valid).then_some(estimate.value)
    };
    let mut ranked: Vec<(usize, f64)> =
        analysis.rows.iter().enumerate().filter_map(|(index, row)| Some((index, value(row)?))).collect();
    ranked.sort_by(|a, b| match headline.direction() {
        Direction::Higher => b.1.total_cmp(&a.1),
        Direction::Lower => a.1.total_cmp(&b.1),
    });
    let order: Vec<usize> = ranked.into_iter().map(|(index, _)| index).collect();
    let differ = |a: usize, b: usize| {
        let (a, b) = (&analysis.rows[a].label, &analysis.rows[b].label);
        let pair = analysis.pair(headline, a, b).or_else(|| analysis.pair(headline, b, a));
        pair.is_some_and(|pair| pair.verdict.is_difference())
    };
    let numbers = groups(&order, differ);
    for (index, number) in order.into_iter().zip(numbers) {
        analysis.rows[index].group = Some(number);
    }
}

impl BenchmarkAnalysis {
    /// The comparison of `label` with `reference`.
    #[must_use]
    pub fn pair(&self, quantity: Quantity, label: &str, reference: &str) -> Option<&Pair> {
        let wanted = |p: &&Pair| p.quantity == quantity && p.label == label && p.reference == reference;
        self.pairs.iter().find(wanted)
    }

    /// How many pairs the sign-flip test of the headline is corrected for.
    #[must_use]
    pub fn pairs_of_headline(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.quantity == self.headline && pair.p_holm.is_some()).count()
    }

    /// The widest of the headline's intervals, as a share; none while one of them is missing. The stopping rule
    /// `--precision` looks at it.
    #[must_use]
    pub fn widest_half_width(&self) -> Option<f64> {
        let ranked = self.rows.iter().filter(|row| row.status == RowStatus::Valid);
        let own = ranked.map(|row| row.estimate(self.headline)?.half_width);
        let pairs =
            self.pairs.iter().filter(|p| p.quantity == self.headline && p.verdict != PairVerdict::Invalid);
        let all: Option<Vec<f64>> = own.chain(pairs.map(|pair| pair.half_width)).collect();
        all?.into_iter().reduce(f64::max)
    }
}

#[cfg(test)]
mod tests;
