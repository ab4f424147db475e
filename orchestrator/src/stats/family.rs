//! Several comparisons in one table: p-values, and their corrections, so that the whole table is wrong in at most 5 % of runs.

use super::holm::{holm, shaffer};
use super::student::t_cdf;

/// One of so many values is cut off at either end before their mean is taken, so that a single disturbed trial cannot hide a
/// difference. Fewer than 8 values are all kept.
const VALUES_PER_CUT: usize = 8;

/// p-values of one comparison by the trimmed t test on the logarithms of its ratios, each two-sided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tests {
    /// Trimmed mean of the logarithms: on which side of 1 the tests see the ratio.
    pub(super) mean: f64,
    /// Of no difference.
    pub(super) differs: f64,
    /// Of a difference of at most the smallest effect of interest.
    pub(super) beyond: f64,
    /// Of a difference of at least that.
    pub(super) within: f64,
}

impl Tests {
    /// Of logarithms of ratios; none with fewer than two.
    pub(super) fn of(logs: &[f64], delta: f64) -> Option<Self> {
        if logs.len() < 2 {
            return None;
        }
        let (mean, error, degrees) = trimmed(logs);
        let margin = delta.ln_1p();
        let p = |distance: f64| {
            if distance <= 0.0 {
                1.0
            } else if error <= 0.0 {
                0.0
            } else {
                2.0 * (1.0 - t_cdf(distance / error, degrees))
            }
        };
        Some(Self {
            mean,
            differs: p(mean.abs()),
            beyond: p(mean.abs() - margin),
            within: p(margin - mean.abs()),
        })
    }
}

/// Trimmed mean, its standard error from the winsorised values, and the degrees of freedom (Tukey and `McLaughlin`, Sankhyā A 25,
/// 1963). Of at least two values.
fn trimmed(logs: &[f64]) -> (f64, f64, u32) {
    let mut sorted = logs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = sorted.len() / VALUES_PER_CUT;
    let kept = sorted.len() - 2 * cut;
    let mean = sorted[cut..cut + kept].iter().sum::<f64>() / kept as f64;
    let (lowest, highest) = (sorted[cut], sorted[cut + kept - 1]);
    let winsorised = || sorted.iter().map(|value| value.clamp(lowest, highest));
    let middle = winsorised().sum::<f64>() / sorted.len() as f64;
    let squares = winsorised().map(|value| (value - middle).powi(2)).sum::<f64>();
    let error = (squares / (kept * (kept - 1)) as f64).sqrt();
    (mean, error, u32::try_from(kept - 1).unwrap_or(u32::MAX))
}

/// Corrected for the family that `tests` are, each kind of statement by itself. Where they are all pairs of so many things, not
/// every set of equalities is possible among those (Shaffer).
pub(super) fn corrected(tests: &[Tests], pairs_of: Option<usize>) -> Vec<Tests> {
    let all = |field: fn(&Tests) -> f64| tests.iter().map(field).collect::<Vec<f64>>();
    let differs = match pairs_of {
        Some(things) => shaffer(&all(|t| t.differs), things),
        None => holm(&all(|t| t.differs)),
    };
    let (beyond, within) = (holm(&all(|t| t.beyond)), holm(&all(|t| t.within)));
    let corrected = tests.iter().zip(differs).zip(beyond.into_iter().zip(within));
    corrected
        .map(|((test, differs), (beyond, within))| Tests { mean: test.mean, differs, beyond, within })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Golden: scipy.stats.ttest_1samp(d, 0) and (d, log 1.05); with eight values the same formula in numpy.
    #[test]
    fn p_values_agree_with_scipy() {
        let six = [0.1, 0.2, -0.05, 0.3, 0.12, 0.07];
        let eight = [0.1, 0.2, -0.05, 0.3, 0.12, 0.07, 0.9, 0.11];
        for (logs, differs, beyond) in [
            (&six[..], 0.051_668_666_898_088_69, 0.184_816_459_808_675_64),
            (&eight, 0.023_198_307_843_952_857, 0.081_155_799_363_621_3),
        ] {
            let tests = Tests::of(logs, 0.05).expect("values");
            assert!((tests.differs - differs).abs() < 1e-9, "{tests:?}");
            assert!((tests.beyond - beyond).abs() < 1e-9, "{tests:?}");
            assert!((tests.within - 1.0).abs() < 1e-12, "{tests:?}");
        }
    }

    #[test]
    fn identical_values_are_no_difference_and_certainly_within() {
        let tests = Tests::of(&[0.0; 5], 0.05).expect("values");
        assert_eq!((tests.differs, tests.beyond, tests.within), (1.0, 1.0, 0.0));
        assert_eq!(Tests::of(&[0.3], 0.05), None);
    }
}
