//! A run in the formats of other tools (docs/RESULTS.md says what each contains).
//!
//! Only rows in which everything balances become numbers: a tool that draws a line through history cannot read a note.

mod action;
mod hyperfine;
mod markdown;
mod metric_json;
mod openmetrics;
mod rows;
mod test_bench;
mod tidy;

pub use action::github_action_benchmark;
pub use hyperfine::hyperfine;
pub use markdown::markdown;
pub use metric_json::bencher_metric_format;
pub use openmetrics::openmetrics;
pub use test_bench::go_benchmark;
pub use tidy::tidy_csv;

use rows::{json_text, tracked, valid_rows, valid_trials};

#[cfg(test)]
mod tests;
