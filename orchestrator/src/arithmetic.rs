//! What several stages compute, of values that may be unknown.

use std::time::Duration;

/// The value in the middle, of an even number the mean of the two; none without values.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    (!values.is_empty()).then(|| median_of_sorted(&values))
}

/// The same of values in order, of which there is at least one.
///
/// # Panics
/// Of no values.
#[must_use]
pub fn median_of_sorted(sorted: &[f64]) -> f64 {
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

/// The arithmetic mean; none without values.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Standard deviation of a sample; none of fewer than two values.
#[must_use]
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// A part by its whole; unknown where there is no whole.
#[must_use]
pub fn ratio(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let (part, whole) = part.zip(whole)?;
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How much something grew; unknown where it shrank.
#[must_use]
pub fn difference(from: Option<u64>, to: Option<u64>) -> Option<u64> {
    from.zip(to).and_then(|(from, to)| to.checked_sub(from))
}

/// A time in nanoseconds; the longest that 64 bits hold, 584 years, for one that is longer.
#[must_use]
pub fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_the_mean_and_the_deviation() {
        assert_eq!((median([3.0, 1.0, 10.0]), median([1.0, 4.0]), median([])), (Some(3.0), Some(2.5), None));
        assert_eq!((mean(&[1.0, 2.0, 6.0]), mean(&[])), (Some(3.0), None));
        assert_eq!((deviation(&[1.0, 3.0]), deviation(&[1.0])), (Some(2.0_f64.sqrt()), None));
    }

    #[test]
    fn what_is_unknown_stays_so() {
        assert_eq!(
            (ratio(Some(1), Some(4)), ratio(Some(1), Some(0)), ratio(None, Some(4))),
            (Some(0.25), None, None)
        );
        assert_eq!((difference(Some(1), Some(4)), difference(Some(4), Some(1))), (Some(3), None));
        assert_eq!(
            (nanoseconds(Duration::from_millis(2)), nanoseconds(Duration::MAX)),
            (2_000_000, u64::MAX)
        );
    }
}
