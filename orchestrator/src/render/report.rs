//! Whole reports: tables, notes, machine, command.

use super::cell::text;
use super::cost::cost_report;
use super::notes::{Named, legend, notes};
use super::number::{counted, percent};
use super::table::text_table;
use super::{origin, words};
use crate::plan::Benchmark;
use crate::stats::{BenchmarkAnalysis, Curve, CurvePoint};
use crate::store::Run;
use crate::tables::{CurveTable, Table, Widest, benchmark_table, curve_tables, with_own_table};

/// The report of `compare`: one table for each benchmark that has one of its own, by question.
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

/// Each under the name of its question, or under its own where the question is asked more than once.
pub(super) fn asked(run: &Run) -> Vec<Named<'_>> {
    let benchmarks = with_own_table(run);
    let alone = |question| benchmarks.iter().filter(|other| other.question == question).count() == 1;
    let name = |benchmark: &BenchmarkAnalysis| {
        if alone(benchmark.question) { benchmark.question.to_string() } else { benchmark.name.clone() }
    };
    benchmarks.iter().map(|benchmark| (name(benchmark), *benchmark)).collect()
}

fn tables_of(run: &Run, named: &[Named]) -> Vec<String> {
    let of = |(name, benchmark): &Named| tables(run, name.clone(), benchmark);
    named.iter().flat_map(of).collect()
}

/// The report of `run`: one table for each benchmark.
#[must_use]
pub fn benchmark_report(run: &Run) -> String {
    let benchmarks = run.analysis.benchmarks.iter().zip(&run.header.plan.benchmarks);
    let of = |(analysis, planned)| tables(run, title(analysis, planned), analysis);
    whole(run, benchmarks.flat_map(of).collect(), &named(run))
}

/// A part of what is said of a benchmark.
pub(super) enum Part {
    /// What the tables after it are of.
    Title(String),
    /// A table, with a title of its own where there are several.
    Table { title: Option<String>, table: Table, below: Option<String> },
    /// What the tables say, in a sentence.
    Sentence(String),
}

/// A benchmark's table and what it says; of a curve its first benchmark has all, and the others nothing.
pub(super) fn parts(run: &Run, name: String, benchmark: &BenchmarkAnalysis) -> Vec<Part> {
    let Some(curve) = curve_of(run, benchmark) else {
        let table = Part::Table { title: None, table: benchmark_table(run, benchmark), below: None };
        let said = words::of_benchmark(run, benchmark).map(Part::Sentence);
        return [Part::Title(titled(name, benchmark)), table].into_iter().chain(said).collect();
    };
    let first = curve.points.iter().map(|point| point.benchmark).min();
    if first.is_none_or(|first| run.analysis.benchmarks[first].name != benchmark.name) {
        return Vec::new();
    }
    let mut parts = vec![Part::Title(titled(curve.series.clone(), benchmark))];
    parts.extend(curve_tables(run, curve).into_iter().map(|CurveTable { title, table, widest }| {
        let below = widest.map(|Widest { half_width, label, x }| {
            format!("the widest interval: ±{} ({label} at {})", percent(half_width), text(&x))
        });
        Part::Table { title: Some(title), table, below }
    }));
    parts.extend(words::of_curve(run, curve).into_iter().map(Part::Sentence));
    parts
}

fn tables(run: &Run, name: String, benchmark: &BenchmarkAnalysis) -> Vec<String> {
    let text = |part| match part {
        Part::Title(title) => title,
        Part::Table { title, table, below } => {
            let lines = title.into_iter().chain([text_table(&table)]).chain(below);
            lines.collect::<Vec<_>>().join("\n")
        }
        Part::Sentence(words) => sentence(&words),
    };
    parts(run, name, benchmark).into_iter().map(text).collect()
}

/// The curve that a benchmark is a point of, where its question is shown as one.
pub(super) fn curve_of<'a>(run: &'a Run, benchmark: &BenchmarkAnalysis) -> Option<&'a Curve> {
    let is_here = |point: &CurvePoint| run.analysis.benchmarks[point.benchmark].name == benchmark.name;
    let curve = run.analysis.curves.iter().find(|curve| curve.points.iter().any(is_here))?;
    (curve.points.len() > 1 && !curve.question.facts().curve.is_empty()).then_some(curve)
}

fn titled(name: String, benchmark: &BenchmarkAnalysis) -> String {
    let meaning = benchmark.question.facts().asks;
    if meaning.is_empty() { name } else { format!("{name}: {meaning}") }
}

/// In lines of 80 columns at most.
fn sentence(words: &str) -> String {
    const COLUMNS: usize = 80;
    let mut lines = vec!["→".to_owned()];
    for word in words.split(' ') {
        let line = lines.last_mut().expect("there is one line");
        if line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push(format!("  {word}"));
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
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
