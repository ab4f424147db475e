//! One trial, judged.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accounting::{Equation, Evidence, FLOOR, Verdict, equations, verdict};
use super::counts::Counts;
use super::disturbance::Disturbed;
use super::figures::{Figures, figures};
use super::format::Format;
use super::latency::{Latency, decode_histogram, possible_delays};
use super::outcome::{Outcome, outcome};
use super::processes::{self, CpuBalance};
use super::protocol::{Transcript, read_transcript};
use super::{clocks, disturbed, load_ran, watched};
use crate::facts::CountedBy;
use crate::load::LoadReport;
use crate::plan::Benchmark;
use crate::sample::Walk;
use crate::supervise::{Ended, TrialRecord};

/// What one trial showed. Kept in the result folder; docs/RESULTS.md describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// How it ended. Without `completed` there are no equations and no figures.
    pub outcome: Outcome,
    /// Who ran; null for a program that does not speak the protocol.
    pub runner: Option<RunnerIdentity>,
    /// What was counted.
    pub counts: Counts,
    /// Whether it balances.
    pub equations: Vec<Equation>,
    /// What the equations say together; null when it did not complete.
    pub verdict: Option<Verdict>,
    /// Whether the kernel itself was asked for the program's counters and the ring's positions.
    pub kernel_evidence: bool,
    /// A bare walk over records of this trial's size in a ring of its size: what reading costs at least. Null in results of version 1.
    #[serde(default)]
    pub walk: Option<Walk>,
    /// The figures.
    pub figures: Figures,
    /// Delays of events; null when not recorded.
    pub latency: Option<Latency>,
    /// What disturbed the trial. It counts all the same.
    #[serde(default)]
    pub disturbed: Vec<Disturbed>,
    /// Who used the processors meanwhile; null in results of version 1.
    #[serde(default)]
    pub cpu: Option<CpuBalance>,
    /// Picoseconds that one round of a fixed piece of CPU work took just before the trial.
    #[serde(default)]
    pub canary_ps_per_round: Option<f64>,
    /// Whether the warm-up ended because its pieces cost the same; null without warm-up.
    #[serde(default)]
    pub warm_up_steady: Option<bool>,
}

/// What the runner said of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerIdentity {
    /// Name of the implementation.
    pub implementation: Option<String>,
    /// Framework.
    pub framework: Option<String>,
    /// Its version.
    pub framework_version: Option<String>,
    /// Program type really used.
    pub program_type: Option<String>,
    /// Attach target really used.
    pub attach_target: Option<String>,
}

/// Judges one trial.
#[must_use]
pub fn measure(record: &TrialRecord, benchmark: &Benchmark, format: &Format) -> Measurement {
    let (transcript, mut counts, violation) = match format {
        Format::Protocol => {
            let (transcript, violation) = read_transcript(&record.stdout);
            let counts = transcript_counts(&transcript);
            (Some(transcript), counts, violation)
        }
        Format::Text(text) => {
            let (counts, violation) = text.read(&record.stdout);
            (None, counts, violation)
        }
    };
    counts.issued = issued(record, benchmark.program_type.facts().trigger.facts().counted_by);
    counts.kept = kept(record, counts.issued, benchmark);
    counts.missed = missed(record);
    let kernel_evidence = transcript.is_some() && ask_kernel(record, &mut counts);
    let transcript = transcript.as_ref();
    let further = benchmark.runner.further_flags();
    let further: Vec<&str> = further.iter().map(|(flag, _)| *flag).collect();
    let mut measurement = Measurement {
        outcome: outcome(record, transcript, violation, &further),
        runner: transcript.map(identity),
        counts,
        equations: Vec::new(),
        verdict: None,
        kernel_evidence,
        walk: record.walk,
        figures: Figures::default(),
        latency: None,
        disturbed: disturbed::of_record(record),
        cpu: processes::balance(record),
        canary_ps_per_round: record
            .before
            .as_ref()
            .and_then(|before| before.canary)
            .and_then(|canary| canary.ps_per_round()),
        warm_up_steady: record.warm_up.as_ref().and_then(|warm_up| warm_up.steady),
    };
    let others = measurement.cpu.as_ref().map(|cpu| processes::disturbances(record, cpu));
    measurement.disturbed.extend(others.into_iter().flatten());
    measurement.disturbed.extend(record.load.iter().flat_map(load_ran::disturbances));
    measurement.disturbed.extend(watched::disturbances(record));
    let counts = &measurement.counts;
    let overlap = disturbed::overlapping_bursts(counts.wakeups, counts.issued, benchmark);
    measurement.disturbed.extend(overlap);
    let delays = delays(transcript);
    let planned = record.load.as_ref().and_then(|load| planned_samples(load, benchmark));
    let latency = delays.as_ref().map(|delays| Latency::from_histogram(delays, planned));
    if measurement.outcome == Outcome::Completed {
        measurement.figures = figures(record, &measurement.counts, transcript, benchmark);
    }
    let evidence = Evidence {
        record,
        benchmark,
        transcript,
        counts: &measurement.counts,
        delays: delays.as_ref(),
        figures: &measurement.figures,
    };
    // With nothing attached there is nothing to balance.
    let mut equations = match record.ended {
        Ended::LoadAlone => Vec::new(),
        _ => equations(&evidence),
    };
    equations.extend(record.load.iter().flat_map(|load| load_ran::equations(load, benchmark.question)));
    equations.extend(watched::equations(record));
    equations.extend(clocks::equations(record, transcript));
    equations.extend(delays.iter().map(possible_delays));
    match &measurement.outcome {
        Outcome::Completed => {
            let doubts = processes::doubts(record, measurement.cpu.as_ref());
            measurement.verdict = Some(processes::doubted(verdict(&equations), doubts));
            measurement.equations = equations;
            measurement.latency = latency;
        }
        // A buffer that never emptied may belong to a slow consumer, or to one that does not read and claims to. The
        // second is worth knowing; the figures of the first would be wrong.
        Outcome::TimedOut { .. } if equations.iter().any(|equation| equation.holds == Some(false)) => {
            measurement.verdict = Some(verdict(&equations));
            measurement.equations = equations;
        }
        _ => {}
    }
    measurement
}

