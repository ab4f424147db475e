//! The types of a plan. They are part of the result file, so their names are public (docs/RESULTS.md).

mod trigger;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use trigger::{LoadShape, Syscall, SystemCall, Trigger};

use super::rule::{PlanEnd, StopRule};
use crate::facts::Distance;
pub use crate::facts::{Consumers, Mechanism, Metric, NOTHING_ATTACHED, ProgramType, Question, Rings, Slots};

/// When a submitted record wakes the consumer; the value of the runners' `--wakeup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wakeup {
    /// The kernel's own rule: only when the consumer has caught up.
    Adaptive,
    /// Forced once this many bytes wait in the ring, never before.
    Sampled {
        /// Backlog in bytes, record headers included.
        bytes: u64,
    },
    /// Never; the consumer looks on a timer of its own.
    Timer {
        /// Nanoseconds after which it looks again at the latest.
        interval_ns: u64,
    },
    /// Never; the consumer looks on a timer whose interval is the runner's choice: only in results of version 1.
    None,
}

/// The flags that every trial of a benchmark passes to every runner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerSettings {
    /// Bytes, a power of two.
    pub ring_size: u64,
    /// Bytes of a record without the kernel's header.
    pub record_size: u32,
    /// Records per trigger.
    pub batch: u32,
    /// Wakeup policy.
    pub wakeup: Wakeup,
    /// Rounds of extra work in the BPF program per trigger.
    pub work: u32,
    /// Whether the runner records the delay of each event.
    pub latency: bool,
    /// The program makes records only of triggers whose cookie is a multiple of this.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub keep_one_in: u32,
    /// Lookups in a hash map per trigger.
    #[serde(default, skip_serializing_if = "is_none_at_all")]
    pub lookups: u32,
    /// Programs that are loaded and attached, of which one makes records.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub programs: u32,
    /// Into which ring a record goes.
    #[serde(default, skip_serializing_if = "Rings::is_usual")]
    pub rings: Rings,
    /// Who reads the rings.
    #[serde(default, skip_serializing_if = "Consumers::is_usual")]
    pub consumers: Consumers,
}

impl RunnerSettings {
    /// Rings that a load of so many threads fills: with one for each CPU those of its threads, each of which has a CPU of its own.
    #[must_use]
    pub fn filled_rings(&self, threads: u32) -> u64 {
        match self.rings {
            Rings::One => 1,
            Rings::Cpu => threads.into(),
        }
    }

    /// The flags that a runner need not know (docs/PROTOCOL.md, Flags), with their values: only those that differ from what every runner
    /// does without them.
    #[must_use]
    pub fn further_flags(&self) -> Vec<(&'static str, String)> {
        let flags = [
            ("keep-one-in", self.keep_one_in != all(), self.keep_one_in.to_string()),
            ("lookups", self.lookups != 0, self.lookups.to_string()),
            ("programs", self.programs != 1, self.programs.to_string()),
            ("rings", !self.rings.is_usual(), self.rings.to_string()),
            ("consumers", !self.consumers.is_usual(), self.consumers.to_string()),
        ];
        flags.into_iter().filter(|(_, is_said, _)| *is_said).map(|(flag, _, value)| (flag, value)).collect()
    }
}

/// When the load generator calls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum LoadPattern {
    /// As fast as it can.
    Closed,
    /// A fixed rate on an absolute schedule.
    Open {
        /// Triggers per second, over all threads.
        rate_per_sec: u64,
    },
    /// A number of triggers at full speed, then a pause, and again.
    Bursts {
        /// Triggers in one burst, over all threads.
        triggers: u64,
        /// Nanoseconds between the end of a burst and the start of the next.
        pause_ns: u64,
    },
    /// Pieces at fixed rates, each on an absolute schedule of its own, that somebody names meanwhile.
    Ladder,
    /// The last thread at a fixed rate on an absolute schedule, and the first so many as fast as they can; others do nothing.
    Beside {
        /// Triggers per second of the last thread.
        rate_per_sec: u64,
        /// Threads that call as fast as they can.
        busy: u32,
    },
}

