//! The plain figures of a few values.

/// The value in the middle, of an even number the mean of the two; none without values.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    (!values.is_empty()).then(|| median_of_sorted(&values))
}

/// The same of values in order, of which there is at least one.
pub(super) fn median_of_sorted(sorted: &[f64]) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_the_mean_and_the_deviation() {
        assert_eq!((median([3.0, 1.0, 10.0]), median([1.0, 4.0]), median([])), (Some(3.0), Some(2.5), None));
        assert_eq!((mean(&[1.0, 2.0, 6.0]), mean(&[])), (Some(3.0), None));
        assert_eq!((deviation(&[1.0, 3.0]), deviation(&[1.0])), (Some(2.0_f64.sqrt()), None));
    }
}
