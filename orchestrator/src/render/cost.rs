//! What each implementation's program costs the traced one.

use super::number::{UNKNOWN, duration_ns};
use super::table::text_table;
use crate::stats::{Costs, costs};
use crate::store::Run;
use crate::tables::cost_table;

/// A table of all rows of the cost benchmarks, and what its columns mean; empty when there was none.
pub(super) fn cost_report(run: &Run) -> String {
    let Some(costs) = costs_of(run) else { return String::new() };
    format!("{}\n\n{}", text_table(&cost_table(&costs.rows)), cost_legend(&costs))
}

/// What was found; none where nobody asked.
pub(super) fn costs_of(run: &Run) -> Option<Costs> {
    let trials: Vec<_> = run.trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
    costs(&run.header.plan, &trials, &run.analysis)
}

/// What the columns mean.
pub(super) fn cost_legend(costs: &Costs) -> String {
    let bare = costs.bare_ns_per_trigger.map_or_else(|| UNKNOWN.to_owned(), duration_ns);
    format!(
        "cost a trigger: CPU time of the traced program, minus the same with nothing attached ({bare}); one record a trigger\n\
         wakeups add: adaptive wakeups against none; program a run: the kernel's own statistics, in a pass of its own\n\
         verified: instructions that the verifier walked"
    )
}
