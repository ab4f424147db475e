//! Holm's correction for several comparisons, and Shaffer's for all pairs of several things.

/// Adjusted p-values, in the order given (Holm, Scandinavian Journal of Statistics 6, 1979).
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    stepped_down(p_values, |left| left)
}

/// Adjusted p-values of all pairs of `things`, in the order given. Once some pairs differ, not every number of equalities is
/// possible among the others: of three things with one pair apart, at most one pair is equal (Shaffer, Journal of the American
/// Statistical Association 81, 1986, procedure S1). With fewer p-values than pairs (some could not be tested) it is still valid.
#[must_use]
pub fn shaffer(p_values: &[f64], things: usize) -> Vec<f64> {
    let possible = possible_equalities(things);
    stepped_down(p_values, |left| {
        possible.iter().copied().filter(|count| *count <= left).max().unwrap_or(left)
    })
}

/// `factor` of how many hypotheses are left, this one among them.
fn stepped_down(p_values: &[f64], factor: impl Fn(usize) -> usize) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        largest = largest.max(p_values[index] * factor(p_values.len() - rank) as f64);
        adjusted[index] = largest.min(1.0);
    }
    adjusted
}

/// How many pairs of so many things can be equal at once, ascending, 0 left out: the things fall into sets of equal ones.
fn possible_equalities(things: usize) -> Vec<usize> {
    let mut of: Vec<std::collections::BTreeSet<usize>> = vec![[0].into()];
    for total in 1..=things {
        let sizes = (1..=total)
            .flat_map(|size| of[total - size].iter().map(move |rest| rest + size * (size - 1) / 2));
        let counts = sizes.collect();
        of.push(counts);
    }
    of.pop().unwrap_or_default().into_iter().filter(|count| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // Golden values: statsmodels.stats.multitest.multipletests(p_values, method="holm")[1], statsmodels 0.15.0.
    #[rstest]
    #[case::unsorted(&[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02])]
    #[case::alone(&[0.037], &[0.037])]
    #[case::ties(&[0.02, 0.01, 0.02, 0.01, 0.02], &[0.06, 0.05, 0.06, 0.05, 0.06])]
    #[case::all_equal(&[0.003_906_25; 6], &[0.023_437_5; 6])]
    #[case::a_smaller_one_carries_over(&[0.04, 0.011, 0.013, 0.012], &[0.044, 0.044, 0.044, 0.044])]
    #[case::clipped_at_one(&[0.9, 0.8, 0.3], &[1.0, 1.0, 0.9])]
    #[case::ends(&[1.0, 0.0, 0.5], &[1.0, 0.0, 1.0])]
    #[case::ten(
        &[0.0371, 0.000_976_562_5, 0.25, 0.001_953_125, 0.8125, 0.0117, 0.0039, 0.0117, 0.5, 0.064],
        &[0.1855, 0.009_765_625, 0.75, 0.017_578_125, 1.0, 0.0819, 0.0312, 0.0819, 1.0, 0.256],
    )]
    fn adjusted_values_agree_with_statsmodels(#[case] p_values: &[f64], #[case] expected: &[f64]) {
        let adjusted = holm(p_values);
        assert_eq!(adjusted.len(), expected.len());
        for (ours, expected) in adjusted.iter().zip(expected) {
            assert!((ours - expected).abs() < 1e-12, "{adjusted:?}");
        }
    }

    #[test]
    fn never_exceeds_one_and_accepts_nothing() {
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    // Shaffer, 1986: with five things the numbers are 0, 1, 2, 3, 4, 6, 10.
    #[test]
    fn shaffer_knows_how_many_pairs_can_be_equal() {
        assert_eq!(possible_equalities(5), [1, 2, 3, 4, 6, 10]);
        assert_eq!(possible_equalities(3), [1, 3]);
        let adjusted = shaffer(&[0.001, 0.02, 0.03], 3);
        for (ours, expected) in adjusted.iter().zip([0.003, 0.02, 0.03]) {
            assert!((ours - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert_eq!(shaffer(&[0.04], 2), [0.04]);
    }
}
