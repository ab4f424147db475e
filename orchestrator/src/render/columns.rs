//! The columns of the tables, each a heading and a function of a line.

use super::number::{UNKNOWN, bytes, count, duration_ns, percent, rate, ratio, set_percent, whole_percent};
use super::view::Line;
use crate::parse::Latency;
use crate::plan::Question;
use crate::stats::{Estimate, PairVerdict, Quantity, Row};

/// One column. A column of unknowns only is left out.
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) numeric: bool,
    pub(super) text: fn(&Line) -> String,
}

fn words(heading: &str, text: fn(&Line) -> String) -> Column {
    Column { heading: heading.to_owned(), numeric: false, text }
}

fn numbers(heading: &str, text: fn(&Line) -> String) -> Column {
    Column { heading: heading.to_owned(), numeric: true, text }
}

/// The table of `compare`: one line an implementation, all three questions.
pub(super) fn comparison(baseline: Option<&str>) -> Vec<Column> {
    let mut columns = vec![
        words("imple-\nmentation", |line| line.label.to_owned()),
        numbers("capacity\nCPU/event", |line| with_interval(capacity(line), duration_ns)),
        numbers("events/s\nper core", |line| known(capacity(line), |cost| rate(1e9 / cost.value))),
    ];
    columns.extend(ratio_column(baseline));
    columns.extend([
        numbers("through-\nput", |line| {
            let throughput = line.estimate(Question::Saturation, Quantity::DeliveredPerSec);
            known(throughput, |estimate| rate(estimate.value))
        }),
        numbers("drops", |line| drops(line.loaded())),
        numbers("events/\nwakeup", |line| events_per_wakeup(line.loaded())),
        words("limited\nby", |line| limited_by(line.loaded())),
        numbers("latency\nP50", |line| delay(line.answer(Question::Latency), |latency| latency.p50_ns)),
        numbers("\nP95", |line| delay(line.answer(Question::Latency), |latency| latency.p95_ns)),
        numbers("\nP99", |line| delay(line.answer(Question::Latency), |latency| latency.p99_ns)),
        numbers("CPU", |line| cpu(line.loaded())),
        numbers("peak\nRSS", peak_rss),
        words("verdict", verdict),
    ]);
    columns
}

/// The table of one benchmark of `run`.
pub(super) fn benchmark(baseline: Option<&str>) -> Vec<Column> {
    let mut columns = vec![
        words("imple-\nmentation", |line| line.label.to_owned()),
        numbers("through-\nput", |line| with_interval(only(line, Quantity::DeliveredPerSec), rate)),
        numbers("offered", |line| known(line.only().and_then(|row| row.offered_per_sec), rate)),
        numbers("drops", |line| drops(line.only())),
        numbers("events/\nwakeup", |line| events_per_wakeup(line.only())),
        words("limited\nby", |line| limited_by(line.only())),
        numbers("CPU/event", |line| with_interval(only(line, Quantity::CpuNsPerEvent), duration_ns)),
        numbers("latency\nP50", |line| delay(line.only(), |latency| latency.p50_ns)),
        numbers("\nP95", |line| delay(line.only(), |latency| latency.p95_ns)),
        numbers("\nP99", |line| delay(line.only(), |latency| latency.p99_ns)),
        numbers("\nP99.9", |line| delay(line.only(), |latency| latency.p999_ns)),
        numbers("\nmax", |line| delay(line.only(), |latency| latency.max_ns)),
        numbers("CPU", |line| cpu(line.only())),
        numbers("peak\nRSS", peak_rss),
    ];
    columns.extend(ratio_column(baseline));
    columns.push(words("verdict", verdict));
    columns
}

fn ratio_column(baseline: Option<&str>) -> Option<Column> {
    let text = |line: &Line| {
        if line.is_baseline() && line.trouble().is_none() {
            return ratio(1.0);
        }
        known(line.headline_pair().and_then(|pair| pair.ratio), ratio)
    };
    Some(Column { heading: format!("ratio\nto {}", baseline?), numeric: true, text })
}

fn known<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), text)
}

/// Only bursts measure capacity: under saturation the wakeups' cost is in the CPU time as well.
fn capacity<'a>(line: &Line<'a>) -> Option<&'a Estimate> {
    line.estimate(Question::Capacity, Quantity::CpuNsPerEvent)
}

fn only<'a>(line: &Line<'a>, quantity: Quantity) -> Option<&'a Estimate> {
    line.only()?.estimate(quantity)
}

/// `11.4 ns ±2.1 %`; without the interval where the repetitions do not support one.
fn with_interval(value: Option<&Estimate>, text: fn(f64) -> String) -> String {
    known(value, |estimate| match estimate.half_width {
        Some(half) => format!("{} ±{}", text(estimate.value), percent(half)),
        None => text(estimate.value),
    })
}

fn drops(row: Option<&Row>) -> String {
    known(row.and_then(|row| row.drop_ratio), percent)
}

fn events_per_wakeup(row: Option<&Row>) -> String {
    let wakeups = row.and_then(|row| row.wakeups_per_event).filter(|wakeups| *wakeups > 0.0);
    known(wakeups, |wakeups| count(1.0 / wakeups))
}

fn limited_by(row: Option<&Row>) -> String {
    known(row.and_then(|row| row.limit), |limit| limit.to_string())
}

fn delay(row: Option<&Row>, percentile: fn(&Latency) -> Option<u64>) -> String {
    let latency = row.and_then(|row| row.latency.as_ref());
    known(latency.and_then(percentile), |ns| duration_ns(ns as f64))
}

fn cpu(row: Option<&Row>) -> String {
    known(row.and_then(|row| row.estimate(Quantity::RunnerCpuPercent)), |e| whole_percent(e.value / 100.0))
}

/// The largest over all benchmarks of the line: that much memory must be there.
fn peak_rss(line: &Line) -> String {
    let peaks = line.shown().filter_map(|cell| cell.row.estimate(Quantity::PeakRssBytes)).map(|e| e.max);
    known(peaks.reduce(f64::max), bytes)
}

fn verdict(line: &Line) -> String {
    if let Some(trouble) = line.trouble() {
        return trouble.into();
    }
    if line.is_baseline() {
        return "baseline".into();
    }
    known(line.headline_pair(), |pair| verdict_word(pair.verdict, line.delta))
}

/// A verdict in two words.
pub(super) fn verdict_word(verdict: PairVerdict, delta: f64) -> String {
    match verdict {
        PairVerdict::FasterBy => format!("faster >{}", set_percent(delta)),
        PairVerdict::Faster => "faster".into(),
        PairVerdict::Equivalent => "equivalent".into(),
        PairVerdict::Slower => "slower".into(),
        PairVerdict::SlowerBy => format!("slower >{}", set_percent(delta)),
        PairVerdict::Undecided => "undecided".into(),
        PairVerdict::NotEnoughRepetitions { .. } => "too few runs".into(),
        PairVerdict::Invalid | PairVerdict::Unranked => UNKNOWN.into(),
    }
}
