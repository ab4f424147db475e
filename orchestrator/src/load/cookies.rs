//! The cookies of the triggers: random 32-bit numbers that only this process knows until a BPF program sees them
//! (docs/PROTOCOL.md, Marks).
//!
//! A multiply-and-fold generator (as wyrand, <https://github.com/wangyi-fudan/wyhash>) of which state, increment and both keys are
//! secret: 256 bits of the kernel's randomness a thread, of which each trigger shows 32. It costs about a nanosecond. It is no
//! cipher; whoever is root can read this process's memory in any case.

use std::io;

/// Cookies of one thread, and their sum.
#[derive(Debug)]
pub(super) struct Cookies {
    state: u64,
    increment: u64,
    keys: [u64; 2],
}

impl Cookies {
    /// A generator that nobody can have seen.
    pub(super) fn new() -> io::Result<Self> {
        let mut seed = [0; 32];
        let mut filled = 0;
        while filled < seed.len() {
            let rest = &mut seed[filled..];
            // SAFETY: pointer and length are those of `rest`, which outlives the call.
            let got = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
            match usize::try_from(got) {
                Ok(got) => filled += got,
                Err(_) => match io::Error::last_os_error() {
                    error if error.kind() == io::ErrorKind::Interrupted => {}
                    error => return Err(error),
                },
            }
        }
        Ok(Self::from_seed(seed))
    }

    fn from_seed(seed: [u8; 32]) -> Self {
        let (words, _) = seed.as_chunks();
        let word = |index: usize| u64::from_le_bytes(words[index]);
        // An odd increment visits every state before it repeats one; a product of even numbers would lose bits.
        Self { state: word(0), increment: word(1) | 1, keys: [word(2), word(3) | 1] }
    }

    /// The next cookie.
    #[inline]
    pub(super) fn next(&mut self) -> u32 {
        self.state = self.state.wrapping_add(self.increment);
        let product =
            u128::from(self.state ^ self.keys[0]) * u128::from(self.state.rotate_left(32) ^ self.keys[1]);
        low(product) ^ low(product >> 64)
    }
}

/// The low 32 bits.
fn low(number: u128) -> u32 {
    u32::try_from(number & u128::from(u32::MAX)).expect("32 bits")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn two_generators_have_nothing_in_common() {
        let cookies =
            |generator: &mut Cookies| -> Vec<u32> { (0..1_000).map(|_| generator.next()).collect() };
        let (mut first, mut second) = (Cookies::new().expect("random"), Cookies::new().expect("random"));
        let all: BTreeSet<u32> = cookies(&mut first).into_iter().chain(cookies(&mut second)).collect();
        // 2,000 draws of 2^32: a repetition in one run of 2,000, three of them never.
        assert!(all.len() >= 1_998, "{}", all.len());
    }

    #[test]
    fn every_bit_is_as_often_set_as_not() {
        let mut generator = Cookies::from_seed(*b"a seed that makes a test steady.");
        let mut set = [0_u32; 32];
        let draws = 100_000;
        for _ in 0..draws {
            let cookie = generator.next();
            for (bit, count) in set.iter_mut().enumerate() {
                *count += cookie >> bit & 1;
            }
        }
        // Six standard deviations of a fair coin.
        let allowed = 6.0 * f64::from(draws).sqrt() / 2.0;
        for (bit, count) in set.iter().enumerate() {
            assert!((f64::from(*count) - f64::from(draws) / 2.0).abs() < allowed, "bit {bit}: {count}");
        }
    }

    #[test]
    fn a_seed_of_zeros_does_not_get_stuck() {
        let mut generator = Cookies::from_seed([0; 32]);
        let all: BTreeSet<u32> = (0..1_000).map(|_| generator.next()).collect();
        assert!(all.len() > 100, "{}", all.len());
    }
}
