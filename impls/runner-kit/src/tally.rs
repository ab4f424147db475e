//! What a consumer does with each record: the hot path of every runner.

use crate::{Failure, clock};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use serde::Serialize;
use std::cell::{Cell, Ref, RefCell};
use std::iter::Sum;

/// Delays in nanoseconds.
pub type Histogram = hdrhistogram::Histogram<u64>;

/// The highest delay that is told apart.
const HIGHEST_NS: u64 = 60_000_000_000;

/// What user space saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Records read.
    pub received: u64,
    /// Their payloads' length, without the kernel's headers.
    pub bytes: u64,
    /// The sum of their `mark` fields modulo 2^64.
    pub marks: u64,
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| Self {
            received: sum.received + part.received,
            bytes: sum.bytes + part.bytes,
            marks: sum.marks.wrapping_add(part.marks),
        })
    }
}

/// The running account of records read. Whether it has `DELAYS` is a part of its type and not a flag, so that runs without
/// `--latency` pay nothing for it. It is written through a shared reference, as a framework's callback has it while the
/// measuring loop has another.
#[derive(Debug)]
pub struct Tally<const DELAYS: bool> {
    totals: Cell<Totals>,
    /// Wakeups of other threads than the one that has the account.
    pub(crate) wakeups: Cell<u64>,
    delays: Option<RefCell<Histogram>>,
}

impl<const DELAYS: bool> Tally<DELAYS> {
    /// An account of nothing yet.
    pub(crate) fn new() -> Result<Self, Failure> {
        // A histogram that is not used would be memory of the runner all the same.
        let delays = DELAYS.then(|| Histogram::new_with_bounds(1, HIGHEST_NS, 3)).transpose();
        let delays = delays.map_err(|error| Failure::internal("cannot make the histogram", &error))?;
        Ok(Self { totals: Cell::default(), wakeups: Cell::default(), delays: delays.map(RefCell::new) })
    }

    /// Takes one record, which starts with `struct event`.
    ///
    /// A record too short for that is still counted: its missing `mark` then unbalances the sum, as it should.
    #[inline]
    pub fn record(&self, record: &[u8]) {
        self.batch().record(record);
    }

    /// Takes several records, and adds them up when it is dropped.
    #[inline]
    pub fn batch(&self) -> Batch<'_, DELAYS> {
        Batch { totals: self.totals(), tally: self }
    }

    /// The sums so far.
    #[inline]
    pub(crate) fn totals(&self) -> Totals {
        self.totals.get()
    }

    /// Takes what was counted elsewhere in place of what was counted so far.
    pub(crate) fn replace(&self, totals: Totals) {
        self.totals.set(totals);
    }

    /// Adds another account.
    pub(crate) fn add(&self, other: &Self) {
        self.totals.set([self.totals(), other.totals()].into_iter().sum());
        if let (Some(own), Some(others)) = (&self.delays, &other.delays) {
            // They have the same bounds.
            own.borrow_mut().add(&*others.borrow()).ok();
        }
    }

    /// The delays so far.
    pub(crate) fn delays(&self) -> Option<Ref<'_, Histogram>> {
        self.delays.as_ref().map(RefCell::borrow)
    }
}

/// Records that are read in one go. A ring buffer's reader releases each record by an atomic store, before which a compiler must
/// have written everything that others might see. Sums of its own, which nobody sees, stay in registers.
#[derive(Debug)]
pub struct Batch<'a, const DELAYS: bool> {
    totals: Totals,
    tally: &'a Tally<DELAYS>,
}

impl<const DELAYS: bool> Batch<'_, DELAYS> {
    /// Takes one record, as [`Tally::record`] does.
    #[inline]
    pub fn record(&mut self, record: &[u8]) {
        self.totals.received += 1;
        self.totals.bytes += record.len() as u64;
        // One look at the length; what is split off of so many bytes is known to be there.
        if let Some(start) = record.first_chunk::<16>()
            && let Some((ktime_ns, rest)) = start.split_first_chunk()
            && let Some((mark, _)) = rest.split_first_chunk()
        {
            self.totals.marks = self.totals.marks.wrapping_add(u64::from_ne_bytes(*mark));
            if DELAYS && let Some(delays) = &self.tally.delays {
                // A delay below zero is a huge number here, which is recorded as the highest: a clock that cannot be true.
                let delay_ns = clock::now_ns().wrapping_sub(u64::from_ne_bytes(*ktime_ns));
                delays.borrow_mut().saturating_record(delay_ns.min(HIGHEST_NS));
            }
        }
    }
}

impl<const DELAYS: bool> Drop for Batch<'_, DELAYS> {
    #[inline]
    fn drop(&mut self) {
        self.tally.totals.set(self.totals);
    }
}

/// V2 compressed, as base64.
pub(crate) fn encode(delays: &Histogram) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(delays, &mut bytes)
        .map_err(|error| Failure::internal("cannot encode the histogram", &error))?;
    Ok(STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;

    fn event(ktime_ns: u64, mark: u64, size: usize) -> Vec<u8> {
        let mut record = [ktime_ns.to_ne_bytes(), mark.to_ne_bytes()].concat();
        record.resize(size, 0xff);
        record
    }

    #[test]
    fn sums_marks_modulo_two_to_the_64_in_batches_and_alone() {
        let tally = Tally::<false>::new().unwrap();
        tally.record(&event(1, u64::MAX, 64));
        let mut batch = tally.batch();
        batch.record(&event(1, 2, 64));
        batch.record(&event(1, 3, 128));
        drop(batch);
        assert_eq!(tally.totals(), Totals { received: 3, bytes: 256, marks: 4 });
        assert!(tally.delays().is_none());
    }

    #[test]
    fn counts_a_record_that_is_too_short_without_a_mark() {
        let tally = Tally::<true>::new().unwrap();
        tally.record(&[1; 15]);
        assert_eq!(tally.totals(), Totals { received: 1, bytes: 15, marks: 0 });
    }

    #[test]
    fn records_the_delay_since_the_trigger_and_encodes_it_with_the_contracts_bounds() {
        let tally = Tally::<true>::new().unwrap();
        tally.record(&event(clock::now_ns() - 5_000_000, 1, 64));
        tally.record(&event(u64::MAX, 1, 64));
        let bytes = STANDARD.decode(encode(&tally.delays().unwrap()).unwrap()).unwrap();
        let decoded: Histogram = Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
        assert_eq!((decoded.low(), decoded.high(), decoded.sigfig()), (1, HIGHEST_NS, 3));
        assert!((4_990_000..HIGHEST_NS / 2).contains(&decoded.min()), "{}", decoded.min());
        assert_eq!(decoded.count_at(HIGHEST_NS), 1, "a trigger in the future has the highest");
    }
}
