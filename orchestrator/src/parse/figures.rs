//! The figures of one trial, from its counts and readings. Whatever is not known is null.

mod start;
mod usage;
mod window;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::limit::{LimitedBy, limited_by};
use super::protocol::Transcript;
use crate::plan::Benchmark;
use crate::supervise::TrialRecord;
use start::{Start, start};

const NS_PER_SEC: f64 = 1e9;

/// Figures of one trial (docs/METHODOLOGY.md defines each).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// Capacity: nanoseconds of the runner's CPU time an event, from the release of the load until the buffer was empty.
    pub cpu_ns_per_event: Option<f64>,
    /// Capacity: events per second that one core of consumer can carry.
    pub events_per_core_sec: Option<f64>,
    /// Throughput: events per second delivered while the load ran.
    pub delivered_per_sec: Option<f64>,
    /// Events per second that the load caused.
    pub offered_per_sec: Option<f64>,
    /// Share of attempted events that were dropped, those of the warm-up included.
    pub drop_ratio: Option<f64>,
    /// Wakeups an event, those of the warm-up included.
    pub wakeups_per_event: Option<f64>,
    /// Events a wakeup.
    pub events_per_wakeup: Option<f64>,
    /// What limited the throughput.
    pub limited_by: Option<LimitedBy>,
    /// CPU time of the runner while the load ran, per cent of one core.
    pub runner_cpu_percent: Option<f64>,
    /// The same of the load generator; the BPF program's time is part of it.
    pub load_cpu_percent: Option<f64>,
    /// The same of the supervisor.
    pub supervisor_cpu_percent: Option<f64>,
    /// Peak resident set of the supervisor, bytes.
    pub supervisor_peak_rss_bytes: Option<u64>,
    /// The runner's CPU time in user mode while measured, nanoseconds (clock-tick resolution).
    pub user_ns: Option<u64>,
    /// The same in kernel mode.
    pub system_ns: Option<u64>,
    /// Peak resident set of the runner, bytes.
    pub peak_rss_bytes: Option<u64>,
    /// Largest virtual size, bytes.
    pub virtual_bytes: Option<u64>,
    /// Memory charged for its maps, bytes.
    pub map_memory_bytes: Option<u64>,
    /// Page faults without I/O while measured.
    pub minor_faults: Option<u64>,
    /// Page faults with I/O while measured.
    pub major_faults: Option<u64>,
    /// Voluntary context switches while measured.
    pub voluntary_switches: Option<u64>,
    /// Involuntary context switches while measured.
    pub involuntary_switches: Option<u64>,
    /// Most threads seen.
    pub threads: Option<u32>,
    /// From spawn to `ready`, nanoseconds.
    pub time_to_ready_ns: Option<u64>,
    /// Cost: nanoseconds of the load's CPU time a trigger, that of the attached program included.
    #[serde(default)]
    pub load_ns_per_trigger: Option<f64>,
    /// Nanoseconds that one run of the BPF programs took, by the kernel's statistics; null unless they were on.
    #[serde(default)]
    pub bpf_run_ns: Option<f64>,
    /// Instructions that the verifier walked, over the programs of which the kernel says it.
    #[serde(default)]
    pub verified_instructions: Option<u64>,
    /// Native code of the programs, bytes.
    #[serde(default)]
    pub jited_bytes: Option<u64>,
    /// Open, verify, load, nanoseconds (the runner's word).
    pub load_ns: Option<u64>,
    /// Attach, nanoseconds (the runner's word).
    pub attach_ns: Option<u64>,
}

/// Computes all figures. `transcript` is none for a program that does not speak the protocol.
pub(super) fn figures(
    record: &TrialRecord,
    counts: &Counts,
    transcript: Option<&Transcript>,
    benchmark: &Benchmark,
) -> Figures {
    let messages = transcript.map(|transcript| transcript.counters.as_slice()).unwrap_or_default();
    let ready = transcript.and_then(|transcript| transcript.ready.as_ref());
    let start = start(record, messages, benchmark.runner.slot_bytes());
    let cpu_ns_per_event = cpu_ns_per_event(record, &start, counts);
    let mut figures = Figures {
        cpu_ns_per_event,
        events_per_core_sec: cpu_ns_per_event.map(|ns| NS_PER_SEC / ns),
        delivered_per_sec: window::delivered_per_sec(
            record.load.as_ref(),
            messages,
            start.received,
            counts.received,
        ),
        offered_per_sec: window::offered_per_sec(record.load.as_ref(), benchmark.runner.batch),
        drop_ratio: ratio(counts.dropped, counts.attempted),
        wakeups_per_event: ratio(counts.wakeups, counts.received),
        events_per_wakeup: ratio(counts.received, counts.wakeups),
        runner_cpu_percent: usage::runner_cpu_percent(record, start.cpu_ns),
        load_cpu_percent: usage::load_cpu_percent(record.load.as_ref()),
        supervisor_cpu_percent: usage::percent(record.supervisor.cpu_ns, record.supervisor.wall_ns),
        supervisor_peak_rss_bytes: record.supervisor.peak_rss_bytes,
        map_memory_bytes: usage::map_memory_bytes(record),
        time_to_ready_ns: difference(record.times.spawned_ns, record.times.ready_ns),
        load_ns: ready.and_then(|ready| ready.load_ns),
        attach_ns: ready.and_then(|ready| ready.attach_ns),
        load_ns_per_trigger: usage::load_ns_per_trigger(record.load.as_ref())
            .filter(|_| benchmark.question.is_cost()),
        bpf_run_ns: usage::bpf_run_ns(&record.kernel.programs),
        verified_instructions: usage::sum(&record.kernel.programs, |program| program.verified_instructions),
        jited_bytes: usage::sum(&record.kernel.programs, |program| program.jited_bytes),
        ..usage::from_snapshots(&record.snapshots)
    };
    figures.limited_by = limited_by(&figures, record, &benchmark.load);
    figures
}

fn cpu_ns_per_event(record: &TrialRecord, start: &Start, counts: &Counts) -> Option<f64> {
    // What is read only at the end is read outside the measured time.
    let all_read = record.left_bytes.is_none_or(|left| left == 0);
    let spent = difference(start.cpu_ns, record.cpu_settled_ns).filter(|_| all_read);
    ratio(spent, difference(start.received, counts.received)).filter(|ns| *ns > 0.0)
}

fn ratio(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let (part, whole) = part.zip(whole)?;
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn difference(from: Option<u64>, to: Option<u64>) -> Option<u64> {
    from.zip(to).and_then(|(from, to)| to.checked_sub(from))
}

#[cfg(test)]
mod tests;
