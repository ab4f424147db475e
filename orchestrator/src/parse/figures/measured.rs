//! The measured part of a trial: from the release of the load, on an empty buffer, until the buffer was empty again. The warm-up is
//! none of it.

use super::start::Start;
use crate::arithmetic::difference;
use crate::facts::Slots;
use crate::parse::counts::Counts;
use crate::parse::protocol::{Counters, Transcript};
use crate::supervise::TrialRecord;

/// What was counted in it. Null: unknown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Measured {
    /// Records that the program tried to produce.
    pub(super) attempted: Option<u64>,
    /// Those that found no room.
    pub(super) dropped: Option<u64>,
    /// Those that the consumer read.
    pub(super) read: Option<u64>,
    /// How often the consumer was woken, and the records that it read meanwhile: of nearly all of the measured part.
    pub(super) woken: Option<(u64, u64)>,
}

pub(super) fn measured(
    record: &TrialRecord,
    counts: &Counts,
    transcript: Option<&Transcript>,
    start: &Start,
    (batch, slots): (u32, Slots),
) -> Measured {
    let (released, settled) = (&record.readings.released, &record.readings.settled);
    let consumed = released.zip(*settled).and_then(|(released, settled)| settled.consumed_since(&released));
    let consumed = consumed.map(|bytes| slots.records(bytes));
    let read = consumed.or_else(|| difference(start.received, counts.received));
    let counters =
        released.zip(*settled).and_then(|(released, settled)| released.counters.zip(settled.counters));
    let (attempted, dropped) = match counters {
        Some((from, to)) => (to.attempted.checked_sub(from.attempted), to.dropped.checked_sub(from.dropped)),
        None if record.warm_up.is_none() => (counts.attempted, counts.dropped),
        // Of a trial of version 1: what was triggered and did not arrive.
        None => {
            let attempted = record.load.as_ref().and_then(|load| load.issued.checked_mul(u64::from(batch)));
            (attempted, difference(read, attempted))
        }
    };
    Measured {
        attempted,
        dropped,
        read,
        woken: transcript.and_then(|transcript| woken(record, transcript, start)),
    }
}

/// From the state at the release to the summary. Between two messages nobody knows how often the runner was woken, so the first
/// message after the release has to stand for it, unless one before it has just what had been received by then.
fn woken(record: &TrialRecord, transcript: &Transcript, start: &Start) -> Option<(u64, u64)> {
    let summary = transcript.summary.as_ref()?;
    let end = (summary.wakeups?, summary.received);
    let at = |message: &Counters| Some((message.wakeups?, message.received));
    let from = if record.warm_up.is_none() {
        (0, 0)
    } else {
        let released_ns = record.times.released_ns?;
        let is_before = |message: &&Counters| message.t_ns <= released_ns;
        let last = transcript.counters.iter().rev().find(is_before);
        match last.filter(|message| Some(message.received) == start.received) {
            Some(message) => at(message)?,
            None => at(transcript.counters.iter().find(|message| !is_before(message))?)?,
        }
    };
    Some((end.0.checked_sub(from.0)?, end.1.checked_sub(from.1)?))
}
