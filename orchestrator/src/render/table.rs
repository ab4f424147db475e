//! Tables as text.

use comfy_table::{CellAlignment, ContentArrangement, presets};

use super::cell::text;
use crate::tables::{Column, Table};

/// A table without frame; two spaces between columns, no colour, no trailing spaces; numbers are aligned to the right.
pub(super) fn text_table(table: &Table) -> String {
    let mut laid_out = comfy_table::Table::new();
    // Not fitted to the terminal: a wrapped number is worse than a wide line, and a pipe has no width.
    laid_out.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let tall = table.columns.iter().any(|column| column.heading.contains('\n'));
    laid_out.set_header(table.columns.iter().map(|column| bottom_aligned(column, tall)));
    for row in &table.rows {
        laid_out.add_row(row.iter().map(text));
    }
    for (position, column) in table.columns.iter().enumerate() {
        if let Some(layout) = laid_out.column_mut(position) {
            layout.set_padding((0, 2));
            if column.numeric {
                layout.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    laid_out.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Headings of one line stand on the lower line when others have two.
fn bottom_aligned(column: &Column, tall: bool) -> String {
    if tall && !column.heading.contains('\n') {
        format!("\n{}", column.heading)
    } else {
        column.heading.clone()
    }
}
