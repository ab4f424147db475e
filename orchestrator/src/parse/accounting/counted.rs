//! What the load issued, the kernel counted, and the consumer received.

use hdrhistogram::Histogram;

use super::equation::{Equation, Relation, at_most, equal, same, term};
use super::evidence::Evidence;
use crate::parse::counts::Counts;
use crate::parse::protocol::Summary;

pub(super) fn equations(evidence: &Evidence<'_>) -> Vec<Equation> {
    let facts = evidence.benchmark.mechanism.facts();
    let mut equations =
        vec![triggers(evidence), kernel_sum(evidence), delivery(evidence.counts, facts.may_lose)];
    let counts = evidence.counts;
    if evidence.transcript.is_some() {
        equations.extend(before_load(evidence));
        equations.extend(lost(evidence));
        equations.extend(positions(evidence));
        equations.extend(claims(evidence));
    }
    if evidence.transcript.is_some() || counts.bytes.is_some() {
        let record_size = evidence.benchmark.runner.record_size;
        equations.push(equal(
            "bytes",
            (
                format!("{} x record size {record_size}", term("received", counts.received)),
                counts.received.map(|received| u128::from(received) * u128::from(record_size)),
            ),
            (term("bytes", counts.bytes), counts.bytes.map(u128::from)),
        ));
    }
    // Whoever was told to record delays and shows none has not done all of the work.
    if evidence.delays.is_some() || (evidence.transcript.is_some() && evidence.benchmark.runner.latency) {
        let samples = evidence.delays.map(Histogram::len);
        equations.push(same("latency", ("latency samples", samples), ("received", counts.received)));
    }
    equations.extend(last_counters(evidence));
    equations
}

/// The kernel counts the program's skipped runs over all processes, so they bound how many of the load's are missing.
fn triggers(evidence: &Evidence<'_>) -> Equation {
    let counts = evidence.counts;
    let missed = counts.missed.unwrap_or(0);
    let batch = u128::from(evidence.benchmark.runner.batch);
    let sent = match evidence.benchmark.runner.keep_one_in {
        1 => term("issued", counts.kept),
        one_in => {
            format!("{}, one in {one_in} of issued {}", term("kept", counts.kept), plain(counts.issued))
        }
    };
    let left = match missed {
        0 => format!("{sent} x batch {batch}"),
        missed => format!("({sent} - at most {missed} missed) x batch {batch}"),
    };
    let holds = counts.kept.zip(counts.attempted).map(|(kept, attempted)| {
        let most = u128::from(kept) * batch;
        let least = u128::from(kept.saturating_sub(missed)) * batch;
        (least..=most).contains(&u128::from(attempted))
    });
    let right = term("attempted", counts.attempted);
    Equation { name: "triggers".into(), left, relation: Relation::Equal, right, holds, required: true }
}

