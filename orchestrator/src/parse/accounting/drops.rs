//! Whether what was dropped can have been dropped: a reservation fails when the buffer is full, and a record that was not dropped has no
//! mark among those of the dropped.

use super::equation::{Equation, Relation, equal};
use super::evidence::Evidence;
use crate::plan::LoadPattern;
use crate::supervise::{KernelCounters, KernelReading, RingReading};

/// A cookie has 32 bits (docs/PROTOCOL.md, Marks).
const COOKIE_MOST: u64 = u32::MAX as u64;
/// A burst waits so long for an empty ring and then comes on top of what is left (supervise/trial/pace.rs).
const BURST_WAITS_NS: u64 = 1_000_000_000;

pub(super) fn equations(evidence: &Evidence<'_>) -> Vec<Equation> {
    [marks(evidence), room(evidence)].into_iter().flatten().collect()
}

/// Else a program adds there the marks of records that nobody reads, and the consumer says that it has read none.
fn marks(evidence: &Evidence<'_>) -> Option<Equation> {
    let KernelCounters { dropped, dropped_marks, .. } = evidence.record.readings.ended?.counters?;
    let highest = u128::from(COOKIE_MOST) + u128::from(evidence.benchmark.runner.batch) - 1;
    let most = u128::from(dropped) * highest;
    let right = format!("the most that those of {dropped} dropped records can be");
    Some(Equation {
        relation: Relation::AtMost,
        holds: Some(u128::from(dropped_marks) <= most),
        ..equal("dropped_marks", (format!("marks dropped {dropped_marks}"), Some(0)), (right, Some(0)))
    })
}

/// Of the measured part, which is looked at every 100 ms: drops between two looks need a buffer that was full between them.
fn room(evidence: &Evidence<'_>) -> Option<Equation> {
    let readings = &evidence.record.readings;
    let looks: Vec<&KernelReading> =
        readings.released.iter().chain(&readings.positions).chain(&readings.settled).collect();
    let size_bytes = evidence.record.kernel.buffers.first()?.size_bytes;
    let slots = evidence.benchmark.slots();
    let dropped = |look: &KernelReading| look.counters.map(|counters| counters.dropped);
    let grown = |from: &KernelReading, to: &KernelReading| dropped(to)?.checked_sub(dropped(from)?);
    let all = grown(looks.first()?, looks.last()?)?;
    let mut impossible = 0;
    for (index, pair) in looks.windows(2).enumerate() {
        // The counters are read last: a drop among them may be younger than the producer position of the same look.
        let after = looks.get(index + 2).or(looks.last())?;
        let fits =
            |produced: u64, consumed: u64| Some(produced.checked_sub(consumed)? + slots.each < size_bytes);
        let rings = readings.rings_at(pair[0]);
        if rings.is_empty() && fits(after.produced?, pair[0].consumed?)? {
            impossible += grown(pair[0], pair[1])?;
        }
        // Each ring by itself: that one is full is no reason to drop what belongs into another.
        for ring in rings {
            let of = |look| readings.rings_at(look).iter().find(|other: &&RingReading| other.cpu == ring.cpu);
            if fits(of(after)?.produced, ring.consumed)? {
                impossible += of(pair[1])?.dropped?.checked_sub(ring.dropped?)?;
            }
        }
    }
    if bursts_fit(evidence, size_bytes) && longest_backlog_ns(&looks) < BURST_WAITS_NS {
        impossible = all;
    }
    let noun = evidence.benchmark.mechanism.facts().noun;
    let left = format!("of {all} dropped records {impossible} when the {noun} had room");
    Some(equal("drops", (left, Some(impossible)), ("0".into(), Some(0))))
}

/// A burst begins on an empty buffer.
fn bursts_fit(evidence: &Evidence<'_>, map_bytes: u64) -> bool {
    let load = &evidence.benchmark.load;
    let LoadPattern::Bursts { triggers, .. } = load.pattern else { return false };
    let records = triggers.saturating_mul(u64::from(evidence.benchmark.runner.batch));
    load.threads == 1 && evidence.benchmark.slots().bytes(records) < map_bytes
}

/// The longest time in which no look found the buffer empty.
fn longest_backlog_ns(looks: &[&KernelReading]) -> u64 {
    let is_empty = |look: &&&KernelReading| look.produced == look.consumed;
    let edges = [looks.first(), looks.last()].into_iter().flatten();
    let mut times: Vec<u64> = looks.iter().filter(is_empty).chain(edges).map(|look| look.t_ns).collect();
    times.sort_unstable();
    times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::testing::{SECOND, benchmark, record};
    use crate::parse::{Format, Verdict, measure};
    use crate::plan::Question;
    use crate::supervise::TrialRecord;

    /// Looks at times (ms) at which the producer, the consumer (MiB) and the drops stood as given.
    fn with(looks: &[(u64, u64, u64, u64)]) -> TrialRecord {
        let mut record = record();
        let look = |(ms, producer, consumer, dropped): &(u64, u64, u64, u64)| KernelReading {
            t_ns: 10 * SECOND + ms * 1_000_000,
            counters: Some(KernelCounters { dropped: *dropped, ..KernelCounters::default() }),
            produced: Some(producer << 20),
            consumed: Some(consumer << 20),
            ..KernelReading::default()
        };
        record.readings.positions = looks.iter().map(look).collect();
        record
    }

    fn failed(record: &TrialRecord, question: Question) -> Vec<String> {
        match measure(record, &benchmark(question), &Format::Protocol).verdict {
            Some(Verdict::Invalid { failed }) => failed,
            _ => Vec::new(),
        }
    }

    #[test]
    fn nothing_is_dropped_while_the_ring_has_room() {
        let looks = [(0, 0, 0, 0), (100, 4, 3, 50), (200, 8, 8, 100)];
        let text = "of 100 dropped records 100 when the ring had room != 0";
        assert_eq!(failed(&with(&looks), Question::Saturation), [text]);
        // 16 MiB may have waited between the first look and the third.
        let full = [(0, 0, 0, 0), (100, 4, 3, 50), (200, 20, 19, 50), (300, 20, 20, 50)];
        assert_eq!(failed(&with(&full), Question::Saturation), Vec::<String>::new());
    }

    #[test]
    fn bursts_that_fit_and_begin_on_an_empty_ring_drop_nothing() {
        let quick = [(0, 0, 0, 0), (100, 40, 40, 60), (200, 90, 90, 100)];
        assert_eq!(failed(&with(&quick), Question::Capacity).len(), 1);
        assert_eq!(failed(&with(&quick), Question::Saturation), Vec::<String>::new());
        let slow = [(0, 0, 0, 0), (500, 14, 1, 0), (1_100, 20, 4, 60), (1_200, 30, 20, 100)];
        assert_eq!(failed(&with(&slow), Question::Capacity), Vec::<String>::new());
    }

    #[test]
    fn marks_of_records_that_were_not_dropped_are_no_marks_of_dropped_ones() {
        let mut record = record();
        let counters = record.readings.ended.as_mut().and_then(|ended| ended.counters.as_mut());
        counters.expect("counted").dropped_marks = 100 * (COOKIE_MOST + 9) + 1;
        let failed = failed(&record, Question::Saturation);
        let text = "marks dropped 429496730401 > the most that those of 100 dropped records can be";
        assert!(failed.iter().any(|equation| equation == text), "{failed:?}");
    }
}
