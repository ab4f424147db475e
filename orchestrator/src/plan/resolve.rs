//! Turns an entry of a configuration into a benchmark: fills in what follows from the question and refuses what cannot be.

use std::time::Duration;

use super::error::Error;
use super::spec::{
    Benchmark, Consumers, LoadPattern, LoadSpec, Metric, Point, ProgramType, Question, Rings, RunnerSettings,
    Wakeup,
};
use super::trigger::{attach_target, trigger};
use crate::arithmetic::nanoseconds;
use crate::config::{Batch, BenchmarkEntry, RecordSize, RingSize, Seconds};
use crate::facts::{Cookie, PatternKind, WakeupRule};

/// Blocks where nothing else is said.
pub const DEFAULT_BLOCKS: u32 = 3;

const RECORD_SIZE: u32 = 64;
const OPEN_RATE_PER_SEC: u64 = 10_000;
const QUIET_RATE_PER_SEC: u64 = 1_000;
const BURST_PAUSE: Duration = Duration::from_millis(20);

/// What the command line says instead of the configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// How long one trial measures.
    pub duration: Option<Seconds>,
    /// Kind of BPF program.
    pub program_type: Option<ProgramType>,
    /// Size of the ring buffer.
    pub ring_size: Option<RingSize>,
    /// Bytes of a record.
    pub record_size: Option<RecordSize>,
    /// Records per trigger.
    pub batch: Option<Batch>,
}

impl Overrides {
    /// Sets what the command line says.
    pub fn apply(&self, entry: &mut BenchmarkEntry) {
        entry.duration_seconds = self.duration.unwrap_or(entry.duration_seconds);
        entry.program_type = self.program_type.unwrap_or(entry.program_type);
        entry.ring_size = self.ring_size.or(entry.ring_size);
        entry.record_size = self.record_size.or(entry.record_size);
        entry.batch = self.batch.or(entry.batch);
    }
}

/// Resolves one entry for the implementations named.
pub fn resolve(
    entry: &BenchmarkEntry,
    overrides: &Overrides,
    implementations: Vec<String>,
) -> Result<Benchmark, Error> {
    let mut entry = entry.clone();
    overrides.apply(&mut entry);
    let point = point(&entry)?;
    let question = entry.question.unwrap_or_else(|| Question::asked_by(&entry.metrics));
    let trigger = trigger(&entry)?;
    let attach_target = attach_target(&entry, trigger)?;
    let mut runner = RunnerSettings {
        ring_size: entry.ring_size.map_or(entry.data_mechanism.facts().default_bytes, |size| size.0),
        record_size: entry.record_size.map_or(RECORD_SIZE, |size| size.0),
        batch: entry.batch.map_or(question.facts().batch, |batch| batch.0),
        wakeup: Wakeup::Adaptive,
        work: entry.work.map_or(0, |work| work.0),
        keep_one_in: entry.keep_one_in.map_or(1, |number| number.0),
        lookups: entry.lookups.map_or(0, |lookups| lookups.0),
        programs: entry.programs.map_or(1, |programs| programs.0),
        rings: entry.rings.unwrap_or(question.facts().rings),
        consumers: entry.consumers.unwrap_or_default(),
        latency: question.facts().delays || entry.metrics.contains(&Metric::Latency),
    };
    if runner.programs > 1 && entry.program_type != ProgramType::Tracepoint {
        let message = "`programs` above 1 goes with `program_type: tracepoint` only".to_owned();
        return Err(Error::impossible(
            &entry,
            "programs",
            message,
            "leave it out, or set `program_type: tracepoint`",
        ));
    }
    if runner.consumers == Consumers::Ring && runner.rings == Rings::One {
        let message = "`consumers: ring` goes with `rings: cpu` only".to_owned();
        return Err(Error::impossible(&entry, "consumers", message, "remove it, or set `rings: cpu`"));
    }
    let load = LoadSpec {
        pattern: pattern(&entry, question, &runner)?,
        trigger,
        threads: threads(&entry, question),
        duration_ns: nanoseconds(entry.duration_seconds.0),
        count: None,
        keep_one_in: runner.keep_one_in,
    };
    filter(&entry, &load, attach_target.as_deref())?;
    runner.wakeup = wakeup(&entry, question, &load, &runner)?;
    Ok(Benchmark {
        name: entry.name,
        question,
        program: entry.data_mechanism.facts().program.to_owned(),
        program_type: entry.program_type,
        attach_target,
        mechanism: entry.data_mechanism,
        runner,
        load,
        cold: entry.cold,
        most_loss: entry.load.most_loss.map(|share| share.0),
        metrics: entry.metrics,
        implementations,
        point,
        placement: None,
    })
}

