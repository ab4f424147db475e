//! The table of what each implementation's program costs the traced one.

use super::cell::{Cell, Column, Figure, Interval, Spread, Table, Unit};
use crate::facts;
use crate::stats::{AddedCost, CostRow};

const NS: facts::Unit = facts::Unit::Ns;

const HEADING: [&str; 10] = [
    "imple-\nmentation",
    "cost a trigger\nadaptive",
    "\nno wakeups",
    "wakeups\nadd",
    "program\na run",
    "\nverified",
    "JITed\ncode",
    "\nload",
    "\nattach",
    "map\nmemory",
];

/// A line for each implementation.
#[must_use]
pub fn cost_table(rows: &[CostRow]) -> Table {
    let column = |(index, heading): (usize, &&str)| match index {
        0 => Column::words(*heading),
        _ => Column::numbers(*heading),
    };
    Table {
        columns: HEADING.iter().enumerate().map(column).collect(),
        rows: rows.iter().map(|row| cells(row).to_vec()).collect(),
    }
}

fn cells(row: &CostRow) -> [Cell; HEADING.len()] {
    [
        Cell::Word(row.label.clone()),
        added(row.woken.as_ref()),
        added(row.unwoken.as_ref()),
        Cell::quantity(row.wakeups_add_ns, NS),
        Cell::quantity(row.run_ns, NS),
        Cell::number(row.verified_instructions, Unit::Whole),
        Cell::quantity(row.jited_bytes, facts::Unit::Bytes),
        Cell::quantity(row.load_ns, NS),
        Cell::quantity(row.attach_ns, NS),
        Cell::quantity(row.map_memory_bytes, facts::Unit::Bytes),
    ]
}

/// What a trigger costs beyond the load with nothing attached.
pub(super) fn added(cost: Option<&AddedCost>) -> Cell {
    cost.map_or(Cell::Unknown, |cost| {
        let interval = cost.low.zip(cost.high).map(|(low, high)| Interval {
            low,
            high,
            spread: Spread::Amount(high - cost.ns_per_trigger),
        });
        let unit = Unit::Quantity(NS);
        Figure { interval, ..Figure::plain(cost.ns_per_trigger, unit) }.into()
    })
}
