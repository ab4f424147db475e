//! The custom format of github-action-benchmark, for its tool `customSmallerIsBetter`.
//!
//! A file of that tool has one direction. So throughput is given as the time between two delivered events and delivered
//! events as the share that was dropped: in every entry less is better.

use serde_json::{Value, json};

use super::super::number::{counted, percent, ratio};
use super::{json_text, tracked, valid_rows};
use crate::facts::{Direction, Unit};
use crate::stats::Estimate;
use crate::store::Run;

const NS_PER_SEC: f64 = 1e9;

/// One entry for each row and quantity that decides on something.
pub(super) fn github_action_benchmark(run: &Run) -> String {
    let baseline = run.header.plan.baseline.as_deref();
    let mut entries: Vec<Value> = Vec::new();
    for (benchmark, row) in valid_rows(run) {
        for estimate in tracked(benchmark, row) {
            let Some((what, unit, value)) = smaller_is_better(estimate) else { continue };
            let mut entry = json!({
                "name": format!("{}/{}: {what}", benchmark.name, row.label), "unit": unit, "value": value,
            });
            // Half of a ratio's interval is the same for the inverse ratio.
            let exact = estimate.quantity.facts().unit == Unit::Share;
            if let Some(half) = estimate.half_width.filter(|_| !exact) {
                entry["range"] = json!(format!("± {}", percent(half)));
            }
            let pair = baseline.and_then(|baseline| benchmark.pair(estimate.quantity, &row.label, baseline));
            let times = pair.and_then(|pair| {
                Some(format!(", {} {} to {}", estimate.quantity.name(), ratio(pair.ratio?), pair.reference))
            });
            let trials = counted(estimate.repetitions as u64, "trial");
            entry["extra"] = json!(format!("{trials}{}", times.unwrap_or_default()));
            entries.push(entry);
        }
    }
    json_text(&Value::Array(entries))
}

/// What an estimate is called, its unit, and its value, less being better.
fn smaller_is_better(estimate: &Estimate) -> Option<(&'static str, &'static str, f64)> {
    let value = estimate.value;
    let facts = estimate.quantity.facts();
    match (facts.better?, facts.unit) {
        (Direction::Lower, unit) => Some((facts.label, unit.facts().name, value)),
        // Without a delivery there is no time between two.
        (Direction::Higher, Unit::EventsPerSec) => {
            (value > 0.0).then_some(("time per delivered event", "ns/event", NS_PER_SEC / value))
        }
        (Direction::Higher, Unit::Share) => Some(("dropped", "%", (1.0 - value).max(0.0) * 100.0)),
        (Direction::Higher, _) => None,
    }
}
