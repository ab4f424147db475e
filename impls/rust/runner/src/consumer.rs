//! Reads the ring buffer, as `RingBuf` is meant to be used for speed: zero-copy, with an epoll of our own.

use crate::failure::internal;
use crate::producer::Producer;
use aya::maps::{MapData, RingBuf};
use runner_kit::epoll::Epoll;
use runner_kit::histogram::Histogram;
use runner_kit::{Consumer, Delays, Failure, KernelCounters, Tally, Totals};
use std::time::Duration;

/// The reading end of the ring buffer.
pub(crate) struct RingConsumer<D> {
    ring: RingBuf<MapData>,
    epoll: Epoll,
    tally: Tally<D>,
    producer: Producer,
}

impl<D: Delays> RingConsumer<D> {
    /// A consumer of the ring that the attached producer fills.
    pub(crate) fn new(ring: RingBuf<MapData>, producer: Producer, delays: D) -> Result<Self, Failure> {
        // Edge-triggered spares the kernel a look at the ring per wait. It is safe because `next` orders its last look at
        // the ring after the consumer position that decides about the wakeup.
        let epoll =
            Epoll::edge_triggered(&ring).map_err(|error| internal("cannot watch the ring buffer", &error))?;
        Ok(Self { ring, epoll, tally: Tally::new(delays), producer })
    }
}

impl<D: Delays> Consumer for RingConsumer<D> {
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
        self.epoll.wait(timeout).map_err(|error| internal("cannot wait for the ring buffer", &error))
    }

    fn detach(&mut self) -> Result<(), Failure> {
        self.producer.detach()
    }

    fn counters(&self) -> Result<KernelCounters, Failure> {
        self.producer.counters()
    }

    fn totals(&self) -> Totals {
        self.tally.totals()
    }

    fn histogram(&self) -> Option<&Histogram> {
        self.tally.histogram()
    }
}
