//! Curves: what the tables of a curve have, with intervals, fits and knees.

use super::chart::{Chart, Drawn, Place, name_of};
use super::lines::{Kind, Lines, Part, Point, Series, lines};
use super::sources::{Sources, written};
use crate::facts::{self, Axis, AxisUnit, Quantity};
use crate::render::number::{bytes, count, duration_ns, percent, rate};
use crate::render::svg::tick_text;
use crate::render::words;
use crate::stats::{Curve, Row, RowStatus};
use crate::tables::{Cell, Column, Figure, Interval, Spread, Table, Unit};

/// One for each curve.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let curves = sources.run.analysis.curves.iter();
    curves
        .filter(|curve| curve.points.len() > 1 && !curve.question.facts().curve.is_empty())
        .filter_map(|curve| of_curve(sources, curve))
        .collect()
}

fn of_curve(sources: &Sources, curve: &Curve) -> Option<Drawn> {
    let first = curve.points.iter().map(|point| point.benchmark).min()?;
    sources.shown.iter().find(|shown| shown.index == first)?;
    let place = Place::Benchmark(first);
    let title = format!("{}: by {}", curve.series, axis_title(curve.axis));
    let parts: Vec<Part> = curve
        .question
        .facts()
        .curve
        .iter()
        .map(|(title, quantity)| part(sources, curve, title, *quantity))
        .filter(|part| !part.series.is_empty())
        .collect();
    let ticks: Vec<(f64, String)> = curve
        .points
        .iter()
        .map(|point| {
            (x_of(sources, curve, point.x, point.benchmark), x_text(sources, curve, point.x, point.benchmark))
        })
        .collect();
    let plot = Lines {
        x_kind: Kind::Log,
        x_title: format!("{} (logarithmic)", axis_title(curve.axis)),
        x_ticks: ticks,
        x_text: |x| x.to_string(),
        parts,
    };
    let Some(canvas) = lines(&plot) else {
        return Some(Drawn::absent(place, title, "no row has a valid value"));
    };
    let mut notes = vec!["vertical lines are intervals, where there are five blocks".to_owned()];
    if !curve.fits.is_empty() {
        notes.push("dashed: what was fitted; its coefficients stand in the table".into());
    }
    if plot.parts.iter().any(|part| part.series.iter().any(|series| series.knee.is_some())) {
        notes.push(
            "a dashed vertical line and a circle: the knee, the highest rate of which nothing is lost".into(),
        );
    }
    let said = words::of_curve(sources.run, curve);
    let alternative = if said.is_empty() { in_words(&plot) } else { said.join(". ") + "." };
    let chart = Chart {
        name: name_of(&curve.series),
        place,
        title,
        alternative,
        canvas,
        data: data(sources, curve),
        notes,
    };
    Some(chart.into())
}

fn axis_title(axis: Axis) -> String {
    match axis {
        Axis::Rate => "offered events a second".into(),
        _ => axis.facts().heading.replace('\n', " "),
    }
}

/// Rates are offered as events, and times are nanoseconds, as in the tables.
fn x_of(sources: &Sources, curve: &Curve, x: f64, benchmark: usize) -> f64 {
    match curve.axis.facts().unit {
        AxisUnit::PerSec => x * f64::from(sources.run.header.plan.benchmarks[benchmark].runner.batch),
        AxisUnit::Seconds => x * 1e9,
        _ => x,
    }
}

fn x_unit(axis: Axis) -> Unit {
    match axis.facts().unit {
        AxisUnit::Whole => Unit::Whole,
        AxisUnit::Bytes => Unit::Quantity(facts::Unit::Bytes),
        AxisUnit::PerSec => Unit::Quantity(facts::Unit::EventsPerSec),
        AxisUnit::Seconds => Unit::Quantity(facts::Unit::Ns),
    }
}

fn x_text(sources: &Sources, curve: &Curve, x: f64, benchmark: usize) -> String {
    tick_text(&written(x_of(sources, curve, x, benchmark), x_unit(curve.axis)))
}

fn part(sources: &Sources, curve: &Curve, title: &str, quantity: Quantity) -> Part {
    let unit = quantity.facts().unit;
    let kind =
        if matches!(unit, facts::Unit::Share | facts::Unit::Percent) { Kind::Whole } else { Kind::Log };
    let mut labels: Vec<&str> = Vec::new();
    for row in curve.points.iter().flat_map(|point| &sources.run.analysis.benchmarks[point.benchmark].rows) {
        if !labels.contains(&row.label.as_str()) {
            labels.push(&row.label);
        }
    }
    let series = labels.into_iter().filter_map(|label| series(sources, curve, label, quantity)).collect();
    let logarithmic = if kind == Kind::Log { " (logarithmic)" } else { "" };
    Part {
        title: format!("{title}{logarithmic}"),
        kind,
        is_binary: unit == facts::Unit::Bytes,
        text: tick_of(unit),
        height: if quantity == curve.question.facts().headline { 210.0 } else { 150.0 },
        series,
    }
}

