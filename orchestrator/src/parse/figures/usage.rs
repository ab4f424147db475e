//! What the runner, its maps, the load and the supervisor used.

use super::values::Figures;
use crate::arithmetic::difference;
use crate::facts::Mechanism;
use crate::load::LoadReport;
use crate::parse::processes::hidden_ns;
use crate::plan::{LoadPattern, LoadSpec};
use crate::sample::{MachineSnapshot, Snapshot, joules_between};
use crate::supervise::{ProgramFacts, TrialRecord};

/// CPU time over wall time, per cent of one core.
pub(super) fn percent(cpu_ns: u64, wall_ns: u64) -> Option<f64> {
    (wall_ns > 0).then(|| cpu_ns as f64 / wall_ns as f64 * 100.0)
}

/// `start_cpu_ns`: what it had used when the load was released.
pub(super) fn runner_cpu_percent(record: &TrialRecord, start_cpu_ns: Option<u64>) -> Option<f64> {
    let load = record.load.as_ref()?;
    let spent = difference(start_cpu_ns, record.cpu_load_ended_ns)? + hidden_ns(record);
    let read_at = record.times.load_ended_ns.unwrap_or(load.ended_ns).max(load.ended_ns);
    percent(spent, read_at.checked_sub(load.started_ns)?)
}

pub(super) fn load_cpu_percent(load: Option<&LoadReport>) -> Option<f64> {
    let load = load?;
    percent(load.user_ns.saturating_add(load.system_ns), load.ended_ns.checked_sub(load.started_ns)?)
}

/// An open loop waits between its calls, and some of that by looking at the clock: of it only the calls count.
pub(super) fn load_ns_per_trigger(load: Option<&LoadReport>, spec: &LoadSpec) -> Option<f64> {
    let load = load?;
    let spent_ns = match spec.pattern {
        LoadPattern::Open { .. } => load.call_ns?,
        _ => load.user_ns.saturating_add(load.system_ns),
    };
    (load.issued > 0).then(|| spent_ns as f64 / load.issued as f64)
}

/// Between the first reading of the machine and the last.
pub(super) fn softirq_percent(machine: &[MachineSnapshot]) -> Option<f64> {
    let (first, last) = (machine.first()?, machine.last()?);
    percent(difference(first.softirq_ns, last.softirq_ns)?, last.t_ns.checked_sub(first.t_ns)?)
}

/// The same of energy.
pub(super) fn joules(machine: &[MachineSnapshot]) -> Option<f64> {
    joules_between(&machine.first()?.energy, &machine.last()?.energy)
}

pub(super) fn least_thread_share(load: Option<&LoadReport>) -> Option<f64> {
    let threads = &load?.threads;
    let least = threads.iter().map(|thread| thread.issued).min()?;
    let all: u64 = threads.iter().map(|thread| thread.issued).sum();
    (all > 0).then(|| least as f64 * threads.len() as f64 / all as f64)
}

/// Over all programs: time of all runs by their number.
pub(super) fn bpf_run_ns(programs: &[ProgramFacts]) -> Option<f64> {
    let (time, runs) =
        (sum(programs, |program| program.run_time_ns)?, sum(programs, |program| program.run_count)?);
    (runs > 0).then(|| time as f64 / runs as f64)
}

/// Over the programs of which it is known; none when of none.
pub(super) fn sum(programs: &[ProgramFacts], value: fn(&ProgramFacts) -> Option<u64>) -> Option<u64> {
    programs.iter().filter_map(value).reduce(u64::saturating_add)
}

/// The sum over maps, known only when each one's is. Kernels before 6.4 leave the data of a ring out of what they charge, so that its
/// size says more.
pub(super) fn map_memory_bytes(record: &TrialRecord, mechanism: Mechanism) -> Option<u64> {
    let kernel = &record.kernel;
    let of_buffer = |id: u32| {
        let buffer = kernel.buffers.iter().find(|buffer| buffer.map_id == id)?;
        Some(buffer.size_bytes + mechanism.facts().beside_bytes)
    };
    let sum = kernel.maps.iter().map(|map| of_buffer(map.id).max(map.memory_bytes)).sum::<Option<u64>>()?;
    (!kernel.maps.is_empty()).then_some(sum)
}

/// Peaks and differences over the readings, which begin at `ready`.
pub(super) fn from_snapshots(snapshots: &[Snapshot]) -> Figures {
    let peak = |field: fn(&Snapshot) -> Option<u64>| snapshots.iter().filter_map(field).max();
    let grown = |field: fn(&Snapshot) -> Option<u64>| {
        let mut known = snapshots.iter().filter_map(field);
        let first = known.next();
        difference(first, known.next_back())
    };
    Figures {
        user_ns: grown(|s| s.user_ns),
        system_ns: grown(|s| s.system_ns),
        peak_rss_bytes: peak(|s| s.peak_rss_bytes).max(peak(|s| s.rss_bytes)),
        private_bytes: peak(|s| s.private_bytes),
        pss_bytes: peak(|s| s.pss_bytes),
        virtual_bytes: peak(|s| s.virtual_bytes),
        minor_faults: grown(|s| s.minor_faults),
        major_faults: grown(|s| s.major_faults),
        voluntary_switches: grown(|s| s.voluntary_switches),
        involuntary_switches: grown(|s| s.involuntary_switches),
        threads: snapshots.iter().filter_map(|s| s.threads).max(),
        ..Figures::default()
    }
}
