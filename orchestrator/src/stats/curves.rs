//! Benchmarks at several values of one setting: which belong together, and what is fitted to them.
//!
//! A fit is made in each block, of that block's trials, and its coefficients are then medians over the blocks with their intervals: blocks
//! are what is independent, and points of one block are not. Trials scatter by a share of their value, so that each point weighs as the
//! inverse of its square: without weights the dearest point alone would decide what it costs at 0.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::benchmark::BenchmarkAnalysis;
use super::interval::Interval;
use super::row::is_usable;
use crate::arithmetic::median;
use crate::facts::{Axis, Fit, Quantity};
use crate::parse::Measurement;
use crate::plan::{Plan, PlannedTrial, Question};

/// With fewer levels the Universal Scalability Law has as many parameters as there is to see.
const USL_LEVELS: usize = 6;

/// One benchmark at several values of a setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// Name of the series.
    pub series: String,
    /// What is asked.
    pub question: Question,
    /// The setting.
    pub axis: Axis,
    /// Its values, ascending, and the benchmark of each.
    pub points: Vec<CurvePoint>,
    /// What is fitted to the headline, one for each row that has enough.
    pub fits: Vec<RowFit>,
}

/// One value of the setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// The value: bytes, triggers a second, or whatever the setting is counted in; times in seconds.
    pub x: f64,
    /// Index of its benchmark in the plan, and in the analysis.
    pub benchmark: usize,
}

/// A row's fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowFit {
    /// Name of the row.
    pub label: String,
    /// Blocks behind it: those in which every point was measured.
    pub blocks: usize,
    /// What was fitted, with its coefficients.
    #[serde(flatten)]
    pub law: Law,
    /// How far a point's median is from the fit at most, as a share of the fit: what is above some per cent is not of this shape.
    pub worst: f64,
}

/// What is fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "law")]
pub enum Law {
    /// y = `at_zero` + `slope` x, where x is the value of the setting, or its inverse (docs/FIGURES.md).
    Line {
        /// In the quantity's unit.
        at_zero: Coefficient,
        /// In the quantity's unit for each unit of the setting.
        slope: Coefficient,
    },
    /// y = `single` x / (1 + `contention` (x - 1) + `coherence` x (x - 1)).
    Usl {
        /// Of one thread, in the quantity's unit.
        single: Coefficient,
        /// Share that cannot be done side by side.
        contention: Coefficient,
        /// What each pair of threads costs.
        coherence: Coefficient,
    },
}

/// A coefficient over the blocks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coefficient {
    /// Median.
    pub value: f64,
    /// Lower end of its interval; null with fewer than five blocks.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
}

/// The curves of a run, in the order of their first benchmarks.
pub(super) fn curves(
    plan: &Plan,
    benchmarks: &[BenchmarkAnalysis],
    trials: &[(&PlannedTrial, &Measurement)],
    confidence: f64,
) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for (index, benchmark) in plan.benchmarks.iter().enumerate() {
        let Some(point) = &benchmark.point else { continue };
        // Of a version that knows more.
        let Ok(axis) = point.axis.parse() else { continue };
        let here = CurvePoint { x: point.x, benchmark: index };
        match curves.iter_mut().find(|curve| curve.series == point.series) {
            Some(curve) => curve.points.push(here),
            None => curves.push(Curve {
                series: point.series.clone(),
                question: benchmark.question,
                axis,
                points: vec![here],
                fits: Vec::new(),
            }),
        }
    }
    for curve in &mut curves {
        curve.points.sort_by(|a, b| a.x.total_cmp(&b.x));
        curve.fits = fits(curve, benchmarks, trials, confidence);
    }
    curves
}

fn fits(
    curve: &Curve,
    benchmarks: &[BenchmarkAnalysis],
    trials: &[(&PlannedTrial, &Measurement)],
    confidence: f64,
) -> Vec<RowFit> {
    let facts = curve.question.facts();
    let mut labels: Vec<&str> = Vec::new();
    for row in curve.points.iter().flat_map(|point| &benchmarks[point.benchmark].rows) {
        if !labels.contains(&row.label.as_str()) {
            labels.push(&row.label);
        }
    }
    let of = |label: &&str| {
        let blocks = blocks(curve, label, facts.headline, trials);
        let fitted = match facts.fit {
            Fit::None => None,
            Fit::Line => line(&blocks, confidence),
            Fit::Usl => usl(&blocks, confidence),
        };
        fitted.map(|law| RowFit {
            label: (*label).to_owned(),
            blocks: blocks.len(),
            worst: worst(&blocks, &law),
            law,
        })
    };
    labels.iter().filter_map(of).collect()
}

