//! How often a displayed interval holds the true value: a row's own, and that of the ratio of two rows.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rstest::rstest;

use super::residuals;
use crate::arithmetic::median_of_sorted;
use crate::facts::Quantity;
use crate::stats::interval::{Interval, MIN_REPETITIONS};

/// Most blocks that are tried.
const BLOCKS: usize = 20;

/// For each population and number of blocks. The standard error of a rate of 95 % is then 0.2 %.
const RUNS: usize = 20_000;

/// A true value is the median of what is drawn from. 40 residuals are too coarse for that: where four of them are the median itself,
/// any interval that touches it holds it, and where there is a gap every one that reaches into it does or does not.
///
/// So each residual is spread by a triangular kernel, whose standard deviation is half of what Silverman's rule of thumb asks for
/// (Density Estimation, 1986, 3.31): the whole of it would smooth humps away, which delays have. Ascending.
fn smooth(residuals: &[f64]) -> Vec<f64> {
    const PARTS: usize = 100;
    let sorted = bare(residuals);
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let deviation = (sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let quartiles = sorted[3 * sorted.len() / 4] - sorted[sorted.len() / 4];
    let bandwidth = 0.5 * 0.9 * deviation.min(quartiles / 1.34) * n.powf(-0.2);
    // Quantiles of a triangle on -1 to 1, whose standard deviation is 1/√6.
    let offsets = (0..PARTS).map(|part| {
        let p = (part as f64 + 0.5) / PARTS as f64;
        let quantile = if p < 0.5 { (2.0 * p).sqrt() - 1.0 } else { 1.0 - (2.0 - 2.0 * p).sqrt() };
        quantile * 6.0_f64.sqrt() * bandwidth
    });
    let mut population: Vec<f64> =
        offsets.flat_map(|offset| sorted.iter().map(move |value| value + offset)).collect();
    population.sort_by(f64::total_cmp);
    population
}

fn bare(residuals: &[f64]) -> Vec<f64> {
    let mut sorted = residuals.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// What is drawn from: each row by itself, and each two rows' differences within a block.
fn populations(quantity: Quantity) -> Vec<(String, Vec<f64>)> {
    let rows = residuals(quantity);
    let own = rows.iter().enumerate().map(|(row, values)| (format!("row {row}"), values.clone()));
    let pairs = (0..rows.len()).flat_map(|row| (0..row).map(move |other| (row, other)));
    let ratios = pairs.map(|(row, other)| {
        let differences = rows[row].iter().zip(&rows[other]).map(|(a, b)| a - b).collect();
        (format!("ratio {row}/{other}"), differences)
    });
    own.chain(ratios).collect()
}

/// Share of intervals that hold the median of an ascending population, for each number of blocks from the fewest on.
fn coverage(random: &mut StdRng, population: &[f64], runs: usize) -> Vec<f64> {
    let truth = median_of_sorted(population);
    let mut held = [0_usize; BLOCKS + 1 - MIN_REPETITIONS];
    for _ in 0..runs {
        let values: [f64; BLOCKS] =
            std::array::from_fn(|_| population[random.random_range(0..population.len())]);
        for (held, blocks) in held.iter_mut().zip(MIN_REPETITIONS..) {
            let interval = Interval::of(&values[..blocks], 0.95).expect("values");
            let (low, high) = interval.ends.expect("values enough");
            *held += usize::from(low <= truth && truth <= high);
        }
    }
    held.iter().map(|held| *held as f64 / runs as f64).collect()
}

/// The smallest and the largest coverage over the populations, for all numbers of blocks.
fn extremes(quantity: Quantity, runs: usize, of: impl Fn(&[f64]) -> Vec<f64>) -> (f64, f64) {
    println!("{}: per cent of intervals that hold the true value, 5 to {BLOCKS} blocks", quantity.name());
    let (mut random, mut all) = (StdRng::seed_from_u64(8), Vec::new());
    for (name, residuals) in populations(quantity) {
        let found = coverage(&mut random, &of(&residuals), runs);
        let line: Vec<String> = found.iter().map(|held| format!("{:.1}", held * 100.0)).collect();
        println!("{name:9} {}", line.join(" "));
        all.extend(found);
    }
    let extremes = (all.iter().copied().fold(1.0, f64::min), all.iter().copied().fold(0.0, f64::max));
    println!("all       {:.1} to {:.1}\n", extremes.0 * 100.0, extremes.1 * 100.0);
    extremes
}

#[rstest]
#[case(Quantity::CpuNsPerEvent)]
#[case(Quantity::DeliveredPerSec)]
#[case(Quantity::LatencyP50)]
#[case(Quantity::LatencyP95)]
#[case(Quantity::LatencyP99)]
#[case(Quantity::RunnerCpuPercent)]
#[case(Quantity::TimeToReadyNs)]
fn intervals_hold_the_true_value_in_93_to_97_per_cent(#[case] quantity: Quantity) {
    let (lowest, highest) = extremes(quantity, RUNS, smooth);
    assert!(lowest >= 0.93 && highest <= 0.97, "{}: {lowest} to {highest}", quantity.name());
}

/// The residuals as they are. What is out of 93 to 97 % here is so for the coarseness of 40 values: see `smooth`.
#[rstest]
#[case(Quantity::CpuNsPerEvent)]
#[case(Quantity::DeliveredPerSec)]
#[case(Quantity::LatencyP50)]
#[case(Quantity::LatencyP95)]
#[case(Quantity::LatencyP99)]
#[case(Quantity::RunnerCpuPercent)]
#[case(Quantity::TimeToReadyNs)]
fn intervals_of_the_bare_residuals_stay_near_it(#[case] quantity: Quantity) {
    let (lowest, highest) = extremes(quantity, RUNS / 4, bare);
    assert!(lowest >= 0.90 && highest <= 0.985, "{}: {lowest} to {highest}", quantity.name());
}

/// It has few values, so that an interval often is one of them: the true one.
#[test]
fn intervals_of_memory_that_is_counted_in_pages_hold_it_at_least_so_often() {
    let (lowest, _) = extremes(Quantity::PrivateBytes, RUNS / 4, bare);
    assert!(lowest >= 0.93, "{lowest}");
}