impl Measurement {
    /// Whether the trial balances and may be ranked.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.verdict == Some(Verdict::Valid)
    }

    /// Whether its capacity is not believed, because a bare walk takes longer.
    #[must_use]
    pub fn is_below_floor(&self) -> bool {
        self.walk.is_some() && self.equations.iter().any(|one| one.name == FLOOR && one.holds.is_none())
    }
}

/// What the schedule of an open loop would have given.
fn planned_samples(load: &LoadReport, benchmark: &Benchmark) -> Option<u64> {
    // Of those that were missed as many would have been kept as chance keeps.
    let missed = load.missed? / u64::from(benchmark.runner.keep_one_in.max(1));
    load.kept().checked_add(missed)?.checked_mul(u64::from(benchmark.runner.batch))
}

/// Runs of the attached program that the kernel skipped from `ready` on. Results of version 1 only know those since load.
fn missed(record: &TrialRecord) -> Option<u64> {
    let readings = &record.readings;
    let since_ready = readings.ended.zip(readings.ready).and_then(|(ended, ready)| {
        ended.missed.zip(ready.missed).map(|(ended, ready)| ended.saturating_sub(ready))
    });
    since_ready.or_else(|| {
        record.kernel.programs.iter().filter_map(|program| program.missed).reduce(u64::saturating_add)
    })
}

/// How often the program was to run, warmed up and measured, by who knows it.
fn issued(record: &TrialRecord, counted_by: CountedBy) -> Option<u64> {
    match counted_by {
        CountedBy::Load => record.load.as_ref().map(|load| load.issued + load.warm_up_issued),
        CountedBy::Kernel => {
            record.kernel.programs.iter().filter_map(|program| program.run_count).reduce(u64::saturating_add)
        }
    }
}

/// Of these triggers those of which the program makes records.
fn kept(record: &TrialRecord, issued: Option<u64>, benchmark: &Benchmark) -> Option<u64> {
    if benchmark.runner.keep_one_in == 1 {
        return issued;
    }
    // The filter goes by the load's cookies, which only the load knows.
    record.load.as_ref().map(LoadReport::kept_of_all)
}

/// Puts what the kernel counted in the place of what the runner says that it did; false where nobody could ask.
fn ask_kernel(record: &TrialRecord, counts: &mut Counts) -> bool {
    let Some(ended) = record.readings.ended else { return false };
    let Some(kernel) = ended.counters else { return false };
    counts.attempted = Some(kernel.attempted);
    counts.submitted = Some(kernel.submitted);
    counts.dropped = Some(kernel.dropped);
    counts.dropped_marks = Some(kernel.dropped_marks);
    ended.consumed.is_some()
}

fn transcript_counts(transcript: &Transcript) -> Counts {
    let Some(summary) = &transcript.summary else { return Counts::default() };
    Counts {
        attempted: Some(summary.attempted),
        submitted: Some(summary.submitted),
        dropped: Some(summary.dropped),
        dropped_marks: Some(summary.dropped_marks),
        lost: summary.lost,
        received: Some(summary.received),
        bytes: Some(summary.bytes),
        marks: Some(summary.marks),
        wakeups: summary.wakeups,
        elapsed_ns: Some(summary.elapsed_ns),
        ..Counts::default()
    }
}

fn identity(transcript: &Transcript) -> RunnerIdentity {
    let hello = &transcript.hello;
    let ready = transcript.ready.clone().unwrap_or_default();
    RunnerIdentity {
        implementation: hello.implementation.clone(),
        framework: hello.framework.clone(),
        framework_version: hello.framework_version.clone(),
        program_type: ready.program_type,
        attach_target: ready.attach_target,
    }
}

/// A histogram that cannot be decoded was a violation already.
fn delays(transcript: Option<&Transcript>) -> Option<Histogram<u64>> {
    decode_histogram(transcript?.summary.as_ref()?.latency.as_ref()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::testing::record;

    #[test]
    fn triggers_are_counted_by_who_issues_them_and_ticks_by_the_kernel() {
        let mut record = record();
        record.kernel.programs[0].run_count = Some(77);
        let of_load = record.load.as_ref().map(|load| load.issued + load.warm_up_issued);
        assert_eq!(issued(&record, CountedBy::Load), of_load);
        assert_eq!(issued(&record, CountedBy::Kernel), Some(77));
        record.kernel.programs.clear();
        assert_eq!(issued(&record, CountedBy::Kernel), None);
    }
}
