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

/// A mean of logarithms, and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trimmed {
    /// The mean.
    pub(super) mean: f64,
    /// Its standard error.
    error: f64,
    /// Degrees of freedom.
    degrees: u32,
}

impl Trimmed {
    /// Trimmed mean, its standard error from the winsorised values, and the degrees of freedom (Tukey and `McLaughlin`, Sankhyā A 25,
    /// 1963); none of fewer than two values.
    pub(super) fn of(logs: &[f64]) -> Option<Self> {
        if logs.len() < 2 {
            return None;
        }
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
        Some(Self { mean, error, degrees: u32::try_from(kept - 1).unwrap_or(u32::MAX) })
    }

    /// `new - old` of two that were estimated apart (Yuen, Biometrika 61, 1974, which is Welch's test of trimmed means).
    pub(super) fn difference(old: Self, new: Self) -> Self {
        let squares = |of: Self| of.error * of.error;
        let both = squares(old) + squares(new);
        let weight = |of: Self| squares(of).powi(2) / f64::from(of.degrees);
        let degrees = both.powi(2) / (weight(old) + weight(new));
        // Without any scatter they do not matter. They are at most the sum of both.
        let degrees = (1..=old.degrees.saturating_add(new.degrees))
            .take_while(|whole| f64::from(*whole) <= degrees)
            .last()
            .unwrap_or(1);
        Self { mean: new.mean - old.mean, error: both.sqrt(), degrees }
    }

    /// Twice the probability that it is so far from a value on one side of it by chance; 1 where it is on the other side.
    pub(super) fn p(self, distance: f64) -> f64 {
        if distance <= 0.0 {
            1.0
        } else if self.error <= 0.0 {
            0.0
        } else {
            2.0 * (1.0 - t_cdf(distance / self.error, self.degrees))
        }
    }

    /// p-values of no difference, and of those that matter.
    pub(super) fn tests(self, delta: f64) -> Tests {
        let (size, margin) = (self.mean.abs(), delta.ln_1p());
        Tests {
            mean: self.mean,
            differs: self.p(size),
            beyond: self.p(size - margin),
            within: self.p(margin - size),
        }
    }
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

    fn tests(logs: &[f64]) -> Option<Tests> {
        Trimmed::of(logs).map(|trimmed| trimmed.tests(0.05))
    }

    // By hand: t = 3.291700 with 8.15 degrees of freedom, of which the whole ones count.
    #[test]
    fn two_runs_are_held_against_each_other_by_welchs_test() {
        let old = Trimmed::of(&[0.1, 0.2, -0.05, 0.3, 0.12, 0.07]).expect("values");
        let new = Trimmed::of(&[0.31, 0.22, 0.4, 0.28, 0.35]).expect("values");
        let difference = Trimmed::difference(old, new);
        assert!((difference.mean - (0.312 - 0.74 / 6.0)).abs() < 1e-12, "{difference:?}");
        assert_eq!(difference.degrees, 8);
        assert!((difference.tests(0.05).differs - 0.010_994_127_5).abs() < 1e-8, "{difference:?}");
        let back = Trimmed::difference(new, old);
        assert!((back.mean + difference.mean).abs() < 1e-12 && back.degrees == difference.degrees);
        let exact = Trimmed::of(&[0.1; 5]).expect("values");
        assert!(Trimmed::difference(exact, exact).tests(0.05).differs > 0.999);
    }

    // Golden: scipy.stats.ttest_1samp(d, 0) and (d, log 1.05); with eight values the same formula in numpy.
    #[test]
    fn p_values_agree_with_scipy() {
        let six = [0.1, 0.2, -0.05, 0.3, 0.12, 0.07];
        let eight = [0.1, 0.2, -0.05, 0.3, 0.12, 0.07, 0.9, 0.11];
        for (logs, differs, beyond) in [
            (&six[..], 0.051_668_666_898_088_69, 0.184_816_459_808_675_64),
            (&eight, 0.023_198_307_843_952_857, 0.081_155_799_363_621_3),
        ] {
            let tests = tests(logs).expect("values");
            assert!((tests.differs - differs).abs() < 1e-9, "{tests:?}");
            assert!((tests.beyond - beyond).abs() < 1e-9, "{tests:?}");
            assert!((tests.within - 1.0).abs() < 1e-12, "{tests:?}");
        }
    }

    #[test]
    fn identical_values_are_no_difference_and_certainly_within() {
        let same = tests(&[0.0; 5]).expect("values");
        assert_eq!((same.differs, same.beyond, same.within), (1.0, 1.0, 0.0));
        assert_eq!(tests(&[0.3]), None);
    }
}
