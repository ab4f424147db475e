use super::*;
use crate::parse::testing::benchmark;
use crate::parse::{Measurement, Outcome, Verdict};
use crate::plan::PlannedTrial;
use crate::stats::analyse;
use crate::stats::testing::{Machine, measurement, plan};

/// A run on a machine of its own, in which `b` has `cost` times the cost of `a`; `spoil` may change measurements.
fn run(seed: u64, blocks: u32, cost: f64, spoil: impl Fn(&PlannedTrial, &mut Measurement)) -> Analysis {
    let mut machine = Machine::new(seed);
    let plan = plan(vec![benchmark(Question::Capacity)], &["a", "b"], blocks);
    let measurements: Vec<Measurement> = plan
        .trials
        .iter()
        .map(|trial| {
            let cost = if trial.label == "b" { 10.0 * cost } else { 10.0 };
            let mut measurement = measurement(Question::Capacity, cost * machine.trial(), 5_000.0);
            spoil(trial, &mut measurement);
            measurement
        })
        .collect();
    let trials: Vec<_> = plan.trials.iter().zip(&measurements).collect();
    analyse(&plan, &trials, &Settings::default())
}

fn usual(seed: u64, cost: f64) -> Analysis {
    run(seed, 12, cost, |_, _| {})
}

fn of<'a>(cells: &'a [DiffCell], label: &str) -> &'a DiffCell {
    cells.iter().find(|cell| cell.label == label).expect("a cell")
}

fn finding(cell: &DiffCell, limit: f64) -> Finding {
    findings(std::slice::from_ref(cell), limit, &Settings::default())[0]
}

fn compared(old: &Analysis, new: &Analysis) -> DiffCell {
    of(&diff(old, new, "a", &Settings::default()), "b").clone()
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let analysis = usual(1, 3.0);
    let cell = compared(&analysis, &analysis);
    assert!((cell.change.expect("compared") - 1.0).abs() < 1e-12);
    assert!(!cell.verdict.expect("compared").is_difference() && !cell.is_slower_by(0.001));
}

#[test]
fn machines_of_different_speed_do_not_make_a_difference_and_the_reference_is_not_judged() {
    let old = usual(1, 1.0);
    let new = run(2, 12, 1.0, |_, measurement| {
        let cost = measurement.figures.cpu_ns_per_event.map(|cost| cost * 2.0);
        measurement.figures.cpu_ns_per_event = cost;
    });
    let cells = diff(&old, &new, "a", &Settings::default());
    let reference = of(&cells, "a");
    assert_eq!((&reference.basis, reference.change, reference.verdict), (&Basis::Reference, None, None));
    let change = of(&cells, "b").change.expect("compared");
    assert!((change - 1.0).abs() < 0.1, "{change}");
}

#[test]
fn equal_runs_differ_in_at_most_7_per_cent_of_comparisons_and_the_gate_hardly_ever_fails() {
    let runs = 500;
    let cells: Vec<_> = (0..runs).map(|seed| compared(&usual(seed, 2.0), &usual(seed + runs, 2.0))).collect();
    let excluded = |cell: &&DiffCell| cell.low > Some(1.0) || cell.high < Some(1.0);
    let differences = cells.iter().filter(excluded).count() as f64 / runs as f64;
    assert!(differences <= 0.07, "{differences}");
    let failed = cells.iter().filter(|cell| cell.is_slower_by(0.05)).count();
    assert!(failed <= 1, "{failed} of {runs}");
}

#[test]
fn a_true_regression_of_20_per_cent_is_found_in_at_least_95_per_cent_of_comparisons() {
    let runs = 200;
    let found = (0..runs)
        .filter(|seed| compared(&usual(*seed, 2.0), &usual(seed + runs, 2.4)).is_slower_by(0.05))
        .count();
    assert!(found as f64 >= 0.95 * runs as f64, "{found} of {runs}");
}

#[test]
fn a_row_that_no_longer_counts_is_lost_with_its_reason() {
    let old = usual(1, 2.0);
    let invalid = run(2, 12, 2.0, |trial, measurement| {
        if (trial.block, trial.label.as_str()) == (3, "b") {
            measurement.verdict = Some(Verdict::Invalid { failed: vec!["submitted 3 != received 2".into()] });
        }
    });
    let cell = compared(&old, &invalid);
    let reason = "b is invalid".to_owned();
    assert_eq!(cell.basis, Basis::Missing { side: Side::New, reason, planned: true });
    assert!(
        finding(&cell, 0.05) == Finding::Lost
            && cell.is_lost()
            && cell.new.is_none()
            && cell.verdict.is_none()
            && !cell.is_slower_by(0.05)
    );
    let back = compared(&invalid, &old);
    assert!(!back.is_lost() && matches!(back.basis, Basis::Missing { side: Side::Old, .. }));
}

#[test]
fn without_the_reference_nothing_is_compared() {
    let old = usual(1, 2.0);
    let without = run(2, 12, 2.0, |trial, measurement| {
        if trial.label == "a" {
            measurement.outcome = Outcome::LeakedProcess;
            measurement.verdict = None;
        }
    });
    let reason = "a failed".to_owned();
    assert_eq!(compared(&old, &without).basis, Basis::Missing { side: Side::New, reason, planned: true });
}

#[test]
fn four_blocks_give_a_change_and_no_verdict() {
    let cell = compared(&run(1, 4, 2.0, |_, _| {}), &usual(2, 2.0));
    assert!(cell.change.is_some() && cell.low.is_none());
    assert_eq!(cell.verdict, Some(PairVerdict::NotEnoughRepetitions { have: 4, needed: 5 }));
}

