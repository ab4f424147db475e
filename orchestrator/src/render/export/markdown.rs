//! A table that can be pasted into an issue or a document, with its notes and where it comes from.

use std::fmt::Write as _;

use super::super::cell;
use super::super::notes::{Named, legend};
use super::super::report::{Part, notes_lines, origin_lines, parts};
use crate::store::Run;
use crate::tables::{Column, Table};

/// One table for each benchmark.
pub(super) fn markdown(run: &Run) -> String {
    let mut text = String::new();
    let named: Vec<Named> = run.analysis.benchmarks.iter().map(|b| (b.name.clone(), b)).collect();
    for (name, benchmark) in &named {
        let heading = format!("{name} ({})", benchmark.question);
        for part in parts(run, heading, benchmark) {
            // Writing to a string cannot fail.
            match part {
                Part::Title(title) => writeln!(text, "### {}\n", literal(&title)).ok(),
                Part::Table { title, table: cells, below } => {
                    let title = title.map_or_else(String::new, |title| format!("{}\n\n", literal(&title)));
                    let below = below.map_or_else(String::new, |below| format!("\n{}\n", literal(&below)));
                    writeln!(text, "{title}{}{below}", table(&cells)).ok()
                }
                Part::Sentence(words) => writeln!(text, "> {}\n", literal(&words)).ok(),
            };
        }
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

fn table(table: &Table) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = row(table.columns.iter().map(heading).collect());
    let rule = |column: &Column| if column.numeric { "---:" } else { ":---" }.to_owned();
    text.push_str(&row(table.columns.iter().map(rule).collect()));
    for cells in &table.rows {
        text.push_str(&row(cells.iter().map(|cell| literal(&cell::text(cell))).collect()));
    }
    text
}

/// A heading on one line: `through-` and `put` are one word again.
fn heading(column: &Column) -> String {
    literal(column.heading.replace("-\n", "").replace("/\n", "/").replace('\n', " ").trim())
}

fn list(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |list, line| list + "- " + &prose(&words(line)) + "\n")
}

/// On one line: a hint or a remedy follows what it is for.
fn words(lines: &str) -> String {
    lines.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With nothing in it that Markdown would take for markup: a name is shown as it is.
fn literal(text: &str) -> String {
    text.chars().fold(String::new(), |mut literal, letter| {
        if r"\`|*_<>[]&~".contains(letter) {
            literal.push('\\');
        }
        literal.push(letter);
        literal
    })
}

/// The same but for pairs of backticks, by which messages mark code. Within them a backslash would be shown as one.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|code| !code.is_empty());
    if !is_paired {
        return literal(text);
    }
    let shown = |(index, part): (usize, &&str)| match index % 2 {
        0 => literal(part),
        _ => format!("`{part}`"),
    };
    parts.iter().enumerate().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_code_and_nothing_else_becomes_markup() {
        assert_eq!(prose("see `a_b|c` of a_b"), r"see `a_b|c` of a\_b");
        assert_eq!(prose("one ` only, [x](y) & <z>"), r"one \` only, \[x\](y) \& \<z\>");
        assert_eq!(prose("none `` at all"), r"none \`\` at all");
        assert_eq!(literal(r"`a` \ ~~b~~"), r"\`a\` \\ \~\~b\~\~");
    }
}
