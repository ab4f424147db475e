//! JSON in the form that hyperfine exports, so that scripts which plot or compare its results read ours.
//!
//! Its quantity is time in seconds. Here that is the time one event takes: CPU time (capacity), the time between two deliveries
//! (saturation), the median of delay (latency).
//!
//! The form changed with hyperfine 2.0.0 (its CHANGELOG: `schema_version` 2): each run is an object of values with units, and a
//! summary has what stood beside it. Nothing but `parameters` is named alike in both, so one file can be both.

use serde_json::{Map, Value, json};

use super::{json_text, valid_rows, valid_trials};
use crate::facts::{Quantity, Unit};
use crate::parse::Measurement;
use crate::stats::{deviation, mean, median};
use crate::store::Run;

const NS_PER_SEC: f64 = 1e9;

/// The one quantity that is there for every question; hyperfine's scripts know a fixed set of names.
const PRIMARY: &str = "time_wall_clock";

/// One result for each row; one time for each trial.
pub(super) fn hyperfine(run: &Run) -> String {
    let mut results: Vec<Value> = Vec::new();
    for (benchmark, row) in valid_rows(run) {
        let trials: Vec<Times> = valid_trials(run, benchmark, row)
            .filter_map(|trial| Times::of(benchmark.headline, &trial.measurement))
            .collect();
        if trials.is_empty() {
            continue;
        }
        let times: Vec<f64> = trials.iter().map(|trial| trial.event).collect();
        let (user, system) = (known(&trials, |trial| trial.user), known(&trials, |trial| trial.system));
        let mut summary = Map::new();
        for (name, values) in [(PRIMARY, &times), ("time_user", &user), ("time_system", &system)] {
            // Whoever takes up a quantity looks for it in every trial.
            if values.len() == times.len() {
                summary.insert(name.to_owned(), summarised(values));
            }
        }
        results.push(json!({
            "command": format!("{}/{}", benchmark.name, row.label),
            "parameters": {"benchmark": {"value": benchmark.name}, "implementation": {"value": row.label}},
            "measurements": trials.iter().map(Times::measured).collect::<Vec<_>>(),
            "summary": summary,
            "mean": mean(&times),
            "stddev": deviation(&times),
            "median": median(times.iter().copied()),
            "user": mean(&user),
            "system": mean(&system),
            "min": least(&times),
            "max": most(&times),
            "times": times,
            "exit_codes": vec![0; times.len()],
        }));
    }
    json_text(&json!({
        "schema_version": 2,
        "primary_metric": PRIMARY,
        "metadata": {"start_time": run.header.started_utc},
        "results": results,
    }))
}

/// Seconds an event in one trial.
struct Times {
    event: f64,
    /// Of the measured part, like `system`.
    user: Option<f64>,
    system: Option<f64>,
}

impl Times {
    /// None where the quantity is not known.
    fn of(quantity: Quantity, measurement: &Measurement) -> Option<Self> {
        let value = quantity.of(measurement)?;
        let event = match quantity.facts().unit {
            Unit::EventsPerSec => (value > 0.0).then(|| 1.0 / value)?,
            unit => unit.is_time().then(|| value / unit.facts().in_base)?,
        };
        let figures = &measurement.figures;
        let events = figures.events_read.filter(|events| *events > 0);
        let share = |ns: Option<u64>| Some(ns? as f64 / NS_PER_SEC / events? as f64);
        Some(Self { event, user: share(figures.user_ns), system: share(figures.system_ns) })
    }

    fn measured(&self) -> Value {
        let values = [(PRIMARY, Some(self.event)), ("time_user", self.user), ("time_system", self.system)];
        let known = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut measured: Map<String, Value> =
            known.map(|(name, value)| (name.to_owned(), json!({"value": value, "unit": "second"}))).collect();
        measured.insert("exit_code".into(), 0.into());
        measured.into()
    }
}

fn summarised(values: &[f64]) -> Value {
    json!({
        "unit": "second",
        "count": values.len(),
        "mean": mean(values),
        "stddev": deviation(values),
        "median": median(values.iter().copied()),
        "min": least(values),
        "max": most(values),
    })
}

/// The values of the trials of which it is known.
fn known(trials: &[Times], field: fn(&Times) -> Option<f64>) -> Vec<f64> {
    trials.iter().filter_map(field).collect()
}

fn least(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::min)
}

fn most(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::max)
}
