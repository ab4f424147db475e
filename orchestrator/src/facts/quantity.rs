//! The quantities that are estimated and compared. How each is read from a trial is in `stats::quantity`, which knows trials.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Unit;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// A figure of a trial that is estimated over blocks.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumCount,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Quantity {
    /// Capacity: nanoseconds of consumer CPU an event.
    CpuNsPerEvent,
    /// Throughput: the highest rate that was carried without loss, events per second.
    LossFreePerSec,
    /// Saturation: events per second delivered while the load ran.
    DeliveredPerSec,
    /// Share of attempted events that was not dropped. Drops themselves have no logarithm when there are none.
    DeliveredShare,
    /// Median delay, nanoseconds.
    LatencyP50,
    /// 95th percentile of delay, nanoseconds.
    LatencyP95,
    /// 99th percentile of delay, nanoseconds.
    LatencyP99,
    /// 99.9th percentile of delay, nanoseconds.
    LatencyP999,
    /// CPU of the runner while the load ran, per cent of a core.
    RunnerCpuPercent,
    /// Peak resident set, bytes; memory that is mapped twice counts twice.
    PeakRssBytes,
    /// Most private memory, bytes.
    PrivateBytes,
    /// From spawn to ready, nanoseconds.
    TimeToReadyNs,
    /// Cost: nanoseconds of the load's CPU time a trigger.
    LoadNsPerTrigger,
    /// Nanoseconds that one run of the BPF program took.
    BpfRunNs,
    /// From the start of the runner until it had read the first event, nanoseconds, without what passed between `ready` and the
    /// first trigger.
    FirstEventNs,
    /// Opening, verifying, loading, nanoseconds (the runner's word).
    LoadNs,
    /// Attaching, nanoseconds (the runner's word).
    AttachNs,
    /// From the request to stop until the runner was gone, nanoseconds.
    ExitNs,
    /// Private memory when the load was released, bytes.
    PrivateAtRestBytes,
    /// Memory of the maps, bytes.
    MapMemoryBytes,
    /// Page faults without I/O while measured.
    MinorFaults,
    /// Instructions that the verifier walked.
    VerifiedInstructions,
    /// Time of all CPUs in interrupts while the load ran, per cent of a core.
    SoftirqPercent,
    /// Triggers of the slowest thread of the load, as a share of the mean of all.
    LeastThreadShare,
    /// Saturation: events per second delivered for each thread of the load.
    DeliveredPerThread,
    /// Events read from the ring that was read least, as a share of the mean of those through which something went.
    LeastRingShare,
    /// Starvation: median delay in the quiet ring, nanoseconds.
    QuietP50,
    /// The same, 99th percentile.
    QuietP99,
    /// Energy of all processors, of load and supervisor too, for each event that was read, joules.
    JoulesPerEvent,
    /// Files with code that the runner has mapped at `ready`, its own and shared objects.
    ProgramFiles,
    /// Their sizes, bytes.
    ProgramBytes,
}

/// One row of the table of quantities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantityFacts {
    /// The quantity.
    pub quantity: Quantity,
    /// What its values are counted in.
    pub unit: Unit,
    /// Which way is better; none where neither is.
    pub better: Option<Direction>,
    /// What it is, in a few words.
    pub label: &'static str,
    /// The unit under which benchmark tools that know a value by its unit keep it apart.
    pub unit_of_its_own: &'static str,
    /// The family of metrics that it belongs to; none when it is not tracked over time.
    pub family: Option<Family>,
    /// Whether it means the same whatever is asked; others mean something only where a question says so.
    pub always_means_the_same: bool,
}

/// Metrics that share a name, and differ in a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Family {
    /// Name without the prefix of the project and the base unit.
    pub name: &'static str,
    /// What it is, in a sentence without its end.
    pub help: &'static str,
    /// The percentile that this member of it is.
    pub percentile: Option<&'static str>,
}

const fn family(name: &'static str, help: &'static str) -> Family {
    Family { name, help, percentile: None }
}

const fn delay(percentile: &'static str) -> Family {
    let help = "Delay from the trigger to the reading of its record";
    Family { name: "latency", help, percentile: Some(percentile) }
}

const fn row(
    quantity: Quantity,
    unit: Unit,
    label: &'static str,
    unit_of_its_own: &'static str,
) -> QuantityFacts {
    QuantityFacts {
        quantity,
        unit,
        better: Some(Direction::Lower),
        label,
        unit_of_its_own,
        family: None,
        always_means_the_same: false,
    }
}

