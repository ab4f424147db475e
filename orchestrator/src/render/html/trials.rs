//! The trials, in the order in which they ran.

use super::page::Block;
use super::questions::figures;
use super::size::Level;
use super::table::html_table;
use crate::parse::{Outcome, Verdict};
use crate::render::charts::{Drawn, Place, Sources, is_usable};
use crate::store::TrialResult;
use crate::tables::{Cell, Column, Table, Unit};

/// The chart, and a line for each.
pub(super) fn blocks(sources: &Sources, drawn: &[Drawn], level: Level) -> Vec<Block> {
    let mut blocks = figures(drawn, Place::Trials, level);
    let run = sources.run;
    if run.trials.is_empty() {
        blocks.push(Block::plain("No trial was run."));
        return blocks;
    }
    let columns = vec![
        Column::numbers("trial"),
        Column::numbers("block"),
        Column::words("benchmark"),
        Column::words("row"),
        Column::words("verdict"),
        Column::words("figure"),
        Column::numbers("value"),
        Column::words("disturbed by"),
    ];
    let line = |trial: &TrialResult| {
        let headline = run.analysis.benchmarks[trial.planned.benchmark].headline;
        let value = headline.of(&trial.measurement).filter(|_| is_usable(&trial.measurement));
        let causes: Vec<String> = trial.measurement.disturbed.iter().map(ToString::to_string).collect();
        vec![
            Cell::number(Some(f64::from(trial.planned.number)), Unit::Whole),
            Cell::number(Some(f64::from(trial.planned.block)), Unit::Whole),
            Cell::Word(run.header.plan.benchmarks[trial.planned.benchmark].name.clone()),
            Cell::Word(trial.planned.label.clone()),
            Cell::Word(verdict(trial)),
            Cell::Word(headline.facts().label.into()),
            Cell::quantity(value, headline.facts().unit),
            if causes.is_empty() { Cell::Unknown } else { Cell::Word(causes.join("; ")) },
        ]
    };
    let table = Table { columns, rows: run.trials.iter().map(line).collect() };
    let mut html = html_table("trials-table", "all trials", &table, level);
    for (row, trial) in html.rows.iter_mut().zip(&run.trials) {
        row.is_odd = !trial.measurement.disturbed.is_empty() || !trial.measurement.is_valid();
    }
    blocks.push(Block::Table(html));
    blocks.push(Block::note(
        "shaded lines: disturbed, or not valid; a disturbed trial counts all the same, since leaving some out would be a choice",
    ));
    blocks
}

fn verdict(trial: &TrialResult) -> String {
    match (&trial.measurement.outcome, &trial.measurement.verdict) {
        (Outcome::Completed, Some(Verdict::Valid)) => "valid".into(),
        (Outcome::Completed, Some(Verdict::Unverified { .. })) => "unverified".into(),
        (Outcome::Completed, Some(Verdict::Invalid { .. })) => "invalid".into(),
        (Outcome::Completed, None) => "completed".into(),
        (outcome, _) => outcome.text(),
    }
}