fn tick_of(unit: facts::Unit) -> fn(f64) -> String {
    match unit {
        facts::Unit::EventsPerSec => |value| tick_text(&rate(value)),
        facts::Unit::Share => |value| tick_text(&percent(value)),
        facts::Unit::Percent => |value| tick_text(&percent(value / 100.0)),
        facts::Unit::Bytes => |value| tick_text(&bytes(value)),
        facts::Unit::Count | facts::Unit::Joules => |value| tick_text(&count(value)),
        _ => |value| tick_text(&duration_ns(value)),
    }
}

fn valid_row<'a>(sources: &'a Sources, benchmark: usize, label: &str) -> Option<&'a Row> {
    let mut rows = sources.run.analysis.benchmarks[benchmark].rows.iter();
    rows.find(|row| row.label == label && !matches!(row.status, RowStatus::Invalid { .. }))
}

fn series(sources: &Sources, curve: &Curve, label: &str, quantity: Quantity) -> Option<Series> {
    let unit = Unit::Quantity(quantity.facts().unit);
    let is_log = !matches!(quantity.facts().unit, facts::Unit::Share | facts::Unit::Percent);
    let points: Vec<Point> = curve
        .points
        .iter()
        .filter_map(|point| {
            let estimate = valid_row(sources, point.benchmark, label)?.estimate(quantity)?;
            (estimate.value > 0.0 || !is_log).then(|| Point {
                x: x_of(sources, curve, point.x, point.benchmark),
                y: estimate.value,
                interval: estimate.low.zip(estimate.high),
                said: format!(
                    "{} at {}",
                    written(estimate.value, unit),
                    x_text(sources, curve, point.x, point.benchmark)
                ),
                is_odd: false,
            })
        })
        .collect();
    let is_headline = quantity == curve.question.facts().headline;
    let mut fit = if is_headline { fitted_line(curve, label) } else { Vec::new() };
    if let Some(first) = curve.points.first() {
        // Fits are by the setting itself.
        let step = x_of(sources, curve, 1.0, first.benchmark);
        for (x, _) in &mut fit {
            *x *= step;
        }
    }
    let knee = (curve.axis == Axis::Rate && quantity == Quantity::DeliveredShare)
        .then(|| words::knee(sources.run, curve, label))
        .flatten()
        .map(|(x, y)| (x, y, format!("loses nothing up to {}", rate(x))));
    (!points.is_empty()).then(|| Series {
        label: label.to_owned(),
        look: sources.look(label),
        points,
        band: Vec::new(),
        fit,
        marks: true,
        knee,
    })
}

/// The law at many places between the least and the greatest value of the setting.
fn fitted_line(curve: &Curve, label: &str) -> Vec<(f64, f64)> {
    let Some(fit) = curve.fits.iter().find(|fit| fit.label == label) else { return Vec::new() };
    let xs: Vec<f64> = curve.points.iter().map(|point| point.x).collect();
    let positive = || xs.iter().copied().filter(|x| *x > 0.0);
    let (low, high) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
    if !(low.is_finite() && high > low) {
        return Vec::new();
    }
    let over = curve.axis.facts().abscissa;
    let y = |x: f64| fit.law.at(over.of(x));
    let between = (0..=40).map(|step| low * (high / low).powf(f64::from(step) / 40.0));
    let zero = xs.contains(&0.0).then_some(0.0);
    zero.into_iter().chain(between).map(|x| (x, y(x))).filter(|(_, y)| *y > 0.0).collect()
}

fn in_words(plot: &Lines) -> String {
    let of = |part: &Part| {
        let ends = part.series.iter().filter_map(|series| {
            let (first, last) = (series.points.first()?, series.points.last()?);
            Some(format!("{} from {} to {}", series.label, first.said, last.said))
        });
        format!("{}: {}", part.title, ends.collect::<Vec<_>>().join("; "))
    };
    plot.parts.iter().map(of).collect::<Vec<_>>().join(". ") + "."
}

/// All points of all quantities, one a line.
fn data(sources: &Sources, curve: &Curve) -> Table {
    let mut columns = vec![Column::words("row"), Column::numbers(axis_title(curve.axis))];
    columns.extend(curve.question.facts().curve.iter().map(|(title, _)| Column::numbers(*title)));
    let mut rows = Vec::new();
    for point in &curve.points {
        let x = Cell::number(Some(x_of(sources, curve, point.x, point.benchmark)), x_unit(curve.axis));
        for row in &sources.run.analysis.benchmarks[point.benchmark].rows {
            let mut cells = vec![Cell::Word(row.label.clone()), x.clone()];
            cells.extend(curve.question.facts().curve.iter().map(|(_, quantity)| {
                let estimate =
                    valid_row(sources, point.benchmark, &row.label).and_then(|row| row.estimate(*quantity));
                estimate.map_or(Cell::Unknown, |estimate| {
                    let interval = estimate.low.zip(estimate.high).map(|(low, high)| Interval {
                        low,
                        high,
                        spread: Spread::Ends,
                    });
                    Figure {
                        interval,
                        ..Figure::plain(estimate.value, Unit::Quantity(quantity.facts().unit))
                    }
                    .into()
                })
            }));
            rows.push(cells);
        }
    }
    Table { columns, rows }.without_unknown_columns()
}
