//! Did the consumer sleep as it was told to, and as often as it says? The kernel counts how often each thread gave its processor away.

use super::equation::{Equation, at_most, unknown};
use super::evidence::Evidence;
use crate::plan::{LoadPattern, Wakeup};
use crate::sample::ThreadUse;
use crate::supervise::KernelReading;

/// Wakeups are at least such a share of the sleeps of the reading thread, which has few other reasons to sleep. Seen: 0.99 and more.
const TOLD_SHARE: f64 = 0.75;
/// Sleeps that a message takes, which comes every 100 ms, with the end of a wait that it cuts.
const SLEEPS_A_MESSAGE: f64 = 1.5;
const MESSAGES_A_SECOND: f64 = 10.0;
/// A thread that used this part of the busiest one's CPU time, or more, may be the one that reads.
const WORKS_FROM: u64 = 5;
/// So many sleeps more are no sign of anything: a runtime with threads of its own has had 46 within a second of two events.
const FEW_SLEEPS: f64 = 100.0;

/// Who uses so much of a core on a ring that is empty at such a share of the looks, and sleeps at so few of the moments at which it was to be
/// woken, polls. Where the load pauses, a consumer that is always awake has something in the ring.
const WITH_PAUSES: Polling = Polling { busy_percent: 50.0, empty_share: 0.7, slept_share: 0.1 };
/// A load that never pauses may bring the next record before a consumer has fallen asleep: then half of the looks find something.
const WITHOUT: Polling = Polling { busy_percent: 90.0, empty_share: 0.8, slept_share: 0.01 };
/// No sleeper is woken in less than so many tenths of the quickest wakeup that was timed before the run's trials.
const QUICK_TENTHS: u64 = 6;
/// Fewer looks than this say nothing.
const LEAST_LOOKS: u64 = 8;

/// What a consumer that polls looks like.
#[derive(Debug, Clone, Copy)]
struct Polling {
    busy_percent: f64,
    empty_share: f64,
    slept_share: f64,
}

pub(super) fn equations(evidence: &Evidence<'_>) -> Vec<Equation> {
    if !evidence.benchmark.runner.wakeup.wakes() {
        return Vec::new();
    }
    told(evidence).into_iter().chain(polls(evidence)).chain(awake(evidence)).collect()
}

/// Wakeups are sleeps of the reading thread that data ended (docs/PROTOCOL.md, Messages). A runner that tells far fewer hides them. Over all
/// of its life: how many come with an event changes from one moment to the next.
fn told(evidence: &Evidence<'_>) -> Option<Equation> {
    let woken = evidence.counts.wakeups?;
    let (record, facts) = (evidence.record, &evidence.record.processes);
    let slept = reading_thread(&facts.threads_at_ready, &facts.threads_at_settled)?;
    let seconds = facts.settled.as_ref()?.t_ns.saturating_sub(record.times.ready_ns?) as f64 / 1e9;
    let others = seconds * MESSAGES_A_SECOND * SLEEPS_A_MESSAGE + FEW_SLEEPS;
    let least = (slept as f64 - others) * TOLD_SHARE;
    let right = format!("times that its reading thread slept {slept}, a quarter and messages allowed");
    let left = format!("wakeups {woken}");
    Some(if woken as f64 >= least {
        at_most("told_wakeups", format!("{:.0} sleeps on data, at least", least.max(0.0)), left, Some(true))
    } else {
        unknown("told_wakeups", left, right)
    })
}

/// How often the thread slept that reads; none where that is unknown. It is one of those that do the work: where events are few, a runtime's
/// own threads cost as much as the reader and sleep more often, so that the one which slept least is taken.
fn reading_thread(from: &[ThreadUse], to: &[ThreadUse]) -> Option<u64> {
    let grown = grown(from, to);
    if let [(_, slept)] = grown.as_slice() {
        return Some(*slept);
    }
    let grown: Option<Vec<(u64, u64)>> =
        grown.into_iter().map(|(cpu_ns, slept)| Some((cpu_ns?, slept))).collect();
    let grown = grown?;
    let busiest_ns = grown.iter().map(|(cpu_ns, _)| *cpu_ns).max()?;
    let works = |(cpu_ns, _): &&(u64, u64)| cpu_ns.saturating_mul(WORKS_FROM) >= busiest_ns;
    grown.iter().filter(works).map(|(_, slept)| *slept).min()
}

/// CPU time of each thread between two moments, nanoseconds, and how often it slept.
pub(super) fn grown(from: &[ThreadUse], to: &[ThreadUse]) -> Vec<(Option<u64>, u64)> {
    let of = |now: &ThreadUse| {
        let before = from.iter().find(|before| before.tid == now.tid);
        let cpu_ns =
            now.cpu_ns.map(|cpu_ns| cpu_ns.saturating_sub(before.and_then(|b| b.cpu_ns).unwrap_or(0)));
        (cpu_ns, now.slept.saturating_sub(before.map_or(0, |before| before.slept)))
    };
    to.iter().map(of).collect()
}

