//! The kernel's own word on the maps and programs that a runner announced.

use bpf_facts::{BpfProgram, LoadedProgram, Map, RingPositions};

use super::record::{KernelFacts, MapFacts, OtherProgram, ProgramFacts, RingFacts};

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

/// The announced maps and programs, kept open while the trial runs.
#[derive(Debug, Default)]
pub(super) struct Witness {
    maps: Vec<Map>,
    rings: Vec<(RingFacts, RingPositions)>,
    programs: Vec<BpfProgram>,
    available: bool,
}

impl Witness {
    /// Opens what can be opened. An id that the kernel does not know is left out: the checks will miss it.
    pub(super) fn open(map_ids: &[u32], program_ids: &[u32]) -> Self {
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
        Self {
            rings,
            programs: program_ids.iter().filter_map(|id| BpfProgram::open(*id).ok()).collect(),
            maps,
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
                .map(|facts| ProgramFacts {
                    id: facts.id,
                    name: facts.name,
                    missed: Some(facts.recursion_misses),
                    verified_instructions: Some(u64::from(facts.verified_instructions))
                        .filter(|count| *count > 0),
                    translated_bytes: Some(u64::from(facts.translated_bytes)),
                    jited_bytes: Some(u64::from(facts.jited_bytes)),
                    run_count: Some(facts.run_count).filter(|count| *count > 0),
                    run_time_ns: Some(facts.run_time_ns).filter(|_| facts.run_count > 0),
                })
                .collect(),
            maps: self
                .maps
                .iter()
                .map(Map::facts)
                .map(|facts| MapFacts { id: facts.id, name: facts.name, memory_bytes: facts.memory_bytes })
                .collect(),
        }
    }
}
