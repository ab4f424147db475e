//! The figures of one trial, from its counts and readings. Whatever is not known is null.

mod ladder;
mod load;
mod measured;
mod rings;
mod start;
mod usage;
mod values;
mod window;

pub use values::{Figures, RingFigures};

use super::counts::Counts;
use super::latency::planned_percentile;
use super::limit::limit;
use super::processes;
use super::protocol::Transcript;
use super::quiet::quiet;
use crate::arithmetic::{difference, ratio};
use crate::facts::Quantity;
use crate::plan::{Benchmark, LoadPattern};
use crate::supervise::TrialRecord;
use measured::measured;
use start::{Start, start};

/// Computes all figures. `transcript` is none for a program that does not speak the protocol.
pub(super) fn figures(
    record: &TrialRecord,
    counts: &Counts,
    transcript: Option<&Transcript>,
    benchmark: &Benchmark,
) -> Figures {
    let messages = transcript.map(|transcript| transcript.counters.as_slice()).unwrap_or_default();
    let ready = transcript.and_then(|transcript| transcript.ready.as_ref());
    let (batch, slots) = (benchmark.runner.batch, benchmark.slots());
    let start = start(record, messages, slots);
    let measured = measured(record, counts, transcript, &start, (batch, slots));
    let (wakeups, events_while_wakeups) = measured.woken.unzip();
    let read_over_time = window::read_over_time(record, messages, start.received, slots);
    let rings = rings::rings(&record.readings, slots);
    let mut figures = Figures {
        cpu_ns_per_event: cpu_ns_per_event(record, &start, measured.read),
        delivered_per_sec: window::delivered_per_sec(record.load.as_ref(), &read_over_time, measured.read),
        offered_per_sec: window::offered_per_sec(record.load.as_ref(), batch),
        drop_ratio: ratio(measured.dropped, measured.attempted),
        wakeups_per_event: ratio(wakeups, events_while_wakeups),
        events_per_wakeup: ratio(events_while_wakeups, wakeups),
        events_attempted: measured.attempted,
        events_dropped: measured.dropped,
        events_read: measured.read,
        wakeups,
        events_while_wakeups,
        peak_backlog_bytes: window::peak_backlog_bytes(record),
        runner_cpu_percent: usage::runner_cpu_percent(record, start.cpu_ns),
        load_cpu_percent: usage::load_cpu_percent(record.load.as_ref()),
        supervisor_cpu_percent: usage::percent(record.supervisor.cpu_ns, record.supervisor.wall_ns),
        supervisor_peak_rss_bytes: record.supervisor.peak_rss_bytes,
        map_memory_bytes: usage::map_memory_bytes(record, benchmark.mechanism),
        time_to_ready_ns: difference(record.times.spawned_ns, record.times.ready_ns),
        load_ns: ready.and_then(|ready| ready.load_ns),
        attach_ns: ready.and_then(|ready| ready.attach_ns),
        first_event_ns: first_event_ns(record),
        exit_ns: difference(record.times.stop_ns, record.times.exited_ns),
        private_at_rest_bytes: record.at_rest.as_ref().and_then(|at_rest| at_rest.private_bytes),
        softirq_percent: usage::softirq_percent(&record.machine),
        program_files: record.files.map(|files| files.files),
        program_bytes: record.files.map(|files| files.bytes),
        joules_per_event: usage::joules(&record.machine)
            .zip(measured.read)
            .and_then(|(joules, read)| (read > 0).then(|| joules / read as f64)),
        least_thread_share: usage::least_thread_share(record.load.as_ref()),
        least_ring_share: rings::least_share(&rings),
        rings,
        load_ns_per_trigger: usage::load_ns_per_trigger(record.load.as_ref(), &benchmark.load)
            .filter(|_| benchmark.question.facts().deciding.contains(&Quantity::LoadNsPerTrigger)),
        bpf_run_ns: usage::bpf_run_ns(&record.kernel.programs),
        verified_instructions: usage::sum(&record.kernel.programs, |program| program.verified_instructions),
        jited_bytes: usage::sum(&record.kernel.programs, |program| program.jited_bytes),
        ..usage::from_snapshots(&record.snapshots)
    };
    let curve = benchmark.question.facts().curve;
    if curve.iter().any(|(_, shown)| *shown == Quantity::DeliveredPerThread) {
        let threads = f64::from(benchmark.load.threads.max(1));
        figures.delivered_per_thread = figures.delivered_per_sec.map(|per_sec| per_sec / threads);
    }
    if let Some(quiet) = quiet(record.load.as_ref(), transcript, benchmark) {
        let percentile = |p| planned_percentile(quiet.delays.as_ref()?, quiet.planned, p);
        (figures.quiet_p50_ns, figures.quiet_p99_ns) = (percentile(0.5), percentile(0.99));
    }
    load::add(&mut figures, record, benchmark);
    if benchmark.load.pattern == LoadPattern::Ladder {
        // Of all rates that were tried together.
        (figures.offered_per_sec, figures.delivered_per_sec) = (None, None);
        ladder::add(&mut figures, &record.rungs, benchmark);
    } else {
        figures.limit = limit(&figures, &benchmark.load, benchmark.runner.wakeup);
    }
    figures
}

/// What passed between `ready` and the first trigger was the supervisor's, and is left out.
fn first_event_ns(record: &TrialRecord) -> Option<u64> {
    let ready_ns = difference(record.times.spawned_ns, record.times.ready_ns)?;
    let triggered_ns = record.load.as_ref().map(|load| load.started_ns);
    Some(ready_ns + difference(triggered_ns, record.first_read_ns)?)
}

fn cpu_ns_per_event(record: &TrialRecord, start: &Start, read: Option<u64>) -> Option<f64> {
    // What is read only at the end is read outside the measured time.
    let all_read = record.left_bytes.is_none_or(|left| left == 0);
    let spent = difference(start.cpu_ns, record.cpu_settled_ns).filter(|_| all_read);
    let spent = spent.map(|ns| ns + processes::hidden_ns(record));
    ratio(spent, read).filter(|ns| *ns > 0.0)
}

#[cfg(test)]
mod tests;
