//! Where each CPU has a ring: the same as of all together, of each by itself. What a program counts it counts by CPU, so that the kernel
//! knows what was handed over through each ring.

use super::equation::{Equation, equal, same, unknown};
use super::evidence::Evidence;
use super::little;
use super::sleep::grown;
use crate::parse::latency::decode_histogram;
use crate::parse::quiet::quiet;
use crate::plan::{Consumers, Rings};
use crate::supervise::RingReading;

/// A runtime's own threads may sleep so often in a short trial.
const FEW: u64 = 100;

pub(super) fn equations(evidence: &Evidence<'_>) -> Vec<Equation> {
    if evidence.benchmark.runner.rings == Rings::One {
        return Vec::new();
    }
    let readings = &evidence.record.readings;
    let rings = readings.ended.as_ref().map(|ended| readings.rings_at(ended)).unwrap_or_default();
    let summary = evidence.transcript.and_then(|transcript| transcript.summary.as_ref());
    let told = summary.and_then(|summary| summary.rings.as_deref());
    if rings.is_empty() {
        return vec![unknown("rings", "what went through each ring", "what each CPU counted")];
    }
    let slot = evidence.benchmark.slots().each;
    let told_of = |ring: &RingReading| told?.iter().find(|told| told.cpu == u64::from(ring.cpu));
    let number = |name: &str, what: &str, holds: &dyn Fn(&RingReading) -> Option<bool>| {
        let held: Option<Vec<bool>> = rings.iter().map(holds).collect();
        let count = held.map(|held| held.iter().filter(|holds| **holds).count());
        let text = count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        equal(
            name,
            (format!("rings of which {what} {text}"), count),
            (format!("all {}", rings.len()), Some(rings.len())),
        )
    };
    let mut equations = vec![
        number("rings_produced", "the producer position is what was submitted on the CPU", &|ring| {
            Some(ring.produced == ring.submitted?.checked_mul(slot)?)
        }),
        number("rings_released", "the consumer position is what the runner told", &|ring| {
            Some(ring.consumed == told_of(ring)?.received.checked_mul(slot)?)
        }),
    ];
    if evidence.benchmark.runner.latency {
        equations.push(number("rings_latency", "as many delays were told as records", &|ring| {
            let told = told_of(ring)?;
            let delays = decode_histogram(told.latency.as_ref()?).ok()?;
            Some(delays.len() == told.received)
        }));
    }
    equations.extend(quiet_ring(evidence, rings));
    equations.extend(one_reader(evidence));
    equations
}

/// One thread was to read all rings. Beside the busiest one there is another that slept at least half as often as the quiet ring had
/// triggers: it may have read that ring by itself, and then the quiet ring has not waited for the busy one.
fn one_reader(evidence: &Evidence<'_>) -> Option<Equation> {
    let quiet = quiet(evidence.record.load.as_ref(), evidence.transcript, evidence.benchmark)?;
    let often = quiet.caused / u64::from(evidence.benchmark.runner.batch).max(1) / 2;
    let processes = &evidence.record.processes;
    let mut threads = grown(&processes.threads_at_ready, &processes.threads_at_settled);
    threads.sort_unstable();
    threads.pop()?;
    let others = threads.iter().filter(|(_, slept)| *slept >= often.max(FEW)).count();
    let is_doubtful = others > 0 && evidence.benchmark.runner.consumers == Consumers::One;
    let threads = format!("at least {}", others + 1);
    is_doubtful.then(|| unknown("one_reader", format!("threads that read {threads}"), "1"))
}

/// The quiet ring has the records of its thread and no others, so that its delays are theirs.
fn quiet_ring(evidence: &Evidence<'_>, rings: &[RingReading]) -> Vec<Equation> {
    let Some(quiet) = quiet(evidence.record.load.as_ref(), evidence.transcript, evidence.benchmark) else {
        return Vec::new();
    };
    let ring = rings.iter().find(|ring| ring.cpu == quiet.cpu);
    let attempted = ring.and_then(|ring| ring.submitted?.checked_add(ring.dropped?));
    let caused = same(
        "quiet_ring",
        ("records of the quiet ring", attempted),
        ("those of its thread's triggers", Some(quiet.caused)),
    );
    [caused].into_iter().chain(little::of_quiet(evidence, &quiet)).collect()
}
