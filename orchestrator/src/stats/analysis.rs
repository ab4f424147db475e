//! All statistics of a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::benchmark::{BenchmarkAnalysis, NoiseFloor, is_first};
use super::cost::added_costs;
use super::curves::{Curve, curves};
use super::family::{Tests, corrected};
use super::groups::letters;
use super::holm::holm;
use super::interval::MIN_REPETITIONS;
use super::pair::{Pair, PairVerdict, compare_tested};
use super::row::{Row, RowStatus, is_usable};
use super::score::{Score, scores};
use super::settings::Settings;
use crate::facts::{Direction, Quantity};
use crate::parse::{LimitedBy, Measurement};
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
    /// Benchmarks at several values of a setting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
}

/// Analyses a run. Trials that were not run are simply absent.
#[must_use]
pub fn analyse(plan: &Plan, trials: &[(&PlannedTrial, &Measurement)], settings: &Settings) -> Analysis {
    let benchmarks: Vec<_> =
        (0..plan.benchmarks.len()).map(|index| analyse_benchmark(plan, index, trials, settings)).collect();
    let scores = scores(&benchmarks, plan.baseline.as_deref());
    let curves = curves(plan, &benchmarks, trials, settings.confidence);
    Analysis { settings: settings.clone(), benchmarks, scores, curves }
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
            (Row::of((label, implementation), planned, &series, settings), series)
        })
        .unzip();
    let headline = benchmark.question.facts().headline;
    let mut analysis = BenchmarkAnalysis {
        name: benchmark.name.clone(),
        question: benchmark.question,
        headline,
        noise_floor: Vec::new(),
        pairs: Vec::new(),
        added: added_costs(trials, index, settings.confidence),
        rows,
    };
    for quantity in Quantity::all() {
        let asked = (benchmark.question, quantity);
        let pairs = all_pairs(&analysis.rows, &series, asked, plan.baseline.as_deref(), settings);
        analysis.pairs.extend(pairs);
    }
    analysis.noise_floor =
        noise_floor(&analysis.rows, &series, benchmark.question, &analysis.pairs, settings);
    assign_letters(&mut analysis, plan.baseline.as_deref());
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

/// A pair while the others are not known yet.
struct Tested {
    pair: Pair,
    tests: Option<Tests>,
    /// Both are the first rows of two implementations, and may be judged.
    ranked: bool,
}

fn all_pairs(
    rows: &[Row],
    series: &[Series],
    (question, quantity): (Question, Quantity),
    baseline: Option<&str>,
    settings: &Settings,
) -> Vec<Pair> {
    let mut pairs: Vec<Tested> = Vec::new();
    for first in 0..rows.len() {
        for second in first + 1..rows.len() {
            let baseline_last = baseline == Some(rows[second].label.as_str());
            let (x, reference) = if baseline_last { (first, second) } else { (second, first) };
            let blocks = common_blocks(&series[x], &series[reference], quantity);
            let has_data = |row: &Row| row.trials.completed > 0;
            if !has_data(&rows[x]) || !has_data(&rows[reference]) {
                continue;
            }
            let (mut pair, tests) =
                compare_tested(quantity, &rows[x].label, &rows[reference].label, &blocks, settings);
            let mut ranked = false;
            if rows[x].status != RowStatus::Valid || rows[reference].status != RowStatus::Valid {
                pair.verdict = PairVerdict::Invalid;
            } else if pair.blocks == 0 {
                continue;
            } else if !question.judges(quantity) || both_at_least(&rows[x], &rows[reference], quantity) {
                pair.verdict = PairVerdict::Unranked;
            } else if rows[x].implementation == rows[reference].implementation {
                // One program against itself: never a difference.
                if pair.verdict.is_difference() {
                    pair.verdict = PairVerdict::Undecided;
                }
            } else if [x, reference].into_iter().all(|row| is_first(rows, row, baseline)) {
                ranked = true;
            } else {
                pair.verdict = PairVerdict::Unranked;
            }
            pairs.push(Tested { pair, tests, ranked });
        }
    }
    judge_families(&mut pairs, baseline, settings);
    pairs.into_iter().map(|tested| tested.pair).collect()
}

/// Whether both rates could be more: then the load was measured twice, and neither row.
fn both_at_least(x: &Row, reference: &Row, quantity: Quantity) -> bool {
    let at_least = |row: &Row| row.limit.is_some_and(|limit| limit.by == LimitedBy::Load);
    quantity == Quantity::LossFreePerSec && at_least(x) && at_least(reference)
}

