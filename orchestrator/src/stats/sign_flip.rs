//! The exact sign-flip test: if two implementations are equal, each block's difference could as well have the other sign.

/// Beyond this many blocks the two halves of the enumeration no longer fit in memory comfortably (2^20 sums each).
const MAX_BLOCKS: usize = 40;

/// Two-sided p-value: the share of all 2^n sign patterns whose sum is at least as far from 0 as the observed one.
/// Exact for up to 40 differences; none for more, or without any.
#[must_use]
pub fn sign_flip_p(differences: &[f64]) -> Option<f64> {
    let n = differences.len();
    if n == 0 || n > MAX_BLOCKS || differences.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let observed = differences.iter().sum::<f64>().abs();
    // Sums that are equal on paper differ by rounding; they count as equal.
    let scale: f64 = differences.iter().map(|d| d.abs()).sum();
    let limit = observed - scale * 1e-12;
    if limit <= 0.0 {
        return Some(1.0);
    }
    let (left, right) = differences.split_at(n / 2);
    let (left, right) = (signed_sums(left), signed_sums(right));
    // Patterns come in pairs of opposite sign, so the lower tail holds as many as the upper.
    let upper = pairs_with_sum_at_least(&left, &right, limit);
    Some((2.0 * upper as f64 / (1_u64 << n) as f64).min(1.0))
}

/// Fewest blocks with which the smallest possible p-value, after Holm's correction over `pairs`, is at most `alpha`.
#[must_use]
pub fn blocks_for_sign_flip(pairs: usize, alpha: f64) -> usize {
    (1..=MAX_BLOCKS).find(|n| pairs as f64 / (1_u64 << (n - 1)) as f64 <= alpha).unwrap_or(MAX_BLOCKS)
}

/// All 2^n sums of ±d, ascending: each difference merges the list so far, moved down, with itself, moved up.
fn signed_sums(differences: &[f64]) -> Vec<f64> {
    differences.iter().fold(vec![0.0], |sums, d| {
        let d = d.abs();
        let mut down = sums.iter().map(|sum| sum - d).peekable();
        let mut up = sums.iter().map(|sum| sum + d).peekable();
        let mut merged = Vec::with_capacity(sums.len() * 2);
        loop {
            let next = match (down.peek(), up.peek()) {
                (Some(low), Some(high)) if low <= high => down.next(),
                (_, Some(_)) => up.next(),
                _ => down.next(),
            };
            match next {
                Some(sum) => merged.push(sum),
                None => return merged,
            }
        }
    })
}

/// How many pairs, one of each ascending list, sum to at least `limit`.
fn pairs_with_sum_at_least(left: &[f64], right: &[f64], limit: f64) -> u64 {
    let mut from = right.len();
    let mut pairs = 0;
    for l in left {
        while from > 0 && l + right[from - 1] >= limit {
            from -= 1;
        }
        pairs += (right.len() - from) as u64;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn brute_force(differences: &[f64]) -> f64 {
        let observed = differences.iter().sum::<f64>().abs();
        let patterns = 1_u32 << differences.len();
        let extreme = (0..patterns).filter(|pattern| {
            let signed =
                differences.iter().enumerate().map(|(i, d)| if pattern >> i & 1 == 1 { -d } else { *d });
            signed.sum::<f64>().abs() >= observed - 1e-9
        });
        extreme.count() as f64 / f64::from(patterns)
    }

    // Golden: scipy.stats.permutation_test(permutation_type="samples"), exact.
    #[test]
    fn p_values_agree_with_scipy() {
        let p = |differences: &[f64]| sign_flip_p(differences).expect("few blocks");
        assert!((p(&[0.1, 0.2, -0.05, 0.3, 0.12, 0.07]) - 0.0625).abs() < 1e-12);
        assert!((p(&[0.01, -0.02, 0.03, -0.01, 0.005, 0.02, -0.015, 0.008]) - 0.625).abs() < 1e-12);
        assert!((p(&[0.1, 0.2, 0.3]) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn edges() {
        assert_eq!(sign_flip_p(&[]), None);
        assert_eq!(sign_flip_p(&[f64::NAN]), None);
        assert_eq!(sign_flip_p(&[0.0; 5]), Some(1.0));
        assert_eq!(sign_flip_p(&[1.0; 41]), None);
        assert_eq!(sign_flip_p(&[1.0; 40]), Some(2_f64.powi(-39)));
    }

    #[test]
    fn blocks_needed_grow_with_the_pairs() {
        assert_eq!(blocks_for_sign_flip(1, 0.05), 6);
        assert_eq!(blocks_for_sign_flip(6, 0.05), 8);
    }

    proptest! {
        #[test]
        fn the_halved_enumeration_equals_the_full_one(differences in prop::collection::vec(-1.0_f64..1.0, 1..11)) {
            let p = sign_flip_p(&differences).expect("few blocks");
            prop_assert!((p - brute_force(&differences)).abs() < 1e-12);
        }
    }
}
