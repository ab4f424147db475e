//! What the load paid, and whether it kept its schedule.

use super::values::Figures;
use crate::arithmetic::median;
use crate::load::LoadReport;
use crate::parse::latency::{decode_histogram, planned_percentile};
use crate::parse::limit::MISSED;
use crate::plan::{Benchmark, LoadPattern};
use crate::supervise::{Fill, TrialRecord};

/// Adds the figures of the load.
pub(super) fn add(figures: &mut Figures, record: &TrialRecord, benchmark: &Benchmark) {
    let Some(load) = &record.load else { return };
    let batch = f64::from(benchmark.runner.batch);
    schedule(figures, load);
    let is_waiting = matches!(benchmark.load.pattern, LoadPattern::Open { .. });
    let fills = record.warm_up.as_ref().map(|warm_up| warm_up.fills.as_slice()).unwrap_or_default();
    // As many as chance keeps: parts are short, and how many each really kept would be noise.
    let kept = batch / f64::from(benchmark.runner.keep_one_in);
    figures.load_ns_per_event_alone = middle_cost(fills, kept);
    // The pieces of a ladder are judged one by one.
    // Of a load of which one part waits and another pushes no sum says anything.
    let is_mixed = matches!(benchmark.load.pattern, LoadPattern::Ladder | LoadPattern::Beside { .. });
    if is_mixed || is_waiting && figures.missed_share.is_none_or(|missed| missed <= MISSED) {
        return;
    }
    let cpu_ns = load.user_ns.saturating_add(load.system_ns);
    figures.load_ns_per_event = cost(cpu_ns, load.kept(), batch);
    figures.load_excess_share = figures
        .load_ns_per_event
        .zip(figures.load_ns_per_event_alone)
        .map(|(with, alone)| (1.0 - alone / with).max(0.0));
}

/// How well an open loop kept its slots.
fn schedule(figures: &mut Figures, load: &LoadReport) {
    let Some(missed) = load.missed else { return };
    let slots = load.on_schedule().saturating_add(missed);
    figures.missed_share = (slots > 0).then(|| missed as f64 / slots as f64);
    let kept = load.on_schedule();
    figures.late_share = load.late.filter(|_| kept > 0).map(|late| late as f64 / kept as f64);
    let lateness = load.lateness.as_ref().and_then(|encoded| decode_histogram(encoded).ok());
    let percentile = |p| planned_percentile(lateness.as_ref()?, Some(slots), p);
    figures.lateness_p50_ns = percentile(0.5);
    figures.lateness_p99_ns = percentile(0.99);
}

/// Nanoseconds an event; none without one.
fn cost(cpu_ns: u64, triggers: u64, batch: f64) -> Option<f64> {
    (triggers > 0 && cpu_ns > 0).then(|| cpu_ns as f64 / (triggers as f64 * batch))
}

/// The median of the parts.
fn middle_cost(fills: &[Fill], batch: f64) -> Option<f64> {
    let costs = fills.iter().map(|fill| cost(fill.cpu_ns, fill.issued, batch));
    median(costs.collect::<Option<Vec<_>>>()?)
}
