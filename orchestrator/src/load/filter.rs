//! Which triggers a program makes records of that was told `--keep-one-in` (docs/PROTOCOL.md): those whose cookie is a multiple of the number.

/// Divisibility without a division, which would cost the load more than the cookie itself: n is a multiple of d exactly when the low 64 bits
/// of n · c are below c, where c is 2^64 ÷ d, rounded up (Lemire, Kaser, Kurz: *Faster remainder by direct computation*, 2019). For 1 it
/// works without an exception: c wraps to 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter {
    factor: u64,
}

impl Filter {
    pub(super) fn one_in(number: u32) -> Self {
        Self { factor: (u64::MAX / u64::from(number.max(1))).wrapping_add(1) }
    }

    #[inline]
    pub(super) fn keeps(self, cookie: u32) -> bool {
        u64::from(cookie).wrapping_mul(self.factor) <= self.factor.wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keeps_the_multiples(cookie: u32, number in 1_u32..=1_000) {
            let filter = Filter::one_in(number);
            prop_assert_eq!(filter.keeps(cookie), cookie.is_multiple_of(number));
            let multiple = cookie / number * number;
            prop_assert!(filter.keeps(multiple));
            prop_assert_eq!(filter.keeps(multiple.wrapping_add(1)), number == 1);
        }
    }

    #[test]
    fn the_ends_of_the_range_are_no_exceptions() {
        for number in [1, 2, 3, 7, 10, 255, 1_000] {
            let filter = Filter::one_in(number);
            for cookie in [0, 1, u32::MAX - 1, u32::MAX, 1 << 31] {
                assert_eq!(filter.keeps(cookie), cookie.is_multiple_of(number), "{cookie} of {number}");
            }
        }
    }
}
