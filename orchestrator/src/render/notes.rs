//! What a table alone would hide: why rows are not ranked, what failed, how much is noise.

use super::columns::verdict_word;
use super::number::{counted, percent, ratio, set_percent};
use super::view::Line;
use crate::plan::Question;
use crate::stats::{BenchmarkAnalysis, MIN_REPETITIONS, Row, RowStatus, blocks_for_sign_flip};
use crate::store::{Resumption, Run};

/// A p-value up to this counts as a difference.
const ALPHA: f64 = 0.05;

/// A benchmark under the name that the table gives it.
pub(super) type Named<'a> = (String, &'a BenchmarkAnalysis);

/// All notes, the important ones first.
pub(super) fn notes(run: &Run, benchmarks: &[Named]) -> Vec<String> {
    let rows = || benchmarks.iter().flat_map(|(name, b)| b.rows.iter().map(move |row| (name, row)));
    let mut notes: Vec<String> = Vec::new();
    for (name, row) in rows() {
        for note in row_notes(row) {
            push_merged(&mut notes, &row.label, name, &note);
        }
    }
    let delta = run.analysis.settings.delta;
    notes.extend(repetitions(benchmarks));
    if rows().any(|(_, row)| row.trials.completed > 0 && !row.kernel_evidence) {
        notes.push(
            "not for every trial could the kernel be asked what the consumer read from the ring".into(),
        );
    }
    notes.extend(run.resumed.iter().map(resumption));
    notes.extend(benchmarks.iter().filter_map(noise));
    notes.extend(benchmarks.iter().filter_map(grouping));
    notes.extend(benchmarks.iter().flat_map(|benchmark| doubtful(benchmark, delta)));
    notes.extend(run.analysis.scores.iter().map(|score| {
        let (label, times) = (&score.label, ratio(score.times_better));
        let (benchmarks, question) = (score.benchmarks, score.question);
        format!(
            "{label}: {times} over {benchmarks} {question} benchmarks (geometric mean; above 1 is better)"
        )
    }));
    notes
}

/// The same note on the same row in several benchmarks is one note that names them all.
fn push_merged(notes: &mut Vec<String>, label: &str, benchmark: &str, note: &str) {
    let (head, tail) = (format!("{label} ("), format!("): {note}"));
    let same = notes.iter_mut().find(|existing| existing.starts_with(&head) && existing.ends_with(&tail));
    match same {
        Some(existing) => existing.insert_str(existing.len() - tail.len(), &format!(", {benchmark}")),
        None => notes.push(format!("{head}{benchmark}{tail}")),
    }
}

fn row_notes(row: &Row) -> Vec<String> {
    let with_hint = |text: String, hint: &Option<String>| match hint {
        Some(hint) => format!("{text}\n    hint: {hint}"),
        None => text,
    };
    let status = match &row.status {
        RowStatus::Valid => None,
        RowStatus::Invalid { failed } => Some(format!("invalid, not ranked: {}", failed.join("; "))),
        RowStatus::Unverified { missing } => {
            Some(format!("unverified, not ranked; could not be checked: {}", missing.join("; ")))
        }
        RowStatus::Unsupported { message, hint } => Some(with_hint(format!("unsupported: {message}"), hint)),
        RowStatus::Failed { message, hint } => Some(with_hint(format!("failed: {message}"), hint)),
        RowStatus::NotRun => Some("not run".into()),
    };
    let run = row.trials.run;
    let lost = run - row.trials.completed;
    let some_failed = (lost > 0 && row.trials.completed > 0)
        .then(|| format!("{lost} of {run} trials did not complete: {}", row.failures.join("; ")));
    let planned = row.trials.planned;
    let not_run =
        (run > 0 && run < planned).then(|| format!("{} of {planned} trials were not run", planned - run));
    [status, some_failed, not_run].into_iter().flatten().collect()
}

