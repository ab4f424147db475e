//! The table of `diff`: what changed from one run to another.

use super::cell::{Cell, Column, Table, Unit};
use crate::stats::{Basis, DiffCell, Figure};

/// A line for each row and quantity that both runs have.
#[must_use]
pub fn diff_table(cells: &[DiffCell], delta: f64) -> Table {
    let words = ["benchmark", "implementation", "quantity"].map(Column::words);
    let numbers = ["old", "new", "old ratio", "new ratio", "change", "interval"].map(Column::numbers);
    let columns = words.into_iter().chain(numbers).chain([Column::words("verdict")]).collect();
    Table { columns, rows: cells.iter().map(|cell| line(cell, delta)).collect() }
}

fn line(cell: &DiffCell, delta: f64) -> Vec<Cell> {
    let value = |figure: Option<Figure>| Cell::quantity(figure.map(|f| f.value), cell.quantity.facts().unit);
    let times = |figure: Option<Figure>| Cell::number(figure.and_then(|f| f.ratio), Unit::Times);
    vec![
        Cell::Word(cell.benchmark.clone()),
        Cell::Word(cell.label.clone()),
        Cell::Word(cell.quantity.name().to_owned()),
        value(cell.old),
        value(cell.new),
        times(cell.old),
        times(cell.new),
        Cell::number(cell.change, Unit::Change),
        cell.low.zip(cell.high).map_or(Cell::Unknown, |(low, high)| Cell::Range {
            low,
            high,
            unit: Unit::Change,
        }),
        match (&cell.basis, cell.verdict) {
            (Basis::Reference, _) => Cell::Word("reference".into()),
            (_, Some(verdict)) => Cell::verdict(verdict, delta),
            _ => Cell::Word("not compared".into()),
        },
    ]
}
