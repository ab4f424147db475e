//! Lays out lines and columns.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::columns::Column;
use super::number::UNKNOWN;
use super::view::Line;

/// A table without frame and without columns of unknowns; two spaces between columns, no colour, no trailing spaces.
pub(super) fn table(lines: &[Line], columns: &[Column]) -> String {
    let texts: Vec<Vec<String>> =
        columns.iter().map(|column| lines.iter().map(|line| (column.text)(line)).collect()).collect();
    let shown: Vec<(&Column, &Vec<String>)> =
        columns.iter().zip(&texts).filter(|(_, texts)| texts.iter().any(|text| text != UNKNOWN)).collect();

    let heading: Vec<String> = shown.iter().map(|(column, _)| bottom_aligned(column, &shown)).collect();
    let rows: Vec<Vec<String>> =
        (0..lines.len()).map(|index| shown.iter().map(|(_, texts)| texts[index].clone()).collect()).collect();
    plain_table(&heading, |position| shown[position].0.numeric, &rows)
}

/// Columns of text; numbers are aligned to the right.
pub(super) fn plain_table(
    heading: &[impl AsRef<str>],
    numeric: impl Fn(usize) -> bool,
    rows: &[Vec<String>],
) -> String {
    let mut table = Table::new();
    // Not fitted to the terminal: a wrapped number is worse than a wide line, and a pipe has no width.
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(heading.iter().map(AsRef::as_ref));
    for row in rows {
        table.add_row(row);
    }
    for position in 0..heading.len() {
        if let Some(layout) = table.column_mut(position) {
            layout.set_padding((0, 2));
            if numeric(position) {
                layout.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Headings of one line stand on the lower line when others have two.
fn bottom_aligned(column: &Column, shown: &[(&Column, &Vec<String>)]) -> String {
    let tall = shown.iter().any(|(column, _)| column.heading.contains('\n'));
    if tall && !column.heading.contains('\n') {
        format!("\n{}", column.heading)
    } else {
        column.heading.clone()
    }
}
