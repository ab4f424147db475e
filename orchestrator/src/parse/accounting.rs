//! Does the trial balance? Every count must agree with another that somebody else made: the load generator, the BPF
//! program, the consumer, and the kernel's own positions of the ring, which no runner can make up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::protocol::Transcript;
use crate::plan::Benchmark;
use crate::supervise::{KernelFacts, RingFacts};

/// How the two sides of an equation must relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Left = right.
    Equal,
    /// Left ≤ right.
    AtMost,
}

/// One check, with its numbers in readable form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Equation {
    /// Short name: `triggers`, `kernel`, `delivery`, `bytes`, `latency`, `counters_*`, `ring_*`.
    pub name: String,
    /// Left side.
    pub left: String,
    /// How the sides must relate.
    pub relation: Relation,
    /// Right side.
    pub right: String,
    /// Whether they do; null when a side is unknown.
    pub holds: Option<bool>,
    /// Whether the trial is unverified while this is unknown.
    pub required: bool,
}

/// What the equations say together. Only valid trials are ranked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Verdict {
    /// Everything that must be known is known and balances.
    Valid,
    /// Nothing contradicts, but these equations could not be checked.
    Unverified {
        /// Equations in words.
        missing: Vec<String>,
    },
    /// These equations fail.
    Invalid {
        /// Equations in words.
        failed: Vec<String>,
    },
}

impl Equation {
    /// The equation in words, as it stands: with `!=` or `>` where it fails.
    #[must_use]
    pub fn text(&self) -> String {
        let sign = match (self.relation, self.holds) {
            (Relation::Equal, Some(false)) => "!=",
            (Relation::Equal, _) => "=",
            (Relation::AtMost, Some(false)) => ">",
            (Relation::AtMost, _) => "<=",
        };
        format!("{} {sign} {}", self.left, self.right)
    }
}

/// The verdict over a trial's equations.
pub(super) fn verdict(equations: &[Equation]) -> Verdict {
    let texts = |filter: fn(&&Equation) -> bool| {
        equations.iter().filter(filter).map(Equation::text).collect::<Vec<_>>()
    };
    let failed = texts(|equation| equation.holds == Some(false));
    let missing = texts(|equation| equation.required && equation.holds.is_none());
    if !failed.is_empty() {
        Verdict::Invalid { failed }
    } else if !missing.is_empty() {
        Verdict::Unverified { missing }
    } else {
        Verdict::Valid
    }
}

/// All equations of one trial. `transcript` is none for a program that does not speak the protocol.
pub(super) fn equations(
    counts: &Counts,
    latency_samples: Option<u64>,
    transcript: Option<&Transcript>,
    kernel: &KernelFacts,
    benchmark: &Benchmark,
) -> Vec<Equation> {
    let mut equations = vec![triggers(counts, benchmark.runner.batch), kernel_sum(counts), delivery(counts)];
    if transcript.is_some() || counts.bytes.is_some() {
        let record_size = benchmark.runner.record_size;
        equations.push(equal(
            "bytes",
            format!("{} x record size {record_size}", term("received", counts.received)),
            counts.received.map(|received| u128::from(received) * u128::from(record_size)),
            term("bytes", counts.bytes),
            counts.bytes.map(u128::from),
        ));
    }
    if latency_samples.is_some() {
        equations.push(equal(
            "latency",
            term("latency samples", latency_samples),
            latency_samples.map(u128::from),
            term("received", counts.received),
            counts.received.map(u128::from),
        ));
    }
    if let Some(transcript) = transcript {
        equations.extend(counters(counts, transcript));
        equations.extend(ring(counts, transcript, kernel, benchmark.runner.slot_bytes()));
    }
    equations
}

fn term(name: &str, value: Option<u64>) -> String {
    value.map_or_else(|| format!("{name} ?"), |value| format!("{name} {value}"))
}

fn equal(
    name: &str,
    left: String,
    left_value: Option<u128>,
    right: String,
    right_value: Option<u128>,
) -> Equation {
    let holds = left_value.zip(right_value).map(|(left, right)| left == right);
    Equation { name: name.into(), left, relation: Relation::Equal, right, holds, required: true }
}