/// Verdicts against the baseline are one family of statements, the pairs that make groups another: each is wrong in at most 5 % of
/// runs, whatever the number of rows.
fn judge_families(pairs: &mut [Tested], baseline: Option<&str>, settings: &Settings) {
    let enough = |tested: &Tested| tested.ranked && tested.pair.blocks >= MIN_REPETITIONS;
    let mut family: Vec<&mut Tested> = pairs.iter_mut().filter(|tested| enough(tested)).collect();
    let mut things: Vec<String> =
        family.iter().flat_map(|t| [t.pair.label.clone(), t.pair.reference.clone()]).collect();
    things.sort_unstable();
    things.dedup();
    let tests: Vec<Tests> = family.iter().filter_map(|tested| tested.tests).collect();
    for (tested, tests) in family.iter_mut().zip(corrected(&tests, Some(things.len()))) {
        tested.pair.p_pairs = Some(tests.differs);
        tested.pair.verdict = tested.pair.judged(Some(tests), settings);
        tested.pair.apart = tested.pair.verdict.is_difference();
    }
    let p_values: Vec<f64> = family.iter().filter_map(|tested| tested.pair.p_sign_flip).collect();
    if p_values.len() == family.len() {
        for (tested, adjusted) in family.iter_mut().zip(holm(&p_values)) {
            tested.pair.p_holm = Some(adjusted);
        }
    }
    family.retain(|tested| baseline == Some(tested.pair.reference.as_str()));
    let tests: Vec<Tests> = family.iter().filter_map(|tested| tested.tests).collect();
    for (tested, tests) in family.iter_mut().zip(corrected(&tests, None)) {
        tested.pair.p_baseline = Some(tests.differs);
        tested.pair.verdict = tested.pair.judged(Some(tests), settings);
    }
}

fn common_blocks(x: &Series, reference: &Series, quantity: Quantity) -> Vec<(f64, f64)> {
    let value =
        |measurement: &Measurement| is_usable(measurement).then(|| quantity.of(measurement)).flatten();
    x.iter().filter_map(|(block, m)| Some((value(m)?, value(reference.get(block)?)?))).collect()
}

fn noise_floor(
    rows: &[Row],
    series: &[Series],
    question: Question,
    pairs: &[Pair],
    settings: &Settings,
) -> Vec<NoiseFloor> {
    let of = |label: &str| rows.iter().position(|row| row.label == label);
    let floor = |pair: &Pair| {
        let (x, reference) = (of(&pair.label)?, of(&pair.reference)?);
        if rows[x].implementation != rows[reference].implementation || !question.judges(pair.quantity) {
            return None;
        }
        let blocks = common_blocks(&series[x], &series[reference], pair.quantity);
        let (alone, _) = compare_tested(pair.quantity, &pair.label, &pair.reference, &blocks, settings);
        Some(NoiseFloor {
            quantity: pair.quantity,
            label: pair.label.clone(),
            reference: pair.reference.clone(),
            difference: pair.ratio?.ln().abs().exp_m1(),
            verdict: alone.verdict,
        })
    };
    pairs.iter().filter_map(floor).collect()
}

/// Only valid rows with blocks enough are ranked. The second row of an A/A pair has the letters of the first.
fn assign_letters(analysis: &mut BenchmarkAnalysis, baseline: Option<&str>) {
    let headline = analysis.headline;
    if !analysis.question.judges(headline) {
        return;
    }
    let value = |index: usize| {
        let row = &analysis.rows[index];
        let estimate = row.estimate(headline).filter(|estimate| estimate.repetitions >= MIN_REPETITIONS)?;
        let ranked = row.status == RowStatus::Valid && is_first(&analysis.rows, index, baseline);
        ranked.then_some(estimate.value)
    };
    let mut ranked: Vec<(usize, f64)> =
        (0..analysis.rows.len()).filter_map(|index| Some((index, value(index)?))).collect();
    ranked.sort_by(|a, b| match headline.direction() {
        Direction::Higher => b.1.total_cmp(&a.1),
        Direction::Lower => a.1.total_cmp(&b.1),
    });
    let order: Vec<usize> = ranked.into_iter().map(|(index, _)| index).collect();
    let apart = |a: usize, b: usize| {
        let (a, b) = (&analysis.rows[a].label, &analysis.rows[b].label);
        let pair = analysis.pair(headline, a, b).or_else(|| analysis.pair(headline, b, a));
        pair.is_some_and(|pair| pair.apart)
    };
    let letters = letters(&order, apart);
    for (index, letters) in order.into_iter().zip(letters) {
        let implementation = analysis.rows[index].implementation.clone();
        let same = |row: &&mut Row| row.implementation == implementation && row.status == RowStatus::Valid;
        for row in analysis.rows.iter_mut().filter(same) {
            row.letters = Some(letters.clone());
        }
    }
}

/// All pairs of a table of valid rows, the first of which is the baseline, for simulations.
#[cfg(test)]
pub(super) fn judged_pairs(
    quantity: Quantity,
    labels: &[String],
    series: &[Vec<f64>],
    settings: &Settings,
) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for reference in 0..labels.len() {
        for x in reference + 1..labels.len() {
            let blocks: Vec<_> = series[x].iter().copied().zip(series[reference].iter().copied()).collect();
            let (pair, tests) = compare_tested(quantity, &labels[x], &labels[reference], &blocks, settings);
            pairs.push(Tested { pair, tests, ranked: true });
        }
    }
    judge_families(&mut pairs, labels.first().map(String::as_str), settings);
    pairs.into_iter().map(|tested| tested.pair).collect()
}

#[cfg(test)]
mod tests;
