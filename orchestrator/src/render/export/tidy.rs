//! Comma-separated values in tidy form: one line for each trial and quantity.

use super::valid_trials;
use crate::stats::{Quantity, RowStatus};
use crate::store::{Run, csv_text, kind};

const HEADING: [&str; 13] = [
    "run",
    "benchmark",
    "question",
    "label",
    "implementation",
    "status",
    "trial",
    "block",
    "position",
    "outcome",
    "quantity",
    "unit",
    "value",
];

/// One line a trial and quantity. A row that is not valid has one line with its status and without a value.
pub(super) fn tidy_csv(run: &Run) -> String {
    let mut lines = vec![HEADING.map(str::to_owned).to_vec()];
    for benchmark in &run.analysis.benchmarks {
        for row in &benchmark.rows {
            let of_row = [
                run.header.run.clone(),
                benchmark.name.clone(),
                benchmark.question.to_string(),
                row.label.clone(),
                row.implementation.clone(),
                kind(&row.status),
            ];
            if row.status != RowStatus::Valid {
                let mut line = of_row.to_vec();
                line.resize(HEADING.len(), String::new());
                lines.push(line);
                continue;
            }
            for trial in valid_trials(run, benchmark, row) {
                for quantity in Quantity::all() {
                    let Some(value) = quantity.of(&trial.measurement) else { continue };
                    let of_value = [
                        trial.planned.number.to_string(),
                        trial.planned.block.to_string(),
                        trial.planned.position.to_string(),
                        kind(&trial.measurement.outcome),
                        quantity.name().to_owned(),
                        quantity.facts().unit.facts().name.to_owned(),
                        value.to_string(),
                    ];
                    lines.push(of_row.iter().cloned().chain(of_value).collect());
                }
            }
        }
    }
    csv_text(lines.into_iter())
}
