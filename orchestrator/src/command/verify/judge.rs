//! Whether a check is passed: by its counts and by everything that is known of the program, not by figures.

use super::super::session::Done;
use super::{Line, failed, passed};
use crate::parse::{Equation, Outcome, Verdict};
use crate::plan::{Check, CheckKind};
use crate::supervise::{Departure, Party, Placed};

/// How long a runner may take from the signal to its end while its ring is full.
const STOP_LIMIT_NS: u64 = 2_000_000_000;

/// What came of a check that was carried out; `cpu` is what the runner was told by `--cpu`.
pub(super) fn judge(name: &str, check: &Check, done: &Done, cpu: Option<u32>) -> Line {
    let measurement = &done.measurement;
    if measurement.outcome != Outcome::Completed {
        return failed(name, &check.benchmark.name, measurement.outcome.text());
    }
    let mut wrong = wrong_equations(check, done);
    wrong.extend(doubts(done));
    wrong.extend(cpu.and_then(|cpu| elsewhere(cpu, done)));
    match check.kind {
        CheckKind::Saturated => wrong.extend(slow_end(done)),
        _ => wrong.extend(wrong_counts(check, done)),
    }
    if wrong.is_empty() {
        passed(name, &check.benchmark.name)
    } else {
        failed(name, &check.benchmark.name, wrong.join("; "))
    }
}

/// A balanced account may still be of the wrong number.
fn wrong_counts(check: &Check, done: &Done) -> Vec<String> {
    let Some((attempted, submitted)) = check.attempted.zip(check.submitted) else { return Vec::new() };
    let counts = &done.measurement.counts;
    let expected = [
        ("attempted", counts.attempted, attempted),
        ("submitted", counts.submitted, submitted),
        ("received", counts.received, submitted),
        ("dropped", counts.dropped, attempted - submitted),
    ];
    let wrong = expected.into_iter().filter(|(_, found, wanted)| *found != Some(*wanted)).map(
        |(name, found, wanted)| {
            let found = found.map_or_else(|| "unknown".to_owned(), |found| found.to_string());
            format!("{name} is {found}, not {wanted}")
        },
    );
    let samples = done.measurement.latency.as_ref().map(|latency| latency.samples);
    let silent = check.kind == CheckKind::Latency && samples.is_none();
    wrong.chain(silent.then(|| "there is no histogram of delays".to_owned())).collect()
}

/// Equations that fail or cannot be checked. Those about a disturbed machine are no fault of the runner's; and where the load went on when
/// the program was detached, what it issued proves nothing.
fn wrong_equations(check: &Check, done: &Done) -> Vec<String> {
    let of_load = |name: &str| ["triggers", "marks"].contains(&name) && check.kind == CheckKind::Saturated;
    let of_machine = |name: &str| ["floor", "load_schedule", "load_stopped"].contains(&name);
    let equations = done.measurement.equations.iter();
    let equations = equations.filter(|equation| {
        let name = equation.name.as_str();
        !of_load(name) && !of_machine(name)
    });
    let wrong = equations.filter_map(|equation| match equation.holds {
        Some(false) => Some(equation.text()),
        None if equation.required => Some(format!("not known: {}", equation.text())),
        _ => None,
    });
    wrong.collect()
}

/// What was seen of the runner's processes. CPU time that others use disturbs figures, and here there are none.
fn doubts(done: &Done) -> Vec<String> {
    let Some(Verdict::Unverified { missing }) = &done.measurement.verdict else { return Vec::new() };
    let equations: Vec<String> = done.measurement.equations.iter().map(Equation::text).collect();
    let elsewhere: Vec<String> = off_cpu(done).map(Departure::text).collect();
    let seen = missing.iter().filter(|text| {
        !equations.contains(text) && !elsewhere.contains(text) && !text.starts_with("CPU time of ")
    });
    seen.cloned().collect()
}

/// That a thread of the runner may run where it was not told to be. What no snapshot shows is not taken for granted.
fn elsewhere(cpu: u32, done: &Done) -> Option<String> {
    if !done.record.snapshots.iter().any(|snapshot| snapshot.processes > 0) {
        return Some("its threads were never seen, so `--cpu` shows nothing".into());
    }
    let found = &off_cpu(done).next()?.found;
    Some(format!("it was told `--cpu {cpu}`, and a thread of it may run on CPU {found}"))
}

fn off_cpu(done: &Done) -> impl Iterator<Item = &Departure> {
    let departures = done.record.processes.departures.iter();
    departures.filter(|departure| (departure.of, departure.what) == (Party::Runner, Placed::Cpus))
}

/// It must stop in the middle of a drain that does not end.
fn slow_end(done: &Done) -> Option<String> {
    let times = &done.record.times;
    let took_ns = times.exited_ns.zip(times.stop_ns).map(|(exited, told)| exited.saturating_sub(told));
    took_ns.is_none_or(|took_ns| took_ns > STOP_LIMIT_NS).then(|| {
        let took = took_ns.map_or("unknown".to_owned(), |ns| format!("{:.1} s", ns as f64 / 1e9));
        let limit = STOP_LIMIT_NS / 1_000_000_000;
        format!("time from the signal to its end is {took}, not below {limit} s")
    })
}
