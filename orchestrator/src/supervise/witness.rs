//! The kernel's own word on the programs that a runner announced and on the maps that they use.

use std::collections::BTreeSet;

use bpf_facts::{Attachment, BpfProgram, Map, RingPositions, attachments, held_programs, program_kind};

use super::kernel::{
    AttachFacts, KernelCounters, KernelFacts, KernelReading, Knobs, MapFacts, ProgramFacts, RecordFacts,
    RingFacts,
};
use crate::sample::monotonic_ns;

/// Name of the map in which the program counts, and of its frozen variable (docs/PROTOCOL.md).
const COUNTERS: &str = "counters";
const KNOBS: &str = "knobs";
/// Most records that are looked at when all is over: enough to see what kind they are, and few enough to stay a small process.
const RECORDS_MAX: u64 = 4096;
/// The same while the load runs, at each reading: they fit into two pages.
const RECORDS_A_LOOK: u64 = 32;

/// What was loaded before the runner was started: none of it can be the runner's.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    programs: Option<BTreeSet<u32>>,
    maps: Option<BTreeSet<u32>>,
}

impl Earlier {
    /// All that is loaded now.
    pub(super) fn now() -> Self {
        let set = |ids: Result<Vec<u32>, bpf_facts::Error>| ids.ok().map(BTreeSet::from_iter);
        Self { programs: set(bpf_facts::program_ids()), maps: set(bpf_facts::map_ids()) }
    }

    fn program(&self, id: u32) -> Option<bool> {
        self.programs.as_ref().map(|ids| ids.contains(&id))
    }

    fn map(&self, id: u32) -> Option<bool> {
        self.maps.as_ref().map(|ids| ids.contains(&id))
    }
}

/// The announced programs and the maps that they use, kept open while the trial runs.
#[derive(Debug, Default)]
pub(super) struct Witness {
    maps: Vec<Map>,
    rings: Vec<(RingFacts, RingPositions)>,
    programs: Vec<BpfProgram>,
    /// Which of `maps` holds the counters; none when none does, or more than one.
    counters: Option<usize>,
    /// Whether user space has lost the right to write to the counters.
    frozen: Option<bool>,
    attached: Vec<AttachFacts>,
    /// Programs that the runner holds and did not announce.
    others: BTreeSet<u32>,
    /// Of records that had just been read.
    read_records: Option<RecordFacts>,
    earlier: Earlier,
    available: bool,
}

impl Witness {
    /// Opens what can be opened. An id that the kernel does not know is left out: the checks will miss it. Maps are those of
    /// the kernel's list: which ones the runner names has no influence. `pids` are the runner's processes: what they hold says
    /// what the programs are attached to. From here on nobody but the program writes to its counters.
    pub(super) fn open(program_ids: &[u32], pids: &[u32], earlier: Earlier) -> Self {
        let announced: BTreeSet<u32> = program_ids.iter().copied().collect();
        let programs: Vec<BpfProgram> =
            announced.iter().filter_map(|id| BpfProgram::open(*id).ok()).collect();
        let map_ids: BTreeSet<u32> = programs
            .iter()
            .filter_map(|program| program.facts().ok())
            .flat_map(|facts| facts.map_ids)
            .collect();
        let maps: Vec<Map> = map_ids.iter().filter_map(|id| Map::open(*id).ok()).collect();
        let rings = maps
            .iter()
            .filter_map(|map| {
                let facts = map.facts();
                let positions = map.ring_positions().ok()??;
                let ring = RingFacts {
                    map_id: facts.id,
                    size_bytes: u64::from(facts.max_entries),
                    producer_position: positions.producer(),
                    consumer_position: positions.consumer(),
                };
                Some((ring, positions))
            })
            .collect();
        let mut counters =
            maps.iter().enumerate().filter(|(_, map)| map.facts().name == COUNTERS).map(|(index, _)| index);
        let counters = counters.next().filter(|_| counters.next().is_none());
        let of_announced = |found: &Attachment| announced.contains(&found.program_id);
        let attached = pids.iter().flat_map(|pid| attachments(*pid)).filter(of_announced);
        let mut witness = Self {
            rings,
            programs,
            counters,
            frozen: counters.and_then(|index| maps.get(index)).map(Map::freeze),
            attached: distinct(attached),
            maps,
            earlier,
            others: BTreeSet::new(),
            read_records: None,
            available: nix::unistd::geteuid().is_root(),
        };
        witness.look_for_others(pids);
        witness
    }

