//! Where the middle of a few values lies: the median, with an interval of order statistics that holds whatever the distribution.
//!
//! Trials have outliers on one side and, as delays, two humps. A t interval on them holds the true value in far fewer cases than
//! it says (docs/METHODOLOGY.md); this one does not care.

use crate::arithmetic::median_of_sorted;

/// With fewer values there is no interval and no verdict.
pub const MIN_REPETITIONS: usize = 5;

/// A median and its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Median.
    pub middle: f64,
    /// Ends; none with fewer than [`MIN_REPETITIONS`] values.
    pub ends: Option<(f64, f64)>,
}

impl Interval {
    /// Of values, in any order; none without values or where one is not finite.
    #[must_use]
    pub fn of(values: &[f64], confidence: f64) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let ends = (sorted.len() >= MIN_REPETITIONS).then(|| ends(&sorted, confidence));
        Some(Self { middle: median_of_sorted(&sorted), ends })
    }

    /// Half of the width as a share, of values that are logarithms: 0.03 means ± 3 %.
    #[must_use]
    pub fn relative_half_width(&self) -> Option<f64> {
        self.ends.map(|(low, high)| ((high - low) / 2.0).exp_m1())
    }

    /// The interval of `new - old` of two medians that were estimated apart, from their intervals, which need not be symmetric (Zou
    /// and Donner, Statistics in Medicine 27, 2008); without ends where one has none.
    #[must_use]
    pub fn difference(old: Self, new: Self) -> Self {
        let middle = new.middle - old.middle;
        let ends = old.ends.zip(new.ends).map(|((old_low, old_high), (new_low, new_high))| {
            let below = (new.middle - new_low).hypot(old_high - old.middle);
            let above = (new_high - new.middle).hypot(old.middle - old_low);
            (middle - below, middle + above)
        });
        Self { middle, ends }
    }
}

/// The interval of Hettmansperger and Sheather (Statistics & Probability Letters 4, 1986): it lies between two neighbouring
/// pairs of order statistics, the wider of which holds the median at least as often as asked. Where even the smallest and the
/// largest value do so less often (93.75 % of cases with five values, for 95 %), they are the ends.
fn ends(sorted: &[f64], confidence: f64) -> (f64, f64) {
    let n = sorted.len();
    // How often the d-th smallest and the d-th largest have the median between them; d from 1.
    let coverage = |d: usize| 1.0 - 2.0 * at_most_heads(d - 1, n);
    let mut d = 1;
    while 2 * (d + 1) <= n && coverage(d + 1) >= confidence {
        d += 1;
    }
    if coverage(d) < confidence || 2 * (d + 1) > n + 1 {
        return (sorted[d - 1], sorted[n - d]);
    }
    let (wide, narrow) = (coverage(d), coverage(d + 1));
    let share = (wide - confidence) / (wide - narrow);
    let (outer, all) = (d as f64, n as f64);
    let weight = (all - outer) * share / (outer + (all - 2.0 * outer) * share);
    // So written that it is the value itself where both are the same.
    let between = |outer: f64, inner: f64| outer + weight * (inner - outer);
    (between(sorted[d - 1], sorted[d]), between(sorted[n - d], sorted[n - d - 1]))
}

/// Probability of at most so many heads in `throws` of a fair coin.
fn at_most_heads(most: usize, throws: usize) -> f64 {
    let mut term = 0.5_f64.powi(i32::try_from(throws).unwrap_or(i32::MAX));
    let mut sum = term;
    for heads in 1..=most.min(throws) {
        term *= (throws - heads + 1) as f64 / heads as f64;
        sum += term;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval(values: &[f64]) -> Interval {
        Interval::of(values, 0.95).expect("values")
    }

    // With 8 values the smallest and the largest hold the median in 99.21875 % of cases, their neighbours in 92.96875 %: share
    // (0.9921875 - 0.95) / 0.0625 = 0.675, weight 7 × 0.675 / (1 + 6 × 0.675) = 0.935644.
    #[test]
    fn it_lies_between_order_statistics() {
        let ends = |n: u32| interval(&(1..=n).map(f64::from).collect::<Vec<_>>()).ends;
        assert_eq!(ends(4), None);
        assert_eq!(ends(5), Some((1.0, 5.0)));
        let (low, high) = ends(8).expect("eight values");
        let expected = (1.935_643_564_356_435_6, 7.064_356_435_643_564);
        assert!((low - expected.0).abs() < 1e-12 && (high - expected.1).abs() < 1e-12, "{low} {high}");
        assert!((interval(&[5.0, 1.0, 2.0, 9.0]).middle - 3.5).abs() < 1e-12);
    }

    #[test]
    fn one_outlier_moves_neither_the_median_nor_its_interval() {
        let mut values: Vec<f64> = (1..=12).map(f64::from).collect();
        let before = interval(&values);
        values[11] = 1e9;
        assert_eq!(interval(&values), before);
    }

    // Memory is counted in pages, so that most trials have the same.
    #[test]
    fn equal_values_are_their_own_interval_to_the_last_bit() {
        for bytes in [196_608.0_f64, 200_704.0, 2_387_968.0] {
            for n in 5..=20 {
                let log = bytes.ln();
                assert_eq!(interval(&vec![log; n]).ends, Some((log, log)), "{n} of {bytes}");
            }
        }
    }

    #[test]
    fn no_value_and_no_number_give_nothing() {
        assert_eq!(Interval::of(&[], 0.95), None);
        assert_eq!(Interval::of(&[1.0, f64::NEG_INFINITY], 0.95), None);
    }

    #[test]
    fn the_nearer_ends_of_two_skew_intervals_make_the_nearer_end_of_their_difference() {
        let of = |middle: f64, low: f64, high: f64| Interval { middle, ends: Some((low, high)) };
        let (low, high) =
            Interval::difference(of(1.0, 0.7, 1.1), of(2.0, 1.6, 2.4)).ends.expect("both have ends");
        assert!((low - (1.0 - 0.17_f64.sqrt())).abs() < 1e-12 && (high - 1.5).abs() < 1e-12, "{low} {high}");
        let without = Interval { middle: 1.0, ends: None };
        assert_eq!(Interval::difference(without, of(2.0, 1.6, 2.4)).ends, None);
    }

    proptest! {
        #[test]
        fn it_holds_its_middle(
            values in prop_oneof![
                prop::collection::vec(-5.0_f64..5.0, 5..40),
                prop::collection::vec(prop::sample::select(vec![12.188_f64, 12.209, 12.23]), 5..40),
            ],
        ) {
            let interval = interval(&values);
            let (low, high) = interval.ends.expect("values enough");
            prop_assert!(low <= interval.middle && interval.middle <= high);
        }

        #[test]
        fn swapping_two_runs_inverts_their_difference(
            a in prop::collection::vec(-5.0_f64..5.0, 5..20), b in prop::collection::vec(-5.0_f64..5.0, 5..20),
        ) {
            let (there, back) = (
                Interval::difference(interval(&a), interval(&b)), Interval::difference(interval(&b), interval(&a)),
            );
            let ((low, high), (back_low, back_high)) = (there.ends.expect("ends"), back.ends.expect("ends"));
            prop_assert!((there.middle + back.middle).abs() < 1e-12);
            prop_assert!((low + back_high).abs() < 1e-9 && (high + back_low).abs() < 1e-9);
        }
    }
}
