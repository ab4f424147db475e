//! The support matrix: what each row could do here, and why not. The points of a series are one line of it.

use super::chart::{Chart, Drawn, Place};
use super::grid::{Grid, GridCell, grid};
use super::sources::{Sources, status_word};
use crate::plan::NOTHING_ATTACHED;
use crate::render::cell::text;
use crate::stats::{Row, RowStatus};
use crate::tables::{Cell, Column, Table};

const TITLE: &str = "Support matrix: what could be measured here";

/// One for the run.
pub(crate) fn draw(sources: &Sources) -> Vec<Drawn> {
    let analysis = &sources.run.analysis;
    let labels: Vec<&str> =
        sources.labels().iter().copied().filter(|label| *label != NOTHING_ATTACHED).collect();
    let mut lines: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, planned) in sources.run.header.plan.benchmarks.iter().enumerate() {
        let name = planned.point.as_ref().map_or(&planned.name, |point| &point.series);
        let name = format!("{name} ({})", planned.program_type);
        match lines.iter_mut().find(|(known, _)| *known == name) {
            Some((_, benchmarks)) => benchmarks.push(index),
            None => lines.push((name, vec![index])),
        }
    }
    let mut data = Vec::new();
    let mut rows = Vec::new();
    for (name, benchmarks) in lines {
        let mut cells = Vec::new();
        for label in &labels {
            let of =
                |index: &usize| analysis.benchmarks.get(*index)?.rows.iter().find(|row| row.label == *label);
            let worst = benchmarks.iter().filter_map(of).max_by_key(|row| badness(row));
            let (cell, why) = cell_of(&name, label, worst);
            data.push(vec![
                Cell::Word(name.clone()),
                Cell::Word((*label).to_owned()),
                Cell::Word(worst.map_or("not asked", status_word).into()),
                Cell::word(why),
            ]);
            cells.push(cell);
        }
        rows.push((name, cells));
    }
    let columns = labels.iter().map(|label| (*label).to_owned()).collect();
    let Some(canvas) = grid(&Grid { columns, rows }) else {
        return vec![Drawn::absent(Place::Evidence, TITLE, "the run has no benchmark with a row")];
    };
    let is_fine = |cell: &Cell| ["valid", "not asked"].contains(&text(cell).as_str());
    let trouble: Vec<String> = data
        .iter()
        .filter(|row: &&Vec<Cell>| !is_fine(&row[2]))
        .map(|row| row[..3].iter().map(text).collect::<Vec<_>>().join(" "))
        .collect();
    let alternative = if trouble.is_empty() {
        "every row is valid.".into()
    } else {
        trouble.join("; ") + "; the others are valid."
    };
    let columns = ["benchmark", "row", "status", "why"].map(Column::words).to_vec();
    let chart = Chart {
        name: "support".into(),
        place: Place::Evidence,
        title: TITLE.into(),
        alternative,
        canvas,
        data: Table { columns, rows: data }.without_unknown_columns(),
        notes: vec![
            "✓ valid, ✗ failed, ! invalid, ? could not be checked, – this kernel or this implementation cannot, · not run; of a series \
             the worst of its points"
                .into(),
        ],
    };
    vec![chart.into()]
}

/// A number that is higher the less a row says.
fn badness(row: &Row) -> u8 {
    match row.status {
        RowStatus::Valid => 0,
        RowStatus::NotRun => 1,
        RowStatus::Unsupported { .. } => 2,
        RowStatus::Unverified { .. } => 3,
        RowStatus::Failed { .. } => 4,
        RowStatus::Invalid { .. } => 5,
    }
}

fn cell_of(benchmark: &str, label: &str, row: Option<&Row>) -> (GridCell, Option<String>) {
    let (sign, class, why) = match row.map(|row| &row.status) {
        None => ("", "even", None),
        Some(RowStatus::Valid) => ("✓", "good", None),
        Some(RowStatus::NotRun) => ("·", "even", None),
        Some(RowStatus::Unsupported { message, .. }) => ("–", "even", Some(message.clone())),
        Some(RowStatus::Unverified { missing }) => ("?", "bad", missing.first().cloned()),
        Some(RowStatus::Failed { message, .. }) => ("✗", "bad", Some(message.clone())),
        Some(RowStatus::Invalid { failed }) => ("!", "bad", failed.first().cloned()),
    };
    let word = row.map_or("not asked", status_word);
    let because = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    (GridCell { text: sign.into(), class, said: format!("{benchmark}, {label}: {word}{because}") }, why)
}
