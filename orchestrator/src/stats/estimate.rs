//! Location and interval of positive values, on the scale of their logarithms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quantity::Quantity;
use super::student::t_quantile;

/// With fewer values there is no interval and no verdict.
pub const MIN_REPETITIONS: usize = 3;

/// Mean of logarithms and its t-interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogInterval {
    /// Mean.
    pub mean: f64,
    /// Half of the interval's width; none with fewer than [`MIN_REPETITIONS`] values.
    pub half: Option<f64>,
}

/// One quantity of one row over the blocks. An interval that the repetitions do not support is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// What it is.
    pub quantity: Quantity,
    /// Trials behind it.
    pub repetitions: usize,
    /// Geometric mean; the median where a value is 0.
    pub value: f64,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Half of the interval's width, as a share of the value.
    pub half_width: Option<f64>,
    /// Median.
    pub median: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl LogInterval {
    /// Of values that are logarithms already; none without values.
    #[must_use]
    pub fn of(logs: &[f64], confidence: f64) -> Option<Self> {
        if logs.is_empty() || logs.iter().any(|log| !log.is_finite()) {
            return None;
        }
        let n = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / n;
        let half = (logs.len() >= MIN_REPETITIONS).then(|| {
            let degrees = u32::try_from(logs.len() - 1).unwrap_or(u32::MAX);
            let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / f64::from(degrees);
            t_quantile(f64::midpoint(1.0, confidence), degrees) * (variance / n).sqrt()
        });
        Some(Self { mean, half })
    }

    /// Ends of the interval, still logarithms.
    #[must_use]
    pub fn ends(&self) -> Option<(f64, f64)> {
        self.half.map(|half| (self.mean - half, self.mean + half))
    }

    /// The half-width as a share: 0.03 means ± 3 %.
    #[must_use]
    pub fn relative_half_width(&self) -> Option<f64> {
        self.half.map(f64::exp_m1)
    }
}

impl Estimate {
    /// Of one quantity's values, one a trial; none without values.
    #[must_use]
    pub fn of(quantity: Quantity, values: &[f64], confidence: f64) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        let logs: Vec<f64> = sorted.iter().map(|value| value.ln()).collect();
        let interval = LogInterval::of(&logs, confidence);
        let ends = interval.and_then(|interval| interval.ends());
        Some(Self {
            quantity,
            repetitions: sorted.len(),
            value: interval.map_or(median, |interval| interval.mean.exp()),
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

    // Golden: scipy.stats.ttest_1samp(d, 0).confidence_interval(0.95).
    #[test]
    fn the_interval_agrees_with_scipy() {
        let interval = LogInterval::of(&[0.1, 0.2, -0.05, 0.3, 0.12, 0.07], 0.95).expect("values");
        let (low, high) = interval.ends().expect("six values");
        assert!((interval.mean - 0.123_333_333_333_333_34).abs() < 1e-12);
        assert!(
            (low + 0.001_309_700_524_499_232_7).abs() < 1e-9 && (high - 0.247_976_367_191_165_9).abs() < 1e-9,
            "{low} {high}"
        );
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
            values in prop::collection::vec(1e-3_f64..1e9, 3..20), scale in 1e-3_f64..1e3,
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
