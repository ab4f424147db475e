use super::*;
use crate::parse::testing::{benchmark, record};
use crate::parse::{Format, Outcome, Verdict, encode_histogram, measure};
use crate::stats::testing::{measurement, plan};

/// A small wobble, different in each block, the same for no two labels.
fn wobble(trial: &PlannedTrial) -> f64 {
    1.0 + 0.004 * f64::from((trial.block * 7 + trial.position * 3) % 5)
}

fn analysed(plan: &Plan, measure: impl Fn(&PlannedTrial) -> Measurement) -> Analysis {
    let measurements: Vec<Measurement> = plan.trials.iter().map(measure).collect();
    let trials: Vec<_> = plan.trials.iter().zip(&measurements).collect();
    analyse(plan, &trials, &Settings::default())
}

fn capacity_plan(labels: &[&str], blocks: u32) -> Plan {
    plan(vec![benchmark(Question::Capacity)], labels, blocks)
}

/// `b` costs four times as much as the others.
fn costs(trial: &PlannedTrial) -> Measurement {
    let cost = if trial.implementation == "b" { 40.0 } else { 10.0 };
    measurement(Question::Capacity, cost * wobble(trial), 5_000.0)
}

#[test]
fn a_clear_difference_is_found_and_grouped() {
    let plan = capacity_plan(&["a", "b", "c"], 5);
    let analysis = analysed(&plan, costs);
    let benchmark = &analysis.benchmarks[0];
    let pair = benchmark.pair(Quantity::CpuNsPerEvent, "b", "a").expect("compared with the baseline");
    assert_eq!((pair.verdict, pair.wins, pair.blocks), (PairVerdict::SlowerBy, 0, 5));
    assert!((pair.ratio.expect("ratio") - 4.0).abs() < 0.1);
    assert_eq!(
        benchmark.pair(Quantity::CpuNsPerEvent, "c", "a").expect("pair").verdict,
        PairVerdict::Equivalent
    );
    let groups: Vec<_> = benchmark.rows.iter().map(|row| (row.label.as_str(), row.group)).collect();
    assert_eq!(groups, [("a", Some(1)), ("b", Some(2)), ("c", Some(1))]);
    assert!(benchmark.widest_half_width().expect("all have intervals") < 0.03);
    assert_eq!(benchmark.rows[0].tier, None, "tiers are of throughput");
}

#[test]
fn one_invalid_trial_spoils_the_row_and_its_pairs() {
    let plan = capacity_plan(&["a", "b"], 4);
    let analysis = analysed(&plan, |trial| {
        let mut measurement = costs(trial);
        if (trial.block, trial.label.as_str()) == (2, "b") {
            measurement.verdict = Some(Verdict::Invalid { failed: vec!["submitted 3 != received 2".into()] });
        }
        measurement
    });
    let benchmark = &analysis.benchmarks[0];
    let row = &benchmark.rows[1];
    assert_eq!(row.status, RowStatus::Invalid { failed: vec!["submitted 3 != received 2".into()] });
    assert_eq!((row.trials.completed, row.trials.valid, row.group), (4, 3, None));
    assert_eq!(row.estimate(Quantity::CpuNsPerEvent).expect("three left").repetitions, 3);
    assert!(benchmark.pairs.iter().all(|pair| pair.verdict == PairVerdict::Invalid && pair.p_holm.is_none()));
}

#[test]
fn an_unsupported_row_has_its_reason_and_no_pairs() {
    let plan = capacity_plan(&["a", "b"], 3);
    let analysis = analysed(&plan, |trial| {
        let mut measurement = costs(trial);
        if trial.label == "b" {
            let outcome =
                Outcome::Unsupported { message: "no kprobes".into(), hint: Some("use another".into()) };
            measurement = Measurement {
                outcome,
                verdict: None,
                figures: crate::parse::Figures::default(),
                ..measurement
            };
        }
        measurement
    });
    let benchmark = &analysis.benchmarks[0];
    let expected = RowStatus::Unsupported { message: "no kprobes".into(), hint: Some("use another".into()) };
    assert_eq!(benchmark.rows[1].status, expected);
    assert!(benchmark.rows[1].estimates.is_empty() && benchmark.pairs.is_empty());
    assert_eq!(benchmark.rows[0].group, Some(1));
}

#[test]
fn one_crash_costs_a_block_and_is_named() {
    let plan = capacity_plan(&["a", "b"], 4);
    let analysis = analysed(&plan, |trial| {
        let mut measurement = costs(trial);
        if trial.number == 1 {
            measurement.outcome = Outcome::Crashed { status: None, stderr_tail: "boom".into() };
            measurement.verdict = None;
        }
        measurement
    });
    let row = &analysis.benchmarks[0].rows[0];
    assert_eq!((&row.status, row.trials.completed), (&RowStatus::Valid, 3));
    assert_eq!(row.failures, ["ended, nobody knows how; its last words: boom"]);
    assert_eq!(analysis.benchmarks[0].pairs[0].blocks, 3);
}

#[test]
fn two_blocks_give_no_groups_and_say_how_many_are_needed() {
    let analysis = analysed(&capacity_plan(&["a", "b"], 2), costs);
    let benchmark = &analysis.benchmarks[0];
    assert_eq!(benchmark.rows[0].group, None);
    assert_eq!(benchmark.pairs[0].verdict, PairVerdict::NotEnoughRepetitions { have: 2, needed: 3 });
    assert_eq!(benchmark.widest_half_width(), None);
}

