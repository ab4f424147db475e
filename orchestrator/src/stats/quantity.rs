//! The quantities that are estimated and compared, each with its direction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::parse::Measurement;
use crate::plan::Question;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Capacity: nanoseconds of consumer CPU an event.
    CpuNsPerEvent,
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
}

impl Quantity {
    /// All quantities.
    pub const ALL: [Self; 13] = [
        Self::CpuNsPerEvent,
        Self::DeliveredPerSec,
        Self::DeliveredShare,
        Self::LatencyP50,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::LatencyP999,
        Self::RunnerCpuPercent,
        Self::PeakRssBytes,
        Self::PrivateBytes,
        Self::TimeToReadyNs,
        Self::LoadNsPerTrigger,
        Self::BpfRunNs,
    ];

    /// The one that answers a question. Of delays it is the median: the 99th percentile is the machine's as much as the framework's.
    #[must_use]
    pub fn headline(question: Question) -> Self {
        match question {
            Question::Capacity => Self::CpuNsPerEvent,
            Question::Saturation => Self::DeliveredPerSec,
            Question::Latency => Self::LatencyP50,
            Question::Cost => Self::LoadNsPerTrigger,
            Question::RunTime => Self::BpfRunNs,
        }
    }

    /// Those that decide on a question. The others mean something else there: under saturation the CPU time of an event
    /// contains the wakeups, and in bursts the rate is the schedule's.
    #[must_use]
    pub fn deciding(question: Question) -> &'static [Self] {
        match question {
            Question::Capacity => &[Self::CpuNsPerEvent],
            Question::Saturation => &[Self::DeliveredPerSec, Self::DeliveredShare],
            Question::Latency => &[Self::LatencyP50, Self::LatencyP95, Self::LatencyP99, Self::LatencyP999],
            Question::Cost => &[Self::LoadNsPerTrigger],
            Question::RunTime => &[Self::BpfRunNs],
        }
    }

    /// Whether rows are judged by it. Saturation has no verdict: the same programs differ from run to run by more than two
    /// frameworks do.
    #[must_use]
    pub fn is_judged(self, question: Question) -> bool {
        question != Question::Saturation && self.is_tracked(question)
    }

    /// Whether it can be tracked over time for a question: it decides, or means the same whatever is asked.
    #[must_use]
    pub fn is_tracked(self, question: Question) -> bool {
        Self::deciding(question).contains(&self) || matches!(self, Self::PrivateBytes | Self::TimeToReadyNs)
    }

    /// Which way is better.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::DeliveredPerSec | Self::DeliveredShare => Direction::Higher,
            _ => Direction::Lower,
        }
    }

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CpuNsPerEvent => "cpu_ns_per_event",
            Self::DeliveredPerSec => "delivered_per_sec",
            Self::DeliveredShare => "delivered_share",
            Self::LatencyP50 => "latency_p50",
            Self::LatencyP95 => "latency_p95",
            Self::LatencyP99 => "latency_p99",
            Self::LatencyP999 => "latency_p999",
            Self::RunnerCpuPercent => "runner_cpu_percent",
            Self::PeakRssBytes => "peak_rss_bytes",
            Self::PrivateBytes => "private_bytes",
            Self::TimeToReadyNs => "time_to_ready_ns",
            Self::LoadNsPerTrigger => "load_ns_per_trigger",
            Self::BpfRunNs => "bpf_run_ns",
        }
    }

    /// The unit of its values.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::CpuNsPerEvent => "ns/event",
            Self::DeliveredPerSec => "events/s",
            Self::DeliveredShare => "share",
            Self::LatencyP50
            | Self::LatencyP95
            | Self::LatencyP99
            | Self::LatencyP999
            | Self::TimeToReadyNs => "ns",
            Self::RunnerCpuPercent => "percent",
            Self::PeakRssBytes | Self::PrivateBytes => "bytes",
            Self::LoadNsPerTrigger => "ns/trigger",
            Self::BpfRunNs => "ns/run",
        }
    }

    /// Its value in one trial.
    #[must_use]
    pub fn of(self, measurement: &Measurement) -> Option<f64> {
        let figures = &measurement.figures;
        let latency = measurement.latency.as_ref();
        let whole = |value: Option<u64>| value.map(|value| value as f64);
        match self {
            Self::CpuNsPerEvent => figures.cpu_ns_per_event,
            Self::DeliveredPerSec => figures.delivered_per_sec,
            Self::DeliveredShare => figures.drop_ratio.map(|ratio| 1.0 - ratio),
            Self::LatencyP50 => whole(latency?.p50_ns),
            Self::LatencyP95 => whole(latency?.p95_ns),
            Self::LatencyP99 => whole(latency?.p99_ns),
            Self::LatencyP999 => whole(latency?.p999_ns),
            Self::RunnerCpuPercent => figures.runner_cpu_percent,
            Self::PeakRssBytes => whole(figures.peak_rss_bytes),
            Self::PrivateBytes => whole(figures.private_bytes),
            Self::TimeToReadyNs => whole(figures.time_to_ready_ns),
            Self::LoadNsPerTrigger => figures.load_ns_per_trigger,
            Self::BpfRunNs => figures.bpf_run_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_files() {
        for quantity in Quantity::ALL {
            let in_json = serde_json::to_value(quantity).expect("serialises");
            assert_eq!(in_json, quantity.name());
        }
    }
}