/// A consumer that was told to sleep until it is woken, and asks the ring again and again instead, has shorter delays than the others by
/// doing what they were told not to.
fn polls(evidence: &Evidence<'_>) -> Option<Equation> {
    let load = evidence.record.load.as_ref()?;
    let (what, moments, polling) = match evidence.benchmark.load.pattern {
        LoadPattern::Bursts { .. } => ("bursts", load.bursts?, WITH_PAUSES),
        LoadPattern::Open { .. } => ("triggers", load.kept(), WITH_PAUSES),
        LoadPattern::Closed | LoadPattern::Ladder => ("triggers", load.kept(), WITHOUT),
        // A busy ring beside it is a reason to be awake.
        LoadPattern::Beside { .. } => return None,
    };
    let percent = evidence.figures.runner_cpu_percent.filter(|percent| *percent >= polling.busy_percent)?;
    let (looks, empty) = looks(evidence);
    if looks < LEAST_LOOKS || (empty as f64) < looks as f64 * polling.empty_share {
        return None;
    }
    let slept = evidence.figures.voluntary_switches?;
    let least = moments as f64 * polling.slept_share;
    let told = match evidence.benchmark.runner.wakeup {
        Wakeup::Sampled { .. } => "sampled",
        _ => "adaptive",
    };
    Some(at_most(
        "sleeps",
        format!("{least:.0}, {} % of the {what}", polling.slept_share * 100.0),
        format!(
            "times that the runner slept, told `{told}`, with {percent:.0} % of a core on a ring that was empty at {empty} of {looks} \
             looks: {slept}"
        ),
        Some(slept as f64 >= least),
    ))
}

/// An event that comes while a consumer sleeps is not read sooner than a wakeup takes, and triggers that keep a schedule come singly. Where
/// most are read sooner, and it hardly slept, it was awake and waiting for them, however much of its processor others used.
fn awake(evidence: &Evidence<'_>) -> Option<Equation> {
    let load = &evidence.benchmark.load;
    if !matches!(load.pattern, LoadPattern::Open { .. }) || load.threads != 1 {
        return None;
    }
    let delays = evidence.delays.filter(|delays| !delays.is_empty())?;
    let least = evidence.record.walk?.wake_ns? / 10 * QUICK_TENTHS;
    let (issued, slept) = (evidence.record.load.as_ref()?.kept(), evidence.figures.voluntary_switches?);
    if least == 0 || slept as f64 >= issued as f64 * WITH_PAUSES.slept_share {
        return None;
    }
    let short = delays.count_between(0, least - 1);
    Some(at_most(
        "awake",
        format!("delays of less than {least} ns, in which no sleeper is woken, {short}"),
        format!("half of {}, since it slept {slept} times in {issued} triggers", delays.len()),
        Some(short <= delays.len() / 2),
    ))
}

