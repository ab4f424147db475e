//! What cannot be true, whoever says it: delays below what physics allows or beside what waited in the ring, wakeups without a sleep, a
//! consumer that slept on its data, a capacity below that of a bare walk.

use hdrhistogram::Histogram;

use super::equation::{Equation, at_most, equal, term, unknown};
use super::evidence::Evidence;
use super::little;
use crate::plan::{LoadPattern, Wakeup};
use crate::supervise::KernelReading;

/// Name of the equation of a capacity and a bare walk.
pub(in crate::parse) const FLOOR: &str = "floor";

/// A record goes from its trigger to a reader on another core in no less: two clock readings and one cache line's way. Seen: 225 ns.
const LEAST_DELAY_NS: u64 = 50;
/// A thread that slept runs in no less: an interrupt, the scheduler, the way back to user space. Seen: 5 µs and more.
const LEAST_WAKEUP_NS: u64 = 500;
/// Nor in less than so many tenths of the quickest wakeup that was timed before the run's trials.
const WAKEUP_TENTHS: u64 = 3;
/// A backlog is looked at every 100 ms: fewer looks than this say nothing of its mean.
const LEAST_LOOKS: usize = 10;
/// Nor do fewer looks than this at a ring that was not empty.
const LEAST_WAITING: usize = 5;
/// A mean delay may be so many times shorter than backlog over rate, and by so many nanoseconds: looks are few.
const SHORTER: (f64, f64) = (3.0, 100_000.0);
/// The same for a longer one: an event that waited for a second while nobody looked makes the mean of few events long.
const LONGER: (f64, f64) = (10.0, 10_000_000.0);
/// Fewer different delays than this may by chance all have come an even number of times.
const LEAST_KINDS: usize = 50;
/// Below this share of what a bare walk takes a capacity is not believed.
const FLOOR_SHARE: f64 = 0.6;
/// The runner may sleep so often after the last look at it.
const LATE_SLEEPS: u64 = 2;
/// A thread that was just woken may still be seen asleep, so that a few looks prove nothing.
const ASLEEP: (usize, f64) = (3, 0.3);

pub(super) fn equations(evidence: &Evidence<'_>) -> Vec<Equation> {
    let mut equations = Vec::new();
    if let Some(delays) = evidence.delays.filter(|delays| !delays.is_empty()) {
        equations.push(shortest(delays));
        equations.extend(woken(evidence, delays));
        equations.extend(mean(evidence, delays));
        equations.extend(little::equation(evidence, delays));
        equations.extend(repeated(delays));
    }
    equations.extend(sleeps(evidence));
    equations.extend(attention(evidence));
    equations.extend(floor(evidence));
    equations
}

fn shortest(delays: &Histogram<u64>) -> Equation {
    at_most(
        "least_delay",
        format!("{LEAST_DELAY_NS} ns, the least that a record takes to another core"),
        format!("shortest delay {} ns", delays.min()),
        Some(delays.min() >= LEAST_DELAY_NS),
    )
}

/// A trigger that ends a sleep is read after a wakeup, so there are as many long delays as there were such sleeps, at most one a
/// trigger. A thread may sleep for other reasons, and be woken by them: half of it must be there.
fn woken(evidence: &Evidence<'_>, delays: &Histogram<u64>) -> Option<Equation> {
    if !evidence.benchmark.runner.wakeup.wakes() {
        return None;
    }
    let snapshots = &evidence.record.snapshots;
    let slept = snapshots.last()?.voluntary_switches?.checked_sub(snapshots.first()?.voluntary_switches?)?;
    let issued = evidence.record.load.as_ref()?.kept();
    let timed = evidence.record.walk.and_then(|walk| walk.wake_ns).unwrap_or(0);
    let least = LEAST_WAKEUP_NS.max(timed / 10 * WAKEUP_TENTHS);
    let long = delays.len() - delays.count_between(0, least - 1);
    let sleeps = slept.min(issued);
    Some(at_most(
        "least_wakeup",
        format!("half of the {sleeps} sleeps that triggers ended"),
        format!("delays of {least} ns, the least that a wakeup takes, and more {long}"),
        Some(sleeps / 2 <= long),
    ))
}

