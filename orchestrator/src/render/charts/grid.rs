//! A grid of cells: who against whom, or what where. A cell has a sign and a word, besides its colour.

use super::chart::WIDTH;
use crate::render::svg::{Anchor, Canvas, fitted, width};

const SIZE: f64 = 12.0;
const HEADING: f64 = 30.0;
const LINE: f64 = 30.0;

/// What is drawn.
pub(crate) struct Grid {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<(String, Vec<GridCell>)>,
}

/// One cell.
pub(crate) struct GridCell {
    pub(crate) text: String,
    /// Class of its paper.
    pub(crate) class: &'static str,
    /// What it says when it is pointed at.
    pub(crate) said: String,
}

/// Draws it; none without cells.
pub(crate) fn grid(grid: &Grid) -> Option<Canvas> {
    if grid.columns.is_empty() || grid.rows.is_empty() {
        return None;
    }
    let left = grid.rows.iter().map(|(label, _)| width(label, 13.0)).fold(40.0, f64::max).min(250.0) + 20.0;
    let cell = ((WIDTH - left - 8.0) / grid.columns.len() as f64).min(120.0);
    let mut canvas = Canvas::new(WIDTH, HEADING + LINE * grid.rows.len() as f64 + 8.0);
    for (index, column) in grid.columns.iter().enumerate() {
        let middle = left + (index as f64 + 0.5) * cell;
        let shown = fitted(column, SIZE, cell - 4.0);
        canvas.cut_text((middle, HEADING - 9.0), Anchor::Middle, "small", (&shown, column));
    }
    for (number, (label, cells)) in grid.rows.iter().enumerate() {
        let top = HEADING + LINE * number as f64;
        let shown = fitted(label, 13.0, left - 20.0);
        canvas.cut_text((left - 10.0, top + LINE / 2.0 + 4.0), Anchor::End, "label", (&shown, label));
        for (index, one) in cells.iter().enumerate() {
            let from = left + index as f64 * cell;
            let class = format!("cell {}", one.class);
            canvas.area((from, top), (from + cell, top + LINE), &class, Some(&one.said));
            let shown = fitted(&one.text, SIZE, cell - 4.0);
            let place = (from + cell / 2.0, top + LINE / 2.0 + 4.0);
            canvas.cut_text(place, Anchor::Middle, "small", (&shown, &one.text));
        }
    }
    Some(canvas)
}
