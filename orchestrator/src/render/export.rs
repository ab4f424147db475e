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

use rows::{json_text, tracked, valid_rows, valid_trials};

use crate::store::Run;

/// A format of another tool.
#[derive(Debug, Clone, Copy)]
pub struct Export {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Writes a run in it.
    pub write: fn(&Run) -> String,
}

/// All formats.
pub const EXPORTS: [Export; 7] = [
    Export { name: "csv", help: "Tidy: one line for each trial and quantity", write: tidy::tidy_csv },
    Export { name: "markdown", help: "A table for an issue or a document", write: markdown::markdown },
    Export { name: "bmf", help: "Bencher Metric Format", write: metric_json::bencher_metric_format },
    Export {
        name: "github-action-benchmark",
        help: "For the tool `customSmallerIsBetter`",
        write: action::github_action_benchmark,
    },
    Export { name: "go-benchmark", help: "What benchstat reads", write: test_bench::go_benchmark },
    Export {
        name: "openmetrics",
        help: "Gauges for Prometheus and its relatives",
        write: openmetrics::openmetrics,
    },
    Export {
        name: "hyperfine",
        help: "The JSON of hyperfine, in seconds an event",
        write: hyperfine::hyperfine,
    },
];

#[cfg(test)]
mod tests;
