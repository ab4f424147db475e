//! What the run says, in words: of each question what its verdicts, limits and intervals allow.

use super::page::Block;
use super::questions::id_of;
use crate::render::charts::{Shown, Sources};
use crate::render::number::{counted, percent};
use crate::render::report::{Part, parts};
use crate::stats::{MIN_REPETITIONS, Row, RowStatus};
use crate::visible::visible_line;

/// One for each question.
pub(super) fn blocks(sources: &Sources) -> Vec<Block> {
    let answers: Vec<Block> = sources.shown.iter().filter_map(|shown| answer(sources, shown)).collect();
    if answers.is_empty() {
        return vec![Block::plain("This run asks nothing that is compared: its figures are below.")];
    }
    answers
}

fn answer(sources: &Sources, shown: &Shown) -> Option<Block> {
    let mut title = None;
    let mut said = Vec::new();
    for part in parts(sources.run, shown.name.clone(), shown.analysis) {
        match part {
            Part::Title(text) => title = Some(text),
            Part::Sentence(text) => said.push(visible_line(&text).into_owned()),
            Part::Table { .. } => {}
        }
    }
    let title = title?;
    let (question, asks) = title.split_once(": ").unwrap_or((title.as_str(), ""));
    if said.is_empty() {
        said.push(visible_line(&nothing_said(shown)).into_owned());
    }
    said.extend(uncertainty(shown));
    Some(Block::Answer {
        question: visible_line(question).into_owned(),
        asks: visible_line(asks).into_owned(),
        said,
        link: id_of(shown),
    })
}

fn valid<'a>(shown: &'a Shown) -> impl Iterator<Item = &'a Row> {
    shown.analysis.rows.iter().filter(|row| row.status == RowStatus::Valid)
}

/// Why there is no sentence.
fn nothing_said(shown: &Shown) -> String {
    let rows: Vec<&Row> = valid(shown).collect();
    let blocks = rows.iter().map(|row| row.trials.completed).min().unwrap_or_default();
    match rows.as_slice() {
        [] => "No row is valid, so there is no answer.".into(),
        _ if !shown.analysis.is_judged() => {
            "Shown without a verdict: such figures differ from run to run by more than programs do.".into()
        }
        [one] => format!("{} is the only valid row: there is nothing to compare it with.", one.label),
        _ if blocks < MIN_REPETITIONS => format!(
            "No verdict: {}, and at least {MIN_REPETITIONS} are needed.",
            counted(blocks as u64, "block")
        ),
        _ => "Nothing can be told apart for certain.".into(),
    }
}

/// How wide the intervals are, and what is not ranked.
fn uncertainty(shown: &Shown) -> Option<String> {
    if shown.is_point {
        return None;
    }
    let widths =
        valid(shown).filter_map(|row| Some((row.estimate(shown.analysis.headline)?.half_width?, row)));
    let widest = widths.max_by(|a, b| a.0.total_cmp(&b.0));
    let blocks = valid(shown).map(|row| row.trials.completed).min();
    let mut parts = Vec::new();
    if let (Some((half, row)), Some(blocks)) = (widest, blocks) {
        parts.push(format!(
            "the widest interval is ±{} ({}), of {}",
            percent(half),
            row.label,
            counted(blocks as u64, "block")
        ));
    }
    let others = shown.analysis.rows.iter().filter(|row| row.status != RowStatus::Valid);
    let others: Vec<String> =
        others.map(|row| format!("{} ({})", row.label, crate::render::charts::status_word(row))).collect();
    if !others.is_empty() {
        parts.push(format!("not ranked: {}", others.join(", ")));
    }
    (!parts.is_empty()).then(|| visible_line(&format!("{}.", parts.join("; "))).into_owned())
}
