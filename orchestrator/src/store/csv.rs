//! Tables for spreadsheets and scripts. Unknown is an empty field, never 0. Pure: the folder writes what is made here.

use serde::Serialize;
use serde_json::Value;

use super::run::{Run, TrialResult};
use crate::parse::{Counts, Figures, Latency, Verdict};
use crate::plan::Benchmark;
use crate::sample::Snapshot;
use crate::stats::{BenchmarkAnalysis, Estimate, Row};
use crate::supervise::{KernelCounters, KernelReading};

/// Names and values of one line.
type Fields = Vec<(String, String)>;

/// `trials.csv`: one line a trial.
#[must_use]
pub fn trials_csv(run: &Run) -> String {
    let benchmarks = &run.header.plan.benchmarks;
    table(
        run.trials
            .iter()
            .filter_map(|trial| Some(trial_fields(trial, benchmarks.get(trial.planned.benchmark)?))),
    )
}

/// `summary.csv`: one line for each row and quantity; a row without figures has one line with its status.
#[must_use]
pub fn summary_csv(run: &Run) -> String {
    let baseline = run.header.plan.baseline.as_deref();
    let lines = run.analysis.benchmarks.iter().flat_map(|benchmark| {
        benchmark.rows.iter().flat_map(move |row| {
            let estimates: Vec<_> = row.estimates.iter().map(Some).collect();
            let estimates = if estimates.is_empty() { vec![None] } else { estimates };
            estimates.into_iter().map(move |estimate| summary_fields(benchmark, row, estimate, baseline))
        })
    });
    table(lines)
}

/// `samples/N-ring.csv`: one line for each time that the kernel was asked, with what waited in the ring then.
#[must_use]
pub fn positions_csv(positions: &[KernelReading]) -> String {
    table(positions.iter().map(|reading| {
        let of = |field: fn(&KernelCounters) -> u64| reading.counters.as_ref().map(field);
        let fields = [
            ("t_ns", Some(reading.t_ns)),
            ("attempted", of(|counters| counters.attempted)),
            ("submitted", of(|counters| counters.submitted)),
            ("dropped", of(|counters| counters.dropped)),
            ("producer_position", reading.produced),
            ("consumer_position", reading.consumed),
            ("backlog_bytes", reading.backlog()),
        ];
        let text = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
        fields.into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
    }))
}

/// `samples/N.csv`: one line a reading.
#[must_use]
pub fn snapshots_csv(snapshots: &[Snapshot]) -> String {
    table(snapshots.iter().map(|snapshot| flat(snapshot, &[])))
}

fn trial_fields(trial: &TrialResult, benchmark: &Benchmark) -> Fields {
    let measurement = &trial.measurement;
    let mut fields = flat(&trial.planned, &["benchmark"]);
    let (verdict, reasons) = match &measurement.verdict {
        None => (String::new(), String::new()),
        Some(Verdict::Valid) => ("valid".into(), String::new()),
        Some(Verdict::Unverified { missing }) => ("unverified".into(), missing.join("; ")),
        Some(Verdict::Invalid { failed }) => ("invalid".into(), failed.join("; ")),
    };
    fields.extend([
        ("benchmark".into(), benchmark.name.clone()),
        ("question".into(), benchmark.question.to_string()),
        ("outcome".into(), kind(&measurement.outcome)),
        ("outcome_text".into(), measurement.outcome.text()),
        ("verdict".into(), verdict),
        ("verdict_reasons".into(), reasons),
        (
            "disturbed".into(),
            measurement.disturbed.iter().map(|cause| cause.what.to_string()).collect::<Vec<_>>().join("; "),
        ),
        (
            "warm_up_steady".into(),
            measurement.warm_up_steady.map(|steady| steady.to_string()).unwrap_or_default(),
        ),
    ]);
    fields.extend(flat::<Counts>(&measurement.counts, &[]));
    fields.extend(flat::<Figures>(&measurement.figures, &["limit"]));
    let limit = measurement.figures.limit;
    let share = limit.and_then(|limit| limit.share).map(|share| share.to_string());
    fields.extend([
        ("limited_by".into(), limit.map(|limit| limit.by.name().to_owned()).unwrap_or_default()),
        ("limit_share".into(), share.unwrap_or_default()),
    ]);
    let latency = measurement.latency.clone();
    let samples = latency.as_ref().map(|latency| latency.samples.to_string()).unwrap_or_default();
    fields.push(("latency_samples".into(), samples));
    let delays = flat::<Latency>(&latency.unwrap_or_default(), &["histogram", "samples"]);
    fields.extend(delays.into_iter().map(|(name, value)| (format!("latency_{name}"), value)));
    fields
}

