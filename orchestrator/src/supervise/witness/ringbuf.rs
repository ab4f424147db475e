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
    /// The CPU whose records go there; none where those of all do.
    cpu: Option<u32>,
    size_bytes: u64,
    positions: RingPositions,
}

impl Ring {
    fn open(map: &Rc<Map>, cpu: Option<u32>) -> Option<Self> {
        let positions = map.ring_positions().ok()??;
        Some(Self { map: Rc::clone(map), cpu, size_bytes: u64::from(map.facts().max_entries), positions })
    }

    fn look(&self, position: u64, expected: Expected, most: u64) -> Option<Looked> {
        self.map.look_at_records(position, expected.bytes, expected.process.unwrap_or_default(), most)
    }
}

impl Rings {
    pub(super) fn among(maps: &[Rc<Map>], of_cpus: &[(u32, Rc<Map>)]) -> Self {
        let all = maps.iter().map(|map| (None, map));
        let all = all.chain(of_cpus.iter().map(|(cpu, map)| (Some(*cpu), map)));
        Self { rings: all.filter_map(|(cpu, map)| Ring::open(map, cpu)).collect(), read_records: None }
    }

    /// The rings through which records go; none unless there is exactly one, or a different one for each CPU and no other.
    fn known(&self) -> Option<&[Ring]> {
        let mut ids: Vec<u32> = self.rings.iter().map(|ring| ring.map.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        let one = self.rings.len() == 1;
        let one_a_cpu = self.rings.iter().all(|ring| ring.cpu.is_some()) && ids.len() == self.rings.len();
        (!self.rings.is_empty() && (one || one_a_cpu)).then_some(self.rings.as_slice())
    }

    /// Records that the consumer has just released. Those that the producer wrote over meanwhile do not count.
    fn look_behind_consumer(ring: &Ring, expected: Expected) -> Option<Looked> {
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
        let all = self.known()?.iter().map(|ring| positions_of(&ring.positions));
        all.reduce(|sum, one| Positions {
            produced: sum.produced.wrapping_add(one.produced),
            consumed: sum.consumed.wrapping_add(one.consumed),
        })
    }

    fn of_cpus(&self) -> Vec<(u32, Positions)> {
        let rings = self.known().unwrap_or_default().iter();
        rings.filter_map(|ring| Some((ring.cpu?, positions_of(&ring.positions)))).collect()
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

    fn glance(&self) -> Option<Box<dyn FnMut() -> Vec<Positions> + Send>> {
        // Mapped once more, for the thread that looks may outlive this.
        let rings = self.known()?.iter().map(|ring| ring.map.ring_positions().ok()?);
        let rings: Vec<RingPositions> = rings.collect::<Option<_>>()?;
        Some(Box::new(move || rings.iter().map(positions_of).collect()))
    }

    fn look_at_read(&mut self, expected: Expected) {
        let rings = self.known().unwrap_or_default().iter();
        let looked = rings.filter_map(|ring| Self::look_behind_consumer(ring, expected));
        self.read_records =
            looked.fold(self.read_records, |seen, looked| Some(with(seen, &looked, expected)));
    }

    fn read_records(&self) -> Option<RecordFacts> {
        self.read_records
    }

    fn last_records(&self, expected: Expected) -> Option<RecordFacts> {
        let rings = self.known()?;
        let most = RECORDS_MAX / rings.len().try_into().unwrap_or(RECORDS_MAX);
        rings.iter().try_fold(None, |seen, ring| {
            let looked = ring.look(ring.positions.producer(), expected, most)?;
            Some(Some(with(seen, &looked, expected)))
        })?
    }

    fn buffers(&self) -> Vec<BufferFacts> {
        let facts = |ring: &Ring| BufferFacts {
            map_id: ring.map.id(),
            cpu: ring.cpu,
            size_bytes: ring.size_bytes,
            produced: ring.positions.producer(),
            consumed: ring.positions.consumer(),
        };
        self.rings.iter().map(facts).collect()
    }
}

/// What was seen, with some records more.
fn with(seen: Option<RecordFacts>, looked: &Looked, expected: Expected) -> RecordFacts {
    let so_far = |of: fn(&RecordFacts) -> u64| seen.as_ref().map_or(0, of);
    let of_the_load = so_far(|facts| facts.of_the_load.unwrap_or(0)) + looked.of_process;
    RecordFacts {
        looked_at: so_far(|facts| facts.looked_at) + looked.records,
        of_told_size: so_far(|facts| facts.of_told_size) + looked.of_length,
        of_the_load: expected.process.map(|_| of_the_load),
        newest_ktime_ns: seen.and_then(|facts| facts.newest_ktime_ns).max(looked.newest_ktime_ns),
    }
}

/// The consumer first: it never passes the producer.
fn positions_of(ring: &RingPositions) -> Positions {
    let consumed = ring.consumer();
    Positions { produced: ring.producer(), consumed }
}
