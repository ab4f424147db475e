//! The program types that this runner has, one file each.

use crate::row::Row;
use runner_kit::ProgramType;

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

#[cfg(test)]
mod tests {
    #[test]
    fn names_fit_into_the_kernels_fifteen_characters() {
        assert!(super::ROWS.iter().all(|row| row.name.len() <= 15));
    }
}