fn summary_fields(
    benchmark: &BenchmarkAnalysis,
    row: &Row,
    estimate: Option<&Estimate>,
    baseline: Option<&str>,
) -> Fields {
    let pair =
        estimate.zip(baseline).and_then(|(e, baseline)| benchmark.pair(e.quantity, &row.label, baseline));
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let of = |field: fn(&Estimate) -> Option<f64>| number(estimate.and_then(field));
    let fields = [
        ("benchmark", benchmark.name.clone()),
        ("question", benchmark.question.to_string()),
        ("label", row.label.clone()),
        ("implementation", row.implementation.clone()),
        ("status", kind(&row.status)),
        ("trials_planned", row.trials.planned.to_string()),
        ("trials_valid", row.trials.valid.to_string()),
        ("quantity", estimate.map(|e| e.quantity.name().to_owned()).unwrap_or_default()),
        ("repetitions", estimate.map(|e| e.repetitions.to_string()).unwrap_or_default()),
        ("value", of(|e| Some(e.value))),
        ("low", of(|e| e.low)),
        ("high", of(|e| e.high)),
        ("half_width", of(|e| e.half_width)),
        ("median", of(|e| Some(e.median))),
        ("min", of(|e| Some(e.min))),
        ("max", of(|e| Some(e.max))),
        ("reference", pair.map(|pair| pair.reference.clone()).unwrap_or_default()),
        ("ratio", number(pair.and_then(|pair| pair.ratio))),
        ("ratio_low", number(pair.and_then(|pair| pair.low))),
        ("ratio_high", number(pair.and_then(|pair| pair.high))),
        ("wins", pair.map(|pair| pair.wins.to_string()).unwrap_or_default()),
        ("p", number(pair.and_then(|pair| pair.p))),
        ("p_baseline", number(pair.and_then(|pair| pair.p_baseline))),
        ("p_pairs", number(pair.and_then(|pair| pair.p_pairs))),
        ("p_sign_flip", number(pair.and_then(|pair| pair.p_sign_flip))),
        ("p_holm", number(pair.and_then(|pair| pair.p_holm))),
        ("verdict", pair.map(|pair| kind(&pair.verdict)).unwrap_or_default()),
        ("letters", row.letters.clone().unwrap_or_default()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The fields of a flat struct under the names that they have in `run.json`.
fn flat<T: Serialize>(value: &T, without: &[&str]) -> Fields {
    let Ok(Value::Object(object)) = serde_json::to_value(value) else { return Vec::new() };
    let wanted = object.into_iter().filter(|(name, _)| !without.contains(&name.as_str()));
    wanted.map(|(name, value)| (name, scalar(&value))).collect()
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The tag of an enum as in `run.json`.
pub(crate) fn kind<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).map(|value| scalar(&value["kind"])).unwrap_or_default()
}

/// All lines have the same names; the first gives the heading. Without lines there is nothing.
fn table(lines: impl Iterator<Item = Fields>) -> String {
    let mut lines = lines.peekable();
    let heading: Vec<String> = lines.peek().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let heading = (!heading.is_empty()).then_some(heading).into_iter();
    csv_text(heading.chain(lines.map(|fields| fields.into_iter().map(|(_, value)| value).collect())))
}

/// Lines of comma-separated fields, quoted where they must be.
///
/// # Panics
/// Never: writing to memory does not fail, and lines may have any length.
pub(crate) fn csv_text(lines: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for line in lines {
        writer.write_record(&line).expect("memory can be written");
    }
    let text = writer.into_inner().expect("memory can be written");
    String::from_utf8(text).expect("text stays text")
}

#[cfg(test)]
mod tests;
