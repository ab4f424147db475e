//! A run in the formats of other tools (docs/RESULTS.md says what each contains).
//!
//! Only rows in which everything balances become numbers: a tool that draws a line through history cannot read a note.

mod action;
mod hyperfine;
mod markdown;
mod metric_json;
mod openmetrics;
mod test_bench;
mod tidy;

pub use action::github_action_benchmark;
pub use hyperfine::hyperfine;
pub use markdown::markdown;
pub use metric_json::bencher_metric_format;
pub use openmetrics::openmetrics;
pub use test_bench::go_benchmark;
pub use tidy::tidy_csv;

use crate::stats::{BenchmarkAnalysis, Estimate, Row, RowStatus};
use crate::store::{Run, TrialResult};

/// The rows that may be shown as numbers, each with its benchmark.
fn valid_rows(run: &Run) -> impl Iterator<Item = (&BenchmarkAnalysis, &Row)> {
    let rows = run.analysis.benchmarks.iter().flat_map(|b| b.rows.iter().map(move |row| (b, row)));
    rows.filter(|(_, row)| row.status == RowStatus::Valid)
}

/// The estimates of a row that mean the same from run to run: none of saturation.
fn tracked<'a>(benchmark: &'a BenchmarkAnalysis, row: &'a Row) -> impl Iterator<Item = &'a Estimate> {
    row.estimates.iter().filter(|estimate| benchmark.question.judges(estimate.quantity))
}

/// The trials of one row that balance, in the order in which they ran.
fn valid_trials<'a>(
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
fn json_text(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests;
