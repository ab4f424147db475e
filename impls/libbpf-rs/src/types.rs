//! The program types that this runner has, one file each.

use runner_kit::ProgramType;

use crate::row::Row;

mod fentry;
mod kprobe;
mod raw_tracepoint;
mod tracepoint;

/// All of them.
pub(crate) static ROWS: &[Row] = &[tracepoint::ROW, raw_tracepoint::ROW, kprobe::ROW, fentry::ROW];

/// The row of one of them.
pub(crate) fn row(program_type: &ProgramType) -> &'static Row {
    let found = ROWS.iter().find(|row| row.program_type.name == program_type.name);
    found.expect("the flags were checked against these rows")
}
