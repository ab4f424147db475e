//! Tables of typed cells as a page has them: a text to read and a value to sort by.

use super::embed::csv_link;
use super::heading::one_line;
use super::size::Level;
use crate::render::cell::text;
use crate::tables::{Cell, Table};
use crate::visible::visible_line;

/// From so many lines on a table can be filtered, and scrolls by itself.
const LONG: usize = 15;
/// A text of more letters gets more room.
const WIDE: usize = 28;

/// A table.
pub(super) struct HtmlTable {
    pub(super) id: String,
    pub(super) caption: String,
    pub(super) columns: Vec<HtmlColumn>,
    pub(super) rows: Vec<HtmlRow>,
    pub(super) is_long: bool,
    pub(super) below: Option<String>,
    /// Its cells as CSV.
    pub(super) link: Option<String>,
}

/// A column.
pub(super) struct HtmlColumn {
    pub(super) heading: String,
    pub(super) is_numeric: bool,
}

/// A line.
pub(super) struct HtmlRow {
    pub(super) cells: Vec<HtmlCell>,
    /// Whether something was wrong with it.
    pub(super) is_odd: bool,
}

/// A cell.
pub(super) struct HtmlCell {
    pub(super) text: String,
    /// What it is sorted by, if not by its text; empty: it is not known.
    pub(super) sort: Option<String>,
    pub(super) is_numeric: bool,
    pub(super) is_wide: bool,
}

/// A table under a caption; its first lines, where it has too many.
pub(super) fn html_table(id: &str, caption: &str, table: &Table, level: Level) -> HtmlTable {
    let rows = table.rows.iter().take(level.lines).map(|cells| {
        let cells = cells.iter().zip(&table.columns);
        HtmlRow {
            cells: cells.map(|(cell, column)| html_cell(cell, column.numeric)).collect(),
            is_odd: false,
        }
    });
    let columns = table.columns.iter().map(|column| HtmlColumn {
        heading: visible_line(&one_line(&column.heading)).into_owned(),
        is_numeric: column.numeric,
    });
    let below = (table.rows.len() > level.lines).then(|| {
        format!(
            "the first {} of {} lines; all are in the files beside this page",
            level.lines,
            table.rows.len()
        )
    });
    HtmlTable {
        id: id.to_owned(),
        caption: visible_line(caption).into_owned(),
        columns: columns.collect(),
        rows: rows.collect(),
        is_long: table.rows.len() >= LONG,
        below,
        link: level.links.then(|| csv_link(table)),
    }
}

fn html_cell(cell: &Cell, is_numeric: bool) -> HtmlCell {
    let text = visible_line(&text(cell)).into_owned();
    let sort = match cell {
        Cell::Figure(figure) => Some(figure.value.to_string()),
        Cell::Range { low, .. } => Some(low.to_string()),
        Cell::Unknown => Some(String::new()),
        // Among numbers a word stands last, as what is not known does.
        _ if is_numeric => Some(String::new()),
        _ => None,
    };
    HtmlCell { is_wide: text.chars().count() > WIDE, text, sort, is_numeric }
}