/// One load, as `orchestrator load` takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadSpec {
    /// When it calls.
    pub pattern: LoadPattern,
    /// What it does for each trigger.
    #[serde(flatten)]
    #[schemars(with = "SystemCall")]
    pub trigger: Trigger,
    /// Threads that call.
    pub threads: u32,
    /// Stop after this long.
    pub duration_ns: u64,
    /// Stop after exactly this many triggers (over all threads), whichever comes first.
    pub count: Option<u64>,
    /// The program makes records only of triggers whose cookie is a multiple of this.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub keep_one_in: u32,
}

/// Which CPUs each part may use. Empty or none: the scheduler decides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The runner's CPU (`--cpu`).
    pub runner: Option<u32>,
    /// The load generator's CPUs, threads in turn.
    pub load: Vec<u32>,
    /// The supervisor's CPUs.
    pub supervisor: Vec<u32>,
    /// How far from the runner the load was asked to be, if by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<Distance>,
}

/// One entry of a configuration, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Benchmark {
    /// Unique within the plan.
    pub name: String,
    /// What is asked.
    pub question: Question,
    /// Name of the runner's program, such as `ringbuf_throughput`.
    pub program: String,
    /// Program type.
    pub program_type: ProgramType,
    /// Attach target; none: the runner's default.
    pub attach_target: Option<String>,
    /// Mechanism.
    pub mechanism: Mechanism,
    /// Flags of the runners.
    pub runner: RunnerSettings,
    /// The load; its duration is the trial's.
    pub load: LoadSpec,
    /// Share of events that may be dropped while a rate counts as carried; null: 0.001.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_loss: Option<f64>,
    /// Whether the page cache is emptied before each trial, so that programs are read from the disk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cold: bool,
    /// What is reported.
    pub metrics: Vec<Metric>,
    /// Names of the implementations, in the order given.
    pub implementations: Vec<String>,
    /// Which point of a series it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Where its trials run, if elsewhere than the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
}

/// A benchmark's place in a series: the same benchmark at several values of one setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Name of the series.
    pub series: String,
    /// The setting, such as `ring_size`.
    pub axis: String,
    /// Its value: bytes, triggers a second, or whatever the setting is counted in; times in seconds.
    pub x: f64,
}

/// One runner process to be measured once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedTrial {
    /// Number of the trial in the run, from 1.
    pub number: u32,
    /// Block, from 1: every implementation once.
    pub block: u32,
    /// Position within its benchmark's block, from 1.
    pub position: u32,
    /// Index into [`Plan::benchmarks`].
    pub benchmark: usize,
    /// Name under which results appear; differs from `implementation` in an A/A pair.
    pub label: String,
    /// Folder name of the implementation.
    pub implementation: String,
    /// Label of the trial before it in the run.
    pub predecessor: Option<String>,
}

/// Everything a run will do, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Seed of the random order.
    pub seed: u64,
    /// Number of blocks.
    pub blocks: u32,
    /// Label of the implementation that ratios refer to.
    pub baseline: Option<String>,
    /// The benchmarks.
    pub benchmarks: Vec<Benchmark>,
    /// The trials in order.
    pub trials: Vec<PlannedTrial>,
    /// Placement of all trials, but of benchmarks that have their own.
    pub placement: Placement,
    /// When the run ends; null in results of older versions: after all blocks.
    #[serde(default)]
    pub rule: Option<StopRule>,
    /// How it ended; null before.
    #[serde(default)]
    pub ended: Option<PlanEnd>,
}

impl Benchmark {
    /// Rings that fill: with one for each CPU those of the CPUs of the load's threads, each of which has its own.
    #[must_use]
    pub fn filled_rings(&self) -> u64 {
        self.runner.filled_rings(self.load.threads)
    }

    /// How its records lie in the map.
    #[must_use]
    pub fn slots(&self) -> Slots {
        self.mechanism.slots(self.runner.record_size)
    }
}

