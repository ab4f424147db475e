//! What each implementation's program costs the traced one.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::number::{UNKNOWN, bytes, duration_ns};
use crate::facts;
use crate::parse::Measurement;
use crate::plan::{NOTHING_ATTACHED, Wakeup};
use crate::stats::{AddedCost, Quantity, added_costs};
use crate::store::Run;

const HEADING: [&str; 10] = [
    "imple-\nmentation",
    "cost a trigger\nadaptive",
    "\nno wakeups",
    "wakeups\nadd",
    "program\na run",
    "\nverified",
    "JITed\ncode",
    "\nload",
    "\nattach",
    "map\nmemory",
];

/// A table of all rows of the cost benchmarks; empty when there was none.
pub(super) fn cost_report(run: &Run) -> String {
    let plan = &run.header.plan;
    let labels = labels(run);
    if labels.is_empty() {
        return String::new();
    }
    let trials: Vec<_> = run.trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
    let confidence = run.analysis.settings.confidence;
    let costs_with = |wakeup: fn(&Wakeup) -> bool| {
        let index = plan.benchmarks.iter().position(|benchmark| {
            benchmark.question.facts().reference_row.is_some() && wakeup(&benchmark.runner.wakeup)
        });
        index.map(|index| added_costs(&trials, index, confidence)).unwrap_or_default()
    };
    let woken = costs_with(|wakeup| wakeup.wakes());
    let unwoken = costs_with(|wakeup| !wakeup.wakes());

    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(HEADING);
    for label in labels {
        table.add_row(line(run, label, &woken, &unwoken));
    }
    for column in 0..HEADING.len() {
        if let Some(layout) = table.column_mut(column) {
            layout.set_padding((0, 2));
            if column > 0 {
                layout.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let table: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n\n{}", table.join("\n"), legend(run))
}

/// Rows of the cost benchmarks, without the one that has nothing attached.
fn labels(run: &Run) -> Vec<&str> {
    let mut labels: Vec<&str> = Vec::new();
    for benchmark in run
        .analysis
        .benchmarks
        .iter()
        .filter(|benchmark| benchmark.question.facts().table == facts::Table::Cost)
    {
        for row in benchmark.rows.iter().filter(|row| row.label != NOTHING_ATTACHED) {
            if !labels.contains(&row.label.as_str()) {
                labels.push(&row.label);
            }
        }
    }
    labels
}

fn line(run: &Run, label: &str, woken: &[AddedCost], unwoken: &[AddedCost]) -> Vec<String> {
    let of = |costs: &[AddedCost]| costs.iter().find(|cost| cost.label == label).cloned();
    let (woken, unwoken) = (of(woken), of(unwoken));
    let added = woken.as_ref().zip(unwoken.as_ref()).map(|(a, b)| a.ns_per_trigger - b.ns_per_trigger);
    let mut benchmarks = run.analysis.benchmarks.iter();
    let run_time = benchmarks
        .find(|benchmark| benchmark.question.facts().bpf_statistics)
        .and_then(|benchmark| benchmark.rows.iter().find(|row| row.label == label))
        .and_then(|row| row.estimate(Quantity::BpfRunNs))
        .map(|estimate| estimate.value);
    let figure = |value: fn(&Measurement) -> Option<f64>| median(run, label, value);
    let shown = |value: Option<f64>, format: fn(f64) -> String| value.map_or_else(unknown, format);
    vec![
        label.to_owned(),
        woken.as_ref().map_or_else(unknown, with_half),
        unwoken.as_ref().map_or_else(unknown, with_half),
        shown(added, signed),
        shown(run_time, duration_ns),
        shown(figure(|m| m.figures.verified_instructions.map(|n| n as f64)), |count| format!("{count:.0}")),
        shown(figure(|m| m.figures.jited_bytes.map(|n| n as f64)), bytes),
        shown(figure(|m| m.figures.load_ns.map(|n| n as f64)), duration_ns),
        shown(figure(|m| m.figures.attach_ns.map(|n| n as f64)), duration_ns),
        shown(figure(|m| m.figures.map_memory_bytes.map(|n| n as f64)), bytes),
    ]
}

/// Over the row's trials of the cost benchmarks.
fn median(run: &Run, label: &str, value: fn(&Measurement) -> Option<f64>) -> Option<f64> {
    let mut values: Vec<f64> = run
        .trials
        .iter()
        .filter(|trial| trial.planned.label == label)
        .filter(|trial| {
            run.header.plan.benchmarks[trial.planned.benchmark].question.facts().table == facts::Table::Cost
        })
        .filter_map(|trial| value(&trial.measurement))
        .collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len().checked_sub(1)?;
    Some(f64::midpoint(values[middle / 2], values[values.len() / 2]))
}

fn with_half(cost: &AddedCost) -> String {
    let half = cost.high.map(|high| format!(" ±{}", duration_ns(high - cost.ns_per_trigger)));
    signed(cost.ns_per_trigger) + &half.unwrap_or_default()
}

fn signed(ns: f64) -> String {
    if ns < 0.0 { format!("-{}", duration_ns(-ns)) } else { duration_ns(ns) }
}

fn unknown() -> String {
    UNKNOWN.to_owned()
}

fn legend(run: &Run) -> String {
    let bare: Vec<f64> = run
        .trials
        .iter()
        .filter(|trial| trial.planned.label == NOTHING_ATTACHED)
        .filter_map(|trial| trial.measurement.figures.load_ns_per_trigger)
        .collect();
    let mean = bare.iter().sum::<f64>() / bare.len() as f64;
    let bare = if bare.is_empty() { UNKNOWN.to_owned() } else { duration_ns(mean) };
    format!(
        "cost a trigger: CPU time of the traced program, minus the same with nothing attached ({bare}); one record a trigger\n\
         wakeups add: adaptive wakeups against none; program a run: the kernel's own statistics, in a pass of its own\n\
         verified: instructions that the verifier walked"
    )
}
