//! The report of `diff`: what is comparable, what changed, and what a gate makes of it.

use super::number::{change, counted, set_percent};
use super::table::text_table;
use crate::identity::Difference;
use crate::stats::{Basis, DiffCell, PairVerdict, Side};
use crate::tables::diff_table;

/// One later run, compared with the earlier one.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Comparison {
    /// Name of the later run.
    pub run: String,
    /// What the runs differ in besides their figures.
    pub differences: Vec<Difference>,
    /// Benchmarks that one of the two lacks, with the side that does.
    pub lacking: Vec<(String, Side)>,
    /// The figures.
    pub cells: Vec<DiffCell>,
}

/// The report of one comparison.
#[must_use]
pub fn diff_report(old: &str, comparison: &Comparison, reference: &str, delta: f64) -> String {
    let mut parts = vec![format!("{old} -> {}, ratios to {reference}", comparison.run)];
    if !comparison.differences.is_empty() {
        let lines: Vec<String> = comparison
            .differences
            .iter()
            .map(|difference| {
                let word = if difference.prevents { "not comparable" } else { "warning" };
                format!("  {word}: {difference}")
            })
            .collect();
        parts.push(format!("the runs differ:\n{}", lines.join("\n")));
    }
    parts.push(text_table(&diff_table(&comparison.cells, delta)));
    let missing: Vec<String> = comparison
        .cells
        .iter()
        .filter_map(|cell| match &cell.basis {
            Basis::Missing { side, reason, .. } => {
                let side = format!("{side:?}").to_lowercase();
                Some(format!("  {} {}: in the {side} run {reason}", cell.benchmark, cell.quantity.name()))
            }
            _ => None,
        })
        .collect();
    let lacking = comparison.lacking.iter().map(|(name, side)| {
        format!("  {name}: not measured in the {} run", format!("{side:?}").to_lowercase())
    });
    let mut unique: Vec<String> = Vec::new();
    for line in missing.into_iter().chain(lacking) {
        if !unique.contains(&line) {
            unique.push(line);
        }
    }
    if !unique.is_empty() {
        parts.push(format!("not compared:\n{}", unique.join("\n")));
    }
    parts.push(format!(
        "change: ratio in the new run over ratio in the old one, with its interval by itself (the runs are not paired)\n\
         verdict: at most 5 % of such tables have a false one; slower or faster: worse or better; >{delta}: by more than that\n\
         the reference itself cannot be judged: its figures mix the program with the machine's moods",
        delta = set_percent(delta)
    ));
    parts.join("\n\n") + "\n"
}

/// What a gate found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct GateResult {
    /// The share that is too much.
    pub slower_by: f64,
    /// How many more runs had to agree.
    pub confirmed_by: usize,
    /// What is slower by that, or no longer counts, in every later run; figures of the first one.
    pub failed: Vec<DiffCell>,
    /// How many figures of the first later run could be judged: for certain slower by the limit, or for certain not.
    pub judged: usize,
    /// Figures whose interval reaches over the limit, or that have none.
    pub uncertain: Vec<DiffCell>,
    /// What was not compared, and why.
    pub not_judged: Vec<String>,
    /// Benchmarks of the old run that a new one lacks.
    pub missing_benchmarks: Vec<String>,
}

/// The end of the report.
#[must_use]
pub fn gate_report(gate: &GateResult) -> String {
    let limit = set_percent(gate.slower_by);
    let runs = if gate.confirmed_by > 0 { " in both later runs" } else { "" };
    let judged = counted(gate.judged as u64, "figure");
    let mut lines = if !gate.failed.is_empty() {
        vec![format!("gate: failed, slower by at least {limit} for certain{runs}, or lost:")]
    } else if gate.judged == 0 || !gate.missing_benchmarks.is_empty() {
        vec!["gate: not judged, so not passed".to_owned()]
    } else {
        vec![format!("gate: passed, nothing is slower by at least {limit} for certain{runs}")]
    };
    lines.extend(gate.failed.iter().map(|cell| {
        let why = match &cell.basis {
            Basis::Missing { reason, .. } => reason.clone(),
            _ => cell.change.map_or_else(String::new, change),
        };
        format!("  {}: {why}", name(cell))
    }));
    lines.push(format!("  judged: {judged}"));
    lines.extend(gate.uncertain.iter().map(|cell| {
        let why = match (cell.verdict, cell.low.zip(cell.high)) {
            (Some(PairVerdict::NotEnoughRepetitions { have, needed }), _) => {
                format!("{} of at least {needed}", counted(have as u64, "block"))
            }
            (_, Some((low, high))) => {
                let range = format!("{} to {}", change(low), change(high));
                // Where its interval leaves the limit out, it is the others beside which that is not enough.
                if cell.is_slower_by(gate.slower_by) {
                    format!("{range} by itself, which is not certain among so many figures")
                } else {
                    format!("{range}, which {limit} lies in")
                }
            }
            _ => "no interval".to_owned(),
        };
        format!("  not judged: {}: {why}", name(cell))
    }));
    lines.extend(gate.not_judged.iter().map(|why| format!("  not judged: {why}")));
    let missing = gate.missing_benchmarks.iter();
    lines.extend(missing.map(|name| format!("  not judged: {name}: a new run did not measure it")));
    if !gate.failed.is_empty() && gate.confirmed_by == 0 {
        lines.push("  hint: measure again, and confirm: `orchestrator diff OLD NEW NEW2 --fail-on …`".into());
    }
    lines.join("\n") + "\n"
}

fn name(cell: &DiffCell) -> String {
    format!("{} {} {}", cell.benchmark, cell.label, cell.quantity.name())
}