    /// Whether the runner's processes hold programs beside those that they announced.
    pub(super) fn look_for_others(&mut self, pids: &[u32]) {
        let announced = |id: &u32| self.programs.iter().any(|program| program.id() == *id);
        let others = pids.iter().flat_map(|pid| held_programs(*pid)).filter(|id| !announced(id));
        self.others.extend(others.collect::<Vec<_>>());
    }

    /// The ids of the rings.
    pub(super) fn ring_ids(&self) -> BTreeSet<u32> {
        self.rings.iter().map(|(ring, _)| ring.map_id).collect()
    }

    /// The positions of the ring, mapped once more; none unless there is exactly one.
    pub(super) fn positions_of_its_own(&self) -> Option<RingPositions> {
        let [(ring, _)] = self.rings.as_slice() else { return None };
        self.maps.iter().find(|map| map.id() == ring.map_id)?.ring_positions().ok()?
    }

    /// Whether every ring is empty; none when there is no ring to look at.
    pub(super) fn drained(&self) -> Option<bool> {
        self.backlog().map(|bytes| bytes == 0)
    }

    /// Bytes that wait for the consumer, over all rings; none when there is no ring to look at.
    pub(super) fn backlog(&self) -> Option<u64> {
        // The consumer first: it never passes the producer.
        let waiting = |(_, positions): &(RingFacts, RingPositions)| {
            let consumer = positions.consumer();
            positions.producer().wrapping_sub(consumer)
        };
        self.rings.iter().map(waiting).reduce(u64::wrapping_add)
    }

    /// Bytes that the consumer has released, over all rings; none when there is no ring to look at.
    pub(super) fn consumer_position(&self) -> Option<u64> {
        self.rings.iter().map(|(_, positions)| positions.consumer()).reduce(u64::wrapping_add)
    }

    /// Counters, positions and misses now.
    pub(super) fn reading(&self) -> KernelReading {
        let missed = |program: &BpfProgram| program.misses();
        let missed = self.programs.iter().filter_map(missed).reduce(u64::saturating_add);
        KernelReading { missed, ..self.positions() }
    }

    /// Counters and positions now: cheap enough for every snapshot (one system call).
    pub(super) fn positions(&self) -> KernelReading {
        let ring = match self.rings.as_slice() {
            [(_, positions)] => Some(positions),
            _ => None,
        };
        // The consumer first: it never passes the producer. The counters last: what is in the ring was counted.
        let consumer_position = ring.map(RingPositions::consumer);
        let producer_position = ring.map(RingPositions::producer);
        KernelReading {
            t_ns: monotonic_ns(),
            counters: self.counters(),
            producer_position,
            consumer_position,
            missed: None,
            unattended_bytes: None,
        }
    }

    /// The same, with a look at the runner's threads, `asleep`: what waits in the ring while all of them sleep.
    pub(super) fn look(&self, asleep: impl Fn() -> Option<bool>) -> KernelReading {
        let before = self.positions();
        let asleep = asleep();
        let consumer_position = before.consumer_position.filter(|_| self.rings.len() == 1);
        let still = consumer_position.is_some() && self.consumer_position() == consumer_position;
        let waiting = before.producer_position.zip(consumer_position).map(|(p, c)| p.saturating_sub(c));
        let unattended = |asleep: bool| if asleep && still { waiting } else { waiting.map(|_| 0) };
        KernelReading { unattended_bytes: asleep.and_then(unattended), ..before }
    }

    fn counters(&self) -> Option<KernelCounters> {
        let [attempted, submitted, dropped, dropped_marks] = self.maps.get(self.counters?)?.sums()?;
        Some(KernelCounters { attempted, submitted, dropped, dropped_marks })
    }

    /// What the kernel says now. `record_bytes` is the size of a record that was asked for, `process` the one that should be
    /// named in each.
    pub(super) fn read(&self, record_bytes: Option<u32>, process: Option<u32>) -> KernelFacts {
        KernelFacts {
            available: self.available,
            rings: self
                .rings
                .iter()
                .map(|(ring, positions)| RingFacts {
                    producer_position: positions.producer(),
                    consumer_position: positions.consumer(),
                    ..ring.clone()
                })
                .collect(),
            programs: self
                .programs
                .iter()
                .filter_map(|program| program.facts().ok())
                .map(|facts| self.program(facts))
                .collect(),
            maps: self.maps.iter().map(|map| self.map(map.facts())).collect(),
            attached: (self.available && !self.programs.is_empty()).then(|| self.attached_with_names()),
            counters_frozen: self.frozen,
            other_programs: (self.available && !self.programs.is_empty()).then(|| self.others.clone()),
            read_records: self.read_records,
            knobs: self.maps.iter().find_map(|map| Knobs::from_bytes(&map.frozen_variable(KNOBS)?)),
            last_records: record_bytes.and_then(|bytes| self.last_records(bytes, process)),
        }
    }