/// The entry's place in a series, which its name says: an option of the command line must not make it another.
fn point(entry: &BenchmarkEntry) -> Result<Option<Point>, Error> {
    let Some(swept) = &entry.point else { return Ok(None) };
    swept.of(entry).map(Some).ok_or_else(|| {
        let message = format!("an option sets `{axis}` beside `sweep.over: {axis}`", axis = swept.axis);
        Error::impossible(entry, "sweep", message, "leave the option out, or the sweep")
    })
}

fn pattern(
    entry: &BenchmarkEntry,
    question: Question,
    runner: &RunnerSettings,
) -> Result<LoadPattern, Error> {
    let load = &entry.load;
    let kind = load.pattern.unwrap_or(question.facts().load);
    let misplaced = [
        ("load.most_loss", load.most_loss.is_some() && kind != PatternKind::Ladder, "ladder"),
        ("load.rate", load.rate.is_some() && !keeps_rate(kind), "open"),
        ("load.busy", load.busy.is_some() && kind != PatternKind::Beside, "beside"),
        ("load.burst", load.burst.is_some() && kind != PatternKind::Bursts, "bursts"),
        ("load.pause", load.pause.is_some() && kind != PatternKind::Bursts, "bursts"),
    ];
    if let Some((key, _, pattern)) = misplaced.into_iter().find(|(_, wrong, _)| *wrong) {
        let message = format!("`{key}` goes with `load.pattern: {pattern}` only");
        return Err(Error::impossible(
            entry,
            key,
            message,
            format!("remove it, or set `load.pattern: {pattern}`"),
        ));
    }
    Ok(match kind {
        PatternKind::Closed => LoadPattern::Closed,
        PatternKind::Open => {
            LoadPattern::Open { rate_per_sec: load.rate.map_or(OPEN_RATE_PER_SEC, |rate| rate.0) }
        }
        PatternKind::Ladder => LoadPattern::Ladder,
        PatternKind::Beside => beside(entry, question)?,
        PatternKind::Bursts => LoadPattern::Bursts {
            triggers: load.burst.map_or_else(|| filling_burst(entry, runner), |burst| Ok(burst.0))?,
            pause_ns: nanoseconds(load.pause.map_or(BURST_PAUSE, |pause| pause.0)),
        },
    })
}

/// A filter goes by cookies, and lets a random number of triggers through.
fn filter(entry: &BenchmarkEntry, load: &LoadSpec, attach_target: Option<&str>) -> Result<(), Error> {
    if load.keep_one_in == 1 {
        return Ok(());
    }
    let wrong = |message: String, hint: &str| Err(Error::impossible(entry, "keep_one_in", message, hint));
    let grammar = entry.program_type.facts().target;
    if let Some(target) = attach_target.filter(|target| grammar.cookie(target) != Cookie::OfLoad) {
        let message = format!(
            "`keep_one_in` goes by the triggers' cookies, which a program at `{target}` does not see"
        );
        return wrong(message, "leave `attach_target` out, or name the entry of the system call");
    }
    if matches!(load.pattern, LoadPattern::Bursts { .. } | LoadPattern::Beside { .. }) {
        let message = "`keep_one_in` goes not with `load.pattern: bursts` or `beside`: how much of a ring is filled would be chance";
        return wrong(
            message.to_owned(),
            "use another `load.pattern`, such as `closed`, or another question",
        );
    }
    Ok(())
}

