//! Configuration files: lists of benchmarks, as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::cpus::PlacementEntry;
use super::origin::Origin;
use super::settings::{
    Batch, Blocks, BurstTriggers, Busy, KeepOneIn, Lookups, MostLoss, Percent, Programs, Rate, RecordSize,
    RingSize, Threads, Work,
};
use super::sweep::{Sweep, SweptPoint};
use super::value::Seconds;
use super::yaml;
use crate::facts::PatternKind;
use crate::plan::spec::{Consumers, LoadShape, Mechanism, Metric, ProgramType, Question, Rings, Wakeup};

/// A configuration file.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkFile {
    /// The benchmarks, in the order in which they run.
    pub benchmarks: Vec<BenchmarkEntry>,
}

/// One benchmark.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkEntry {
    /// Name in tables and results; unique in a run.
    pub name: String,
    /// Kind of BPF program.
    pub program_type: ProgramType,
    /// How events travel to user space.
    pub data_mechanism: Mechanism,
    /// The system call that makes the program run once: `sys_enter_openat2` (cheapest) or `sys_enter_openat`.
    pub event_source: String,
    /// How long one trial measures.
    #[serde(deserialize_with = "seconds")]
    pub duration_seconds: Seconds,
    /// Implementations by name or alias; without it, all of them.
    #[serde(default)]
    pub languages: Option<Vec<String>>,
    /// What is reported.
    pub metrics: Vec<Metric>,
    /// What is asked. It chooses load, batch and wakeup, unless they are given. Default: the first of throughput, capacity, latency
    /// and cost that `metrics` names, else saturation.
    #[serde(default)]
    pub question: Option<Question>,
    /// Where to attach; the default follows from `program_type` and `event_source`.
    #[serde(default)]
    pub attach_target: Option<String>,
    /// Size of the ring buffer: a power of two. Default: 16MiB.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub ring_size: Option<RingSize>,
    /// Bytes of a record. Default: 64.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub record_size: Option<RecordSize>,
    /// Records per trigger. Default: 100; latency: 1.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub batch: Option<Batch>,
    /// When the consumer is woken: `adaptive`, `sampled:BYTES`, `timer:TIME` (it looks by itself that often), or `none`, which is
    /// `timer:10ms`. Default: adaptive; capacity: once a burst.
    #[serde(default, deserialize_with = "yaml::scalar")]
    #[schemars(with = "Option<String>")]
    pub wakeup: Option<Wakeup>,
    /// Rounds of extra work in the BPF program per trigger. Default: 0.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub work: Option<Work>,
    /// Lookups in a hash map of 1024 entries per trigger, each of which hits. Default: 0.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub lookups: Option<Lookups>,
    /// The program makes records of one trigger in so many, by chance, and leaves the others at once. Default: 1, all.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub keep_one_in: Option<KeepOneIn>,
    /// Programs that are loaded and attached, of which one makes records; above 1 with `tracepoint` only. Default: 1.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub programs: Option<Programs>,
    /// `cpu`: a ring buffer for each CPU, each of `ring_size`. Default: one.
    #[serde(default)]
    pub rings: Option<Rings>,
    /// With `rings: cpu`, `ring`: a thread for each ring. Default: one thread for all.
    #[serde(default)]
    pub consumers: Option<Consumers>,
    /// Whether the page cache of the whole machine is emptied before each trial, so that programs are read from the disk. Default: false.
    #[serde(default)]
    pub cold: bool,
    /// How the load generator calls.
    #[serde(default)]
    pub load: LoadEntry,
    /// How often every implementation is measured. Default: 3.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub blocks: Option<Blocks>,
    /// Measures no more of it once half the width of each of its headline intervals is below this, in per cent: after 8 blocks at
    /// the earliest.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub precision: Option<Percent>,
    /// How often every implementation is measured at most, with `precision` or `max_time`. Default: 40.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub max_blocks: Option<Blocks>,
    /// Begins no block of it that would end later than when its own trials have taken this long, such as 90s or 10m.
    #[serde(default, deserialize_with = "yaml::scalar")]
    pub max_time: Option<Seconds>,
    /// Where it runs. Default: the runner and the load each on a core of its own.
    #[serde(default)]
    pub placement: Option<PlacementEntry>,
    /// Runs the benchmark once for each value of a setting: as many benchmarks, whose names say the value.
    #[serde(default)]
    pub sweep: Option<Sweep>,
    /// Which point of a sweep it is: what is read has no sweeps left, but their points.
    #[serde(skip)]
    pub point: Option<SweptPoint>,
    /// The file it came from; none for what is built in.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// How the load generator calls.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoadEntry {
    /// When it calls. Default: bursts for capacity, a ladder for throughput, closed for saturation, open for latency.
    pub pattern: Option<PatternKind>,
    /// Triggers per second of an open loop, or of the last thread of `beside`. Default: 10000; beside: 1000.
    #[serde(deserialize_with = "yaml::scalar")]
    pub rate: Option<Rate>,
    /// With `beside`: threads that call as fast as they can. Default: all but the last.
    #[serde(deserialize_with = "yaml::scalar")]
    pub busy: Option<Busy>,
    /// Triggers in a burst. Default: as many as fill 7/8 of the ring.
    #[serde(deserialize_with = "yaml::scalar")]
    pub burst: Option<BurstTriggers>,
    /// Share of events that may be dropped while a rate of a ladder counts as carried, from 0 to 0.5. Default: 0.001.
    #[serde(deserialize_with = "yaml::scalar")]
    pub most_loss: Option<MostLoss>,
    /// Time between bursts. Default: 20ms.
    #[serde(deserialize_with = "yaml::scalar")]
    pub pause: Option<Seconds>,
    /// What a call does: `fail-fast` or `open-close`. Default: fail-fast.
    pub shape: Option<LoadShape>,
    /// Threads that call. Default: 1.
    #[serde(deserialize_with = "yaml::scalar")]
    pub threads: Option<Threads>,
}

fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Seconds, D::Error> {
    yaml::scalar(deserializer)?.ok_or_else(|| serde::de::Error::custom("a duration is expected"))
}
