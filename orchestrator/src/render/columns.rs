//! The columns of the tables, each a heading and a function of a line.

use super::number::{UNKNOWN, bytes, count, duration_ns, percent, rate, ratio, set_percent, whole_percent};
use super::view::Line;
use crate::parse::LimitedBy;
use crate::plan::Question;
use crate::stats::{Estimate, PairVerdict, Quantity};

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

/// The table of one benchmark: few columns, those that its question is about, so that it fits into 80.
pub(super) fn of(question: Question, baseline: Option<&str>) -> Vec<Column> {
    let mut columns = vec![words("imple-\nmentation", |line| line.label.to_owned())];
    match question {
        Question::Capacity => {
            columns.push(numbers("\nCPU/event", |line| {
                with_interval(line.estimate(Quantity::CpuNsPerEvent), duration_ns)
            }));
            columns.extend(ratio_column(baseline, true));
            columns.extend(judgement());
            columns.push(numbers("private\nmemory", private_memory));
        }
        Question::Saturation => columns.extend([
            numbers("\ndelivered", delivered),
            numbers("\noffered", |line| known(line.row().and_then(|row| row.offered_per_sec), rate)),
            numbers("\ndrops", |line| known(line.row().and_then(|row| row.drop_ratio), percent)),
            numbers("events/\nwakeup", events_per_wakeup),
            words("limited\nby", |line| {
                known(line.row().and_then(|row| row.limit), |limit| limit.to_string())
            }),
            numbers("runner\nCPU", |line| {
                known(line.estimate(Quantity::RunnerCpuPercent), |e| whole_percent(e.value / 100.0))
            }),
            words("\nstatus", |line| line.trouble().map_or_else(|| UNKNOWN.to_owned(), str::to_owned)),
        ]),
        Question::Latency => {
            columns.extend([
                numbers("latency\nP50", |line| {
                    with_interval(line.estimate(Quantity::LatencyP50), duration_ns)
                }),
                numbers("\nP95", |line| known(line.estimate(Quantity::LatencyP95), |e| duration_ns(e.value))),
                numbers("\nP99", |line| with_interval(line.estimate(Quantity::LatencyP99), duration_ns)),
            ]);
            columns.extend(ratio_column(baseline, false));
            columns.extend(judgement());
        }
        Question::Cost => {
            columns.push(numbers("CPU of the load\na trigger", |line| {
                with_interval(line.estimate(Quantity::LoadNsPerTrigger), duration_ns)
            }));
            columns.extend(ratio_column(baseline, true));
            columns.extend(judgement());
        }
        Question::RunTime => {
            columns.push(numbers("program\na run", |line| {
                with_interval(line.estimate(Quantity::BpfRunNs), duration_ns)
            }));
            columns.extend(ratio_column(baseline, true));
            columns.extend(judgement());
        }
    }
    columns
}

fn judgement() -> [Column; 2] {
    [
        words("\ngroup", |line| known(line.row().and_then(|row| row.letters.clone()), |letters| letters)),
        words("\nverdict", verdict),
    ]
}

/// The ratio of the headline, with its interval where there is room.
fn ratio_column(baseline: Option<&str>, with_ends: bool) -> Option<Column> {
    let heading = format!("ratio\nto {}", baseline?);
    Some(numbers(&heading, if with_ends { ratio_with_ends } else { ratio_alone }))
}

fn ratio_alone(line: &Line) -> String {
    if line.is_baseline() && line.trouble().is_none() {
        return ratio(1.0);
    }
    known(line.headline_pair().and_then(|pair| pair.ratio), ratio)
}

fn ratio_with_ends(line: &Line) -> String {
    let ends = line.headline_pair().and_then(|pair| pair.low.zip(pair.high));
    let ends = ends.map(|(low, high)| format!(" {} to {}", plain(low), plain(high)));
    ratio_alone(line) + &ends.unwrap_or_default()
}

/// A ratio without its `x`.
fn plain(value: f64) -> String {
    ratio(value).trim_end_matches('x').to_owned()
}

fn known<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), text)
}

/// `11.4 ns ±2.1 %`; without the interval where the repetitions do not support one.
fn with_interval(value: Option<&Estimate>, text: fn(f64) -> String) -> String {
    known(value, |estimate| match estimate.half_width {
        Some(half) => format!("{} ±{}", text(estimate.value), percent(half)),
        None => text(estimate.value),
    })
}

/// What the load limited could be more.
fn delivered(line: &Line) -> String {
    let row = line.row();
    let at_least = row.and_then(|row| row.limit).is_some_and(|limit| limit.by == LimitedBy::Load);
    known(line.estimate(Quantity::DeliveredPerSec), |estimate| {
        format!("{}{}", if at_least { "≥" } else { "" }, rate(estimate.value))
    })
}

fn events_per_wakeup(line: &Line) -> String {
    let wakeups = line.row().and_then(|row| row.wakeups_per_event).filter(|wakeups| *wakeups > 0.0);
    known(wakeups, |wakeups| count(1.0 / wakeups))
}

fn private_memory(line: &Line) -> String {
    known(line.estimate(Quantity::PrivateBytes), |estimate| bytes(estimate.max))
}

fn verdict(line: &Line) -> String {
    if let Some(trouble) = line.trouble() {
        return trouble.into();
    }
    if line.is_baseline() {
        return "baseline".into();
    }
    if line.is_second() {
        return "A/A".into();
    }
    if line.lacks_its_baseline() {
        return "no baseline".into();
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