/// The kernel counts skipped runs over all processes, so it bounds how many of the load's are missing.
fn triggers(counts: &Counts, batch: u32) -> Equation {
    let missed = counts.missed.unwrap_or(0);
    let batch = u128::from(batch);
    let issued = term("issued", counts.issued);
    let left = match missed {
        0 => format!("{issued} x batch {batch}"),
        missed => format!("({issued} - at most {missed} missed) x batch {batch}"),
    };
    let holds = counts.issued.zip(counts.attempted).map(|(issued, attempted)| {
        let most = u128::from(issued) * batch;
        let least = u128::from(issued.saturating_sub(missed)) * batch;
        (least..=most).contains(&u128::from(attempted))
    });
    let right = term("attempted", counts.attempted);
    Equation { name: "triggers".into(), left, relation: Relation::Equal, right, holds, required: true }
}

fn kernel_sum(counts: &Counts) -> Equation {
    equal(
        "kernel",
        term("attempted", counts.attempted),
        counts.attempted.map(u128::from),
        format!("{} + {}", term("submitted", counts.submitted), term("dropped", counts.dropped)),
        sum(counts.submitted, counts.dropped),
    )
}

/// A ring buffer cannot lose what was submitted, so an unknown `lost` is nothing.
fn delivery(counts: &Counts) -> Equation {
    let received = term("received", counts.received);
    let lost = counts.lost.unwrap_or(0);
    equal(
        "delivery",
        term("submitted", counts.submitted),
        counts.submitted.map(u128::from),
        if lost > 0 { format!("{received} + lost {lost}") } else { received },
        sum(counts.received, Some(lost)),
    )
}

fn sum(a: Option<u64>, b: Option<u64>) -> Option<u128> {
    a.zip(b).map(|(a, b)| u128::from(a) + u128::from(b))
}

/// The last `counters` message cannot be ahead of the summary.
fn counters(counts: &Counts, transcript: &Transcript) -> Vec<Equation> {
    let Some(last) = transcript.counters.last() else { return Vec::new() };
    let pairs = [
        ("received", Some(last.received), counts.received),
        ("bytes", last.bytes, counts.bytes),
        ("wakeups", last.wakeups, counts.wakeups),
    ];
    let equation = |(name, last, end): (&str, Option<u64>, Option<u64>)| Equation {
        name: format!("counters_{name}"),
        left: term(&format!("last counters' {name}"), last),
        relation: Relation::AtMost,
        right: term(&format!("the summary's {name}"), end),
        holds: last.zip(end).map(|(last, end)| last <= end),
        required: false,
    };
    pairs.into_iter().map(equation).collect()
}

/// What the consumer really released: unmasks a runner that repeats the kernel's counts without reading the ring.
fn ring(counts: &Counts, transcript: &Transcript, kernel: &KernelFacts, slot_bytes: u64) -> [Equation; 2] {
    let ids = transcript.ready.as_ref().map(|ready| ready.map_ids.as_slice()).unwrap_or_default();
    let named: Vec<&RingFacts> =
        kernel.rings.iter().filter(|ring| ids.contains(&u64::from(ring.map_id))).collect();
    let total = |position: fn(&RingFacts) -> u64| {
        (!named.is_empty()).then(|| named.iter().fold(0_u64, |sum, ring| sum.saturating_add(position(ring))))
    };
    let consumer = total(|ring| ring.consumer_position);
    let producer = total(|ring| ring.producer_position);
    let drained = equal(
        "ring_drained",
        term("ring's consumer position", consumer),
        consumer.map(u128::from),
        term("producer position", producer),
        producer.map(u128::from),
    );
    let released = equal(
        "ring_released",
        term("ring's consumer position", consumer),
        consumer.map(u128::from),
        format!("{} x {slot_bytes} bytes a slot", term("received", counts.received)),
        counts.received.map(|received| u128::from(received) * u128::from(slot_bytes)),
    );
    // Without privileges nobody could ask the kernel; with them a runner that names no ring has something to explain.
    [drained, released].map(|equation| Equation { required: kernel.available, ..equation })
}

#[cfg(test)]
mod tests;