impl Placement {
    /// Whether everything runs on the same CPUs as there, however that was said.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let essence = |placement: &Self| Self { distance: None, ..placement.clone() };
        essence(self) == essence(other)
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |cpus: &[u32]| cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let Some(runner) = self.runner else { return f.write_str("left to the scheduler") };
        write!(f, "runner on CPU {runner}, load on {}", list(&self.load))?;
        if let Some(distance) = self.distance {
            write!(f, " (`{distance}`)")?;
        }
        write!(f, ", supervisor on {}", list(&self.supervisor))
    }
}

impl Plan {
    /// Where the trials of a benchmark run.
    #[must_use]
    pub fn placement_of(&self, benchmark: usize) -> &Placement {
        self.benchmarks.get(benchmark).and_then(|own| own.placement.as_ref()).unwrap_or(&self.placement)
    }
}

impl Wakeup {
    /// What `none` stands for.
    pub const WITHOUT: Self = Self::Timer { interval_ns: 10_000_000 };

    /// Nobody is woken, and what arrives in a millisecond is read together.
    pub const BATCHED: Self = Self::Timer { interval_ns: 1_000_000 };

    /// Whether the producer wakes the consumer at all.
    #[must_use]
    pub fn wakes(self) -> bool {
        !matches!(self, Self::Timer { .. } | Self::None)
    }
}

impl fmt::Display for Wakeup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adaptive => f.write_str("adaptive"),
            Self::Sampled { bytes } => write!(f, "sampled:{bytes}"),
            Self::Timer { interval_ns } => write!(f, "timer:{}", interval(*interval_ns)),
            Self::None => f.write_str("none"),
        }
    }
}

/// What results of older versions do not say: one in one trigger makes records, and there is one program.
const fn all() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_all(keep_one_in: &u32) -> bool {
    *keep_one_in == all()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none_at_all(number: &u32) -> bool {
    *number == 0
}

/// A whole number and the largest unit of `us`, `ms`, `s` in which it is one.
fn interval(ns: u64) -> String {
    let (divisor, unit) = [(1_000_000_000, "s"), (1_000_000, "ms")]
        .into_iter()
        .find(|(divisor, _)| ns.is_multiple_of(*divisor))
        .unwrap_or((1_000, "us"));
    format!("{}{unit}", ns / divisor)
}

impl LoadSpec {
    /// The same load as arguments of `orchestrator load`.
    #[must_use]
    pub fn arguments(&self, cpus: &[u32]) -> Vec<String> {
        let mut arguments = vec![
            format!(
                "--duration={}.{:09}",
                self.duration_ns / 1_000_000_000,
                self.duration_ns % 1_000_000_000
            ),
            format!("--threads={}", self.threads),
        ];
        arguments.extend(self.trigger.arguments());
        match self.pattern {
            LoadPattern::Closed => arguments.push("--pattern=closed".into()),
            LoadPattern::Open { rate_per_sec } => {
                arguments.extend(["--pattern=open".into(), format!("--rate={rate_per_sec}")]);
            }
            LoadPattern::Ladder => arguments.push("--pattern=ladder".into()),
            LoadPattern::Beside { rate_per_sec, busy } => arguments.extend([
                "--pattern=beside".into(),
                format!("--rate={rate_per_sec}"),
                format!("--busy={busy}"),
            ]),
            LoadPattern::Bursts { triggers, pause_ns } => arguments.extend([
                "--pattern=bursts".into(),
                format!("--burst={triggers}"),
                format!("--pause={pause_ns}ns"),
            ]),
        }
        if let Some(count) = self.count {
            arguments.push(format!("--count={count}"));
        }
        if !is_all(&self.keep_one_in) {
            arguments.push(format!("--keep-one-in={}", self.keep_one_in));
        }
        if !cpus.is_empty() {
            let list: Vec<String> = cpus.iter().map(u32::to_string).collect();
            arguments.push(format!("--cpus={}", list.join(",")));
        }
        arguments
    }
}
