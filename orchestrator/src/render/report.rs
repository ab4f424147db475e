//! Whole reports: tables, notes, machine, command.

use super::cost::cost_report;
use super::notes::{Named, legend, notes};
use super::number::counted;
use super::origin;
use super::table::text_table;
use crate::plan::Benchmark;
use crate::stats::BenchmarkAnalysis;
use crate::store::Run;
use crate::tables::{benchmark_table, one_of_each_question};

/// The report of `compare`: one table for each question.
#[must_use]
pub fn comparison_report(run: &Run) -> String {
    let named = asked(run);
    whole(run, tables_of(run, &named), &named)
}

/// What a comparison's report begins with: the tables and what their columns mean.
#[must_use]
pub fn comparison_tables(run: &Run) -> String {
    let named = asked(run);
    paragraphs(tables_of(run, &named).into_iter().chain([legend(run, &named).join("\n")]))
}

/// One benchmark of each question, under the question's name.
fn asked(run: &Run) -> Vec<Named<'_>> {
    one_of_each_question(run).into_iter().map(|b| (b.question.to_string(), b)).collect()
}

fn tables_of(run: &Run, named: &[Named]) -> Vec<String> {
    named.iter().flat_map(|(name, benchmark)| titled(run, name.clone(), benchmark)).collect()
}

/// The report of `run`: one table for each benchmark.
#[must_use]
pub fn benchmark_report(run: &Run) -> String {
    let benchmarks = run.analysis.benchmarks.iter().zip(&run.header.plan.benchmarks);
    let tables =
        benchmarks.flat_map(|(analysis, planned)| titled(run, title(analysis, planned), analysis)).collect();
    whole(run, tables, &named(run))
}

/// What the table is of, and the table.
fn titled(run: &Run, name: String, benchmark: &BenchmarkAnalysis) -> [String; 2] {
    let meaning = benchmark.question.facts().asks;
    let title = if meaning.is_empty() { name } else { format!("{name}: {meaning}") };
    [title, text_table(&benchmark_table(run, benchmark))]
}

fn whole(run: &Run, tables: Vec<String>, named: &[Named]) -> String {
    paragraphs(tables.into_iter().chain([
        legend(run, named).join("\n"),
        cost_report(run),
        notes_paragraph(run, named),
        warnings_paragraph(run),
        origin_paragraph(run),
    ]))
}

fn named(run: &Run) -> Vec<Named<'_>> {
    run.analysis.benchmarks.iter().map(|benchmark| (benchmark.name.clone(), benchmark)).collect()
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
    listed("notes", &notes(run, benchmarks))
}

/// A heading and its lines; nothing without lines.
fn listed(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() { String::new() } else { format!("{heading}:\n  {}", lines.join("\n  ")) }
}

/// What endangers comparisons on this machine, each with its remedy.
fn warnings_paragraph(run: &Run) -> String {
    listed("warnings", &origin::warnings(&run.header.machine))
}

fn origin_paragraph(run: &Run) -> String {
    origin_lines(run).join("\n")
}

/// Notes and warnings, one a line.
pub(super) fn notes_lines(run: &Run) -> Vec<String> {
    let mut lines = notes(run, &named(run));
    lines.extend(origin::warnings(&run.header.machine));
    lines
}

/// The machine, the command, the run and what supervising cost.
pub(super) fn origin_lines(run: &Run) -> Vec<String> {
    let header = &run.header;
    let mut lines = vec![
        format!("machine  {}", origin::machine(&header.machine)),
        format!("command  {}", origin::command(&header.command)),
        format!(
            "run      {}, {}, seed {}",
            header.run,
            counted(header.plan.blocks, "block"),
            header.plan.seed
        ),
    ];
    lines.extend(origin::overhead(run).map(|overhead| format!("overhead {overhead}")));
    lines.extend(origin::floor(run).map(|floor| format!("floor    {floor}")));
    lines
}

#[cfg(test)]
mod tests;
