//! Reading the ring buffer, as `RingBuf` is meant to be used for speed: zero-copy, with an epoll of our own.

use aya::maps::{Map, MapData, RingBuf};
use runner_kit::{Failure, Reader, Tally, epoll};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::Duration;

/// A mapped ring buffer, with a hold of its own on the map.
pub(crate) type Ring = RingBuf<MapData>;

/// The reading end of a ring buffer.
pub(crate) struct RingReader<'a, const DELAYS: bool> {
    ring: Ring,
    epoll: OwnedFd,
    tally: &'a Tally<DELAYS>,
}

impl<'a, const DELAYS: bool> RingReader<'a, DELAYS> {
    /// Maps the ring buffer, whose records are to be added to the tally.
    pub(crate) fn new(map: Map, tally: &'a Tally<DELAYS>) -> Result<Self, Failure> {
        let ring = open(map)?;
        Ok(Self { epoll: watch([&ring])?, ring, tally })
    }
}

/// Maps a ring buffer.
pub(crate) fn open(map: Map) -> Result<Ring, Failure> {
    RingBuf::try_from(map).map_err(|error| Failure::internal("cannot map the ring buffer", &error))
}

/// Edge-triggered spares the kernel a look at the ring per wait. It is safe because `next` orders its last look at
/// the ring after the consumer position that decides about the wakeup.
pub(crate) fn watch<'a>(rings: impl IntoIterator<Item = &'a Ring>) -> Result<OwnedFd, Failure> {
    epoll::edge_triggered(rings).map_err(|error| Failure::internal("cannot watch the ring buffer", &error))
}

/// Waits until a ring that is watched has something.
pub(crate) fn wait(epoll: &OwnedFd, timeout: Duration) -> Result<bool, Failure> {
    epoll::wait(epoll.as_raw_fd(), timeout)
        .map_err(|error| Failure::internal("cannot wait for the ring buffer", &error))
}

/// Reads at most so many records; answers how many.
// By itself it has the registers for the sums; as a part of the caller's loop, one of them went through memory.
#[inline(never)]
pub(crate) fn consume<const DELAYS: bool>(ring: &mut Ring, tally: &Tally<DELAYS>, limit: usize) -> usize {
    let mut batch = tally.batch();
    for read in 0..limit {
        match ring.next() {
            Some(record) => batch.record(&record),
            None => return read,
        }
    }
    limit
}

impl<const DELAYS: bool> Reader for RingReader<'_, DELAYS> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        Ok(consume(&mut self.ring, self.tally, limit))
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        wait(&self.epoll, timeout)
    }
}
