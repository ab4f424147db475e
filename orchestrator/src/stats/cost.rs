//! What attaching a program costs the traced one: nanoseconds a trigger with it, minus the same load with nothing attached.
//! Paired by block, and a difference, not a ratio: what the load itself costs belongs to neither side.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::interval::Interval;
use super::row::is_usable;
use crate::facts::Quantity;
use crate::parse::Measurement;
use crate::plan::{NOTHING_ATTACHED, PlannedTrial};

/// What one row costs in one benchmark, nanoseconds a trigger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddedCost {
    /// Name of the row.
    pub label: String,
    /// Blocks in which both were measured.
    pub blocks: usize,
    /// Median of the blocks' differences.
    pub ns_per_trigger: f64,
    /// Lower end of its interval; null with fewer than five blocks.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
}

/// The cost of each row of the benchmark with this index, in the order in which rows first occur.
#[must_use]
pub fn added_costs(
    trials: &[(&PlannedTrial, &Measurement)],
    benchmark: usize,
    confidence: f64,
) -> Vec<AddedCost> {
    let mut series: Vec<(&str, BTreeMap<u32, f64>)> = Vec::new();
    for (planned, measurement) in trials.iter().filter(|(planned, _)| planned.benchmark == benchmark) {
        let value = Quantity::LoadNsPerTrigger.of(measurement).filter(|_| is_usable(measurement));
        let Some(value) = value else { continue };
        match series.iter_mut().find(|(label, _)| *label == planned.label) {
            Some((_, blocks)) => {
                blocks.insert(planned.block, value);
            }
            None => series.push((&planned.label, BTreeMap::from([(planned.block, value)]))),
        }
    }
    let Some(nothing) = series.iter().find(|(label, _)| *label == NOTHING_ATTACHED).map(|(_, blocks)| blocks)
    else {
        return Vec::new();
    };
    let cost = |(label, blocks): &(&str, BTreeMap<u32, f64>)| {
        let differences: Vec<f64> =
            blocks.iter().filter_map(|(block, value)| Some(value - nothing.get(block)?)).collect();
        added_cost(label, &differences, confidence)
    };
    series.iter().filter(|(label, _)| *label != NOTHING_ATTACHED).filter_map(cost).collect()
}

fn added_cost(label: &str, differences: &[f64], confidence: f64) -> Option<AddedCost> {
    let interval = Interval::of(differences, confidence)?;
    Some(AddedCost {
        label: label.to_owned(),
        blocks: differences.len(),
        ns_per_trigger: interval.middle,
        low: interval.ends.map(|(low, _)| low),
        high: interval.ends.map(|(_, high)| high),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Question;
    use crate::stats::testing::measurement;

    /// (block, label, nanoseconds a trigger)
    fn costs(values: &[(u32, &str, f64)]) -> Vec<AddedCost> {
        let trials: Vec<_> = values
            .iter()
            .map(|(block, label, ns)| {
                let planned = PlannedTrial {
                    number: 1,
                    block: *block,
                    position: 1,
                    benchmark: 0,
                    label: (*label).to_owned(),
                    implementation: (*label).to_owned(),
                    predecessor: None,
                };
                let mut measurement = measurement(Question::Cost, 1.0, 1.0);
                measurement.figures.load_ns_per_trigger = Some(*ns);
                (planned, measurement)
            })
            .collect();
        let trials: Vec<_> = trials.iter().map(|(planned, measurement)| (planned, measurement)).collect();
        added_costs(&trials, 0, 0.95)
    }

    #[test]
    fn differences_are_taken_within_blocks() {
        // The machine is twice as slow in block 2.
        let nothing = NOTHING_ATTACHED;
        let found = costs(&[
            (1, "a", 250.0),
            (1, nothing, 100.0),
            (2, nothing, 200.0),
            (2, "a", 352.0),
            (3, "a", 264.0),
            (3, nothing, 110.0),
            (4, "a", 900.0),
            (5, "a", 251.0),
            (5, nothing, 100.0),
            (6, "a", 253.0),
            (6, nothing, 100.0),
        ]);
        assert_eq!((found.len(), found[0].blocks, found[0].ns_per_trigger), (1, 5, 152.0));
        assert_eq!((found[0].low, found[0].high), (Some(150.0), Some(154.0)));
    }

    #[test]
    fn one_block_has_no_interval_and_without_reference_there_is_no_cost() {
        let found = costs(&[(1, "a", 3.0), (1, NOTHING_ATTACHED, 1.0)]);
        assert_eq!((found[0].ns_per_trigger, found[0].low), (2.0, None));
        assert_eq!(costs(&[(1, "a", 3.0), (2, NOTHING_ATTACHED, 1.0)]), []);
        assert_eq!(costs(&[(1, "a", 3.0)]), []);
    }
}
