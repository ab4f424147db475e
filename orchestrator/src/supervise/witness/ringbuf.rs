//! The ring buffer's witness: its two positions, which move only when records are reserved and released, and the records that lie in it.

use std::collections::BTreeSet;
use std::rc::Rc;

use bpf_facts::{Looked, Map, RingPositions};

use super::asked::{Expected, Positions, Witness};
use crate::facts::Mechanism;
use crate::supervise::kernel::{BufferFacts, RecordFacts};

/// Most records that are looked at when all is over: enough to see what kind they are, and few enough to stay a small process.
const RECORDS_MAX: u64 = 4096;
/// The same while the load runs, at each reading: they fit into two pages.
const RECORDS_A_LOOK: u64 = 32;

/// The rings among the maps of a program.
#[derive(Debug)]
pub(super) struct Rings {
    rings: Vec<Ring>,
    /// Of records that had just been read.
    read_records: Option<RecordFacts>,
}

/// One ring, kept open.
#[derive(Debug)]
struct Ring {
    map: Rc<Map>,
    size_bytes: u64,
    positions: RingPositions,
}

impl Ring {
    fn open(map: &Rc<Map>) -> Option<Self> {
        let positions = map.ring_positions().ok()??;
        Some(Self { map: Rc::clone(map), size_bytes: u64::from(map.facts().max_entries), positions })
    }

    fn look(&self, position: u64, expected: Expected, most: u64) -> Option<Looked> {
        self.map.look_at_records(position, expected.bytes, expected.process.unwrap_or_default(), most)
    }
}

impl Rings {
    pub(super) fn among(maps: &[Rc<Map>]) -> Self {
        Self { rings: maps.iter().filter_map(Ring::open).collect(), read_records: None }
    }

    /// The ring; none unless there is exactly one.
    fn only(&self) -> Option<&Ring> {
        match self.rings.as_slice() {
            [ring] => Some(ring),
            _ => None,
        }
    }

    /// Records that the consumer has just released. Those that the producer wrote over meanwhile do not count.
    fn look_behind_consumer(&self, expected: Expected) -> Option<Looked> {
        let ring = self.only()?;
        let end = ring.positions.consumer();
        let looked = ring.look(end, expected, RECORDS_A_LOOK).filter(|looked| looked.records > 0)?;
        let start = end.saturating_sub(Mechanism::RingBuffer.slots(expected.bytes).bytes(looked.records));
        (ring.positions.producer() <= start + ring.size_bytes).then_some(looked)
    }
}

impl Witness for Rings {
    fn map_ids(&self) -> BTreeSet<u32> {
        self.rings.iter().map(|ring| ring.map.id()).collect()
    }

    fn positions(&self) -> Option<Positions> {
        self.only().map(|ring| positions_of(&ring.positions))
    }

    fn waiting(&self) -> Option<u64> {
        let waiting = |ring: &Ring| {
            let Positions { produced, consumed } = positions_of(&ring.positions);
            produced.wrapping_sub(consumed)
        };
        self.rings.iter().map(waiting).reduce(u64::wrapping_add)
    }

    fn consumed(&self) -> Option<u64> {
        self.rings.iter().map(|ring| ring.positions.consumer()).reduce(u64::wrapping_add)
    }

    fn glance(&self) -> Option<Box<dyn FnMut() -> Positions + Send>> {
        // Mapped once more, for the thread that looks may outlive this.
        let positions = self.only()?.map.ring_positions().ok()??;
        Some(Box::new(move || positions_of(&positions)))
    }

    fn look_at_read(&mut self, expected: Expected) {
        let Some(looked) = self.look_behind_consumer(expected) else { return };
        let seen = self.read_records;
        let so_far = |of: fn(&RecordFacts) -> u64| seen.as_ref().map_or(0, of);
        let of_the_load = so_far(|facts| facts.of_the_load.unwrap_or(0)) + looked.of_process;
        self.read_records = Some(RecordFacts {
            looked_at: so_far(|facts| facts.looked_at) + looked.records,
            of_told_size: so_far(|facts| facts.of_told_size) + looked.of_length,
            of_the_load: expected.process.map(|_| of_the_load),
            newest_ktime_ns: looked.newest_ktime_ns,
        });
    }

    fn read_records(&self) -> Option<RecordFacts> {
        self.read_records
    }

    fn last_records(&self, expected: Expected) -> Option<RecordFacts> {
        let ring = self.only()?;
        let looked = ring.look(ring.positions.producer(), expected, RECORDS_MAX)?;
        Some(RecordFacts {
            looked_at: looked.records,
            of_told_size: looked.of_length,
            of_the_load: expected.process.map(|_| looked.of_process),
            newest_ktime_ns: looked.newest_ktime_ns,
        })
    }

    fn buffers(&self) -> Vec<BufferFacts> {
        let facts = |ring: &Ring| BufferFacts {
            map_id: ring.map.id(),
            size_bytes: ring.size_bytes,
            produced: ring.positions.producer(),
            consumed: ring.positions.consumer(),
        };
        self.rings.iter().map(facts).collect()
    }
}

/// The consumer first: it never passes the producer.
fn positions_of(ring: &RingPositions) -> Positions {
    let consumed = ring.consumer();
    Positions { produced: ring.producer(), consumed }
}
