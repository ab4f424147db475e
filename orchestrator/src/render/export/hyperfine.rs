//! JSON in the form that hyperfine exports, so that scripts which plot or compare its results read ours.
//!
//! Its one quantity is time in seconds. Here that is the time one event takes: CPU time (capacity), the time between two
//! deliveries (throughput), the median of delay (latency).

use serde_json::{Value, json};

use super::{json_text, valid_rows, valid_trials};
use crate::parse::Measurement;
use crate::stats::Quantity;
use crate::store::Run;

const NS_PER_SEC: f64 = 1e9;

/// One result for each row; one time for each trial.
#[must_use]
pub fn hyperfine(run: &Run) -> String {
    let mut results: Vec<Value> = Vec::new();
    for (benchmark, row) in valid_rows(run) {
        let trials: Vec<&Measurement> =
            valid_trials(run, benchmark, row).map(|trial| &trial.measurement).collect();
        let times: Vec<f64> = trials.iter().filter_map(|m| seconds(benchmark.headline, m)).collect();
        if times.is_empty() {
            continue;
        }
        results.push(json!({
            "command": format!("{}/{}", benchmark.name, row.label),
            "mean": mean(&times),
            "stddev": deviation(&times),
            "median": median(&times),
            "user": mean(&shares(&trials, |m| m.figures.user_ns)),
            "system": mean(&shares(&trials, |m| m.figures.system_ns)),
            "min": times.iter().copied().reduce(f64::min),
            "max": times.iter().copied().reduce(f64::max),
            "times": times,
            "exit_codes": vec![0; times.len()],
            "parameters": {"benchmark": benchmark.name, "implementation": row.label},
        }));
    }
    json_text(&json!({ "results": results }))
}

fn seconds(quantity: Quantity, measurement: &Measurement) -> Option<f64> {
    let value = quantity.of(measurement)?;
    match quantity {
        Quantity::DeliveredPerSec => (value > 0.0).then(|| 1.0 / value),
        _ => Some(value / NS_PER_SEC),
    }
}

/// CPU time an event of the measured part, seconds, of the trials of which it is known.
fn shares(trials: &[&Measurement], field: fn(&Measurement) -> Option<u64>) -> Vec<f64> {
    let of = |m: &&Measurement| {
        Some(field(m)? as f64 / NS_PER_SEC / m.figures.events_read.filter(|n| *n > 0)? as f64)
    };
    trials.iter().filter_map(of).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Null with a single value, as with hyperfine.
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len().checked_sub(1)?;
    Some(f64::midpoint(sorted[middle / 2], sorted[sorted.len() / 2]))
}
