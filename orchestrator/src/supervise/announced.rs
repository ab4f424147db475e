//! The kernel's own word on the programs that a runner announced and on the maps that they use.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use bpf_facts::{Attachment, BpfProgram, Map, attachments, held_programs, program_kind};

use super::kernel::{
    AttachFacts, KernelCounters, KernelFacts, KernelReading, Knobs, MapFacts, ProgramFacts, RingReading,
    RingsReading,
};
use super::witness::{self, Expected, Positions, Witness};
use crate::plan::Mechanism;
use crate::sample::{monotonic_ns, online_cpus};

/// Name of the map in which the program counts, and of its frozen variable (docs/PROTOCOL.md).
const COUNTERS: &str = "counters";
const KNOBS: &str = "knobs";

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
#[derive(Debug)]
pub(super) struct Announced {
    /// Who is asked what was produced and consumed.
    pub(super) witness: Box<dyn Witness>,
    maps: Vec<Rc<Map>>,
    /// Each ring at each reading, where there are several.
    of_each_ring: RefCell<Vec<RingsReading>>,
    programs: Vec<BpfProgram>,
    /// The one that makes records, as the runner says.
    measured: Option<u32>,
    /// Which of `maps` holds the counters; none when none does, or more than one.
    counters: Option<usize>,
    /// Whether user space has lost the right to write to the counters.
    frozen: Option<bool>,
    attached: Vec<AttachFacts>,
    /// Programs that the runner holds and did not announce.
    others: BTreeSet<u32>,
    earlier: Earlier,
    available: bool,
}

impl Announced {
    /// Before a runner has announced anything.
    pub(super) fn nothing() -> Self {
        Self {
            witness: witness::open(None, &[], &[]),
            of_each_ring: RefCell::default(),
            maps: Vec::new(),
            programs: Vec::new(),
            measured: None,
            counters: None,
            frozen: None,
            attached: Vec::new(),
            others: BTreeSet::new(),
            earlier: Earlier::default(),
            available: false,
        }
    }

    /// Opens what can be opened. An id that the kernel does not know is left out: the checks will miss it. Maps are those of
    /// the kernel's list: which ones the runner names has no influence. `pids` are the runner's processes: what they hold says
    /// what the programs are attached to. Records are to travel by `mechanism`. From here on nobody but the program writes to its
    /// counters.
    pub(super) fn open(
        mechanism: Option<Mechanism>,
        program_ids: &[u32],
        pids: &[u32],
        earlier: Earlier,
    ) -> Self {
        let named: BTreeSet<u32> = program_ids.iter().copied().collect();
        let programs: Vec<BpfProgram> = named.iter().filter_map(|id| BpfProgram::open(*id).ok()).collect();
        let map_ids: BTreeSet<u32> = programs
            .iter()
            .filter_map(|program| program.facts().ok())
            .flat_map(|facts| facts.map_ids)
            .collect();
        let maps: Vec<Rc<Map>> = map_ids.iter().filter_map(|id| Map::open(*id).ok()).map(Rc::new).collect();
        let of_cpus: Vec<(u32, Rc<Map>)> = maps.iter().flat_map(inner_maps).collect();
        let mut counters =
            maps.iter().enumerate().filter(|(_, map)| map.facts().name == COUNTERS).map(|(index, _)| index);
        let counters = counters.next().filter(|_| counters.next().is_none());
        let of_announced = |found: &Attachment| named.contains(&found.program_id);
        let attached = pids.iter().flat_map(|pid| attachments(*pid)).filter(of_announced);
        let mut announced = Self {
            witness: witness::open(mechanism, &maps, &of_cpus),
            of_each_ring: RefCell::default(),
            measured: program_ids.first().copied(),
            programs,
            counters,
            frozen: counters.and_then(|index| maps.get(index)).map(|map| map.freeze()),
            attached: distinct(attached),
            maps: with_each(maps, of_cpus),
            earlier,
            others: BTreeSet::new(),
            available: nix::unistd::geteuid().is_root(),
        };
        announced.look_for_others(pids);
        announced
    }

    /// Whether the runner's processes hold programs beside those that they announced.
    pub(super) fn look_for_others(&mut self, pids: &[u32]) {
        let announced = |id: &u32| self.programs.iter().any(|program| program.id() == *id);
        let others = pids.iter().flat_map(|pid| held_programs(*pid)).filter(|id| !announced(id));
        self.others.extend(others.collect::<Vec<_>>());
    }

    /// Counters, positions and misses now.
    pub(super) fn reading(&self) -> KernelReading {
        let missed = |program: &BpfProgram| program.misses();
        let missed = self.programs.iter().filter_map(missed).reduce(u64::saturating_add);
        KernelReading { missed, ..self.positions() }
    }

