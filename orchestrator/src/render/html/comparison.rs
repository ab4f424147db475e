//! The comparison at a glance, key statistics, and ratios.

use super::page::Block;
use super::questions::figures;
use super::size::Level;
use super::table::html_table;
use crate::facts::{ColumnKind, Quantity};
use crate::parse::LimitedBy;
use crate::plan::NOTHING_ATTACHED;
use crate::render::charts::{Drawn, Place, Shown, Sources, grouped, status_word};
use crate::render::number::{counted, rate};
use crate::stats::{BenchmarkAnalysis, PairVerdict, Row, RowStatus};
use crate::tables::{Cell, Column, Figure, Interval, Spread, Table, Unit};

/// A line for each row, a column for each question; and what can be said of each question in a line.
pub(super) fn blocks(sources: &Sources, level: Level) -> Vec<Block> {
    let labels = labels(sources);
    let mut blocks = Vec::new();
    let table = comparison(sources, &labels);
    if table.rows.is_empty() {
        blocks.push(Block::plain("No question is asked once: the curves are below."));
    } else {
        blocks.push(Block::Table(html_table("table", "headline of each question", &table, level)));
    }
    blocks.push(Block::Table(html_table("key", "key statistics", &key_statistics(sources), level)));
    blocks.push(Block::plain(&totals(sources)));
    blocks.extend(tiers(sources, &labels, level));
    blocks
}

/// All rows of the benchmarks that are shown by themselves.
fn labels<'a>(sources: &'a Sources) -> Vec<&'a str> {
    let mut labels: Vec<&str> = Vec::new();
    for row in sources.alone().flat_map(|shown| &shown.analysis.rows) {
        if !labels.contains(&row.label.as_str()) && row.label != NOTHING_ATTACHED {
            labels.push(&row.label);
        }
    }
    labels
}

fn row<'a>(benchmark: &'a BenchmarkAnalysis, label: &str) -> Option<&'a Row> {
    benchmark.rows.iter().find(|row| row.label == label)
}

/// A row's headline, or what is wrong with the row.
fn headline(benchmark: &BenchmarkAnalysis, label: &str) -> Cell {
    let Some(row) = row(benchmark, label) else { return Cell::Unknown };
    let at_least = row.limit.is_some_and(|limit| limit.by == LimitedBy::Load)
        && matches!(benchmark.headline, Quantity::LossFreePerSec | Quantity::DeliveredPerSec);
    match row
        .estimate(benchmark.headline)
        .filter(|_| row.status == RowStatus::Valid)
        .map(|found| Cell::estimate(Some(found)))
    {
        Some(Cell::Figure(figure)) => Figure { at_least, ..figure }.into(),
        _ if row.status == RowStatus::Valid => Cell::Unknown,
        _ => Cell::Word(status_word(row).into()),
    }
}

fn comparison(sources: &Sources, labels: &[&str]) -> Table {
    let mut columns = vec![Column::words("implementation")];
    columns.extend(
        sources.alone().map(|shown| {
            Column::numbers(format!("{}: {}", shown.name, shown.analysis.headline.facts().label))
        }),
    );
    let cells = |label: &&str| {
        let figures = sources.alone().map(|shown| headline(shown.analysis, label));
        [Cell::Word((*label).to_owned())].into_iter().chain(figures).collect()
    };
    Table { columns, rows: labels.iter().map(cells).collect() }
}

/// Of each question: how many trials are valid, the least and the greatest median, and how far apart they are. No verdict.
fn key_statistics(sources: &Sources) -> Table {
    let columns = vec![
        Column::words("question"),
        Column::words("figure"),
        Column::numbers("valid trials"),
        Column::numbers("trials"),
        Column::words("least"),
        Column::numbers("its value"),
        Column::words("most"),
        Column::numbers("its value"),
        Column::numbers("most ÷ least"),
    ];
    let line = |shown: &Shown| {
        let quantity = shown.analysis.headline;
        let unit = Unit::Quantity(quantity.facts().unit);
        let rows = shown.analysis.rows.iter().filter(|row| row.status == RowStatus::Valid);
        let mut values: Vec<(&str, f64)> =
            rows.filter_map(|row| Some((row.label.as_str(), row.estimate(quantity)?.value))).collect();
        values.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (least, most) = (values.first(), values.last().filter(|_| values.len() > 1));
        let spread = least.zip(most).map(|(least, most)| most.1 / least.1);
        let name = |of: Option<&(&str, f64)>| Cell::word(of.map(|(label, _)| *label));
        let value = |of: Option<&(&str, f64)>| Cell::number(of.map(|(_, value)| *value), unit);
        let count = |of: fn(&Row) -> usize| {
            let sum: usize = shown.analysis.rows.iter().map(of).sum();
            Cell::number(Some(sum as f64), Unit::Whole)
        };
        vec![
            Cell::Word(shown.name.clone()),
            Cell::Word(quantity.facts().label.into()),
            count(|row| row.trials.valid),
            count(|row| row.trials.run),
            name(least),
            value(least),
            name(most),
            value(most),
            Cell::number(spread.filter(|spread| spread.is_finite()), Unit::Times),
        ]
    };
    Table { columns, rows: sources.shown.iter().map(line).collect() }
}