/// The points of a row, what is fitted over and y, in each block that has them all.
fn blocks(
    curve: &Curve,
    label: &str,
    quantity: Quantity,
    trials: &[(&PlannedTrial, &Measurement)],
) -> Vec<Vec<(f64, f64)>> {
    let over = curve.axis.facts().abscissa;
    let mut blocks: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for point in &curve.points {
        for (planned, measurement) in trials {
            if planned.benchmark == point.benchmark
                && planned.label == label
                && is_usable(measurement)
                && let Some(y) = quantity.of(measurement).filter(|y| y.is_finite() && *y > 0.0)
            {
                blocks.entry(planned.block).or_default().push((over.of(point.x), y));
            }
        }
    }
    blocks.into_values().filter(|points| points.len() == curve.points.len()).collect()
}

fn line(blocks: &[Vec<(f64, f64)>], confidence: f64) -> Option<Law> {
    let fit = |points: &Vec<(f64, f64)>| {
        (points.len() > 2).then(|| least_squares(points.iter().map(|(x, y)| ([1.0, *x], *y))))?
    };
    let fitted: Option<Vec<[f64; 2]>> = blocks.iter().map(fit).collect();
    let [at_zero, slope] = coefficients(&fitted?, confidence)?;
    Some(Law::Line { at_zero, slope })
}

/// The law is a straight line in x / y: x / y = (1 + contention (x - 1) + coherence x (x - 1)) / single.
fn usl(blocks: &[Vec<(f64, f64)>], confidence: f64) -> Option<Law> {
    let fit = |points: &Vec<(f64, f64)>| {
        let turned = points.iter().map(|(x, y)| ([1.0, x - 1.0, x * (x - 1.0)], x / y));
        let [a, b, c] = (points.len() >= USL_LEVELS).then(|| least_squares(turned))??;
        (a > 0.0).then(|| [1.0 / a, b / a, c / a])
    };
    let fitted: Option<Vec<[f64; 3]>> = blocks.iter().map(fit).collect();
    let [single, contention, coherence] = coefficients(&fitted?, confidence)?;
    Some(Law::Usl { single, contention, coherence })
}

impl Law {
    /// What it says for a value of what it is fitted over (the axis's `abscissa`).
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        match self {
            Self::Line { at_zero, slope } => at_zero.value + slope.value * x,
            Self::Usl { single, contention, coherence } => {
                let less = 1.0 + contention.value * (x - 1.0) + coherence.value * x * (x - 1.0);
                single.value * x / less
            }
        }
    }
}

/// Each coefficient over the blocks; none without a block.
fn coefficients<const N: usize>(fitted: &[[f64; N]], confidence: f64) -> Option<[Coefficient; N]> {
    let mut all = [Coefficient { value: 0.0, low: None, high: None }; N];
    for (index, coefficient) in all.iter_mut().enumerate() {
        let values: Vec<f64> = fitted.iter().map(|of_block| of_block[index]).collect();
        let interval = Interval::of(&values, confidence)?;
        let (low, high) = interval.ends.unzip();
        *coefficient = Coefficient { value: interval.middle, low, high };
    }
    Some(all)
}

fn worst(blocks: &[Vec<(f64, f64)>], law: &Law) -> f64 {
    let mut by_x: Vec<(f64, Vec<f64>)> = Vec::new();
    for (x, y) in blocks.iter().flatten() {
        match by_x.iter_mut().find(|(other, _)| other.total_cmp(x).is_eq()) {
            Some((_, values)) => values.push(*y),
            None => by_x.push((*x, vec![*y])),
        }
    }
    let off = |(x, values): &(f64, Vec<f64>)| {
        let middle = median(values.iter().copied())?;
        Some((middle / law.at(*x) - 1.0).abs())
    };
    by_x.iter().filter_map(off).fold(0.0, f64::max)
}

