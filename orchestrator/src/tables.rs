//! The tables of a run as typed cells: which columns there are and what stands in them. How a cell is written, for a terminal, for
//! Markdown or another form, is the renderers' business.
//!
//! The columns of a question are listed in `facts`, in its row; what each of them takes from a line is in `benchmark`.

mod benchmark;
mod cell;
mod cost;
mod curve;
mod diff;
mod line;

pub use benchmark::benchmark_table;
pub use cell::{Cell, Column, Figure, Interval, Spread, Table, Unit};
pub use cost::cost_table;
pub use curve::{CurveTable, Widest, curve_tables};
pub use diff::diff_table;
pub use line::with_own_table;