/// The whole run in a sentence.
fn totals(sources: &Sources) -> String {
    let trials = &sources.run.trials;
    let valid = trials.iter().filter(|trial| trial.measurement.is_valid()).count();
    let sum = |of: fn(&crate::parse::Counts) -> Option<u64>| {
        let all = trials.iter().filter_map(|trial| of(&trial.measurement.counts)).map(u128::from);
        all.reduce(|sum, one| sum + one).map_or_else(|| "an unknown number".to_owned(), grouped)
    };
    format!(
        "{}, of which {valid} are valid; {} events were attempted, {} read and {} dropped.",
        counted(trials.len() as u64, "trial"),
        sum(|counts| counts.attempted),
        sum(|counts| counts.received),
        sum(|counts| counts.dropped)
    )
}

/// Tiers of the rate: its order of magnitude, and no verdict.
fn tiers(sources: &Sources, labels: &[&str], level: Level) -> Vec<Block> {
    let asked = |kind: ColumnKind| {
        sources.alone().find(|shown| shown.analysis.question.facts().columns.contains(&kind))
    };
    let Some(rates) = asked(ColumnKind::LossFree).or_else(|| asked(ColumnKind::Delivered)) else {
        return Vec::new();
    };
    let capacity = sources.alone().find(|shown| shown.analysis.headline == Quantity::CpuNsPerEvent);
    let limits = sources.run.analysis.settings.tiers;
    let value = |label: &str| {
        let row = row(rates.analysis, label).filter(|row| row.status == RowStatus::Valid)?;
        // Of what the load limited only the least that it can be is known.
        let row = Some(row).filter(|row| row.limit.is_none_or(|limit| limit.by != LimitedBy::Load))?;
        row.estimate(rates.analysis.headline).map(|estimate| estimate.value)
    };
    let most = labels.iter().filter_map(|label| value(label)).fold(0.0, f64::max);
    let overhead = |label: &str| {
        let (capacity, baseline) = (capacity?, sources.baseline()?);
        let pair = capacity.analysis.pair(Quantity::CpuNsPerEvent, label, baseline);
        let own =
            (label == baseline && row(capacity.analysis, label)?.status == RowStatus::Valid).then_some(1.0);
        own.or_else(|| pair.filter(|pair| pair.verdict != PairVerdict::Invalid)?.ratio)
    };
    let line = |label: &&str| {
        let found = value(label);
        let tier = found.map(|found| match found {
            found if found > limits.first => "1",
            found if found >= limits.second => "2",
            _ => "3",
        });
        vec![
            Cell::Word((*label).to_owned()),
            headline(rates.analysis, label),
            Cell::word(tier),
            Cell::quantity(found.filter(|_| most > 0.0).map(|found| found / most), crate::facts::Unit::Share),
            Cell::number(overhead(label), Unit::Times),
        ]
    };
    let columns = vec![
        Column::words("implementation"),
        Column::numbers(rates.analysis.headline.facts().label),
        Column::words("tier"),
        Column::numbers("of the highest"),
        Column::numbers("overhead factor"),
    ];
    let table = Table { columns, rows: labels.iter().map(line).collect() }.without_unknown_columns();
    vec![
        Block::Table(html_table("tiers", "classification", &table, level)),
        Block::note(&format!(
            "tier: the order of magnitude of the rate of `{}`, and no verdict: 1 above {}, 3 below {}; overhead factor: CPU time of an \
             event, as a ratio to the baseline's",
            rates.name,
            rate(limits.first),
            rate(limits.second)
        )),
    ]
}

/// Each row against the baseline, over all questions.
pub(super) fn ratios(sources: &Sources, drawn: &[Drawn], level: Level) -> Vec<Block> {
    let mut blocks = figures(drawn, Place::Ratios, level);
    let Some(baseline) = sources.baseline() else { return blocks };
    let judged: Vec<&Shown> = sources.alone().filter(|shown| shown.analysis.is_judged()).collect();
    let mut rows = Vec::new();
    for shown in judged {
        for row in shown.analysis.rows.iter().filter(|row| row.label != baseline) {
            let pair = shown.analysis.pair(shown.analysis.headline, &row.label, baseline);
            let Some(pair) = pair.filter(|pair| pair.verdict != PairVerdict::Invalid) else { continue };
            let interval =
                pair.low.zip(pair.high).map(|(low, high)| Interval { low, high, spread: Spread::Ends });
            let ratio = pair.ratio.map_or(Cell::Unknown, |ratio| {
                Figure { interval, ..Figure::plain(ratio, Unit::Times) }.into()
            });
            let is_second = shown.analysis.is_second(&row.label, Some(baseline));
            let verdict = Cell::verdict(pair.verdict, sources.delta());
            rows.push(vec![
                Cell::Word(row.label.clone()),
                Cell::Word(shown.name.clone()),
                ratio,
                Cell::number(Some(pair.blocks as f64), Unit::Whole),
                if is_second { Cell::Word("A/A".into()) } else { verdict },
                Cell::word(row.letters.clone()),
            ]);
        }
    }
    if !rows.is_empty() {
        let columns = vec![
            Column::words("implementation"),
            Column::words("question"),
            Column::numbers(format!("ratio to {baseline}")),
            Column::numbers("blocks"),
            Column::words("verdict"),
            Column::words("group"),
        ];
        let caption = format!("ratio to {baseline}");
        blocks.push(Block::Table(html_table("ratio-table", &caption, &Table { columns, rows }, level)));
    }
    blocks
}