    /// The kernel names a function that is traced by its type only.
    fn attached_with_names(&self) -> Vec<AttachFacts> {
        let of = |id: u32| self.programs.iter().find(|program| program.id() == id);
        let named = |facts: &AttachFacts| {
            let function = || of(facts.program_id)?.attached_function();
            AttachFacts { target: facts.target.clone().or_else(function), ..facts.clone() }
        };
        self.attached.iter().map(named).collect()
    }

    /// Looks at some of the records that the consumer has just released. Those that the producer wrote over meanwhile do not count.
    pub(super) fn look_at_read(&mut self, record_bytes: u32, process: Option<u32>) {
        let [(ring, positions)] = self.rings.as_slice() else { return };
        let Some(map) = self.maps.iter().find(|map| map.id() == ring.map_id) else { return };
        let end = positions.consumer();
        let looked = map.look_at_records(end, record_bytes, process.unwrap_or_default(), RECORDS_A_LOOK);
        let Some(looked) = looked.filter(|looked| looked.records > 0) else { return };
        let start = end.saturating_sub(looked.records * (u64::from(record_bytes) + 8).next_multiple_of(8));
        if positions.producer() > start + ring.size_bytes {
            return;
        }
        let before = self.read_records;
        let count = |of: fn(&RecordFacts) -> u64, now: u64| before.as_ref().map_or(0, of) + now;
        let of_the_load = count(|facts| facts.of_the_load.unwrap_or(0), looked.of_process);
        self.read_records = Some(RecordFacts {
            looked_at: count(|facts| facts.looked_at, looked.records),
            of_told_size: count(|facts| facts.of_told_size, looked.of_length),
            of_the_load: process.map(|_| of_the_load),
            newest_ktime_ns: looked.newest_ktime_ns,
        });
    }

    fn last_records(&self, record_bytes: u32, process: Option<u32>) -> Option<RecordFacts> {
        let [(ring, positions)] = self.rings.as_slice() else { return None };
        let map = self.maps.iter().find(|map| map.id() == ring.map_id)?;
        let looked = map.look_at_records(
            positions.producer(),
            record_bytes,
            process.unwrap_or_default(),
            RECORDS_MAX,
        )?;
        Some(RecordFacts {
            looked_at: looked.records,
            of_told_size: looked.of_length,
            of_the_load: process.map(|_| looked.of_process),
            newest_ktime_ns: looked.newest_ktime_ns,
        })
    }

    fn program(&self, facts: bpf_facts::ProgramFacts) -> ProgramFacts {
        ProgramFacts {
            id: facts.id,
            name: facts.name,
            kind: Some(program_kind(facts.kind)),
            tag: Some(facts.tag),
            older_than_runner: self.earlier.program(facts.id),
            missed: Some(facts.recursion_misses),
            verified_instructions: Some(u64::from(facts.verified_instructions)).filter(|count| *count > 0),
            translated_bytes: Some(u64::from(facts.translated_bytes)),
            jited_bytes: Some(u64::from(facts.jited_bytes)),
            run_count: Some(facts.run_count).filter(|count| *count > 0),
            run_time_ns: Some(facts.run_time_ns).filter(|_| facts.run_count > 0),
        }
    }

    fn map(&self, facts: bpf_facts::MapFacts) -> MapFacts {
        MapFacts {
            id: facts.id,
            name: facts.name,
            kind: Some(facts.kind),
            max_entries: Some(u64::from(facts.max_entries)),
            value_bytes: Some(u64::from(facts.value_size)),
            frozen: facts.frozen,
            older_than_runner: self.earlier.map(facts.id),
            memory_bytes: facts.memory_bytes,
        }
    }
}

/// Each once; a program may be attached through several descriptors, one for each CPU.
fn distinct(attached: impl Iterator<Item = Attachment>) -> Vec<AttachFacts> {
    let mut all: Vec<AttachFacts> = Vec::new();
    for Attachment { program_id, kind, target } in attached {
        let facts = AttachFacts { program_id, kind, target };
        if !all.contains(&facts) {
            all.push(facts);
        }
    }
    all
}
