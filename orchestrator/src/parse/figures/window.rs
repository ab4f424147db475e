//! Rates over the load's window: from just before its first trigger to just after its last.

use super::NS_PER_SEC;
use crate::load::LoadReport;
use crate::parse::protocol::Counters;

/// The events per second that were delivered while the load ran.
///
/// What had arrived at the load's end lies between the two `counters` messages around it. A straight line between them would
/// be wrong: a consumer that keeps up has everything at once and then stands still, and would lose up to 100 ms of events.
/// So the rate up to the last message before the end is carried on to the end, within what the message after it says.
/// Without messages all that was received counts, which may be up to one ring more than arrived in time. What had been
/// received before the load was released, in the warm-up, does not.
pub(super) fn delivered_per_sec(
    load: Option<&LoadReport>,
    counters: &[Counters],
    received_before: Option<u64>,
    received: Option<u64>,
) -> Option<f64> {
    let load = load?;
    let window = load.ended_ns.checked_sub(load.started_ns).filter(|window| *window > 0)?;
    let received_before = received_before?;
    let in_window = |received: u64| received.saturating_sub(received_before);
    let received = in_window(received?);
    let after = counters
        .iter()
        .find(|message| message.t_ns >= load.ended_ns)
        .map_or(received, |message| in_window(message.received));
    let before =
        counters.iter().rev().find(|message| (load.started_ns + 1..load.ended_ns).contains(&message.t_ns));
    let at_end = match before {
        Some(before) => {
            let arrived = in_window(before.received);
            let carried_on = arrived as f64 / (before.t_ns - load.started_ns) as f64 * window as f64;
            carried_on.clamp(arrived as f64, after.max(arrived) as f64)
        }
        None => after as f64,
    };
    Some(at_end / window as f64 * NS_PER_SEC)
}

/// The events per second that the load caused.
pub(super) fn offered_per_sec(load: Option<&LoadReport>, batch: u32) -> Option<f64> {
    let load = load?;
    let window = load.ended_ns.checked_sub(load.started_ns).filter(|window| *window > 0)?;
    Some(load.issued as f64 * f64::from(batch) / window as f64 * NS_PER_SEC)
}
