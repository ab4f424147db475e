//! What a witness can be asked.

use std::collections::BTreeSet;
use std::fmt::Debug;

use crate::supervise::kernel::{BufferFacts, RecordFacts};

/// What was produced and consumed at one moment, in the unit of the mechanism's [`crate::facts::Slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::supervise) struct Positions {
    pub(in crate::supervise) produced: u64,
    pub(in crate::supervise) consumed: u64,
}

/// What each record should look like.
#[derive(Debug, Clone, Copy)]
pub(in crate::supervise) struct Expected {
    /// Its size, bytes.
    pub(in crate::supervise) bytes: u32,
    /// The process that it names; none where that is unknown.
    pub(in crate::supervise) process: Option<u32>,
}

/// The kernel's word on how records travel, whatever the runner says. What a mechanism does not show is unknown.
pub(in crate::supervise) trait Witness: Debug {
    /// The maps through which records go: whoever else has one of them open may read them.
    fn map_ids(&self) -> BTreeSet<u32> {
        BTreeSet::new()
    }

    /// Now, over all maps; none unless records go through one map that shows it, or one for each CPU.
    fn positions(&self) -> Option<Positions> {
        None
    }

    /// What waits for the consumer now, over all maps.
    fn waiting(&self) -> Option<u64> {
        None
    }

    /// What the consumer has read by now, over all maps.
    fn consumed(&self) -> Option<u64> {
        None
    }

    /// Whether nothing waits.
    fn is_empty(&self) -> Option<bool> {
        self.waiting().map(|waiting| waiting == 0)
    }

    /// Each map where there is one for each CPU, by its number; nothing where there is one map.
    fn of_cpus(&self) -> Vec<(u32, Positions)> {
        Vec::new()
    }

    /// The same as [`Self::positions`], of each map by itself in the order of [`Self::of_cpus`], for another thread.
    fn glance(&self) -> Option<Box<dyn FnMut() -> Vec<Positions> + Send>> {
        None
    }

    /// Looks at some of the records that the consumer has just read, and keeps what it saw.
    fn look_at_read(&mut self, _expected: Expected) {}

    /// All that [`Self::look_at_read`] saw.
    fn read_records(&self) -> Option<RecordFacts> {
        None
    }

    /// The last records that were produced.
    fn last_records(&self, _expected: Expected) -> Option<RecordFacts> {
        None
    }

    /// The maps as they are now.
    fn buffers(&self) -> Vec<BufferFacts> {
        Vec::new()
    }
}

/// Where nobody can be asked.
#[derive(Debug)]
pub(in crate::supervise) struct Nobody;

impl Witness for Nobody {}