/// Whether there are blocks enough for an interval, and for the sign-flip test.
fn repetitions(benchmarks: &[Named]) -> Option<String> {
    let ranked = benchmarks.iter().flat_map(|(_, b)| &b.rows).filter(|row| row.status == RowStatus::Valid);
    let fewest = ranked.map(|row| row.trials.completed).min()?;
    if fewest < MIN_REPETITIONS {
        return Some(format!(
            "not enough repetitions: {fewest}; an interval or a verdict needs at least {MIN_REPETITIONS} blocks \
             (`--blocks {MIN_REPETITIONS}`; 5 for a look, 12 for a real comparison)"
        ));
    }
    let pairs = benchmarks.iter().map(|(_, b)| b.pairs_of_headline()).max().filter(|pairs| *pairs > 0)?;
    let needed = blocks_for_sign_flip(pairs, ALPHA);
    let pairs = counted(pairs as u64, "pair");
    (fewest < needed).then(|| {
        format!("the sign-flip test, a second opinion on {pairs}, needs {needed} blocks; there are {fewest}")
    })
}

/// Differences that the second opinion does not share although it has blocks enough.
fn doubtful((name, benchmark): &Named, delta: f64) -> Vec<String> {
    let tested: Vec<_> = benchmark
        .pairs
        .iter()
        .filter(|pair| pair.quantity == benchmark.headline && pair.verdict.is_difference())
        .filter(|pair| pair.blocks >= blocks_for_sign_flip(benchmark.pairs_of_headline(), ALPHA))
        .collect();
    let doubt = tested.into_iter().filter_map(|pair| {
        let p = pair.p_holm.filter(|p| *p > ALPHA)?;
        let (label, word, reference) = (&pair.label, verdict_word(pair.verdict, delta), &pair.reference);
        Some(format!(
            "{name}: {label} {word} against {reference}, but the sign-flip test is not sure (p {p:.3})"
        ))
    });
    doubt.collect()
}

/// What was measured before and after may differ by what happened in between.
fn resumption(resumption: &Resumption) -> String {
    let Resumption { resumed_utc, trial, block, changed } = resumption;
    let lines: Vec<String> =
        changed.iter().map(|difference| format!("\n    changed since the run began: {difference}")).collect();
    format!("resumed {resumed_utc} with trial {trial}, in block {block}{}", lines.concat())
}

fn noise((name, benchmark): &Named) -> Option<String> {
    let floor = benchmark.noise_floor.iter().find(|floor| floor.quantity == benchmark.headline)?;
    let (difference, label, reference) = (percent(floor.difference), &floor.label, &floor.reference);
    let what =
        format!("{name}: noise floor {difference} ({label} against {reference}, the same program twice)");
    Some(if floor.verdict.is_difference() {
        format!(
            "{what}; warning: its own interval excludes that they are equal, so the machine was not steady"
        )
    } else {
        what
    })
}

/// With two rows the verdict says it already.
fn grouping((name, benchmark): &Named) -> Option<String> {
    let ranked = || benchmark.rows.iter().filter_map(|row| Some((row.letters.as_ref()?, &row.label)));
    let rows: Vec<String> = ranked().map(|(letters, label)| format!("{label} {letters}")).collect();
    (rows.len() > 2).then(|| {
        format!("{name}: rows that share a letter cannot be told apart, a is best: {}", rows.join(", "))
    })
}

/// What the columns mean.
pub(super) fn legend(run: &Run, lines: &[Line]) -> Vec<String> {
    let settings = &run.analysis.settings;
    let asked = |question: Question| {
        lines.iter().flat_map(|line| &line.cells).any(|cell| cell.benchmark.question == question)
    };
    let mut legend = Vec::new();
    if asked(Question::Capacity) {
        legend.push("capacity: CPU time of the consumer for one event, in bursts".to_owned());
    }
    if asked(Question::Saturation) {
        legend
            .push("throughput: events/s delivered while the load ran; drops: of the events attempted".into());
    }
    if asked(Question::Latency) {
        legend.push("latency: from the trigger to the reading of its record, at a fixed rate".to_owned());
    }
    let confidence = set_percent(settings.confidence);
    legend.push(format!(
        "±: half of the {confidence} interval over {}",
        counted(run.header.plan.blocks, "block")
    ));
    if let Some(cell) = lines.first().and_then(|line| line.cells.first())
        && run.header.plan.baseline.is_some()
    {
        let (question, delta) = (cell.benchmark.question, set_percent(settings.delta));
        legend.push(format!(
            "verdict: on {question}; >{delta}: the whole interval lies beyond that; equivalent: it lies within ±{delta}"
        ));
    }
    legend
}
