//! The reading side of the ring buffer: the part that is measured.

use std::cell::UnsafeCell;
use std::io;
use std::time::Duration;

use libbpf_rs::{Link, MapCore, MapFlags, RingBuffer, RingBufferBuilder};
use runner_kit::epoll;
use runner_kit::failure::reason;
use runner_kit::histogram::Histogram;
use runner_kit::session::Consumer;
use runner_kit::{Delays, Failure, KernelCounters, Tally, Totals};

use crate::abi;
use crate::reason::root_cause;

/// A tally that libbpf's callback writes and the consumer reads, though never at the same time.
#[derive(Debug)]
pub(crate) struct SharedTally<D>(UnsafeCell<Tally<D>>);

impl<D: Delays> SharedTally<D> {
    /// A shared account of nothing yet.
    pub(crate) fn new(delays: D) -> Self {
        Self(UnsafeCell::new(Tally::new(delays)))
    }
}

/// Reads one ring buffer.
pub(crate) struct RingConsumer<'a, D> {
    ring: RingBuffer<'a>,
    tally: &'a SharedTally<D>,
    counters: &'a dyn MapCore,
    link: Option<Link>,
}

impl<'a, D: Delays> RingConsumer<'a, D> {
    /// Maps the ring buffer `events`. The tally must not be another consumer's.
    pub(crate) fn new(
        events: &'a dyn MapCore,
        counters: &'a dyn MapCore,
        tally: &'a mut SharedTally<D>,
    ) -> Result<Self, Failure> {
        let tally = &*tally;
        let on_record = |record: &[u8]| {
            // SAFETY: this runs only inside `RingConsumer::consume`. That has the consumer by exclusive reference, and all
            // references that `RingConsumer::tally` hands out borrow the consumer, so none exists now.
            unsafe { &mut *tally.0.get() }.record(record);
            0
        };
        let ring =
            build_ring(events, on_record).map_err(|error| internal("cannot map the ring buffer", &error))?;
        Ok(Self { ring, tally, counters, link: None })
    }

    /// Takes the link that keeps the program attached.
    pub(crate) fn hold(&mut self, link: Link) {
        self.link = Some(link);
    }

    fn tally(&self) -> &Tally<D> {
        // SAFETY: the callback is the only writer, and it cannot run while the consumer is borrowed; see there.
        unsafe { &*self.tally.0.get() }
    }
}

impl<D: Delays> Consumer for RingConsumer<'_, D> {
    fn consume(&mut self, limit: usize) -> Result<usize, Failure> {
        let count = self.ring.consume_raw_n(limit);
        usize::try_from(count).map_err(|_| {
            let error = io::Error::from_raw_os_error(-count);
            Failure::internal(format!("cannot read the ring buffer: {}", reason(&error)))
        })
    }

    fn wait(&mut self, timeout: Duration) -> Result<bool, Failure> {
        // On libbpf's own epoll: its `poll` also consumes, and does not return while the producer keeps the ring filled.
        epoll::wait(self.ring.epoll_fd(), timeout).map_err(|error| {
            Failure::internal(format!("cannot wait for the ring buffer: {}", reason(&error)))
        })
    }

    fn detach(&mut self) -> Result<(), Failure> {
        self.link = None;
        Ok(())
    }

    fn counters(&self) -> Result<KernelCounters, Failure> {
        self.counters
            .lookup_percpu(&0_u32.to_ne_bytes(), MapFlags::ANY)
            .map_err(|error| internal("cannot read the kernel counters", &error))?
            .and_then(|per_cpu| per_cpu.iter().map(|bytes| abi::counters(bytes)).sum())
            .ok_or_else(|| Failure::internal("the kernel counters are not `struct counters`"))
    }

    fn totals(&self) -> Totals {
        self.tally().totals()
    }

    fn histogram(&self) -> Option<&Histogram> {
        self.tally().histogram()
    }
}

fn build_ring<'a>(
    events: &'a dyn MapCore,
    on_record: impl FnMut(&[u8]) -> i32 + 'a,
) -> libbpf_rs::Result<RingBuffer<'a>> {
    let mut builder = RingBufferBuilder::new();
    builder.add(events, on_record)?;
    builder.build()
}

/// For what cannot happen with the object that this runner embeds.
pub(crate) fn internal(what: &str, error: &libbpf_rs::Error) -> Failure {
    Failure::internal(format!("{what}: {}", root_cause(error)))
}
