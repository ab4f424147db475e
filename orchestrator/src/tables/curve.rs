//! The tables of a curve: a line for each value of the setting, a column for each row of the benchmarks.

use super::cell::{Cell, Column, Figure, Table, Unit};
use crate::facts::{self, Axis, AxisUnit, Quantity};
use crate::stats::{BenchmarkAnalysis, Coefficient, Curve, Law, Row, RowStatus};
use crate::store::Run;

/// A table of a curve, and what it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveTable {
    /// What it shows, in words.
    pub title: String,
    /// The table.
    pub table: Table,
    /// The widest interval of its figures; none where there is no interval.
    pub widest: Option<Widest>,
}

/// An interval and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Widest {
    /// Half of its width, as a share.
    pub half_width: f64,
    /// Name of the row.
    pub label: String,
    /// Value of the setting.
    pub x: Cell,
}

/// One table for each quantity that the question shows of a curve, and one of what was fitted.
#[must_use]
pub fn curve_tables(run: &Run, curve: &Curve) -> Vec<CurveTable> {
    let facts = curve.question.facts();
    let mut tables: Vec<CurveTable> = facts
        .curve
        .iter()
        .map(|(title, quantity)| quantity_table(run, curve, title, *quantity))
        .filter(|shown| shown.table.columns.len() > 1)
        .collect();
    if !curve.fits.is_empty() {
        tables.push(fit_table(curve, facts.headline));
    }
    tables
}

fn quantity_table(run: &Run, curve: &Curve, title: &str, quantity: Quantity) -> CurveTable {
    let labels = labels(run, curve);
    let mut columns = vec![Column::numbers(heading(curve.axis))];
    columns.extend(labels.iter().map(|label| Column::numbers(label.clone())));
    let mut widest: Option<Widest> = None;
    let mut rows = Vec::new();
    for point in &curve.points {
        let benchmark = &run.analysis.benchmarks[point.benchmark];
        let mut row = vec![x_cell(run, curve.axis, point.x, point.benchmark)];
        for label in &labels {
            let estimate = valid_row(benchmark, label).and_then(|row| row.estimate(quantity));
            if let Some(half_width) = estimate.and_then(|estimate| estimate.half_width)
                && half_width > widest.as_ref().map_or(0.0, |widest| widest.half_width)
            {
                widest = Some(Widest { half_width, label: label.clone(), x: row[0].clone() });
            }
            row.push(Cell::quantity(estimate.map(|estimate| estimate.value), quantity.facts().unit));
        }
        rows.push(row);
    }
    let table = Table { columns, rows }.without_unknown_columns();
    CurveTable { title: title.to_owned(), table, widest }
}

fn valid_row<'a>(benchmark: &'a BenchmarkAnalysis, label: &str) -> Option<&'a Row> {
    let mut rows = benchmark.rows.iter();
    rows.find(|row| row.label == label && !matches!(row.status, RowStatus::Invalid { .. }))
}

fn labels(run: &Run, curve: &Curve) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for row in curve.points.iter().flat_map(|point| &run.analysis.benchmarks[point.benchmark].rows) {
        if !labels.contains(&row.label) {
            labels.push(row.label.clone());
        }
    }
    labels
}

/// Rates are offered as events: triggers say nothing to a consumer.
fn heading(axis: Axis) -> String {
    match axis {
        Axis::Rate => "offered\nevents".to_owned(),
        _ => axis.facts().heading.to_owned(),
    }
}

fn x_cell(run: &Run, axis: Axis, x: f64, benchmark: usize) -> Cell {
    let (value, unit) = match axis.facts().unit {
        AxisUnit::Whole => (x, Unit::Whole),
        AxisUnit::Bytes => (x, Unit::Quantity(facts::Unit::Bytes)),
        AxisUnit::PerSec => {
            let batch = run.header.plan.benchmarks[benchmark].runner.batch;
            (x * f64::from(batch), Unit::Quantity(facts::Unit::EventsPerSec))
        }
        AxisUnit::Seconds => (x * 1e9, Unit::Quantity(facts::Unit::Ns)),
    };
    Figure::plain(value, unit).into()
}

/// What was fitted, a line for each row.
fn fit_table(curve: &Curve, quantity: Quantity) -> CurveTable {
    let unit = Unit::Quantity(quantity.facts().unit);
    let (step, step_name) = curve.axis.facts().step;
    let at_zero = curve.axis.facts().at_zero;
    let is_line = curve.fits.iter().any(|fit| matches!(fit.law, Law::Line { .. }));
    let (headings, title): (&[&'static str], String) = if is_line {
        (
            &[at_zero, "interval", "each adds", "interval"],
            format!("a straight line: {at_zero}, and what each {step_name} adds"),
        )
    } else {
        (
            &["one thread", "interval", "contention", "interval", "coherence", "interval"],
            "the Universal Scalability Law".to_owned(),
        )
    };
    let mut columns = vec![Column::words("imple-\nmentation")];
    columns.extend(headings.iter().map(|heading| Column::numbers(format!("\n{heading}"))));
    columns.push(Column::numbers("furthest\nfrom it"));
    let rows = curve.fits.iter().map(|fit| {
        let mut cells = vec![Cell::Word(fit.label.clone())];
        match &fit.law {
            Law::Line { at_zero, slope } => {
                cells.extend(coefficient(at_zero, 1.0, unit));
                cells.extend(coefficient(slope, step, unit));
            }
            Law::Usl { single, contention, coherence } => {
                cells.extend(coefficient(single, 1.0, unit));
                for share in [contention, coherence] {
                    cells.extend(coefficient(share, 1.0, Unit::Quantity(facts::Unit::Share)));
                }
            }
        }
        cells.push(Cell::quantity(Some(fit.worst), facts::Unit::Share));
        cells
    });
    CurveTable {
        title,
        table: Table { columns, rows: rows.collect() }.without_unknown_columns(),
        widest: None,
    }
}

fn coefficient(coefficient: &Coefficient, step: f64, unit: Unit) -> [Cell; 2] {
    let range = coefficient.low.zip(coefficient.high).map_or(Cell::Unknown, |(low, high)| Cell::Range {
        low: low * step,
        high: high * step,
        unit,
    });
    [Figure::plain(coefficient.value * step, unit).into(), range]
}
