//! A table that can be pasted into an issue or a document, with its notes and where it comes from.

use std::fmt::Write as _;

use super::super::columns::{self, Column};
use super::super::notes::{Named, legend, meaning};
use super::super::number::UNKNOWN;
use super::super::report::{notes_lines, origin_lines};
use super::super::view::{Line, lines};
use crate::store::Run;

/// One table for each benchmark.
#[must_use]
pub fn markdown(run: &Run) -> String {
    let baseline = run.header.plan.baseline.as_deref();
    let mut text = String::new();
    let named: Vec<Named> = run.analysis.benchmarks.iter().map(|b| (b.name.clone(), b)).collect();
    for (name, benchmark) in &named {
        let table = table(&lines(run, benchmark), &columns::of(benchmark.question, baseline));
        let meaning = meaning(benchmark.question);
        let meaning = if meaning.is_empty() { String::new() } else { format!(": {meaning}") };
        // Writing to a string cannot fail.
        writeln!(text, "### {} ({}){meaning}\n\n{table}", escaped(name), benchmark.question).ok();
    }
    text.push_str(&list(&legend(run, &named)));
    let notes = notes_lines(run);
    if !notes.is_empty() {
        text.push('\n');
        text.push_str(&list(&notes));
    }
    writeln!(text, "\n```text\n{}\n```", origin_lines(run).join("\n")).ok();
    text
}

fn table(lines: &[Line], columns: &[Column]) -> String {
    let known = |column: &&Column| lines.iter().any(|line| (column.text)(line) != UNKNOWN);
    let columns: Vec<&Column> = columns.iter().filter(known).collect();
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = row(columns.iter().map(|column| heading(column)).collect());
    let rule = |column: &&Column| if column.numeric { "---:" } else { ":---" }.to_owned();
    text.push_str(&row(columns.iter().map(rule).collect()));
    for line in lines {
        text.push_str(&row(columns.iter().map(|column| escaped(&(column.text)(line))).collect()));
    }
    text
}

/// A heading on one line: `through-` and `put` are one word again.
fn heading(column: &Column) -> String {
    escaped(column.heading.replace("-\n", "").replace("/\n", "/").replace('\n', " ").trim())
}

fn list(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |list, line| list + "- " + &escaped(&words(line)) + "\n")
}

/// On one line: a hint or a remedy follows what it is for.
fn words(lines: &str) -> String {
    lines.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What Markdown would take for markup.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        if "|*_<>".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
        escaped
    })
}
