//! For tests: a simulated machine whose speed drifts, and plans and measurements without a machine.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt as _, SeedableRng as _};

use crate::parse::testing::{benchmark, record};
use crate::parse::{Format, Measurement, measure};
use crate::plan::{Benchmark, Placement, Plan, PlannedTrial, Question};

/// Speed wanders by 2 % a trial (neighbours, temperature); each trial has 3 % of noise of its own.
pub(crate) struct Machine {
    random: StdRng,
    drift: f64,
}

impl Machine {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed), drift: 0.0 }
    }

    /// Throughput of one trial of a program whose true throughput is 1.
    pub(crate) fn trial(&mut self) -> f64 {
        self.drift += 0.02 * self.normal();
        (self.drift + 0.03 * self.normal()).exp()
    }

    pub(crate) fn random_order(&mut self, programs: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..programs).collect();
        order.shuffle(&mut self.random);
        order
    }

    /// Box-Muller.
    fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.random.random_range(f64::EPSILON..1.0), self.random.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

/// A valid measurement with these figures; its other figures are those of the record that all tests share.
pub(crate) fn measurement(question: Question, cpu_ns_per_event: f64, delivered_per_sec: f64) -> Measurement {
    let mut measurement = measure(&record(), &benchmark(question), &Format::Protocol);
    measurement.figures.cpu_ns_per_event = Some(cpu_ns_per_event);
    measurement.figures.delivered_per_sec = Some(delivered_per_sec);
    measurement
}

/// Each label once a block; a label is its implementation, or the implementation and a `'` for an A/A pair.
pub(crate) fn plan(benchmarks: Vec<Benchmark>, labels: &[&str], blocks: u32) -> Plan {
    let mut trials: Vec<PlannedTrial> = Vec::new();
    let mut numbers = 1..;
    for block in 1..=blocks {
        for benchmark in 0..benchmarks.len() {
            for (position, label) in (1..).zip(labels) {
                trials.push(PlannedTrial {
                    number: numbers.next().expect("an endless range"),
                    block,
                    position,
                    benchmark,
                    label: (*label).to_owned(),
                    implementation: label.trim_end_matches('\'').to_owned(),
                    predecessor: trials.last().map(|trial| trial.label.clone()),
                });
            }
        }
    }
    Plan {
        seed: 42,
        blocks,
        baseline: labels.first().map(|label| (*label).to_owned()),
        benchmarks,
        trials,
        placement: Placement::default(),
        rule: None,
        ended: None,
    }
}