/// Least squares of y on the columns, each point weighted by 1 / y²: the normal equations, by elimination with pivots. None where the
/// columns depend on each other.
fn least_squares<const N: usize>(points: impl Iterator<Item = ([f64; N], f64)>) -> Option<[f64; N]> {
    let mut left = [[0.0; N]; N];
    let mut right = [0.0; N];
    // Columns of very different size are brought to one, so that a small pivot means what it looks like.
    let points: Vec<_> = points.collect();
    let mut scale = [0.0_f64; N];
    for (columns, y) in &points {
        for (scale, column) in scale.iter_mut().zip(columns) {
            *scale = scale.max((column / y).abs());
        }
    }
    if scale.iter().any(|scale| *scale <= 0.0 || !scale.is_finite()) {
        return None;
    }
    for (columns, y) in &points {
        let scaled: Vec<f64> = columns.iter().zip(&scale).map(|(column, scale)| column / y / scale).collect();
        for row in 0..N {
            right[row] += scaled[row];
            for column in 0..N {
                left[row][column] += scaled[row] * scaled[column];
            }
        }
    }
    for pivot in 0..N {
        let best = (pivot..N).max_by(|a, b| left[*a][pivot].abs().total_cmp(&left[*b][pivot].abs()))?;
        left.swap(pivot, best);
        right.swap(pivot, best);
        if left[pivot][pivot].abs() < 1e-12 {
            return None;
        }
        for row in pivot + 1..N {
            let factor = left[row][pivot] / left[pivot][pivot];
            let above = left[pivot];
            for (value, above) in left[row].iter_mut().zip(above).skip(pivot) {
                *value -= factor * above;
            }
            right[row] -= factor * right[pivot];
        }
    }
    let mut solution = [0.0; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| left[row][column] * solution[column]).sum();
        solution[row] = (right[row] - known) / left[row][row];
    }
    for (value, scale) in solution.iter_mut().zip(&scale) {
        *value /= scale;
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn seven_nanoseconds_for_a_hundred_rounds_are_found_as_such() {
        let of = |factor: f64| {
            let point = |x: f64| (x, (250.0 + 0.07 * x) * factor);
            [0.0, 10.0, 100.0, 1_000.0, 10_000.0].map(point).to_vec()
        };
        let blocks: Vec<_> = [1.0, 1.02, 0.98, 1.01, 0.99].map(of).to_vec();
        let law = line(&blocks, 0.95).expect("points enough");
        let Law::Line { at_zero, slope } = &law else { panic!("{law:?}") };
        assert!((at_zero.value - 250.0).abs() < 1e-6 && (slope.value - 0.07).abs() < 1e-9, "{law:?}");
        let (low, high) = slope.low.zip(slope.high).expect("five blocks");
        assert!((low - 0.0686).abs() < 1e-9 && (high - 0.0714).abs() < 1e-9, "{low} {high}");
        assert!(worst(&blocks, &law) < 1e-9);
        // Twice as dear from some point on is no line, and is said to be none.
        let bent = vec![vec![(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 12.0)]];
        let law = line(&bent, 0.95).expect("points enough");
        assert!(worst(&bent, &law) > 0.2);
        assert_eq!(line(&[vec![(0.0, 1.0), (1.0, 2.0)]], 0.95), None, "two points are always a line");
        assert_eq!(line(&[vec![(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]], 0.95), None);
    }

    proptest! {
        #[test]
        fn the_parameters_of_the_law_come_back(
            single in 1e3_f64..1e7, contention in 0.0_f64..0.5, coherence in 0.0_f64..0.05,
        ) {
            let of = |x: f64| single * x / (1.0 + contention * (x - 1.0) + coherence * x * (x - 1.0));
            let points: Vec<_> = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0].map(|x| (x, of(x))).to_vec();
            prop_assert_eq!(usl(&[points[..5].to_vec()], 0.95), None);
            let found = usl(&[points], 0.95).expect("six levels");
            let Law::Usl { single: a, contention: b, coherence: c } = &found else { panic!("{found:?}") };
            prop_assert!((a.value / single - 1.0).abs() < 1e-6);
            prop_assert!((b.value - contention).abs() < 1e-6 && (c.value - coherence).abs() < 1e-6);
        }
    }
}
