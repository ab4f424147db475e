//! How each quantity is read from a trial. What else is known of it is in `facts`.

use crate::facts::Quantity;
use crate::parse::Measurement;

impl Quantity {
    /// Its value in one trial.
    #[must_use]
    pub fn of(self, measurement: &Measurement) -> Option<f64> {
        let figures = &measurement.figures;
        let latency = measurement.latency.as_ref();
        let whole = |value: Option<u64>| value.map(|value| value as f64);
        match self {
            Self::CpuNsPerEvent => figures.cpu_ns_per_event,
            Self::LossFreePerSec => figures.loss_free_per_sec,
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
            Self::FirstEventNs => whole(figures.first_event_ns),
            Self::LoadNs => whole(figures.load_ns),
            Self::AttachNs => whole(figures.attach_ns),
            Self::ExitNs => whole(figures.exit_ns),
            Self::PrivateAtRestBytes => whole(figures.private_at_rest_bytes),
            Self::MapMemoryBytes => whole(figures.map_memory_bytes),
            Self::MinorFaults => whole(figures.minor_faults),
            Self::VerifiedInstructions => whole(figures.verified_instructions),
            Self::SoftirqPercent => figures.softirq_percent,
            Self::LeastThreadShare => figures.least_thread_share,
            Self::DeliveredPerThread => figures.delivered_per_thread,
            Self::LeastRingShare => figures.least_ring_share,
            Self::QuietP50 => whole(figures.quiet_p50_ns),
            Self::QuietP99 => whole(figures.quiet_p99_ns),
            Self::JoulesPerEvent => figures.joules_per_event,
            Self::ProgramFiles => figures.program_files.map(f64::from),
            Self::ProgramBytes => whole(figures.program_bytes),
        }
    }
}