#[test]
fn two_rows_of_one_implementation_give_the_noise_floor() {
    let analysis = analysed(&capacity_plan(&["a", "b", "a'"], 8), costs);
    let floor = &analysis.benchmarks[0].noise_floor[0];
    assert_eq!((floor.label.as_str(), floor.reference.as_str()), ("a'", "a"));
    assert!(floor.difference < 0.02, "{}", floor.difference);
    let labels: Vec<_> = analysis.benchmarks[0].rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["a", "a'", "b"], "rows of one implementation stand together");
}

#[test]
fn what_does_not_clear_the_noise_floor_is_undecided() {
    use PairVerdict::{Equivalent, FasterBy, SlowerBy, Undecided};

    // The verdicts on the twin (as the floor's and as the pair's) and on b, when these are their true costs.
    let verdicts = |twin: f64, b: f64| {
        let analysis = analysed(&capacity_plan(&["a", "b", "a'"], 8), |trial| {
            let cost = match trial.label.as_str() {
                "a" => 10.0,
                "b" => b,
                _ => twin,
            };
            measurement(Question::Capacity, cost * wobble(trial), 5_000.0)
        });
        let capacity = &analysis.benchmarks[0];
        let verdict = |label| capacity.pair(Quantity::CpuNsPerEvent, label, "a").expect("a pair").verdict;
        (capacity.noise_floor[0].verdict, verdict("a'"), verdict("b"))
    };
    assert_eq!(verdicts(10.1, 12.0), (Equivalent, Equivalent, SlowerBy));
    // A twin that differs by 20 %: nothing below that can be told.
    assert_eq!(verdicts(12.0, 11.5), (SlowerBy, Undecided, Undecided));
    assert_eq!(verdicts(12.0, 8.7), (SlowerBy, Undecided, Undecided));
    assert_eq!(verdicts(12.0, 13.0), (SlowerBy, Undecided, SlowerBy));
    assert_eq!(verdicts(12.0, 8.0), (SlowerBy, Undecided, FasterBy));
}

#[test]
fn the_baseline_is_the_reference_wherever_it_stands() {
    let mut plan = capacity_plan(&["a", "b", "c"], 3);
    plan.baseline = Some("c".into());
    let analysis = analysed(&plan, costs);
    assert!(analysis.benchmarks[0].pair(Quantity::CpuNsPerEvent, "a", "c").is_some());
    assert!(analysis.benchmarks[0].pair(Quantity::CpuNsPerEvent, "b", "c").is_some());
}

#[test]
fn scores_are_geometric_means_of_how_many_times_better() {
    let mut second = benchmark(Question::Capacity);
    second.name = "second".into();
    let plan = plan(vec![benchmark(Question::Capacity), second], &["a", "b"], 3);
    let analysis = analysed(&plan, |trial| {
        let cost = match (trial.label.as_str(), trial.benchmark) {
            ("b", 0) => 40.0,
            ("b", _) => 10.0 / 9.0,
            _ => 10.0,
        };
        measurement(Question::Capacity, cost, 5_000.0)
    });
    let score = analysis.scores.iter().find(|score| score.label == "b").expect("scored");
    assert_eq!(score.benchmarks, 2);
    assert!((score.times_better - 1.5).abs() < 1e-9, "sqrt(1/4 x 9)");
}

#[test]
fn throughput_rows_have_tiers() {
    let plan = plan(vec![benchmark(Question::Saturation)], &["a", "b"], 3);
    let analysis = analysed(&plan, |trial| {
        measurement(Question::Saturation, 10.0, if trial.label == "a" { 20_000.0 } else { 900.0 })
    });
    let tiers: Vec<_> = analysis.benchmarks[0].rows.iter().map(|row| row.tier).collect();
    assert_eq!(tiers, [Some(1), Some(3)]);
}

#[test]
fn delays_of_all_blocks_are_merged_by_adding_counts() {
    let plan = plan(vec![benchmark(Question::Latency)], &["a"], 2);
    let analysis = analysed(&plan, |trial| {
        let mut histogram = hdrhistogram::Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
        histogram.record_n(1_000 * u64::from(trial.block), 600).expect("within bounds");
        let mut measurement = measure(&record(), &benchmark(Question::Latency), &Format::Protocol);
        measurement.latency = Some(crate::parse::Latency::from_histogram(&histogram, None));
        assert_eq!(encode_histogram(&histogram), measurement.latency.as_ref().expect("set").histogram);
        measurement
    });
    let latency = analysis.benchmarks[0].rows[0].latency.as_ref().expect("recorded");
    assert_eq!((latency.samples, latency.p50_ns, latency.p99_ns), (1_200, Some(1_000), Some(2_000)));
}

#[test]
fn trials_that_were_not_run_are_absent_not_zero() {
    let plan = capacity_plan(&["a", "b"], 3);
    let analysis = analyse(&plan, &[], &Settings::default());
    assert_eq!(analysis.benchmarks[0].rows[0].status, RowStatus::NotRun);
    assert_eq!(
        analysis.benchmarks[0].rows[0].trials,
        crate::stats::TrialCounts { planned: 3, ..Default::default() }
    );
    assert!(analysis.benchmarks[0].pairs.is_empty());
}
