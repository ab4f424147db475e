//! The columns of the tables, each a heading and a function of a line.

use super::number::{UNKNOWN, bytes, count, in_unit, percent, rate, ratio, set_percent};
use super::view::Line;
use crate::facts::Cell;
use crate::parse::LimitedBy;
use crate::plan::Question;
use crate::stats::{Estimate, PairVerdict, Quantity};

/// One column. A column of unknowns only is left out.
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) numeric: bool,
    pub(super) text: Box<dyn Fn(&Line) -> String>,
}

fn words(heading: &str, text: impl Fn(&Line) -> String + 'static) -> Column {
    Column { heading: heading.to_owned(), numeric: false, text: Box::new(text) }
}

fn numbers(heading: &str, text: impl Fn(&Line) -> String + 'static) -> Column {
    Column { heading: heading.to_owned(), numeric: true, text: Box::new(text) }
}

/// The table of one benchmark: few columns, those that its question is about, so that it fits into 80.
pub(super) fn of(question: Question, baseline: Option<&str>) -> Vec<Column> {
    let mut columns = vec![words("imple-\nmentation", |line| line.label.to_owned())];
    for cell in question.facts().cells {
        match *cell {
            Cell::Value(heading, quantity) => columns.push(numbers(heading, move |line| {
                known(line.estimate(quantity), |estimate| in_unit(quantity.facts().unit, estimate.value))
            })),
            Cell::Interval(heading, quantity) => columns.push(numbers(heading, move |line| {
                with_interval(line.estimate(quantity), |value| in_unit(quantity.facts().unit, value))
            })),
            Cell::Ratio => columns.extend(ratio_column(baseline, ratio_alone)),
            Cell::RatioWithEnds => columns.extend(ratio_column(baseline, ratio_with_ends)),
            Cell::Judgement => columns.extend(judgement()),
            Cell::Delivered => columns.push(numbers("\ndelivered", delivered)),
            Cell::Offered => columns.push(numbers("\noffered", |line| {
                known(line.row().and_then(|row| row.offered_per_sec), rate)
            })),
            Cell::Drops => columns
                .push(numbers("\ndrops", |line| known(line.row().and_then(|row| row.drop_ratio), percent))),
            Cell::EventsPerWakeup => columns.push(numbers("events/\nwakeup", events_per_wakeup)),
            Cell::LimitedBy => columns.push(words("limited\nby", |line| {
                known(line.row().and_then(|row| row.limit), |limit| limit.to_string())
            })),
            Cell::PrivateMemory => columns.push(numbers("private\nmemory", private_memory)),
            Cell::Status => columns.push(words("\nstatus", |line| {
                line.trouble().map_or_else(|| UNKNOWN.to_owned(), str::to_owned)
            })),
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

/// The ratio of the headline.
fn ratio_column(baseline: Option<&str>, text: fn(&Line) -> String) -> Option<Column> {
    Some(numbers(&format!("ratio\nto {}", baseline?), text))
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
fn with_interval(value: Option<&Estimate>, text: impl Fn(f64) -> String) -> String {
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
