//! The evidence: what was counted, by whom, and which equations hold.

use super::glossary::Glossary;
use super::page::Block;
use super::questions::figures;
use super::size::Level;
use super::table::html_table;
use crate::parse::{Counts, Verdict};
use crate::plan::NOTHING_ATTACHED;
use crate::render::charts::{Drawn, Place, Sources};
use crate::render::number::counted;
use crate::store::TrialResult;
use crate::tables::{Cell, Column, Table, Unit};

/// Who counts what.
const PARTIES: &str = "Three parties count, and none knows another's part. The load gives each trigger a random cookie, and says how many \
    triggers it issued and the sum of all marks. The kernel side counts what it attempted, submitted and dropped, in a map that the \
    supervisor reads itself, as it reads the ring's positions. The runner says what it read: events, bytes and the sum of their marks. \
    A trial that does not balance is invalid, and one in which something could not be checked is unverified; neither is ranked.";

/// Counts, equations, and what could be measured.
pub(super) fn blocks(
    sources: &Sources,
    drawn: &[Drawn],
    level: Level,
    glossary: &mut Glossary,
) -> Vec<Block> {
    let trials = &sources.run.trials;
    let mut blocks = vec![Block::Paragraph(glossary.explained(PARTIES))];
    let asked = trials.iter().filter(|trial| trial.measurement.kernel_evidence).count();
    let with_program = trials.iter().filter(|trial| trial.planned.label != NOTHING_ATTACHED).count();
    blocks.push(Block::plain(&format!(
        "In {asked} of {} with a program attached the supervisor could read the kernel's counters and positions itself.",
        counted(with_program as u64, "trial")
    )));
    blocks.extend(figures(drawn, Place::Evidence, level));
    blocks.push(Block::Table(html_table(
        "counts",
        "counts, summed over all trials of a row",
        &counts(sources),
        level,
    )));
    let equations = equations(trials);
    if equations.rows.is_empty() {
        blocks.push(Block::plain("No trial came so far that an equation could be checked."));
    } else {
        blocks.push(Block::Table(html_table("equations", "equations", &equations, level)));
        blocks.push(Block::note(
            "the example is that of the last trial, or of the first one that fails; what each equation is for stands in docs/METHODOLOGY.md",
        ));
    }
    let failures = failures(sources);
    if !failures.is_empty() {
        blocks.push(Block::Heading { id: "failures".into(), text: "What did not hold".into() });
        blocks.push(Block::List(failures));
    }
    blocks
}

fn counts(sources: &Sources) -> Table {
    type Count = fn(&Counts) -> Option<u64>;
    const COUNTS: [(&str, Count); 7] = [
        ("triggers issued (load)", |counts| counts.issued),
        ("program not run (kernel)", |counts| counts.missed),
        ("attempted (kernel)", |counts| counts.attempted),
        ("submitted (kernel)", |counts| counts.submitted),
        ("dropped (kernel)", |counts| counts.dropped),
        ("lost (runner)", |counts| counts.lost),
        ("read (runner)", |counts| counts.received),
    ];
    let run = sources.run;
    let mut columns = vec![Column::words("benchmark"), Column::words("row"), Column::numbers("trials")];
    columns.extend(COUNTS.iter().map(|(heading, _)| Column::numbers(*heading)));
    let mut rows = Vec::new();
    for (index, benchmark) in run.analysis.benchmarks.iter().enumerate() {
        for row in &benchmark.rows {
            let trials: Vec<&TrialResult> = sources.trials(index, &row.label).collect();
            let mut cells = vec![
                Cell::Word(benchmark.name.clone()),
                Cell::Word(row.label.clone()),
                Cell::number(Some(trials.len() as f64), Unit::Whole),
            ];
            cells.extend(COUNTS.iter().map(|(_, count)| {
                let known: Vec<u64> =
                    trials.iter().filter_map(|trial| count(&trial.measurement.counts)).collect();
                let sum = (!known.is_empty()).then(|| known.iter().map(|count| *count as f64).sum());
                Cell::number(sum, Unit::Whole)
            }));
            rows.push(cells);
        }
    }
    Table { columns, rows }.without_unknown_columns()
}

/// One equation over all trials.
struct Checked {
    name: String,
    example: String,
    held: u32,
    failed: u32,
    unknown: u32,
}

fn equations(trials: &[TrialResult]) -> Table {
    let mut all: Vec<Checked> = Vec::new();
    for equation in trials.iter().flat_map(|trial| &trial.measurement.equations) {
        let at = all.iter().position(|known| known.name == equation.name).unwrap_or(all.len());
        if at == all.len() {
            let name = equation.name.clone();
            all.push(Checked { name, example: String::new(), held: 0, failed: 0, unknown: 0 });
        }
        let known = &mut all[at];
        let is_first_failure = equation.holds == Some(false) && known.failed == 0;
        if known.failed == 0 || is_first_failure {
            known.example = equation.text();
        }
        match equation.holds {
            Some(true) => known.held += 1,
            Some(false) => known.failed += 1,
            None => known.unknown += 1,
        }
    }
    let columns = vec![
        Column::words("equation"),
        Column::words("example"),
        Column::numbers("holds"),
        Column::numbers("fails"),
        Column::numbers("not known"),
    ];
    let count = |count: u32| Cell::number(Some(f64::from(count)), Unit::Whole);
    let row = |one: &Checked| {
        vec![
            Cell::Word(one.name.replace('_', " ")),
            Cell::Word(one.example.clone()),
            count(one.held),
            count(one.failed),
            count(one.unknown),
        ]
    };
    Table { columns, rows: all.iter().map(row).collect() }
}

/// Of each trial that is not valid: why.
fn failures(sources: &Sources) -> Vec<String> {
    const MOST: usize = 40;
    let mut lines = Vec::new();
    for trial in &sources.run.trials {
        let what = match &trial.measurement.verdict {
            Some(Verdict::Invalid { failed }) => format!("invalid: {}", failed.join("; ")),
            Some(Verdict::Unverified { missing }) => format!("unverified: {}", missing.join("; ")),
            _ => continue,
        };
        let (number, label) = (trial.planned.number, &trial.planned.label);
        let benchmark = &sources.run.header.plan.benchmarks[trial.planned.benchmark].name;
        let line = format!("trial {number}, {label} ({benchmark}): {what}");
        lines.push(crate::visible::visible_line(&line).into_owned());
    }
    if lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("and {} more", counted(more as u64, "trial")));
    }
    lines
}
