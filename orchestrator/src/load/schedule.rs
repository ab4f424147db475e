//! The arithmetic of a load: who issues what, and when. No clock, no system calls.

use super::clock::SECOND_NS;

/// Calls between two looks at the clock and the stop flag, at most; each look costs about a third of a call.
const MAX_CHUNK: u64 = 256;

/// A chunk that takes longer than this is halved, so that an expensive BPF program cannot delay the end.
const CHUNK_LIMIT_NS: u64 = 500_000;

/// How many of the first `total` things, dealt out in turn, `thread` of `threads` gets.
pub(super) fn share(total: u64, threads: u32, thread: u32) -> u64 {
    let threads = u64::from(threads);
    total / threads + u64::from(u64::from(thread) < total % threads)
}

/// The size of the next chunk after one that took `took_ns`.
pub(super) fn next_chunk(chunk: u64, took_ns: u64) -> u64 {
    if took_ns > CHUNK_LIMIT_NS { (chunk / 2).max(1) } else { (chunk * 2).min(MAX_CHUNK) }
}

/// Triggers in the burst with index `round`: all the same, except that the last one may be cut by the count. 0 means the end.
pub(super) fn burst_size(round: u64, triggers: u64, count: Option<u64>) -> u64 {
    let before = round.saturating_mul(triggers);
    count.map_or(triggers, |count| triggers.min(count.saturating_sub(before)))
}

/// An absolute schedule: slot `k` lies `k / rate` seconds after the start. Slots are dealt out to the threads in turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenSchedule {
    rate_per_sec: u64,
    slots: u64,
}

impl OpenSchedule {
    /// The slots before `duration_ns`, at most `count`.
    pub(super) fn new(rate_per_sec: u64, duration_ns: u64, count: Option<u64>) -> Self {
        let unbounded = Self { rate_per_sec, slots: count.unwrap_or(u64::MAX) };
        Self { rate_per_sec, slots: unbounded.before(duration_ns) }
    }

    /// Number of slots.
    pub(super) fn slots(&self) -> u64 {
        self.slots
    }

    /// Time between two slots, rounded down.
    pub(super) fn period_ns(&self) -> u64 {
        SECOND_NS / self.rate_per_sec
    }

    /// Distance of a slot from the start, rounded down. Exact for ever: errors do not add up.
    pub(super) fn offset_ns(&self, slot: u64) -> u64 {
        // Split so that it needs no 128-bit division: a rate is at most one trigger a nanosecond.
        let (seconds, rest) = (slot / self.rate_per_sec, slot % self.rate_per_sec);
        seconds * SECOND_NS + rest * SECOND_NS / self.rate_per_sec
    }

    /// Number of slots whose offset is less than `elapsed_ns`.
    pub(super) fn before(&self, elapsed_ns: u64) -> u64 {
        let exact = (u128::from(elapsed_ns) * u128::from(self.rate_per_sec)).div_ceil(u128::from(SECOND_NS));
        u64::try_from(exact).map_or(self.slots, |slots| slots.min(self.slots))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(10_000, 10 * SECOND_NS, None, 100_000)]
    #[case(3, SECOND_NS, None, 3)]
    #[case(3, SECOND_NS + 1, None, 4)]
    #[case(1, 1, None, 1)]
    #[case(1_000_000_000, u64::MAX, None, u64::MAX)]
    #[case(10_000, u64::MAX, Some(23), 23)]
    #[case(10, SECOND_NS, Some(23), 10)]
    fn schedule_ends_with_the_duration_or_the_count(
        #[case] rate: u64,
        #[case] duration_ns: u64,
        #[case] count: Option<u64>,
        #[case] slots: u64,
    ) {
        assert_eq!(OpenSchedule::new(rate, duration_ns, count).slots(), slots);
    }

    #[rstest]
    #[case(0, 10, None, 10)]
    #[case(7, 10, None, 10)]
    #[case(0, 10, Some(25), 10)]
    #[case(2, 10, Some(25), 5)]
    #[case(3, 10, Some(25), 0)]
    #[case(2, 10, Some(20), 0)]
    #[case(u64::MAX, u64::MAX, Some(25), 0)]
    fn last_burst_is_cut_by_the_count(
        #[case] round: u64,
        #[case] triggers: u64,
        #[case] count: Option<u64>,
        #[case] size: u64,
    ) {
        assert_eq!(burst_size(round, triggers, count), size);
    }

    #[test]
    fn chunk_adapts_to_the_cost_of_a_trigger() {
        let settle = |call_ns: u64| (0..64).fold(1, |chunk, _| next_chunk(chunk, chunk * call_ns));
        assert_eq!(settle(100), MAX_CHUNK);
        assert!((32..=64).contains(&settle(10_000)));
        assert_eq!(next_chunk(1, 10 * SECOND_NS), 1);
    }

    proptest! {
        #[test]
        fn shares_add_up_and_differ_by_at_most_one(total: u64, threads in 1_u32..=64) {
            let shares: Vec<u64> = (0..threads).map(|thread| share(total, threads, thread)).collect();
            prop_assert_eq!(shares.iter().map(|&share| u128::from(share)).sum::<u128>(), u128::from(total));
            prop_assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1);
        }

        #[test]
        fn offsets_are_exact(rate in 1..=SECOND_NS, slot in 0..1_u64 << 33) {
            let schedule = OpenSchedule::new(rate, u64::MAX, None);
            let exact = u128::from(slot) * u128::from(SECOND_NS) / u128::from(rate);
            prop_assert_eq!(u128::from(schedule.offset_ns(slot)), exact);
        }

        #[test]
        fn slots_before_a_time_are_those_with_smaller_offsets(rate in 1..=SECOND_NS, elapsed in 1..1_u64 << 40) {
            let schedule = OpenSchedule::new(rate, u64::MAX, None);
            let slots = schedule.before(elapsed);
            prop_assert!(schedule.offset_ns(slots - 1) < elapsed);
            prop_assert!(schedule.offset_ns(slots) >= elapsed);
        }
    }
}