    /// Counters and positions now: cheap enough for every snapshot (one system call).
    pub(super) fn positions(&self) -> KernelReading {
        // The counters last: what was produced was counted.
        let (produced, consumed) = self.witness.positions().map(|now| (now.produced, now.consumed)).unzip();
        let of_cpus = self.witness.of_cpus();
        let (t_ns, counters) = (monotonic_ns(), self.counters_of_cpus());
        if !of_cpus.is_empty() {
            let rings = of_cpus.into_iter().map(|(cpu, now)| ring_reading(cpu, now, counters.as_deref()));
            self.of_each_ring.borrow_mut().push(RingsReading { t_ns, rings: rings.collect() });
        }
        KernelReading {
            t_ns,
            counters: counters.map(|counters| summed(&counters)),
            produced,
            consumed,
            missed: None,
            unattended_bytes: None,
        }
    }

    /// The same, with a look at the runner's threads, `asleep`: what waits while all of them sleep.
    pub(super) fn look(&self, asleep: impl Fn() -> Option<bool>) -> KernelReading {
        let before = self.positions();
        let asleep = asleep();
        let still = before.consumed.is_some() && self.witness.consumed() == before.consumed;
        let waiting = before.produced.zip(before.consumed).map(|(p, c)| p.saturating_sub(c));
        let unattended = |asleep: bool| if asleep && still { waiting } else { waiting.map(|_| 0) };
        KernelReading { unattended_bytes: asleep.and_then(unattended), ..before }
    }

    fn counters_of_cpus(&self) -> Option<Vec<[u64; 4]>> {
        self.maps.get(self.counters?)?.of_each_cpu()
    }

    /// Each ring at each reading so far, where there are several; each is answered once.
    pub(super) fn of_each_ring(&self) -> Vec<RingsReading> {
        self.of_each_ring.take()
    }

    /// Those of the measured program, which is named first: further ones have a filter that nothing passes.
    fn knobs(&self) -> Option<Knobs> {
        let measured = self.programs.iter().find(|program| Some(program.id()) == self.measured)?;
        let used = measured.facts().ok()?.map_ids;
        let mut maps = self.maps.iter().filter(|map| used.contains(&map.id()));
        maps.find_map(|map| Knobs::from_bytes(&map.frozen_variable(KNOBS)?))
    }

    /// What the kernel says now. Records should look as `expected`.
    pub(super) fn read(&self, expected: Option<Expected>) -> KernelFacts {
        KernelFacts {
            available: self.available,
            buffers: self.witness.buffers(),
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
            read_records: self.witness.read_records(),
            knobs: self.knobs(),
            online_cpus: online_cpus(),
            last_records: expected.and_then(|expected| self.witness.last_records(expected)),
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
            read_only_to_programs: facts.read_only_to_programs,
            older_than_runner: self.earlier.map(facts.id),
            memory_bytes: facts.memory_bytes,
        }
    }
}

/// The maps in an array of maps. It is frozen, so that from here on nobody puts others in; a program cannot.
fn inner_maps(map: &Rc<Map>) -> Vec<(u32, Rc<Map>)> {
    if map.inner_ids().is_none() {
        return Vec::new();
    }
    let _frozen = map.freeze();
    let inner = map.inner_ids().unwrap_or_default().into_iter();
    inner.filter_map(|(cpu, id)| Some((cpu, Rc::new(Map::open(id).ok()?)))).collect()
}

/// All maps, each once.
fn with_each(mut maps: Vec<Rc<Map>>, of_cpus: Vec<(u32, Rc<Map>)>) -> Vec<Rc<Map>> {
    for (_, map) in of_cpus {
        if maps.iter().all(|known| known.id() != map.id()) {
            maps.push(map);
        }
    }
    maps
}

fn summed(counters: &[[u64; 4]]) -> KernelCounters {
    let sum = |at: usize| counters.iter().fold(0_u64, |sum, of_cpu| sum.wrapping_add(of_cpu[at]));
    KernelCounters { attempted: sum(0), submitted: sum(1), dropped: sum(2), dropped_marks: sum(3) }
}

fn ring_reading(cpu: u32, now: Positions, counters: Option<&[[u64; 4]]>) -> RingReading {
    let of_cpu = usize::try_from(cpu).ok().and_then(|cpu| counters?.get(cpu));
    RingReading {
        cpu,
        produced: now.produced,
        consumed: now.consumed,
        submitted: of_cpu.map(|counters| counters[1]),
        dropped: of_cpu.map(|counters| counters[2]),
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