#[test]
fn what_was_not_asked_for_is_not_lost_and_a_second_run_is_no_row() {
    let twin = |seed: u64| {
        let plan = plan(vec![benchmark(Question::Capacity)], &["a", "b", "a'"], 12);
        let mut machine = Machine::new(seed);
        let measurements: Vec<Measurement> =
            plan.trials.iter().map(|_| measurement(Question::Capacity, machine.trial(), 1.0)).collect();
        let trials: Vec<_> = plan.trials.iter().zip(&measurements).collect();
        analyse(&plan, &trials, &Settings::default())
    };
    let labels = |old: &Analysis, new: &Analysis| {
        let cells = diff(old, new, "a", &Settings::default());
        cells.into_iter().map(|cell| cell.label).collect::<Vec<_>>()
    };
    assert_eq!(labels(&twin(1), &usual(2, 1.0)), ["a", "b"]);
    assert_eq!(labels(&usual(2, 1.0), &twin(1)), ["a", "b"]);
    let mut alone = usual(2, 1.0);
    alone.benchmarks[0].rows.retain(|row| row.label == "a");
    let cells = diff(&twin(1), &alone, "a", &Settings::default());
    let cell = of(&cells, "b");
    assert!(!cell.is_lost() && finding(cell, 0.05) == Finding::NotCompared, "{cell:?}");
}

#[test]
fn a_benchmark_that_one_run_lacks_is_named() {
    let (old, mut new) = (usual(1, 1.0), usual(2, 1.0));
    assert!(lacking(&old, &new).is_empty());
    let name = new.benchmarks.remove(0).name;
    assert_eq!(lacking(&old, &new), [(name.clone(), Side::New)]);
    assert_eq!(lacking(&new, &old), [(name, Side::Old)]);
}

#[test]
fn a_limit_finds_each_kind() {
    let (old, much, little) = (usual(1, 2.0), usual(2, 2.6), usual(3, 2.1));
    assert_eq!(finding(&compared(&old, &much), 0.05), Finding::Slower);
    assert_eq!(finding(&compared(&old, &usual(4, 2.0)), 0.20), Finding::Kept);
    assert_eq!(finding(&compared(&old, &little), 0.05), Finding::Uncertain);
    assert_eq!(finding(&compared(&run(1, 4, 2.0, |_, _| {}), &much), 0.05), Finding::Uncertain);
}

/// A sweep of `points`, in which `b` has `cost` times the cost of `a` at the last point and costs the same at the others.
fn sweep(seed: u64, points: usize, cost: f64) -> Analysis {
    let mut machine = Machine::new(seed);
    let point = |index: usize| {
        let name = format!("complexity work={index}");
        crate::plan::Benchmark { name, ..benchmark(Question::Capacity) }
    };
    let plan = plan((0..points).map(point).collect(), &["a", "b"], 12);
    let measurements: Vec<Measurement> = plan
        .trials
        .iter()
        .map(|trial| {
            let is_dear = trial.label == "b" && trial.benchmark + 1 == points;
            let cost = if is_dear { 10.0 * cost } else { 10.0 };
            measurement(Question::Capacity, cost * machine.trial(), 5_000.0)
        })
        .collect();
    let trials: Vec<_> = plan.trials.iter().zip(&measurements).collect();
    analyse(&plan, &trials, &Settings::default())
}

#[test]
fn the_points_of_two_equal_sweeps_are_one_family_and_a_point_that_changed_is_found() {
    let (runs, points) = (60, 10);
    let settings = Settings::default();
    let excluded = |cell: &DiffCell| cell.low > Some(1.0) || cell.high < Some(1.0);
    let different = |cell: &DiffCell| cell.verdict.is_some_and(PairVerdict::is_difference);
    let (mut by_themselves, mut together) = (0, 0);
    for seed in 0..runs {
        let cells = diff(&sweep(seed, points, 1.0), &sweep(seed + runs, points, 1.0), "a", &settings);
        assert_eq!(cells.iter().filter(|cell| cell.basis == Basis::Compared).count(), points);
        by_themselves += usize::from(cells.iter().any(excluded));
        together += usize::from(cells.iter().any(different));
    }
    // Ten intervals of 95 % hold together in 60 % of cases.
    assert!(by_themselves as f64 > 0.2 * runs as f64, "{by_themselves} of {runs}");
    assert!(together as f64 <= 0.07 * runs as f64, "{together} of {runs}");
    let found = (0..20).filter(|seed| {
        let cells = diff(&sweep(*seed, points, 1.0), &sweep(seed + runs, points, 1.2), "a", &settings);
        let slower: Vec<&str> =
            cells.iter().filter(|cell| different(cell)).map(|cell| cell.benchmark.as_str()).collect();
        let gate = findings(&cells, 0.05, &settings);
        let slower_by = cells.iter().zip(gate).filter(|(_, finding)| *finding == Finding::Slower);
        slower.contains(&"complexity work=9") && slower_by.count() >= 1
    });
    assert!(found.count() >= 18);
}

#[test]
fn what_is_certain_by_itself_is_not_beside_many_others() {
    let settings = Settings::default();
    // A regression that a cell alone just proves.
    let alone = (0..1_000).map(|seed| compared(&usual(seed, 2.0), &usual(seed + 1_000, 2.22))).find(|cell| {
        let p = cell.slower_by_chance(0.05).expect("blocks enough");
        cell.is_slower_by(0.05) && (0.01..0.04).contains(&p)
    });
    let cell = alone.expect("one of many");
    assert_eq!(findings(std::slice::from_ref(&cell), 0.05, &settings), [Finding::Slower]);
    let equal = compared(&usual(1, 2.0), &usual(2, 2.0));
    let mut many = vec![equal; 5];
    many.push(cell);
    assert_eq!(findings(&many, 0.05, &settings)[5], Finding::Uncertain);
}
