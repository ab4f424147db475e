//! The quiet ring beside busy ones: that of the CPU of the load's last thread, which keeps a schedule.

use hdrhistogram::Histogram;

use super::latency::decode_histogram;
use super::protocol::Transcript;
use crate::load::LoadReport;
use crate::plan::{Benchmark, LoadPattern};

/// What is known of it.
#[derive(Debug)]
pub(super) struct Quiet {
    /// The CPU whose records go there.
    pub(super) cpu: u32,
    /// Records that its thread caused.
    pub(super) caused: u64,
    /// Those that the schedule would have given.
    pub(super) planned: Option<u64>,
    /// Their delays, as the runner told them; none where it told none.
    pub(super) delays: Option<Histogram<u64>>,
}

/// None where the load is another, or where nobody knows on which CPU the thread was.
pub(super) fn quiet(
    load: Option<&LoadReport>,
    transcript: Option<&Transcript>,
    benchmark: &Benchmark,
) -> Option<Quiet> {
    let LoadPattern::Beside { .. } = benchmark.load.pattern else { return None };
    let load = load?;
    let thread = load.threads.last()?;
    let cpu = thread.cpu?;
    // Two threads on one CPU share a ring.
    if load.threads.iter().filter(|other| other.cpu == Some(cpu)).count() > 1 {
        return None;
    }
    let batch = u64::from(benchmark.runner.batch);
    let rings = transcript.and_then(|transcript| transcript.summary.as_ref()?.rings.as_ref());
    let told = rings.and_then(|rings| rings.iter().find(|ring| ring.cpu == u64::from(cpu)));
    Some(Quiet {
        cpu,
        caused: thread.issued.saturating_mul(batch),
        planned: load.missed.map(|missed| load.on_schedule().saturating_add(missed).saturating_mul(batch)),
        delays: told.and_then(|ring| decode_histogram(ring.latency.as_ref()?).ok()),
    })
}
