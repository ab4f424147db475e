//! The table of one benchmark: few columns, those that its question is about, so that it fits into 80.

use super::cell::{Cell, Column, Figure, Interval, Spread, Table, Unit};
use super::cost::added;
use super::line::{Line, lines};
use crate::facts::{self, ColumnKind, Quantity};
use crate::parse::LimitedBy;
use crate::plan::Question;
use crate::stats::BenchmarkAnalysis;
use crate::store::Run;

/// A column, and what it takes from a line.
struct Take(Column, Box<dyn Fn(&Line) -> Cell>);

fn words(heading: &str, take: impl Fn(&Line) -> Cell + 'static) -> Take {
    Take(Column::words(heading), Box::new(take))
}

fn numbers(heading: &str, take: impl Fn(&Line) -> Cell + 'static) -> Take {
    Take(Column::numbers(heading), Box::new(take))
}

/// The table of one benchmark, without columns of unknowns.
#[must_use]
pub fn benchmark_table(run: &Run, benchmark: &BenchmarkAnalysis) -> Table {
    let takes = columns_of(benchmark.question, run.header.plan.baseline.as_deref());
    let row = |line: &Line| takes.iter().map(|Take(_, take)| take(line)).collect();
    let rows = lines(run, benchmark).iter().map(row).collect();
    let columns = takes.iter().map(|Take(column, _)| column.clone()).collect();
    Table { columns, rows }.without_unknown_columns()
}

fn columns_of(question: Question, baseline: Option<&str>) -> Vec<Take> {
    let mut columns = vec![words("imple-\nmentation", |line| Cell::Word(line.label.to_owned()))];
    for column in question.facts().columns {
        match *column {
            ColumnKind::Value(heading, quantity) => columns.push(numbers(heading, move |line| {
                let estimate = line.estimate(quantity);
                Cell::quantity(estimate.map(|estimate| estimate.value), quantity.facts().unit)
            })),
            ColumnKind::Interval(heading, quantity) => {
                columns.push(numbers(heading, move |line| Cell::estimate(line.estimate(quantity))));
            }
            ColumnKind::Ratio => columns.extend(ratio_column(baseline, ratio)),
            ColumnKind::RatioWithEnds => columns.extend(ratio_column(baseline, ratio_with_ends)),
            ColumnKind::Judgement => columns.extend([words("\ngroup", group), words("\nverdict", verdict)]),
            ColumnKind::Delivered => columns.push(numbers("\ndelivered", delivered)),
            ColumnKind::LossFree => columns.push(numbers("rate\nwithout loss", loss_free)),
            ColumnKind::Offered => columns.push(numbers("\noffered", |line| {
                let offered = line.row().and_then(|row| row.offered_per_sec);
                Cell::quantity(offered, facts::Unit::EventsPerSec)
            })),
            ColumnKind::Drops => columns.push(numbers("\ndrops", |line| {
                Cell::quantity(line.row().and_then(|row| row.drop_ratio), facts::Unit::Share)
            })),
            ColumnKind::EventsPerWakeup => columns.push(numbers("events/\nwakeup", events_per_wakeup)),
            ColumnKind::LimitedBy => columns.push(words("limited\nby", |line| {
                line.row().and_then(|row| row.limit).map_or(Cell::Unknown, Cell::Limit)
            })),
            ColumnKind::Added(heading) => columns.push(numbers(heading, |line| added(line.added()))),
            ColumnKind::PrivateMemory => columns.push(numbers("private\nmemory", private_memory)),
            ColumnKind::Status => columns.push(words("\nstatus", |line| Cell::word(line.trouble()))),
        }
    }
    columns
}

/// The ratio of the headline; nothing without a baseline.
fn ratio_column(baseline: Option<&str>, take: fn(&Line) -> Cell) -> Option<Take> {
    Some(numbers(&format!("ratio\nto {}", baseline?), take))
}

fn ratio(line: &Line) -> Cell {
    let own = (line.is_baseline() && line.trouble().is_none()).then_some(1.0);
    Cell::number(own.or_else(|| line.headline_pair()?.ratio), Unit::Times)
}

fn ratio_with_ends(line: &Line) -> Cell {
    let ends = line.headline_pair().and_then(|pair| pair.low.zip(pair.high));
    let interval = ends.map(|(low, high)| Interval { low, high, spread: Spread::Ends });
    match ratio(line) {
        Cell::Figure(figure) => Figure { interval, ..figure }.into(),
        unknown => unknown,
    }
}

fn group(line: &Line) -> Cell {
    Cell::word(line.row().and_then(|row| row.letters.clone()))
}

fn verdict(line: &Line) -> Cell {
    let word = |word: &str| Cell::Word(word.to_owned());
    if let Some(trouble) = line.trouble() {
        word(trouble)
    } else if line.is_baseline() {
        word("baseline")
    } else if line.is_second() {
        word("A/A")
    } else if line.lacks_its_baseline() {
        word("no baseline")
    } else {
        line.headline_pair().map_or(Cell::Unknown, |pair| Cell::verdict(pair.verdict, line.delta))
    }
}

/// What the load limited could be more.
fn delivered(line: &Line) -> Cell {
    let limit = line.row().and_then(|row| row.limit);
    let at_least = limit.is_some_and(|limit| limit.by == LimitedBy::Load);
    let estimate = line.estimate(Quantity::DeliveredPerSec);
    estimate.map_or(Cell::Unknown, |estimate| {
        let unit = Unit::Quantity(Quantity::DeliveredPerSec.facts().unit);
        Figure { at_least, ..Figure::plain(estimate.value, unit) }.into()
    })
}

/// The same of the highest rate without loss.
fn loss_free(line: &Line) -> Cell {
    let limit = line.row().and_then(|row| row.limit);
    let at_least = limit.is_some_and(|limit| limit.by == LimitedBy::Load);
    match Cell::estimate(line.estimate(Quantity::LossFreePerSec)) {
        Cell::Figure(figure) => Figure { at_least, ..figure }.into(),
        unknown => unknown,
    }
}

fn events_per_wakeup(line: &Line) -> Cell {
    let wakeups = line.row().and_then(|row| row.wakeups_per_event).filter(|wakeups| *wakeups > 0.0);
    Cell::number(wakeups.map(|wakeups| 1.0 / wakeups), Unit::Count)
}

fn private_memory(line: &Line) -> Cell {
    let estimate = line.estimate(Quantity::PrivateBytes);
    Cell::quantity(estimate.map(|estimate| estimate.max), facts::Unit::Bytes)
}
