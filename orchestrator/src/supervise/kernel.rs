//! What the kernel itself says of the attached program and its maps. No runner has a hand in it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sample::Glances;

/// What the kernel says of the programs that the runner named in `ready`, and of the maps that these programs use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KernelFacts {
    /// False when the supervisor has no privileges to ask.
    pub available: bool,
    /// Those among the maps through which the records went, read when the runner had ended (the supervisor keeps them open).
    #[serde(rename = "rings")]
    pub buffers: Vec<BufferFacts>,
    /// The programs, read at the same moment.
    pub programs: Vec<ProgramFacts>,
    /// The maps that the programs use, by the kernel's own list.
    pub maps: Vec<MapFacts>,
    /// What the programs were attached to at `ready`, as far as the runner's own descriptors show; null in results of version 1.
    #[serde(default)]
    pub attached: Option<Vec<AttachFacts>>,
    /// Ids of the other programs that the runner held, at `ready` or when it had read everything; null in results of before.
    #[serde(default)]
    pub other_programs: Option<BTreeSet<u32>>,
    /// Whether user space could no longer write to the counters from `ready` on; null in results of version 1, and where there are none.
    #[serde(default)]
    pub counters_frozen: Option<bool>,
    /// The frozen variable `knobs` of the program; null where there is none.
    #[serde(default)]
    pub knobs: Option<Knobs>,
    /// What records looked like that had just been read while the load ran, some at each reading of the positions; null where none could
    /// be looked at.
    #[serde(default)]
    pub read_records: Option<RecordFacts>,
    /// What the last records look like that were produced; null unless they lie in exactly one map.
    #[serde(default)]
    pub last_records: Option<RecordFacts>,
    /// CPUs that are online, each of which may have a ring of its own; null in results of before.
    #[serde(default)]
    pub online_cpus: Option<u32>,
}

/// Records as they lie in their map: the last ones when all is over, at most 4,096; or those that had just been read at some moments before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordFacts {
    /// How many were looked at.
    pub looked_at: u64,
    /// How many are records of the size that was asked for, by the kernel's header.
    pub of_told_size: u64,
    /// How many of these name the load generator's process; null where its number is unknown.
    pub of_the_load: Option<u64>,
    /// When the last of those of that size was written, by the kernel's clock, nanoseconds; null where there is none.
    #[serde(default)]
    pub newest_ktime_ns: Option<u64>,
}

/// Positions of a map through which records go: bytes since it was made, record headers included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RingFacts")]
pub struct BufferFacts {
    /// Map id.
    pub map_id: u32,
    /// The CPU whose records go there; null where those of all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<u32>,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// What the producer reserved.
    #[serde(rename = "producer_position")]
    pub produced: u64,
    /// What the consumer released: the proof that it read.
    #[serde(rename = "consumer_position")]
    pub consumed: u64,
}

/// One BPF program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramFacts {
    /// Program id.
    pub id: u32,
    /// Name, cut by the kernel to 15 characters.
    pub name: String,
    /// Kind of program, by its usual name; null in results of version 1.
    #[serde(default)]
    pub kind: Option<String>,
    /// The kernel's hash of its instructions, 16 hexadecimal digits; null in results of version 1.
    #[serde(default)]
    pub tag: Option<String>,
    /// Whether it was loaded before the runner was started, so that it is somebody else's; null in results of version 1.
    #[serde(default)]
    pub older_than_runner: Option<bool>,
    /// Runs that the kernel skipped since load (`recursion_misses`).
    pub missed: Option<u64>,
    /// Instructions that the verifier walked.
    pub verified_instructions: Option<u64>,
    /// Size of the translated program, bytes.
    pub translated_bytes: Option<u64>,
    /// Size of the native code, bytes.
    pub jited_bytes: Option<u64>,
    /// Runs while statistics were on; null when they were off.
    #[serde(default)]
    pub run_count: Option<u64>,
    /// Nanoseconds of those runs.
    #[serde(default)]
    pub run_time_ns: Option<u64>,
}

/// One BPF map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MapFacts {
    /// Map id.
    pub id: u32,
    /// Name.
    pub name: String,
    /// Kind of map, by its usual name; null in results of version 1.
    #[serde(default)]
    pub kind: Option<String>,
    /// Most elements; of a ring buffer its size in bytes. Null in results of version 1.
    #[serde(default)]
    pub max_entries: Option<u64>,
    /// Size of a value, bytes; null in results of version 1.
    #[serde(default)]
    pub value_bytes: Option<u64>,
    /// Whether user space can no longer write to it; null in results of version 1, and where the kernel does not say.
    #[serde(default)]
    pub frozen: Option<bool>,
    /// Whether programs can read it alone; null in older results, and where the kernel does not say.
    #[serde(default)]
    pub read_only_to_programs: Option<bool>,
    /// Whether it was made before the runner was started, so that it is somebody else's; null in results of version 1.
    #[serde(default)]
    pub older_than_runner: Option<bool>,
    /// Memory charged, bytes (`memlock` in fdinfo).
    pub memory_bytes: Option<u64>,
}

/// Where a program was attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttachFacts {
    /// Program id.
    pub program_id: u32,
    /// `tracepoint`, `raw_tracepoint`, `kprobe`, `tracing`, or the kernel's word for another kind.
    pub kind: String,
    /// Name of the tracepoint (without its category) or of the function; null where the kernel does not say.
    pub target: Option<String>,
}

