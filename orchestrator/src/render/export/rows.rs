//! Which rows and trials of a run an export may show.

use crate::stats::{BenchmarkAnalysis, Estimate, Row, RowStatus};
use crate::store::{Run, TrialResult};

/// The rows that may be shown as numbers, each with its benchmark.
pub(super) fn valid_rows(run: &Run) -> impl Iterator<Item = (&BenchmarkAnalysis, &Row)> {
    let rows = run.analysis.benchmarks.iter().flat_map(|b| b.rows.iter().map(move |row| (b, row)));
    rows.filter(|(_, row)| row.status == RowStatus::Valid)
}

/// The estimates of a row that mean the same from run to run: none of saturation.
pub(super) fn tracked<'a>(
    benchmark: &'a BenchmarkAnalysis,
    row: &'a Row,
) -> impl Iterator<Item = &'a Estimate> {
    row.estimates.iter().filter(|estimate| benchmark.question.judges(estimate.quantity))
}

/// The trials of one row that balance, in the order in which they ran.
pub(super) fn valid_trials<'a>(
    run: &'a Run,
    benchmark: &BenchmarkAnalysis,
    row: &Row,
) -> impl Iterator<Item = &'a TrialResult> {
    let index = run.header.plan.benchmarks.iter().position(|planned| planned.name == benchmark.name);
    let label = row.label.clone();
    run.trials.iter().filter(move |trial| {
        Some(trial.planned.benchmark) == index && trial.planned.label == label && trial.measurement.is_valid()
    })
}

/// Indented JSON with a final newline.
pub(super) fn json_text(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
