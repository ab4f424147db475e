//! Location and interval of positive values, on the scale of their logarithms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::interval::Interval;
use crate::arithmetic::median_of_sorted;
use crate::facts::Quantity;

/// One quantity of one row over the blocks. An interval that the repetitions do not support is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// What it is.
    pub quantity: Quantity,
    /// Trials behind it.
    pub repetitions: usize,
    /// Median of the trials, on the scale of logarithms: of an even number the geometric mean of the two in the middle.
    pub value: f64,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Half of the interval's width, as a share of the value.
    pub half_width: Option<f64>,
    /// Median on the plain scale.
    pub median: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl Estimate {
    /// Of one quantity's values, one a trial; none without values.
    #[must_use]
    pub fn of(quantity: Quantity, values: &[f64], confidence: f64) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let median = median_of_sorted(&sorted);
        let logs: Vec<f64> = sorted.iter().map(|value| value.ln()).collect();
        let interval = Interval::of(&logs, confidence);
        let ends = interval.and_then(|interval| interval.ends);
        Some(Self {
            quantity,
            repetitions: sorted.len(),
            value: interval.map_or(median, |interval| interval.middle.exp()),
            low: ends.map(|(low, _)| low.exp()),
            high: ends.map(|(_, high)| high.exp()),
            half_width: interval.and_then(|interval| interval.relative_half_width()),
            median,
            min,
            max,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn estimate(values: &[f64]) -> Option<Estimate> {
        Estimate::of(Quantity::CpuNsPerEvent, values, 0.95)
    }

    #[test]
    fn two_values_give_no_interval() {
        let estimate = estimate(&[10.0, 40.0]).expect("values");
        assert!((estimate.value - 20.0).abs() < 1e-9);
        assert_eq!((estimate.low, estimate.high, estimate.half_width), (None, None, None));
        assert!((estimate.median - 25.0).abs() < 1e-9);
    }

    #[test]
    fn a_zero_gives_the_median_and_no_interval() {
        let estimate = estimate(&[0.0, 1.0, 5.0]).expect("values");
        assert!((estimate.value - 1.0).abs() < f64::EPSILON);
        assert_eq!(estimate.low, None);
    }

    #[test]
    fn no_value_gives_no_estimate() {
        assert_eq!(estimate(&[]), None);
        assert_eq!(estimate(&[f64::NAN]), None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_value_and_scales_with_it(
            values in prop::collection::vec(1e-3_f64..1e9, 5..20), scale in 1e-3_f64..1e3,
        ) {
            let plain = estimate(&values).expect("values");
            let (low, high) = (plain.low.expect("interval"), plain.high.expect("interval"));
            prop_assert!(low <= plain.value && plain.value <= high);
            prop_assert!(plain.min <= plain.value * 1.000_001 && plain.value <= plain.max * 1.000_001);
            let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
            let scaled = estimate(&scaled).expect("values");
            prop_assert!((scaled.value / plain.value / scale - 1.0).abs() < 1e-6);
        }
    }
}
