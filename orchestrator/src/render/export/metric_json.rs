//! Bencher Metric Format: benchmarks, their measures, and each measure's value with its bounds.

use serde_json::{Map, Value, json};

use super::{json_text, tracked, valid_rows};
use crate::facts::{Quantity, Unit};
use crate::store::Run;

/// `{"capacity/NAME": {"cpu-ns-per-event": {"value": …, "lower_value": …, "upper_value": …}}}`. Bounds are those of the
/// interval, absent where the repetitions do not support one.
pub(super) fn bencher_metric_format(run: &Run) -> String {
    let mut benchmarks = Map::new();
    for (benchmark, row) in valid_rows(run) {
        let measures: Map<String, Value> = tracked(benchmark, row)
            .map(|estimate| {
                let mut metric = json!({"value": estimate.value});
                if let Some((low, high)) = estimate.low.zip(estimate.high) {
                    metric["lower_value"] = json!(low);
                    metric["upper_value"] = json!(high);
                }
                (measure(estimate.quantity), metric)
            })
            .collect();
        if !measures.is_empty() {
            benchmarks.insert(format!("{}/{}", benchmark.name, row.label), Value::Object(measures));
        }
    }
    json_text(&Value::Object(benchmarks))
}

/// The measure's short name. `throughput` is one that every project has.
fn measure(quantity: Quantity) -> String {
    let name = quantity.name().replace('_', "-");
    match quantity.facts().unit {
        Unit::EventsPerSec => "throughput".into(),
        Unit::Ns if !name.ends_with("-ns") => format!("{name}-ns"),
        _ => name,
    }
}