fn plain(value: Option<u64>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

fn kernel_sum(evidence: &Evidence<'_>) -> Equation {
    let counts = evidence.counts;
    equal(
        "kernel",
        (term("attempted", counts.attempted), counts.attempted.map(u128::from)),
        (
            format!("{} + {}", term("submitted", counts.submitted), term("dropped", counts.dropped)),
            sum(counts.submitted, counts.dropped),
        ),
    )
}

/// What was submitted was received, or the kernel told the consumer that it was lost.
fn delivery(counts: &Counts, may_lose: bool) -> Equation {
    let Counts { submitted, received, .. } = *counts;
    if !may_lose {
        return same("delivery", ("submitted", submitted), ("received", received));
    }
    let arrived = format!("{} + {}", term("received", received), term("lost", counts.lost));
    let submitted = (term("submitted", submitted), submitted.map(u128::from));
    equal("delivery", submitted, (arrived, sum(received, counts.lost)))
}

/// A consumer that speaks of losses where there are none has drops to hide.
fn lost(evidence: &Evidence<'_>) -> Option<Equation> {
    let facts = evidence.benchmark.mechanism.facts();
    let lost = evidence.counts.lost.filter(|_| !facts.may_lose)?;
    let right = (format!("0, since a {} loses nothing", facts.in_full), Some(0));
    Some(equal("lost", (term("lost", Some(lost)), Some(lost)), right))
}

/// The load has not been released at `ready`, so nothing can have been counted.
fn before_load(evidence: &Evidence<'_>) -> Option<Equation> {
    let ready = evidence.record.readings.ready?;
    let attempted = ready.counters.map(|counters| counters.attempted);
    Some(equal(
        "before_load",
        (term("attempted before the load", attempted), attempted),
        ("0".to_owned(), Some(0)),
    ))
}

/// The witness's positions move only by records that were reserved and released: they unmask who repeats the kernel's counts without
/// reading.
fn positions(evidence: &Evidence<'_>) -> [Equation; 3] {
    let (counts, slots) = (evidence.counts, evidence.benchmark.slots());
    let noun = evidence.benchmark.mechanism.facts().noun;
    let end = evidence.record.readings.ended;
    let producer = end.and_then(|end| end.produced);
    let consumer = end.and_then(|end| end.consumed);
    let bytes = |name: &str, records: Option<u64>| {
        let text = format!("{} x {} bytes a slot", term(name, records), slots.each);
        (text, records.map(|records| u128::from(records) * u128::from(slots.each)))
    };
    let (of_producer, of_consumer) =
        (format!("{noun}'s producer position"), format!("{noun}'s consumer position"));
    let position = |name: &str, value: Option<u64>| (term(name, value), value.map(u128::from));
    [
        equal(
            &format!("{noun}_produced"),
            position(&of_producer, producer),
            bytes("submitted", counts.submitted),
        ),
        same(&format!("{noun}_drained"), (&of_consumer, consumer), ("producer position", producer)),
        equal(
            &format!("{noun}_released"),
            position(&of_consumer, consumer),
            bytes("received", counts.received),
        ),
    ]
}

/// What the runner says of the kernel against what the supervisor read there.
fn claims(evidence: &Evidence<'_>) -> Vec<Equation> {
    let Some(claims) = evidence.transcript.and_then(|transcript| transcript.summary.as_ref()) else {
        return Vec::new();
    };
    let kernel = evidence.record.readings.ended.and_then(|end| end.counters);
    let Summary { attempted, submitted, dropped, dropped_marks, .. } = claims;
    let pairs = [
        ("attempted", attempted, kernel.map(|kernel| kernel.attempted)),
        ("submitted", submitted, kernel.map(|kernel| kernel.submitted)),
        ("dropped", dropped, kernel.map(|kernel| kernel.dropped)),
        ("dropped_marks", dropped_marks, kernel.map(|kernel| kernel.dropped_marks)),
    ];
    let equation = |(name, claimed, kernel): (&str, &u64, Option<u64>)| {
        let left = format!("{name} by the runner");
        same(&format!("claimed_{name}"), (&left, Some(*claimed)), ("by the kernel", kernel))
    };
    pairs.into_iter().map(equation).collect()
}

/// The last `counters` message cannot be ahead of the summary.
fn last_counters(evidence: &Evidence<'_>) -> Vec<Equation> {
    let counts = evidence.counts;
    let Some(last) = evidence.transcript.and_then(|transcript| transcript.counters.last()) else {
        return Vec::new();
    };
    let pairs = [
        ("received", Some(last.received), counts.received),
        ("bytes", last.bytes, counts.bytes),
        ("wakeups", last.wakeups, counts.wakeups),
    ];
    let equation = |(name, last, end): (&str, Option<u64>, Option<u64>)| {
        at_most(
            &format!("counters_{name}"),
            term(&format!("last counters' {name}"), last),
            term(&format!("the summary's {name}"), end),
            last.zip(end).map(|(last, end)| last <= end),
        )
    };
    pairs.into_iter().map(equation).collect()
}

fn sum(a: Option<u64>, b: Option<u64>) -> Option<u128> {
    a.zip(b).map(|(a, b)| u128::from(a) + u128::from(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_to_be_lost_counts_only_where_records_may_be_lost() {
        let counts = Counts { submitted: Some(100), received: Some(90), lost: Some(10), ..Counts::default() };
        assert_eq!(delivery(&counts, false).text(), "submitted 100 != received 90");
        assert_eq!(delivery(&counts, true).text(), "submitted 100 = received 90 + lost 10");
        let untold = Counts { lost: None, ..counts };
        assert_eq!(delivery(&untold, true).holds, None, "nobody has said that nothing was lost");
    }
}
