//! Where the measured part of a trial begins: at `ready`, or after the warm-up.

use crate::facts::Slots;
use crate::parse::protocol::Counters;
use crate::supervise::TrialRecord;

/// The runner's state when the load was released to be measured. Null: unknown.
pub(super) struct Start {
    /// CPU time it had used, nanoseconds.
    pub(super) cpu_ns: Option<u64>,
    /// Records it had received.
    pub(super) received: Option<u64>,
}

/// The kernel's position of the consumer is exact; without it the last message of before has to do, which the supervisor waited
/// for.
pub(super) fn start(record: &TrialRecord, counters: &[Counters], slots: Slots) -> Start {
    let Some(warm_up) = &record.warm_up else {
        return Start { cpu_ns: record.cpu_ready_ns, received: Some(0) };
    };
    let released_ns = record.times.released_ns;
    let position = record.readings.released.and_then(|reading| reading.consumed);
    let position = position.or(warm_up.consumed);
    let received = position.map(|bytes| slots.records(bytes)).or_else(|| {
        let before = |message: &&Counters| released_ns.is_some_and(|released| message.t_ns <= released);
        counters.iter().rev().find(before).map(|message| message.received)
    });
    Start { cpu_ns: warm_up.cpu_ns, received }
}
