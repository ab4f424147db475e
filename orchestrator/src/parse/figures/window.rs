//! Rates over the load's window: from just before its first trigger to just after its last.

use crate::facts::Slots;
use crate::load::LoadReport;
use crate::parse::protocol::Counters;
use crate::supervise::{KernelReading, TrialRecord};

const NS_PER_SEC: f64 = 1e9;

/// How many records had been read at a moment, since the release of the load.
pub(super) struct ReadBy {
    /// CLOCK_MONOTONIC nanoseconds.
    t_ns: u64,
    events: u64,
}

/// From the kernel's positions. Where it could not be asked, the runner's messages have to do.
pub(super) fn read_over_time(
    record: &TrialRecord,
    messages: &[Counters],
    read_before: Option<u64>,
    slots: Slots,
) -> Vec<ReadBy> {
    let Some(before) = read_before else { return Vec::new() };
    let at = |t_ns: u64, received: u64| ReadBy { t_ns, events: received.saturating_sub(before) };
    let positions: Option<Vec<ReadBy>> = record
        .readings
        .positions
        .iter()
        .map(|reading| Some(at(reading.t_ns, slots.records(reading.consumed?))))
        .collect();
    positions
        .filter(|positions| !positions.is_empty())
        .unwrap_or_else(|| messages.iter().map(|message| at(message.t_ns, message.received)).collect())
}

/// The events per second that were delivered while the load ran. `read`: those of the whole measured part.
///
/// What had arrived at the load's end lies between the two readings around it. A straight line between them would be wrong: a
/// consumer that keeps up has everything at once and then stands still, and would lose up to 100 ms of events. So the rate up to
/// the last reading before the end is carried on to the end, within what the reading after it says. Without readings all that was
/// read counts, which may be up to one ring more than arrived in time.
pub(super) fn delivered_per_sec(
    load: Option<&LoadReport>,
    readings: &[ReadBy],
    read: Option<u64>,
) -> Option<f64> {
    let load = load?;
    let window = load.ended_ns.checked_sub(load.started_ns).filter(|window| *window > 0)?;
    let read = read?;
    let after = readings.iter().find(|by| by.t_ns >= load.ended_ns).map_or(read, |by| by.events);
    let before = readings.iter().rev().find(|by| (load.started_ns + 1..load.ended_ns).contains(&by.t_ns));
    let at_end = match before {
        Some(before) => {
            let carried_on = before.events as f64 / (before.t_ns - load.started_ns) as f64 * window as f64;
            carried_on.clamp(before.events as f64, after.max(before.events) as f64)
        }
        None => after as f64,
    };
    Some(at_end / window as f64 * NS_PER_SEC)
}

/// Most bytes that waited at one of the readings.
pub(super) fn peak_backlog_bytes(record: &TrialRecord) -> Option<u64> {
    record.readings.positions.iter().filter_map(KernelReading::backlog).max()
}

/// The events per second that the load caused.
pub(super) fn offered_per_sec(load: Option<&LoadReport>, batch: u32) -> Option<f64> {
    let load = load?;
    let window = load.ended_ns.checked_sub(load.started_ns).filter(|window| *window > 0)?;
    Some(load.kept() as f64 * f64::from(batch) / window as f64 * NS_PER_SEC)
}
