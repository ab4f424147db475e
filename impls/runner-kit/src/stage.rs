//! What a measurement has come to: attached, stopped, and what the kernel counted.

use crate::tally::Totals;
use std::iter::Sum;

/// What loading and attaching came to.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Kernel id of the attached program.
    pub program_ids: Vec<u32>,
    /// Kernel ids of all the maps that it uses, each once.
    pub map_ids: Vec<u32>,
    /// Time to open, verify and load.
    pub load_ns: u64,
    /// Time to attach.
    pub attach_ns: u64,
}

/// How far it had come when it was decided to stop.
#[derive(Debug, Clone, Copy)]
pub struct Stopped {
    /// Since `ready`.
    pub elapsed_ns: u64,
    /// Sleeps that ended because there was data.
    pub wakeups: u64,
    /// What was read, without what is drained later.
    pub totals: Totals,
}

/// The program's own counters, summed over CPUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KernelCounters {
    /// Records that it tried to produce.
    pub attempted: u64,
    /// Records handed to the consumer.
    pub submitted: u64,
    /// Reservations that failed.
    pub dropped: u64,
    /// The sum of the marks of those, modulo 2^64.
    pub dropped_marks: u64,
}

impl Sum for KernelCounters {
    fn sum<I: Iterator<Item = Self>>(cpus: I) -> Self {
        cpus.fold(Self::default(), |sum, cpu| Self {
            attempted: sum.attempted + cpu.attempted,
            submitted: sum.submitted + cpu.submitted,
            dropped: sum.dropped + cpu.dropped,
            dropped_marks: sum.dropped_marks.wrapping_add(cpu.dropped_marks),
        })
    }
}