/// `struct knobs` of impls/bpf/bench.h, as it was when the program was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Knobs {
    /// Process that counts; 0: all.
    pub target_pid: u32,
    /// Bytes of a record.
    pub record_size: u32,
    /// Records a trigger.
    pub batch: u32,
    /// 0 adaptive, 1 sampled, 2 timer.
    pub wakeup: u32,
    /// Backlog that forces a wakeup, bytes.
    pub wakeup_bytes: u64,
    /// Rounds of extra work.
    pub work: u32,
    /// Of so many triggers one makes records; 0 and 1: all do. Null in older results.
    #[serde(default)]
    pub keep_one_in: Option<u32>,
    /// Lookups a trigger; null in older results.
    #[serde(default)]
    pub lookups: Option<u32>,
    /// 1: records go to the ring of their CPU. Null in older results.
    #[serde(default)]
    pub rings: Option<u32>,
}

impl Knobs {
    /// From the bytes of the variable. Fields that follow are of no concern to a supervisor.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        Some(Self {
            target_pid: word(0)?,
            record_size: word(4)?,
            batch: word(8)?,
            wakeup: word(12)?,
            wakeup_bytes: u64::from_ne_bytes(bytes.get(16..24)?.try_into().ok()?),
            work: word(24)?,
            // Absent where a program is of before.
            keep_one_in: word(40),
            lookups: word(44),
            rings: word(48),
        })
    }
}

/// The program's own counters, summed over CPUs, as the supervisor read them from its map `counters`. Cumulative since load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KernelCounters {
    /// Records that the program tried to produce.
    pub attempted: u64,
    /// Records that it handed over.
    pub submitted: u64,
    /// Reservations that failed.
    pub dropped: u64,
    /// Sum of the marks of those, modulo 2^64.
    pub dropped_marks: u64,
}

/// What the kernel said at one moment. All is cumulative; null: it could not be asked.
///
/// Of one moment with the load running the numbers do not belong together to the last record: they are read one after another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KernelReading {
    /// CLOCK_MONOTONIC nanoseconds.
    pub t_ns: u64,
    /// The program's counters; null unless exactly one map of the program is called `counters` and has their form.
    pub counters: Option<KernelCounters>,
    /// Bytes that the producer had reserved, record headers included; null unless the records go through exactly one map that shows it.
    #[serde(rename = "producer_position")]
    pub produced: Option<u64>,
    /// Bytes that the consumer had released.
    #[serde(rename = "consumer_position")]
    pub consumed: Option<u64>,
    /// Runs of the attached program that the kernel had skipped.
    pub missed: Option<u64>,
    /// Bytes that waited while every thread of the runner slept; 0: nothing waited, or a thread ran. Null: not looked at.
    #[serde(default)]
    pub unattended_bytes: Option<u64>,
}

/// What the kernel said of each ring at one moment, where there is one for each CPU.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RingsReading {
    /// That of the reading that has the sums.
    pub t_ns: u64,
    /// By CPU.
    pub rings: Vec<RingReading>,
}

/// One of several rings at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RingReading {
    /// The CPU whose records go there.
    pub cpu: u32,
    /// Bytes that were reserved in it, record headers included.
    #[serde(rename = "producer_position")]
    pub produced: u64,
    /// Bytes that the consumer had released.
    #[serde(rename = "consumer_position")]
    pub consumed: u64,
    /// Records that the program had handed over on that CPU; null where it was not asked.
    pub submitted: Option<u64>,
    /// Reservations that had failed there.
    pub dropped: Option<u64>,
}

/// What waited in one of several rings at random moments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RingGlances {
    /// The CPU whose records go there.
    pub cpu: u32,
    /// What was seen.
    #[serde(flatten)]
    pub glances: Glances,
}

impl KernelReading {
    /// Bytes that waited for the consumer.
    #[must_use]
    pub fn backlog(&self) -> Option<u64> {
        self.produced?.checked_sub(self.consumed?)
    }

    /// Bytes that were produced since an earlier reading.
    #[must_use]
    pub fn produced_since(&self, earlier: &Self) -> Option<u64> {
        self.produced?.checked_sub(earlier.produced?)
    }

    /// Bytes that were consumed since an earlier reading.
    #[must_use]
    pub fn consumed_since(&self, earlier: &Self) -> Option<u64> {
        self.consumed?.checked_sub(earlier.consumed?)
    }
}

/// All readings of a trial; null: the trial did not get so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KernelReadings {
    /// At `ready`.
    pub ready: Option<KernelReading>,
    /// When the load was released to be measured: after the warm-up, on an empty buffer.
    pub released: Option<KernelReading>,
    /// When the buffer was empty after the load's end, or nobody read any more.
    pub settled: Option<KernelReading>,
    /// When the runner had ended.
    pub ended: Option<KernelReading>,
    /// Every 100 ms from the release of the load until it was settled, without `missed`.
    pub positions: Vec<KernelReading>,
    /// What waited at random moments while the load ran; null unless the load kept a schedule of its own.
    #[serde(default)]
    pub glances: Option<Glances>,
    /// The same of each ring, where there is one for each CPU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ring_glances: Vec<RingGlances>,
    /// Each ring at each of these moments, where there is one for each CPU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rings: Vec<RingsReading>,
}

impl KernelReadings {
    /// Each ring at the moment of a reading; nothing where there is one ring.
    #[must_use]
    pub fn rings_at(&self, reading: &KernelReading) -> &[RingReading] {
        let found = self.rings.iter().find(|rings| rings.t_ns == reading.t_ns);
        found.map_or(&[], |found| found.rings.as_slice())
    }
}
