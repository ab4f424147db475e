//! Data within a page.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::heading::one_line;
use super::size::Json;
use crate::store::{Run, csv_text};
use crate::tables::{Cell, Table, Unit};
use crate::visible::visible;

/// What a page's policy knows its script by.
pub(super) fn hash(script: &str) -> String {
    STANDARD.encode(Sha256::digest(script.as_bytes()))
}

/// The result, compressed: a name for it, its content as a link, and what it is.
pub(super) fn packed_json(run: &Run, json: Json) -> Option<(String, String, String)> {
    let (run, name, text) = match json {
        Json::Whole => (run.clone(), "run.json.gz", "the result as JSON (run.json, gzip)"),
        Json::Analysis => (
            Run { trials: Vec::new(), ..run.clone() },
            "run-without-trials.json.gz",
            "the result as JSON (gzip), without its trials, for which this page has no room: they are in run.json",
        ),
        Json::Nothing => return None,
    };
    let plain = serde_json::to_vec(&run).ok()?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&plain).ok()?;
    let packed = gzip.finish().ok()?;
    let href = format!("data:application/gzip;base64,{}", STANDARD.encode(packed));
    Some((name.to_owned(), href, text.to_owned()))
}

/// A table's cells as they are, without rounding, as a link.
pub(super) fn csv_link(table: &Table) -> String {
    let text = csv(table);
    format!("data:text/csv;charset=utf-8;base64,{}", STANDARD.encode(visible(&text).as_bytes()))
}

/// With a column for each end of an interval, where a column of figures has some.
fn csv(table: &Table) -> String {
    let has = |column: usize, wanted: fn(&Cell) -> bool| table.rows.iter().any(|row| wanted(&row[column]));
    let has_ends: Vec<bool> =
        (0..table.columns.len()).map(|column| has(column, |cell| ends(cell).is_some())).collect();
    let mut heads = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        let heading = one_line(&column.heading);
        let unit = table.rows.iter().find_map(|row| unit(&row[index]));
        let heading = unit.map_or(heading.clone(), |unit| format!("{heading} [{unit}]"));
        heads.push(heading.clone());
        if has_ends[index] {
            heads.extend([format!("{heading} low"), format!("{heading} high")]);
        }
    }
    let rows = table.rows.iter().map(|row| {
        let cells = row.iter().zip(&has_ends).flat_map(|(cell, has_ends)| {
            let ends = has_ends.then(|| {
                ends(cell)
                    .map_or([String::new(), String::new()], |(low, high)| [low.to_string(), high.to_string()])
            });
            [plain(cell)].into_iter().chain(ends.into_iter().flatten())
        });
        cells.collect::<Vec<_>>()
    });
    csv_text(std::iter::once(heads).chain(rows))
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Unknown | Cell::Range { .. } => String::new(),
        Cell::Figure(figure) => figure.value.to_string(),
        other => crate::render::cell::text(other),
    }
}

fn ends(cell: &Cell) -> Option<(f64, f64)> {
    match cell {
        Cell::Figure(figure) => figure.interval.map(|interval| (interval.low, interval.high)),
        Cell::Range { low, high, .. } => Some((*low, *high)),
        _ => None,
    }
}

/// What the numbers are counted in; none for what is a number and nothing else.
fn unit(cell: &Cell) -> Option<&'static str> {
    let unit = match cell {
        Cell::Figure(figure) => figure.unit,
        Cell::Range { unit, .. } => *unit,
        _ => return None,
    };
    match unit {
        Unit::Quantity(unit) => Some(unit.facts().name),
        Unit::Times | Unit::Change => Some("ratio"),
        Unit::Count | Unit::Whole => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;
    use crate::tables::{Column, Figure, Interval, Spread};

    #[test]
    fn cells_are_given_whole_with_their_ends_and_units() {
        let ns = Unit::Quantity(facts::Unit::NsPerEvent);
        let interval = Some(Interval { low: 10.5, high: 12.25, spread: Spread::Share(0.07) });
        let table = Table {
            columns: vec![
                Column::words("imple-\nmentation"),
                Column::numbers("CPU/event"),
                Column::words("said"),
            ],
            rows: vec![
                vec![
                    Cell::Word("a,\"b\"".into()),
                    Figure { interval, ..Figure::plain(11.123_456, ns) }.into(),
                    Cell::Word("=1+1".into()),
                ],
                vec![Cell::Word("c".into()), Cell::Unknown, Cell::Unknown],
            ],
        };
        let lines: Vec<String> = csv(&table).lines().map(str::to_owned).collect();
        assert_eq!(
            lines[0],
            "implementation,CPU/event [ns/event],CPU/event [ns/event] low,CPU/event [ns/event] high,said"
        );
        assert!(lines[1].starts_with("\"a,\"\"b\"\"\",11.123456,10.5,12.25,"), "{}", lines[1]);
        assert_eq!(lines[2], "c,,,,");
        assert!(csv_link(&table).starts_with("data:text/csv;charset=utf-8;base64,"));
    }
}