/// How often the ring was looked at while the load ran, and how often it was empty.
fn looks(evidence: &Evidence<'_>) -> (u64, u64) {
    if let Some(glances) = evidence.record.readings.glances.filter(|glances| glances.looks >= LEAST_LOOKS) {
        return (glances.looks, glances.looks - glances.waiting);
    }
    let backlogs: Vec<u64> =
        super::plausible::looks(evidence).into_iter().filter_map(KernelReading::backlog).collect();
    let empty = backlogs.iter().filter(|bytes| **bytes == 0).count();
    (backlogs.len() as u64, empty as u64)
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;

    use super::*;
    use crate::parse::accounting::Verdict;
    use crate::parse::testing::{SECOND, benchmark, record, summary_line};
    use crate::parse::{Format, encode_histogram, measure};
    use crate::plan::Question;
    use crate::sample::Glances;
    use crate::supervise::{CpuReading, TrialRecord};

    fn thread(tid: u32, cpu_ns: u64, slept: u64) -> ThreadUse {
        ThreadUse { tid, cpu_ns: Some(cpu_ns), slept }
    }

    /// Two seconds with these threads at the end; what the runner tells are five wakeups.
    fn threads(threads: &[ThreadUse]) -> TrialRecord {
        let mut record = record();
        record.times.ready_ns = Some(10 * SECOND);
        record.processes.threads_at_ready = vec![thread(1, 500, 100), thread(2, 0, 7)];
        record.processes.threads_at_settled = threads.to_vec();
        let reading = |t_ns: u64| Some(CpuReading { t_ns, ..CpuReading::default() });
        (record.processes.released, record.processes.settled) = (reading(11 * SECOND), reading(12 * SECOND));
        record
    }

    fn verdict(record: &TrialRecord) -> Option<Verdict> {
        measure(record, &benchmark(Question::Saturation), &Format::Protocol).verdict
    }

    #[test]
    fn wakeups_that_are_hidden_leave_a_trial_unverified() {
        // 30 for twenty messages and 100 more, and three quarters of six.
        assert_eq!(verdict(&threads(&[thread(1, 900, 236)])), Some(Verdict::Valid));
        let Some(Verdict::Unverified { missing }) = verdict(&threads(&[thread(1, 900, 10_100)])) else {
            panic!("must be unverified")
        };
        let words = "wakeups 5 = times that its reading thread slept 10000, a quarter and messages allowed";
        assert_eq!(missing, [words]);
        // A thread that only waits sleeps more often than the one that reads.
        assert_eq!(verdict(&threads(&[thread(1, 900, 236), thread(2, 300, 9_000)])), Some(Verdict::Valid));
        assert_ne!(verdict(&threads(&[thread(1, 659, 236), thread(2, 800, 9_000)])), Some(Verdict::Valid));
        // A runtime's thread that costs more than the reader of few events is not taken for it.
        assert_eq!(verdict(&threads(&[thread(1, 660, 236), thread(2, 800, 9_000)])), Some(Verdict::Valid));
        let unknown = ThreadUse { cpu_ns: None, ..thread(2, 0, 9_000) };
        assert_eq!(verdict(&threads(&[thread(1, 900, 236), unknown])), Some(Verdict::Valid));
    }

    /// A trial of 1,000 triggers with `slept` sleeps, `waiting` of 100 looks at something, and the whole of a core.
    fn polled(slept: u64, waiting: u64) -> TrialRecord {
        let mut record = record();
        record.cpu_load_ended_ns = record.cpu_ready_ns.map(|start| start + 19 * SECOND / 10);
        record.snapshots[0].voluntary_switches = Some(0);
        record.snapshots[1].voluntary_switches = Some(slept);
        let mut glances = Glances::default();
        (0..100).for_each(|look| glances.add(if look < waiting { 72 } else { 0 }));
        record.readings.glances = Some(glances);
        record
    }

    #[test]
    fn a_consumer_that_never_sleeps_on_an_empty_ring_polls() {
        let Some(Verdict::Invalid { failed }) = verdict(&polled(7, 10)) else { panic!("must be invalid") };
        let words = "10, 1 % of the triggers > times that the runner slept, told `adaptive`, with 95 % of a core on a ring that was \
                     empty at 90 of 100 looks: 7";
        assert_eq!(failed, [words]);
        assert_eq!(verdict(&polled(10, 10)), Some(Verdict::Valid), "it sleeps");
        assert_eq!(verdict(&polled(7, 21)), Some(Verdict::Valid), "there was something to read");
        let mut idle = polled(7, 0);
        idle.cpu_load_ended_ns = idle.cpu_ready_ns.map(|start| start + SECOND);
        assert_eq!(verdict(&idle), Some(Verdict::Valid), "it had half of the core");
        // A load that pauses leaves time to sleep.
        let schedule = |slept: u64, waiting: u64| {
            let equations =
                measure(&polled(slept, waiting), &benchmark(Question::Latency), &Format::Protocol).equations;
            equations.iter().find(|equation| equation.name == "sleeps").and_then(|equation| equation.holds)
        };
        assert_eq!((schedule(99, 30), schedule(100, 30), schedule(99, 31)), (Some(false), Some(true), None));
        let mut timer = benchmark(Question::Saturation);
        timer.runner.wakeup = Wakeup::WITHOUT;
        let equations = measure(&polled(7, 0), &timer, &Format::Protocol).equations;
        assert!(equations.iter().all(|equation| equation.name != "sleeps"));
    }

    /// `quick` of 9,900 events were read in 2 µs, where a wakeup takes 10 at least, and it slept so often in 1,000 triggers.
    fn read_at_once(quick: u64, slept: u64, threads: u32) -> Option<bool> {
        let mut delays = Histogram::<u64>::new_with_bounds(1, 60 * SECOND, 3).expect("bounds");
        delays.record_n(2_000, quick).expect("within bounds");
        delays.record_n(20_000, 9_900 - quick).expect("within bounds");
        let mut record = polled(slept, 50);
        record.cpu_load_ended_ns = record.cpu_ready_ns;
        record.walk.as_mut().expect("timed").wake_ns = Some(10_000);
        record.stdout.last_mut().expect("summary").line =
            summary_line(10_000, 100, Some(&encode_histogram(&delays)));
        let mut benchmark = benchmark(Question::Latency);
        benchmark.load.threads = threads;
        let equations = measure(&record, &benchmark, &Format::Protocol).equations;
        equations.iter().find(|equation| equation.name == "awake")?.holds
    }

    #[test]
    fn who_reads_most_events_sooner_than_a_wakeup_takes_waited_for_them_awake() {
        assert_eq!(read_at_once(4_951, 99, 1), Some(false));
        assert_eq!(read_at_once(4_950, 99, 1), Some(true));
        assert_eq!(read_at_once(4_951, 100, 1), None, "it sleeps");
        assert_eq!(read_at_once(4_951, 99, 2), None, "one thread's event finds it awake after the other's");
    }
}
