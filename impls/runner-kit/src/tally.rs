//! What a consumer does with each record: the hot path of every runner.

use crate::clock;
use crate::histogram::Histogram;

/// What user space saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records read.
    pub received: u64,
    /// Their payloads' length, without the kernel's headers.
    pub bytes: u64,
    /// The sum of their `mark` fields modulo 2^64.
    pub marks: u64,
}

/// What to do with an event's time: nothing, or measure the delay. A type and not a flag, so that runs without `--latency`
/// pay nothing for it.
pub trait Delays {
    /// Takes the `ktime_ns` of an event that was just read.
    fn record(&mut self, ktime_ns: u64);

    /// What was recorded, if anything is.
    fn histogram(&self) -> Option<&Histogram>;
}

/// Without `--latency`.
#[derive(Debug, Clone, Copy)]
pub struct NoDelays;

impl Delays for NoDelays {
    #[inline]
    fn record(&mut self, _ktime_ns: u64) {}

    fn histogram(&self) -> Option<&Histogram> {
        None
    }
}

/// With `--latency`.
impl Delays for Histogram {
    #[inline]
    fn record(&mut self, ktime_ns: u64) {
        // A delay below zero is a huge number here, which is recorded as the highest: a clock that cannot be true.
        Self::record(self, clock::now_ns().wrapping_sub(ktime_ns));
    }

    fn histogram(&self) -> Option<&Histogram> {
        Some(self)
    }
}

/// The running account of records read.
#[derive(Debug)]
pub struct Tally<D> {
    totals: Totals,
    delays: D,
}

impl<D: Delays> Tally<D> {
    /// An account of nothing yet.
    pub fn new(delays: D) -> Self {
        Self { totals: Totals::default(), delays }
    }

    /// Takes one record, which starts with `struct event`.
    ///
    /// A record too short for that is still counted: its missing `mark` then unbalances the sum, as it should.
    #[inline]
    pub fn record(&mut self, record: &[u8]) {
        self.batch().record(record);
    }

    /// Takes several records, and adds them up when it is dropped.
    #[inline]
    pub fn batch(&mut self) -> Batch<'_, D> {
        Batch { totals: self.totals, tally: self }
    }

    /// The sums so far.
    #[must_use]
    #[inline]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The delays so far, if they are recorded.
    #[must_use]
    pub fn histogram(&self) -> Option<&Histogram> {
        self.delays.histogram()
    }
}

/// Records that are read in one go. A ring buffer's reader releases each record by an atomic store, before which a compiler must
/// have written everything that others might see. Sums of its own, which nobody sees, stay in registers.
#[derive(Debug)]
pub struct Batch<'a, D> {
    totals: Totals,
    tally: &'a mut Tally<D>,
}

impl<D: Delays> Batch<'_, D> {
    /// Takes one record, as [`Tally::record`] does.
    #[inline]
    pub fn record(&mut self, record: &[u8]) {
        self.totals.received += 1;
        self.totals.bytes += record.len() as u64;
        if let Some((ktime_ns, rest)) = record.split_first_chunk()
            && let Some((mark, _)) = rest.split_first_chunk()
        {
            self.totals.marks = self.totals.marks.wrapping_add(u64::from_ne_bytes(*mark));
            self.tally.delays.record(u64::from_ne_bytes(*ktime_ns));
        }
    }
}

impl<D> Drop for Batch<'_, D> {
    #[inline]
    fn drop(&mut self) {
        self.tally.totals = self.totals;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(ktime_ns: u64, mark: u64, size: usize) -> Vec<u8> {
        let mut record = [ktime_ns.to_ne_bytes(), mark.to_ne_bytes()].concat();
        record.resize(size, 0xff);
        record
    }

    #[test]
    fn sums_marks_modulo_two_to_the_64() {
        let mut tally = Tally::new(NoDelays);
        tally.record(&event(1, u64::MAX, 64));
        tally.record(&event(1, 3, 128));
        assert_eq!(tally.totals(), Totals { received: 2, bytes: 192, marks: 2 });
        assert!(tally.histogram().is_none());
    }

    #[test]
    fn a_batch_adds_to_what_was_there() {
        let mut tally = Tally::new(NoDelays);
        tally.record(&event(1, 1, 64));
        let mut batch = tally.batch();
        batch.record(&event(1, 2, 64));
        batch.record(&event(1, 3, 64));
        drop(batch);
        assert_eq!(tally.totals(), Totals { received: 3, bytes: 192, marks: 6 });
    }

    #[test]
    fn counts_a_record_that_is_too_short_without_a_mark() {
        let mut tally = Tally::new(NoDelays);
        tally.record(&[1; 15]);
        assert_eq!(tally.totals(), Totals { received: 1, bytes: 15, marks: 0 });
    }

    #[test]
    fn records_the_delay_since_the_trigger() {
        let mut tally = Tally::new(Histogram::new().unwrap());
        tally.record(&event(clock::now_ns() - 5_000_000, 1, 64));
        tally.record(&event(u64::MAX, 1, 64));
        let percentiles = tally.histogram().unwrap().percentiles().unwrap();
        assert!(percentiles.p50_ns >= 5_000_000, "{percentiles:?}");
        assert!(
            percentiles.max_ns >= 60_000_000_000,
            "a trigger in the future has the highest: {percentiles:?}"
        );
    }
}
