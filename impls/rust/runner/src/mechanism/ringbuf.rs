//! Reading the ring buffer, as `RingBuf` is meant to be used for speed: zero-copy, with an epoll of our own.

use crate::program::Program;
use aya::maps::{MapData, RingBuf};
use runner_kit::{Consumer, Failure, KernelCounters, Tally, epoll};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::Duration;

/// The reading end of the ring buffer.
pub(crate) struct RingConsumer<'a, const DELAYS: bool> {
    ring: RingBuf<MapData>,
    epoll: OwnedFd,
    tally: &'a Tally<DELAYS>,
    /// What fills the ring.
    pub(crate) program: Program,
}

impl<'a, const DELAYS: bool> RingConsumer<'a, DELAYS> {
    /// Maps the ring buffer of the loaded program, whose records are to be added to the tally.
    pub(crate) fn new(mut program: Program, tally: &'a Tally<DELAYS>) -> Result<Self, Failure> {
        let ring = RingBuf::try_from(program.take_map("events")?)
            .map_err(|error| Failure::internal("cannot map the ring buffer", &error))?;
        // Edge-triggered spares the kernel a look at the ring per wait. It is safe because `next` orders its last look at
        // the ring after the consumer position that decides about the wakeup.
        let epoll = epoll::edge_triggered(&ring)
            .map_err(|error| Failure::internal("cannot watch the ring buffer", &error))?;
        Ok(Self { ring, epoll, tally, program })
    }
}

impl<const DELAYS: bool> Consumer for RingConsumer<'_, DELAYS> {
    // By itself it has the registers for the sums; as a part of the caller's loop, one of them went through memory.
    #[inline(never)]
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        let mut batch = self.tally.batch();
        for read in 0..limit {
            match self.ring.next() {
                Some(record) => batch.record(&record),
                None => return Ok(read),
            }
        }
        Ok(limit)
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        epoll::wait(self.epoll.as_raw_fd(), timeout)
            .map_err(|error| Failure::internal("cannot wait for the ring buffer", &error))
    }

    fn detach(&mut self) -> Result<(), Failure> {
        self.program.detach();
        Ok(())
    }

    fn counters(&self) -> Result<KernelCounters, Failure> {
        self.program.counters()
    }
}
