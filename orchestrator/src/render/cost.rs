//! What each implementation's program costs the traced one.

use super::number::{UNKNOWN, bytes, duration_ns};
use super::table::plain_table;
use crate::stats::{AddedCost, CostRow, Costs, costs};
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
    let trials: Vec<_> = run.trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
    let Some(costs) = costs(&run.header.plan, &trials, &run.analysis) else { return String::new() };
    let rows: Vec<Vec<String>> = costs.rows.iter().map(line).collect();
    format!("{}\n\n{}", plain_table(&HEADING, |column| column > 0, &rows), legend(&costs))
}

fn line(row: &CostRow) -> Vec<String> {
    let shown = |value: Option<f64>, format: fn(f64) -> String| value.map_or_else(unknown, format);
    vec![
        row.label.clone(),
        row.woken.as_ref().map_or_else(unknown, with_half),
        row.unwoken.as_ref().map_or_else(unknown, with_half),
        shown(row.wakeups_add_ns, signed),
        shown(row.run_ns, duration_ns),
        shown(row.verified_instructions, |count| format!("{count:.0}")),
        shown(row.jited_bytes, bytes),
        shown(row.load_ns, duration_ns),
        shown(row.attach_ns, duration_ns),
        shown(row.map_memory_bytes, bytes),
    ]
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

fn legend(costs: &Costs) -> String {
    let bare = costs.bare_ns_per_trigger.map_or_else(unknown, duration_ns);
    format!(
        "cost a trigger: CPU time of the traced program, minus the same with nothing attached ({bare}); one record a trigger\n\
         wakeups add: adaptive wakeups against none; program a run: the kernel's own statistics, in a pass of its own\n\
         verified: instructions that the verifier walked"
    )
}
