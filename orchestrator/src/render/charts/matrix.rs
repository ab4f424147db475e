//! The comparison matrix: every row against every other, with what the intervals allow one to say.

use super::chart::{Chart, Drawn, Place, name_of};
use super::grid::{Grid, GridCell, grid};
use super::sources::{Shown, Sources};
use crate::render::cell::{text, verdict_word};
use crate::stats::{Pair, PairVerdict, Row, RowStatus};
use crate::tables::{Cell, Column, Table, Unit};

/// One for each judged benchmark with two rows or more.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let judged = sources.alone().filter(|shown| shown.analysis.is_judged());
    judged.map(|shown| of_benchmark(sources, shown)).collect()
}

fn of_benchmark(sources: &Sources, shown: &Shown) -> Drawn {
    let place = Place::Benchmark(shown.index);
    let facts = shown.analysis.headline.facts();
    let title = format!("{}: comparison matrix of {}", shown.name, facts.label);
    let rows: Vec<&Row> = shown
        .analysis
        .rows
        .iter()
        .filter(|row| row.status == RowStatus::Valid && row.estimate(shown.analysis.headline).is_some())
        .collect();
    if rows.len() < 2 {
        return Drawn::absent(place, title, "there are no two valid rows to compare");
    }
    let mut data = Vec::new();
    let mut lines = Vec::new();
    for row in &rows {
        let mut cells = Vec::new();
        for column in &rows {
            let compared = compared(sources, shown, &row.label, &column.label);
            if let Some((ratio, word)) = &compared.words {
                data.push(vec![
                    Cell::Word(row.label.clone()),
                    Cell::Word(column.label.clone()),
                    Cell::number(*ratio, Unit::Times),
                    Cell::Word(word.clone()),
                ]);
            }
            cells.push(compared.cell);
        }
        lines.push((row.label.clone(), cells));
    }
    let columns: Vec<String> = rows.iter().map(|row| row.label.clone()).collect();
    let alternative: Vec<String> = lines
        .iter()
        .flat_map(|(_, cells)| cells.iter().filter(|cell| cell.class != "even").map(|cell| cell.said.clone()))
        .collect();
    let alternative = if alternative.is_empty() {
        "no two rows can be told apart.".into()
    } else {
        alternative.join("; ") + "."
    };
    let Some(canvas) = grid(&Grid { columns, rows: lines }) else {
        return Drawn::absent(place, title, "there are no two valid rows to compare");
    };
    let columns = vec![
        Column::words("row"),
        Column::words("against"),
        Column::numbers("ratio"),
        Column::words("verdict"),
    ];
    Chart {
        name: name_of(&format!("matrix-{}", shown.name)),
        place,
        title,
        alternative,
        canvas,
        data: Table { columns, rows: data },
        notes: vec![
            "the row's value over the column's; ▲ better, ▼ worse, ≈ equivalent, ? undecided or not judged"
                .into(),
        ],
    }
    .into()
}

struct Compared {
    cell: GridCell,
    words: Option<(Option<f64>, String)>,
}

fn compared(sources: &Sources, shown: &Shown, row: &str, column: &str) -> Compared {
    if row == column {
        let cell = GridCell { text: String::new(), class: "even", said: format!("{row} itself") };
        return Compared { cell, words: None };
    }
    let quantity = shown.analysis.headline;
    let own = shown.analysis.pair(quantity, row, column).map(|pair| (pair.ratio, pair.verdict));
    let other = || {
        let inverted = |pair: &Pair| (pair.ratio.map(|ratio| 1.0 / ratio), inverted(pair.verdict));
        shown.analysis.pair(quantity, column, row).map(inverted)
    };
    let (ratio, verdict) = own.or_else(other).unwrap_or((None, PairVerdict::Unranked));
    let (class, sign) = match verdict {
        PairVerdict::FasterBy | PairVerdict::Faster => ("good", " ▲"),
        PairVerdict::SlowerBy | PairVerdict::Slower => ("bad", " ▼"),
        PairVerdict::Equivalent => ("even", " ≈"),
        PairVerdict::Undecided | PairVerdict::NotEnoughRepetitions { .. } => ("even", " ?"),
        PairVerdict::Invalid | PairVerdict::Unranked => ("even", ""),
    };
    let figure = text(&Cell::number(ratio, Unit::Times));
    let word = match verdict {
        PairVerdict::Invalid | PairVerdict::Unranked => "not judged".to_owned(),
        verdict => verdict_word(verdict, sources.delta()),
    };
    let said = format!("{row} against {column}: {figure} {word}");
    let cell = GridCell { text: format!("{figure}{sign}"), class, said };
    Compared { cell, words: Some((ratio, word)) }
}

fn inverted(verdict: PairVerdict) -> PairVerdict {
    match verdict {
        PairVerdict::FasterBy => PairVerdict::SlowerBy,
        PairVerdict::Faster => PairVerdict::Slower,
        PairVerdict::Slower => PairVerdict::Faster,
        PairVerdict::SlowerBy => PairVerdict::FasterBy,
        same => same,
    }
}