/// Who notes one delay in ten, ten times each, has ten of a kind everywhere. Among so many different delays, some have come once.
fn repeated(delays: &Histogram<u64>) -> Option<Equation> {
    let mut kinds = 0;
    let divisor = delays.iter_recorded().map(|value| value.count_at_value()).fold(0, |divisor, count| {
        kinds += 1;
        greatest_common_divisor(divisor, count)
    });
    (kinds >= LEAST_KINDS).then(|| {
        equal(
            "repeated_delays",
            (
                format!("each of the {kinds} different delays came a multiple of {divisor} times"),
                Some(divisor),
            ),
            ("1".into(), Some(1)),
        )
    })
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Little's law: what waits on the average, over what arrives, is how long each waits on the average.
fn mean(evidence: &Evidence<'_>, delays: &Histogram<u64>) -> Option<Equation> {
    let looks = looks(evidence);
    // Looks may keep step with bursts, which wait for the consumer, and with a schedule, at which the ring is looked at otherwise.
    let keep_step = match evidence.benchmark.load.pattern {
        LoadPattern::Bursts { .. } => true,
        LoadPattern::Open { .. } | LoadPattern::Beside { .. } => evidence.record.readings.glances.is_some(),
        LoadPattern::Closed | LoadPattern::Ladder => false,
    };
    if looks.len() < LEAST_LOOKS || keep_step {
        return None;
    }
    let slot = evidence.benchmark.slots().each as f64;
    let backlogs: Vec<u64> = looks.iter().filter_map(|look| look.backlog()).collect();
    let waiting = backlogs.iter().filter(|bytes| **bytes > 0).count();
    let records = backlogs.iter().map(|bytes| *bytes as f64 / slot).sum::<f64>() / backlogs.len() as f64;
    let (first, last) = (looks.first()?, looks.last()?);
    let bytes = last.consumed_since(first)?;
    let seconds = last.t_ns.checked_sub(first.t_ns)? as f64 / 1e9;
    let rate = bytes as f64 / slot / seconds;
    if rate <= 0.0 {
        return None;
    }
    let waited_ns = records / rate * 1e9;
    let said_ns = delays.mean();
    let too_short = waiting >= LEAST_WAITING && said_ns * SHORTER.0 + SHORTER.1 < waited_ns;
    let too_long = said_ns > waited_ns * LONGER.0 + LONGER.1;
    Some(
        Equation {
            holds: Some(!too_short && !too_long),
            ..equal(
                "mean_delay",
                (format!("mean delay {:.3} ms", said_ns / 1e6), Some(0)),
                (
                    format!("backlog {records:.1} / {rate:.0} a second = {:.3} ms, roughly", waited_ns / 1e6),
                    Some(0),
                ),
            )
        }
        .optional(),
    )
}

/// What the supervisor saw of the buffer while the load ran.
pub(super) fn looks<'a>(evidence: &Evidence<'a>) -> Vec<&'a KernelReading> {
    let Some(load) = &evidence.record.load else { return Vec::new() };
    let window = load.started_ns..load.ended_ns;
    let all = evidence.record.readings.positions.iter();
    all.filter(|look| window.contains(&look.t_ns) && look.backlog().is_some()).collect()
}

/// A wakeup ends a sleep, by its definition (docs/PROTOCOL.md, Messages).
fn sleeps(evidence: &Evidence<'_>) -> Vec<Equation> {
    let Some(wakeups) = evidence.counts.wakeups else { return Vec::new() };
    let times = &evidence.record.times;
    let slept = evidence.record.snapshots.last().and_then(|snapshot| snapshot.voluntary_switches);
    let mut equations = Vec::new();
    // A runner that stops while the load goes on sleeps and is woken after the last reading too.
    if times.load_ended_ns.is_some_and(|ended| times.stop_ns.is_none_or(|stopped| ended <= stopped)) {
        equations.push(at_most(
            "wakeups",
            format!("wakeups {wakeups}"),
            term("times that the runner slept", slept),
            slept.map(|slept| wakeups <= slept.saturating_add(LATE_SLEEPS)),
        ));
    }
    if !evidence.benchmark.runner.wakeup.wakes() {
        equations.push(equal(
            "no_wakeups",
            (format!("wakeups with `{}` {wakeups}", evidence.benchmark.runner.wakeup), Some(wakeups)),
            ("0".into(), Some(0)),
        ));
    }
    equations
}

/// A consumer that is to be woken as soon as there is data does not sleep on it.
fn attention(evidence: &Evidence<'_>) -> Option<Equation> {
    let most = match evidence.benchmark.runner.wakeup {
        Wakeup::Adaptive => 0,
        // Each ring is asked by itself.
        Wakeup::Sampled { bytes } => bytes * evidence.record.kernel.buffers.len().max(1) as u64,
        Wakeup::Timer { .. } | Wakeup::None => return None,
    };
    let looks = looks(evidence);
    let looked: Vec<u64> = looks.iter().filter_map(|look| look.unattended_bytes).collect();
    if looked.is_empty() {
        return None;
    }
    let asleep = looked.iter().filter(|bytes| **bytes > most).count();
    let few = (looked.len() as f64 * ASLEEP.1).max(ASLEEP.0 as f64);
    Some(at_most(
        "wakeup_policy",
        format!(
            "times that the runner slept on more than {most} bytes of data, told `{}`: {asleep}",
            evidence.benchmark.runner.wakeup
        ),
        format!("{few:.0} of {} looks", looked.len()),
        Some(asleep as f64 <= few),
    ))
}

/// Nobody reads records faster than a loop that does nothing else.
fn floor(evidence: &Evidence<'_>) -> Option<Equation> {
    let capacity = evidence.figures.cpu_ns_per_event?;
    let said = format!("capacity {capacity:.2} ns an event");
    let Some(walk) = evidence.record.walk else {
        // What is measured there is delay or cost, and capacity stands beside it.
        let asked = evidence.benchmark.question.facts().needs_floor && evidence.record.program.is_some();
        return asked.then(|| unknown(FLOOR, said, "what a reader can do (no bare walk could be timed)"));
    };
    let least = FLOOR_SHARE * walk.fastest_ns;
    if capacity < least {
        let right = format!("what a reader can do (a bare walk takes {:.2} ns a record)", walk.fastest_ns);
        return Some(unknown(FLOOR, said, right));
    }
    Some(at_most(FLOOR, format!("{FLOOR_SHARE} x {:.2} ns, a bare walk", walk.fastest_ns), said, Some(true)))
}