const FACTS: [QuantityFacts; <Quantity as strum::EnumCount>::COUNT] = [
    QuantityFacts {
        family: Some(family("cpu_per_event", "CPU time of the consumer for one event")),
        ..row(Quantity::CpuNsPerEvent, Unit::NsPerEvent, "CPU per event", "ns/event")
    },
    QuantityFacts {
        better: Some(Direction::Higher),
        family: Some(family(
            "loss_free_events_per_second",
            "Highest rate of events that was carried without loss",
        )),
        ..row(Quantity::LossFreePerSec, Unit::EventsPerSec, "rate without loss", "loss-free-events/s")
    },
    QuantityFacts {
        better: Some(Direction::Higher),
        family: Some(family("delivered_events_per_second", "Events delivered while the load ran")),
        ..row(Quantity::DeliveredPerSec, Unit::EventsPerSec, "delivered events", "events/s")
    },
    QuantityFacts {
        better: Some(Direction::Higher),
        family: Some(family("delivered", "Share of the attempted events that was not dropped")),
        ..row(Quantity::DeliveredShare, Unit::Share, "delivered share", "delivered-share")
    },
    QuantityFacts {
        family: Some(delay("50")),
        ..row(Quantity::LatencyP50, Unit::Ns, "latency P50", "p50-ns")
    },
    QuantityFacts {
        family: Some(delay("95")),
        ..row(Quantity::LatencyP95, Unit::Ns, "latency P95", "p95-ns")
    },
    QuantityFacts {
        family: Some(delay("99")),
        ..row(Quantity::LatencyP99, Unit::Ns, "latency P99", "p99-ns")
    },
    QuantityFacts {
        family: Some(delay("99.9")),
        ..row(Quantity::LatencyP999, Unit::Ns, "latency P99.9", "p99.9-ns")
    },
    QuantityFacts {
        // It decides where the rate is the same for all; elsewhere a busy runner is neither good nor bad.
        family: Some(family("runner_cpu", "CPU of the consumer at the same rate for all")),
        ..row(Quantity::RunnerCpuPercent, Unit::Percent, "runner CPU", "runner-CPU-percent")
    },
    row(Quantity::PeakRssBytes, Unit::Bytes, "peak RSS", "peak-RSS-bytes"),
    QuantityFacts {
        always_means_the_same: true,
        family: Some(family("private_memory", "Most private memory of the runner")),
        ..row(Quantity::PrivateBytes, Unit::Bytes, "private memory", "private-bytes")
    },
    QuantityFacts {
        always_means_the_same: true,
        family: Some(family("time_to_ready", "From the start of the runner until it is ready")),
        ..row(Quantity::TimeToReadyNs, Unit::Ns, "time to ready", "ready-ns")
    },
    QuantityFacts {
        family: Some(family(
            "load_cpu_per_trigger",
            "CPU time of the traced program for one trigger, with the program attached",
        )),
        ..row(
            Quantity::LoadNsPerTrigger,
            Unit::NsPerTrigger,
            "CPU of the traced program per trigger",
            "ns/trigger",
        )
    },
    QuantityFacts {
        family: Some(family(
            "program_run",
            "Time of one run of the BPF program, by the statistics of the kernel",
        )),
        ..row(Quantity::BpfRunNs, Unit::NsPerRun, "run of the BPF program", "ns/run")
    },
    QuantityFacts {
        family: Some(family("first_event", "From the start of the runner until it has read the first event")),
        ..row(Quantity::FirstEventNs, Unit::Ns, "first event", "first-event-ns")
    },
    row(Quantity::LoadNs, Unit::Ns, "opening, verifying, loading", "load-ns"),
    row(Quantity::AttachNs, Unit::Ns, "attaching", "attach-ns"),
    row(Quantity::ExitNs, Unit::Ns, "stopping", "exit-ns"),
    row(Quantity::PrivateAtRestBytes, Unit::Bytes, "private memory at rest", "private-at-rest-bytes"),
    row(Quantity::MapMemoryBytes, Unit::Bytes, "memory of the maps", "map-bytes"),
    row(Quantity::MinorFaults, Unit::Count, "page faults", "page-faults"),
    row(Quantity::VerifiedInstructions, Unit::Count, "verified instructions", "verified-instructions"),
    QuantityFacts {
        better: None,
        ..row(Quantity::SoftirqPercent, Unit::Percent, "interrupts", "softirq-percent")
    },
    QuantityFacts {
        better: Some(Direction::Higher),
        ..row(Quantity::LeastThreadShare, Unit::Share, "slowest thread", "least-thread-share")
    },
    QuantityFacts {
        better: Some(Direction::Higher),
        ..row(
            Quantity::DeliveredPerThread,
            Unit::EventsPerSec,
            "delivered events for each thread",
            "events/s/thread",
        )
    },
    QuantityFacts {
        better: Some(Direction::Higher),
        ..row(Quantity::LeastRingShare, Unit::Share, "ring that is read least", "least-ring-share")
    },
    row(Quantity::QuietP50, Unit::Ns, "delay in the quiet ring, P50", "quiet-p50-ns"),
    row(Quantity::QuietP99, Unit::Ns, "delay in the quiet ring, P99", "quiet-p99-ns"),
    row(Quantity::JoulesPerEvent, Unit::Joules, "energy per event", "joules/event"),
    row(Quantity::ProgramFiles, Unit::Count, "files with code", "code-files"),
    row(Quantity::ProgramBytes, Unit::Bytes, "size of the files with code", "code-bytes"),
];

impl Quantity {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static QuantityFacts {
        &FACTS[self as usize]
    }

    /// All quantities, in the order in which they are listed.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as strum::VariantArray>::VARIANTS.iter().copied()
    }

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Which way is better, for statistics that need one: less, where neither is.
    #[must_use]
    pub fn direction(self) -> Direction {
        self.facts().better.unwrap_or(Direction::Lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says_and_names_are_those_of_the_files() {
        for (facts, quantity) in FACTS.iter().zip(Quantity::all()) {
            assert_eq!(facts.quantity, quantity);
            assert_eq!(serde_json::to_value(quantity).expect("serialises"), quantity.name());
        }
    }

    #[test]
    fn no_two_quantities_share_a_unit_of_their_own() {
        let mut units: Vec<_> = FACTS.iter().map(|facts| facts.unit_of_its_own).collect();
        units.sort_unstable();
        units.dedup();
        assert_eq!(units.len(), FACTS.len());
    }
}
