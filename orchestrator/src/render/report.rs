//! Whole reports: tables, notes, machine, command.

use super::columns;
use super::notes::{Named, legend, notes};
use super::number::counted;
use super::origin;
use super::table::table;
use super::view::{lines, one_of_each_question};
use crate::plan::Benchmark;
use crate::stats::BenchmarkAnalysis;
use crate::store::Run;

/// The report of `compare`: one table with a line for each implementation over all questions.
#[must_use]
pub fn comparison_report(run: &Run) -> String {
    let benchmarks = one_of_each_question(run);
    let lines = lines(run, &benchmarks);
    let table = table(&lines, &columns::comparison(run.header.plan.baseline.as_deref()));
    let named: Vec<Named> = benchmarks.into_iter().map(|b| (b.question.to_string(), b)).collect();
    paragraphs([table, legend(run, &lines).join("\n"), notes_paragraph(run, &named), origin_paragraph(run)])
}

/// The report of `run`: one table for each benchmark.
#[must_use]
pub fn benchmark_report(run: &Run) -> String {
    let benchmarks = run.analysis.benchmarks.iter().zip(&run.header.plan.benchmarks);
    let tables = benchmarks.flat_map(|(analysis, planned)| {
        let lines = lines(run, &[analysis]);
        [title(analysis, planned), table(&lines, &columns::benchmark(run.header.plan.baseline.as_deref()))]
    });
    let named: Vec<Named> = run.analysis.benchmarks.iter().map(|b| (b.name.clone(), b)).collect();
    paragraphs(tables.chain([notes_paragraph(run, &named), origin_paragraph(run)]))
}

/// Joined by empty lines; what is empty is left out.
fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

fn title(analysis: &BenchmarkAnalysis, planned: &Benchmark) -> String {
    let target = planned.attach_target.as_deref().map(|target| format!(" {target}")).unwrap_or_default();
    format!("{} ({}, {}{target})", analysis.name, analysis.question, planned.program_type)
}

fn notes_paragraph(run: &Run, benchmarks: &[Named]) -> String {
    let notes = notes(run, benchmarks);
    if notes.is_empty() { String::new() } else { format!("notes:\n  {}", notes.join("\n  ")) }
}

fn origin_paragraph(run: &Run) -> String {
    let header = &run.header;
    [
        format!("machine  {}", origin::machine(&header.machine)),
        format!("command  {}", origin::command(&header.command)),
        format!(
            "run      {}, {}, seed {}",
            header.run,
            counted(header.plan.blocks, "block"),
            header.plan.seed
        ),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests;
