//! The kernel's own word on the programs that a runner announced and on the maps that they use.

use std::collections::BTreeSet;

use bpf_facts::{BpfProgram, LoadedProgram, Map, RingPositions, program_kind};

use super::kernel::{KernelCounters, KernelFacts, KernelReading, MapFacts, ProgramFacts, RingFacts};
use super::record::OtherProgram;
use crate::sample::monotonic_ns;

/// Name of the map in which the program counts (docs/PROTOCOL.md).
const COUNTERS: &str = "counters";

/// How many BPF programs and maps are loaded, by anyone; none without privileges to ask.
pub(super) fn loaded_objects() -> Option<u32> {
    let both = bpf_facts::program_ids().ok()?.len() + bpf_facts::map_ids().ok()?.len();
    u32::try_from(both).ok()
}

/// The BPF programs that are loaded, by anyone; none without privileges to ask.
pub(super) fn loaded_programs() -> Option<Vec<OtherProgram>> {
    let programs = bpf_facts::loaded_programs().ok()?;
    Some(
        programs
            .into_iter()
            .map(|LoadedProgram { id, name, kind }| OtherProgram { id, name, kind })
            .collect(),
    )
}

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
    earlier: Earlier,
    available: bool,
}

impl Witness {
    /// Opens what can be opened. An id that the kernel does not know is left out: the checks will miss it. Maps are those of
    /// the kernel's list: which ones the runner names has no influence.
    pub(super) fn open(program_ids: &[u32], earlier: Earlier) -> Self {
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
        Self {
            rings,
            programs,
            counters: counters.next().filter(|_| counters.next().is_none()),
            maps,
            earlier,
            available: nix::unistd::geteuid().is_root(),
        }
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
        }
    }

    fn counters(&self) -> Option<KernelCounters> {
        let [attempted, submitted, dropped, dropped_marks] = self.maps.get(self.counters?)?.sums()?;
        Some(KernelCounters { attempted, submitted, dropped, dropped_marks })
    }

    /// What the kernel says now.
    pub(super) fn read(&self) -> KernelFacts {
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
            attached: None,
            knobs: None,
        }
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
            older_than_runner: self.earlier.map(facts.id),
            memory_bytes: facts.memory_bytes,
        }
    }
}
