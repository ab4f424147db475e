//! The report of `diff`: what is comparable, what changed, and what a gate makes of it.

use super::columns::verdict_word;
use super::number::{UNKNOWN, counted, duration_ns, percent, rate, ratio, set_percent};
use super::table::plain_table;
use crate::stats::{Basis, DiffCell, Figure, Quantity};
use crate::store::Difference;

/// One later run, compared with the earlier one.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Comparison {
    /// Name of the later run.
    pub run: String,
    /// What the runs differ in besides their figures.
    pub differences: Vec<Difference>,
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
    parts.push(table(&comparison.cells, delta));
    let missing: Vec<String> = comparison
        .cells
        .iter()
        .filter_map(|cell| match &cell.basis {
            Basis::Missing { side, reason } => {
                let side = format!("{side:?}").to_lowercase();
                Some(format!("  {} {}: in the {side} run {reason}", cell.benchmark, cell.quantity.name()))
            }
            _ => None,
        })
        .collect();
    let mut unique: Vec<String> = Vec::new();
    for line in missing {
        if !unique.contains(&line) {
            unique.push(line);
        }
    }
    if !unique.is_empty() {
        parts.push(format!("not compared:\n{}", unique.join("\n")));
    }
    parts.push(format!(
        "change: ratio in the new run over ratio in the old one, with its interval (Welch; the runs are not paired)\n\
         verdict: slower or faster stand for worse or better; >{delta}: the whole interval lies beyond that\n\
         the reference itself cannot be judged: its figures mix the program with the machine's moods",
        delta = set_percent(delta)
    ));
    parts.join("\n\n") + "\n"
}

fn table(cells: &[DiffCell], delta: f64) -> String {
    let heading = [
        "benchmark",
        "implementation",
        "quantity",
        "old",
        "new",
        "old ratio",
        "new ratio",
        "change",
        "interval",
        "verdict",
    ];
    let numeric = |column: usize| (3..9).contains(&column);
    let rows: Vec<Vec<String>> = cells
        .iter()
        .map(|cell| {
            let value = |figure: Option<Figure>| {
                figure.map_or_else(|| UNKNOWN.to_owned(), |figure| quantity_text(cell.quantity, figure.value))
            };
            let times = |figure: Option<Figure>| {
                figure.and_then(|figure| figure.ratio).map_or_else(|| UNKNOWN.to_owned(), ratio)
            };
            let interval = cell.low.zip(cell.high);
            vec![
                cell.benchmark.clone(),
                cell.label.clone(),
                cell.quantity.name().to_owned(),
                value(cell.old),
                value(cell.new),
                times(cell.old),
                times(cell.new),
                cell.change.map_or_else(|| UNKNOWN.to_owned(), change),
                interval.map_or_else(
                    || UNKNOWN.to_owned(),
                    |(low, high)| format!("{} to {}", change(low), change(high)),
                ),
                match (&cell.basis, cell.verdict) {
                    (Basis::Reference, _) => "reference".to_owned(),
                    (_, Some(verdict)) => verdict_word(verdict, delta),
                    _ => "not compared".to_owned(),
                },
            ]
        })
        .collect();
    plain_table(&heading, numeric, &rows)
}

/// How much more or less: `+4.2 %`.
fn change(ratio: f64) -> String {
    match (ratio - 1.0) * 100.0 {
        p if p.abs() < 0.005 => "0 %".to_owned(),
        p if p.abs() < 0.995 => format!("{p:+.2} %"),
        p if p.abs() < 99.95 => format!("{p:+.1} %"),
        p => format!("{p:+.0} %"),
    }
}

fn quantity_text(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::DeliveredPerSec => rate(value),
        Quantity::DeliveredShare => percent(value),
        _ => duration_ns(value),
    }
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
    /// Cells of the first later run that could be judged.
    pub judged: usize,
    /// Those of them whose interval reaches beyond the limit without lying beyond it.
    pub uncertain: usize,
    /// Those that could not.
    pub unjudged: usize,
}

/// The end of the report.
#[must_use]
pub fn gate_report(gate: &GateResult) -> String {
    let limit = set_percent(gate.slower_by);
    let runs = if gate.confirmed_by > 0 { " in both later runs" } else { "" };
    let mut lines = if gate.failed.is_empty() {
        vec![format!("gate: passed, nothing is slower by at least {limit} for certain{runs}")]
    } else {
        vec![format!("gate: failed, slower by at least {limit} for certain{runs}, or lost:")]
    };
    lines.extend(gate.failed.iter().map(|cell| {
        let why = match &cell.basis {
            Basis::Missing { reason, .. } => reason.clone(),
            _ => cell.change.map_or_else(String::new, change),
        };
        format!("  {} {} {}: {why}", cell.benchmark, cell.label, cell.quantity.name())
    }));
    if gate.uncertain > 0 {
        let (uncertain, judged) = (gate.uncertain, counted(gate.judged as u64, "figure"));
        lines.push(format!(
            "  {uncertain} of {judged} are too uncertain to exclude it; more blocks narrow them"
        ));
    }
    if gate.unjudged > 0 {
        let cells = counted(gate.unjudged as u64, "figure");
        lines.push(format!("  {cells} could not be judged: too few blocks, or nothing in the old run"));
    }
    if !gate.failed.is_empty() && gate.confirmed_by == 0 {
        lines.push("  hint: measure again, and confirm: `orchestrator diff OLD NEW NEW2 --fail-on …`".into());
    }
    lines.join("\n") + "\n"
}