/// Bytes that one trigger takes in the map.
fn trigger_bytes(entry: &BenchmarkEntry, runner: &RunnerSettings) -> u64 {
    entry.data_mechanism.slots(runner.record_size).bytes(runner.batch.into())
}

fn keeps_rate(kind: PatternKind) -> bool {
    matches!(kind, PatternKind::Open | PatternKind::Beside)
}

/// Threads of the load: one, and with a quiet thread one more that may be busy beside it.
fn threads(entry: &BenchmarkEntry, question: Question) -> u32 {
    let kind = entry.load.pattern.unwrap_or(question.facts().load);
    let least = if kind == PatternKind::Beside { 2 } else { 1 };
    entry.load.threads.map_or(least, |threads| threads.0)
}

fn beside(entry: &BenchmarkEntry, question: Question) -> Result<LoadPattern, Error> {
    let threads = threads(entry, question);
    if threads < 2 {
        let message = "`load.threads: 1` leaves no thread beside the quiet one".to_owned();
        let hint = "use 2 or more; with `load.busy: 0` the others do nothing";
        return Err(Error::impossible(entry, "load.threads", message, hint));
    }
    let busy = entry.load.busy.map_or(threads - 1, |busy| busy.0);
    if busy >= threads {
        let message = format!("`load.busy: {busy}` leaves none of {threads} threads for the schedule");
        return Err(Error::impossible(entry, "load.busy", message, "use more `load.threads`"));
    }
    Ok(LoadPattern::Beside { rate_per_sec: entry.load.rate.map_or(QUIET_RATE_PER_SEC, |rate| rate.0), busy })
}

/// Triggers that fill 7/8 of each ring: most of it, and never so much that a record is dropped.
fn filling_burst(entry: &BenchmarkEntry, runner: &RunnerSettings) -> Result<u64, Error> {
    let triggers = runner.ring_size / 8 * 7 / trigger_bytes(entry, runner);
    if triggers > 0 {
        return Ok(triggers * runner.filled_rings(entry.load.threads.map_or(1, |threads| threads.0)));
    }
    let message = format!(
        "one trigger of {} records of {} bytes does not fit into a ring of {} bytes",
        runner.batch, runner.record_size, runner.ring_size
    );
    Err(Error::impossible(entry, "ring_size", message, "use a larger `ring_size` or a smaller `batch`"))
}

fn wakeup(
    entry: &BenchmarkEntry,
    question: Question,
    load: &LoadSpec,
    runner: &RunnerSettings,
) -> Result<Wakeup, Error> {
    if let Some(Wakeup::Sampled { bytes }) = entry.wakeup
        && bytes > runner.ring_size
    {
        let message =
            format!("`wakeup: sampled:{bytes}` never happens in a ring of {} bytes", runner.ring_size);
        return Err(Error::impossible(entry, "wakeup", message, "sample at most the ring's size"));
    }
    if let Some(wakeup) = entry.wakeup {
        return Ok(wakeup);
    }
    Ok(match (question.facts().wakeup, load.pattern) {
        (WakeupRule::OnceABurst, LoadPattern::Bursts { triggers, .. }) => {
            // Each ring is asked by itself.
            let of_ring = triggers / runner.filled_rings(entry.load.threads.map_or(1, |threads| threads.0));
            let bytes = of_ring.saturating_mul(trigger_bytes(entry, runner));
            if bytes > runner.ring_size {
                let message =
                    format!("a burst of {triggers} triggers takes {bytes} bytes, more than the ring has");
                let hint = "use a smaller `load.burst`, a larger `ring_size`, or set `wakeup`";
                return Err(Error::impossible(entry, "load.burst", message, hint));
            }
            Wakeup::Sampled { bytes }
        }
        (WakeupRule::Batched, _) => Wakeup::BATCHED,
        (WakeupRule::Without, _) => Wakeup::WITHOUT,
        (WakeupRule::Adaptive | WakeupRule::OnceABurst, _) => Wakeup::Adaptive,
    })
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
