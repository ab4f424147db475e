//! The reading side of the ring buffer: the part that is measured.

use std::io;
use std::time::Duration;

use libbpf_rs::{Link, MapCore, MapFlags, RingBuffer, RingBufferBuilder};
use runner_kit::Program;
use runner_kit::{Failure, KernelCounters, Reader, Tally, epoll};

/// Reads one ring buffer.
pub(crate) struct RingReader<'a>(RingBuffer<'a>);

impl<'a> RingReader<'a> {
    /// Maps the ring buffer, whose records are to be added to the tally.
    pub(crate) fn new<const DELAYS: bool>(
        events: &'a dyn MapCore,
        tally: &'a Tally<DELAYS>,
    ) -> Result<Self, Failure> {
        Ok(Self(open([(events, tally)])?))
    }
}

/// One libbpf ring buffer for all of these.
pub(crate) fn open<'a, const DELAYS: bool>(
    rings: impl IntoIterator<Item = (&'a dyn MapCore, &'a Tally<DELAYS>)>,
) -> Result<RingBuffer<'a>, Failure> {
    let mut builder = RingBufferBuilder::new();
    let add = |(events, tally): (&'a dyn MapCore, &'a Tally<DELAYS>)| {
        let on_record = |record: &[u8]| {
            tally.record(record);
            0
        };
        builder.add(events, on_record).map(drop)
    };
    let added = rings.into_iter().try_for_each(add);
    added
        .and_then(|()| builder.build())
        .map_err(|error| Failure::internal("cannot map the ring buffer", &error))
}

/// The answer of one of libbpf's functions that read.
pub(crate) fn counted(count: i32) -> Result<usize, Failure> {
    usize::try_from(count)
        .map_err(|_| Failure::internal("cannot read the ring buffer", &io::Error::from_raw_os_error(-count)))
}

/// Waits on libbpf's own epoll: its `poll` also consumes, and does not return while the producer keeps the ring filled.
pub(crate) fn wait(ring: &RingBuffer<'_>, timeout: Duration) -> Result<bool, Failure> {
    epoll::wait(ring.epoll_fd(), timeout)
        .map_err(|error| Failure::internal("cannot wait for the ring buffer", &error))
}

impl Reader for RingReader<'_> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        counted(self.0.consume_raw_n(limit))
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        wait(&self.0, timeout)
    }
}

/// The attached program.
pub(crate) struct Attached<'a> {
    pub(crate) counters: &'a dyn MapCore,
    /// Keeps it attached.
    pub(crate) link: Option<Link>,
}

impl Program for Attached<'_> {
    fn detach(&mut self) -> Result<(), Failure> {
        self.link = None;
        Ok(())
    }

    fn counters(&self) -> Result<KernelCounters, Failure> {
        self.counters
            .lookup_percpu(&0_u32.to_ne_bytes(), MapFlags::ANY)
            .map_err(|error| Failure::internal("cannot read the kernel counters", &error))?
            .and_then(|cpus| cpus.iter().map(|bytes| counters(bytes)).sum())
            .ok_or_else(|| Failure::bug("the kernel counters are not `struct counters`"))
    }
}

/// One CPU's `struct counters`; `None` when that is not what the bytes are.
fn counters(bytes: &[u8]) -> Option<KernelCounters> {
    let [attempted, submitted, dropped, dropped_marks] = *bytes.as_chunks::<8>().0 else { return None };
    (bytes.len() == size_of::<crate::skel::types::counters>()).then(|| KernelCounters {
        attempted: u64::from_ne_bytes(attempted),
        submitted: u64::from_ne_bytes(submitted),
        dropped: u64::from_ne_bytes(dropped),
        dropped_marks: u64::from_ne_bytes(dropped_marks),
    })
}

#[cfg(test)]
mod tests {
    use super::counters;
    use crate::skel::types;
    use runner_kit::KernelCounters;
    use std::mem::offset_of;

    #[test]
    fn reads_events_and_counters_where_the_object_has_them() {
        assert_eq!((offset_of!(types::event, ktime_ns), offset_of!(types::event, mark)), (0, 8));
        assert_eq!(size_of::<types::event>(), 48);
        assert_eq!(offset_of!(types::counters, submitted), 8);
        assert_eq!(offset_of!(types::counters, dropped), 16);
        assert_eq!(offset_of!(types::counters, dropped_marks), 24);
        let bytes: Vec<u8> = [5_u64, 3, 2, u64::MAX].iter().flat_map(|field| field.to_ne_bytes()).collect();
        let expected = KernelCounters { attempted: 5, submitted: 3, dropped: 2, dropped_marks: u64::MAX };
        assert_eq!(counters(&bytes), Some(expected));
        assert_eq!(counters(&bytes[..31]), None);
        assert_eq!(counters(&[]), None);
    }
}
