//! The difference of two means that were estimated apart: Welch's interval.

use super::estimate::LogInterval;
use super::student::t_quantile;

/// A mean of logarithms with what is needed to compare it with another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogMean {
    /// Mean.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom of the standard error; 0: it is unknown.
    pub degrees: u32,
}

/// The interval of `new - old`; without ends where one of the standard errors is unknown.
///
/// Degrees of freedom are rounded down, so that the interval is never too narrow.
#[must_use]
pub fn welch(old: LogMean, new: LogMean, confidence: f64) -> LogInterval {
    let mean = new.mean - old.mean;
    if old.degrees == 0 || new.degrees == 0 {
        return LogInterval { mean, half: None };
    }
    let (a, b) = (old.standard_error.powi(2), new.standard_error.powi(2));
    let degrees = welch_degrees((a, old.degrees), (b, new.degrees));
    // Between the smaller number of degrees and the sum of both, so it fits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive and small, see above"
    )]
    let degrees = degrees.floor() as u32;
    let half = t_quantile(f64::midpoint(1.0, confidence), degrees.max(1)) * (a + b).sqrt();
    LogInterval { mean, half: Some(half) }
}

/// Satterthwaite's approximation for two squared standard errors and their degrees of freedom.
fn welch_degrees((a, a_degrees): (f64, u32), (b, b_degrees): (f64, u32)) -> f64 {
    let (a_degrees, b_degrees) = (f64::from(a_degrees), f64::from(b_degrees));
    // Scaled first: the squares of tiny errors would vanish.
    let sum = a + b;
    if sum <= 0.0 {
        return a_degrees.min(b_degrees);
    }
    let (a, b) = (a / sum, b / sum);
    (a.powi(2) / a_degrees + b.powi(2) / b_degrees)
        .recip()
        .clamp(a_degrees.min(b_degrees), a_degrees + b_degrees)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn log_mean(mean: f64, standard_error: f64, degrees: u32) -> LogMean {
        LogMean { mean, standard_error, degrees }
    }

    // Golden: scipy.stats.ttest_ind(a, b, equal_var=False) for a = [0.1, 0.2, -0.05, 0.3, 0.12, 0.07],
    // b = [0.5, 0.41, 0.62, 0.38]: df = 7.049, and half = t.ppf(0.975, floor(df)) * standard error.
    #[test]
    fn agrees_with_scipy() {
        let old = log_mean(0.123_333_333_333_333_34, 0.048_488_257_455_915_146, 5);
        let new = log_mean(0.477_5, 0.053_909_646_632_119_564, 3);
        let degrees = welch_degrees(
            (old.standard_error.powi(2), old.degrees),
            (new.standard_error.powi(2), new.degrees),
        );
        assert!((degrees - 7.049_228_885_977_444).abs() < 1e-9, "{degrees}");
        let interval = welch(old, new, 0.95);
        assert!((interval.mean - 0.354_166_666_666_666_7).abs() < 1e-12);
        assert!(
            (interval.half.expect("known errors") - 0.171_453_377_009_068_19).abs() < 1e-9,
            "{interval:?}"
        );
    }

    #[test]
    fn without_standard_errors_there_is_no_interval() {
        let known = log_mean(0.0, 0.1, 4);
        assert_eq!(welch(known, log_mean(1.0, 0.0, 0), 0.95).half, None);
        assert!(welch(known, known, 0.95).mean.abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn swapping_the_runs_inverts_the_difference(
            means in (-3.0_f64..3.0, -3.0_f64..3.0), errors in (0.0_f64..1.0, 0.0_f64..1.0),
            degrees in (2_u32..40, 2_u32..40),
        ) {
            let old = log_mean(means.0, errors.0, degrees.0);
            let new = log_mean(means.1, errors.1, degrees.1);
            let (there, back) = (welch(old, new, 0.95), welch(new, old, 0.95));
            prop_assert!((there.mean + back.mean).abs() < 1e-12);
            let (there, back) = (there.half.expect("known"), back.half.expect("known"));
            prop_assert!((there / back - 1.0).abs() < 1e-9 || there.max(back) < 1e-12);
            // Never narrower than what the wider of the two alone would give with all degrees of freedom.
            let least = t_quantile(0.975, degrees.0 + degrees.1) * errors.0.max(errors.1);
            prop_assert!(there >= least - 1e-12);
        }
    }
}
