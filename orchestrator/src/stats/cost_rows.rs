//! What each implementation's program costs the traced one, over all benchmarks that ask for it: what the table of costs shows.

use super::analysis::Analysis;
use super::cost::{AddedCost, added_costs};
use crate::arithmetic::{mean, median};
use crate::facts::{Quantity, ShownIn};
use crate::parse::Measurement;
use crate::plan::{NOTHING_ATTACHED, Plan, PlannedTrial, Wakeup};

/// The costs of all implementations.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// One for each label, in the order of the benchmarks' rows.
    pub rows: Vec<CostRow>,
    /// Mean of the load's CPU time a trigger with nothing attached, nanoseconds.
    pub bare_ns_per_trigger: Option<f64>,
}

/// One implementation. Figures without an interval are medians of its trials in all cost benchmarks.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// Name of the row.
    pub label: String,
    /// With a consumer that is woken.
    pub woken: Option<AddedCost>,
    /// With one that nobody wakes.
    pub unwoken: Option<AddedCost>,
    /// What the first is above the second, nanoseconds a trigger.
    pub wakeups_add_ns: Option<f64>,
    /// One run of the program by the kernel's statistics, nanoseconds.
    pub run_ns: Option<f64>,
    /// Instructions that the verifier walked.
    pub verified_instructions: Option<f64>,
    /// Bytes of machine code.
    pub jited_bytes: Option<f64>,
    /// Loading, nanoseconds.
    pub load_ns: Option<f64>,
    /// Attaching, nanoseconds.
    pub attach_ns: Option<f64>,
    /// Memory of the maps, bytes.
    pub map_memory_bytes: Option<f64>,
}

/// The costs of a run's implementations; none where nothing asked for them.
#[must_use]
pub fn costs(plan: &Plan, trials: &[(&PlannedTrial, &Measurement)], analysis: &Analysis) -> Option<Costs> {
    let labels = labels(analysis);
    let confidence = analysis.settings.confidence;
    let costs_with = |wakeup: fn(&Wakeup) -> bool| {
        let index = plan.benchmarks.iter().position(|benchmark| {
            let facts = benchmark.question.facts();
            let is_cost = facts.shown_in == ShownIn::Cost && facts.reference_row.is_some();
            is_cost && wakeup(&benchmark.runner.wakeup)
        });
        index.map(|index| added_costs(trials, index, confidence)).unwrap_or_default()
    };
    let woken = costs_with(|wakeup| wakeup.wakes());
    let unwoken = costs_with(|wakeup| !wakeup.wakes());
    let row = |label: &&str| {
        let of = |costs: &[AddedCost]| costs.iter().find(|cost| cost.label == *label).cloned();
        let (woken, unwoken) = (of(&woken), of(&unwoken));
        let middle = |value: fn(&Measurement) -> Option<u64>| {
            let own = trials.iter().filter(|(planned, _)| planned.label == *label).filter(|(planned, _)| {
                plan.benchmarks[planned.benchmark].question.facts().shown_in == ShownIn::Cost
            });
            median(own.filter_map(|(_, measurement)| Some(value(measurement)? as f64)))
        };
        CostRow {
            label: (*label).to_owned(),
            wakeups_add_ns: woken
                .as_ref()
                .zip(unwoken.as_ref())
                .map(|(woken, unwoken)| woken.ns_per_trigger - unwoken.ns_per_trigger),
            woken,
            unwoken,
            run_ns: run_ns(analysis, label),
            verified_instructions: middle(|m| m.figures.verified_instructions),
            jited_bytes: middle(|m| m.figures.jited_bytes),
            load_ns: middle(|m| m.figures.load_ns),
            attach_ns: middle(|m| m.figures.attach_ns),
            map_memory_bytes: middle(|m| m.figures.map_memory_bytes),
        }
    };
    let bare = trials.iter().filter(|(planned, _)| planned.label == NOTHING_ATTACHED);
    let bare: Vec<f64> =
        bare.filter_map(|(_, measurement)| measurement.figures.load_ns_per_trigger).collect();
    (!labels.is_empty())
        .then(|| Costs { rows: labels.iter().map(row).collect(), bare_ns_per_trigger: mean(&bare) })
}

/// Rows of the cost benchmarks, without the one that has nothing attached.
fn labels(analysis: &Analysis) -> Vec<&str> {
    let mut labels: Vec<&str> = Vec::new();
    let asking =
        analysis.benchmarks.iter().filter(|benchmark| benchmark.question.facts().shown_in == ShownIn::Cost);
    for row in asking.flat_map(|benchmark| &benchmark.rows).filter(|row| row.label != NOTHING_ATTACHED) {
        if !labels.contains(&row.label.as_str()) {
            labels.push(&row.label);
        }
    }
    labels
}

fn run_ns(analysis: &Analysis, label: &str) -> Option<f64> {
    let mut benchmarks = analysis.benchmarks.iter();
    let benchmark = benchmarks.find(|benchmark| {
        let facts = benchmark.question.facts();
        facts.shown_in == ShownIn::Cost && facts.bpf_statistics
    })?;
    let row = benchmark.rows.iter().find(|row| row.label == label)?;
    row.estimate(Quantity::BpfRunNs).map(|estimate| estimate.value)
}
