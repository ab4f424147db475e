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

fn letters(benchmark: &BenchmarkAnalysis) -> Vec<(&str, &str)> {
    benchmark.rows.iter().map(|row| (row.label.as_str(), row.letters.as_deref().unwrap_or("-"))).collect()
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
    assert_eq!(letters(benchmark), [("a", "a"), ("b", "b"), ("c", "a")]);
    assert!(benchmark.widest_half_width(Some("a")).expect("all have intervals") < 0.03);
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
    assert_eq!((row.trials.completed, row.trials.valid, &row.letters), (4, 3, &None));
    assert_eq!(row.estimate(Quantity::CpuNsPerEvent).expect("three left").repetitions, 3);
    assert!(benchmark.pairs.iter().all(|pair| pair.verdict == PairVerdict::Invalid && pair.p_holm.is_none()));
}

#[test]
fn an_unsupported_row_has_its_reason_and_no_pairs() {
    let plan = capacity_plan(&["a", "b"], 5);
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
    assert_eq!(letters(benchmark), [("a", "a"), ("b", "-")]);
}

#[test]
fn one_crash_of_ten_costs_a_block_and_is_named() {
    let plan = capacity_plan(&["a", "b"], 10);
    let analysis = analysed(&plan, |trial| {
        let mut measurement = costs(trial);
        if trial.number == 1 {
            measurement.outcome = Outcome::Crashed { status: None, stderr_tail: "boom".into() };
            measurement.verdict = None;
        }
        measurement
    });
    let row = &analysis.benchmarks[0].rows[0];
    assert_eq!((&row.status, row.trials.completed), (&RowStatus::Valid, 9));
    assert_eq!(row.failures, ["ended, nobody knows how; its last words: boom"]);
    assert_eq!(analysis.benchmarks[0].pairs[0].blocks, 9);
}

#[test]
fn survivors_do_not_speak_for_their_row() {
    let status = |blocks: u32, lost: u32, outcome: &Outcome| {
        let analysis = analysed(&capacity_plan(&["a", "b"], blocks), |trial| {
            let mut measurement = costs(trial);
            if trial.label == "b" && trial.block <= lost {
                (measurement.outcome, measurement.verdict) = (outcome.clone(), None);
            }
            measurement
        });
        assert!(
            lost == 0
                || analysis.benchmarks[0]
                    .pairs
                    .iter()
                    .all(|pair| !pair.verdict.is_difference() || blocks >= 10 * lost)
        );
        analysis.benchmarks[0].rows[1].status.clone()
    };
    let timed_out = Outcome::TimedOut { phase: "drain".into() };
    let failed = |message: &str| RowStatus::Failed { message: message.into(), hint: None };
    let nine_of_twelve = failed("9 of 12 trials did not complete: timed out in phase `drain`");
    assert_eq!(status(12, 9, &timed_out), nine_of_twelve);
    assert!(matches!(status(8, 1, &timed_out), RowStatus::Failed { .. }));
    assert_eq!(status(10, 1, &timed_out), RowStatus::Valid);
    let unsupported = Outcome::Unsupported { message: "no kprobes".into(), hint: None };
    assert_eq!(status(20, 1, &unsupported), failed("1 of 20 trials did not complete: no kprobes"));
    assert_eq!(status(5, 1, &Outcome::Interrupted), RowStatus::Valid);
}

#[test]
fn four_blocks_give_no_letters_and_say_how_many_are_needed() {
    let analysis = analysed(&capacity_plan(&["a", "b"], 4), costs);
    let benchmark = &analysis.benchmarks[0];
    assert_eq!(letters(benchmark), [("a", "-"), ("b", "-")]);
    assert_eq!(benchmark.pairs[0].verdict, PairVerdict::NotEnoughRepetitions { have: 4, needed: 5 });
    assert_eq!(benchmark.widest_half_width(Some("a")), None);
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

/// Verdicts on the twin (as a check and as a pair) and on b, and all letters, when these are the true costs.
fn with_twin(twin: f64, b: f64) -> (PairVerdict, PairVerdict, PairVerdict, Vec<String>) {
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
    let letters =
        letters(capacity).into_iter().map(|(label, letters)| format!("{label} {letters}")).collect();
    (capacity.noise_floor[0].verdict, verdict("a'"), verdict("b"), letters)
}

#[test]
fn an_a_a_pair_is_never_apart_and_decides_nothing() {
    use PairVerdict::{Equivalent, SlowerBy, Undecided};

    let apart = ["a a", "a' a", "b b"].map(str::to_owned).to_vec();
    assert_eq!(with_twin(10.1, 12.0), (Equivalent, Equivalent, SlowerBy, apart.clone()));
    // A twin that differs by 30 % shows that the machine was not steady, and is no verdict on anybody.
    assert_eq!(with_twin(13.0, 12.0), (SlowerBy, Undecided, SlowerBy, apart));
}

#[test]
fn an_a_a_pair_does_not_count_among_the_comparisons() {
    let p = |labels: &[&str]| {
        let analysis = analysed(&capacity_plan(labels, 8), |trial| {
            measurement(
                Question::Capacity,
                10.0 * (1.0 + 0.01 * f64::from(trial.block * trial.position % 7)),
                1.0,
            )
        });
        let pair = analysis.benchmarks[0].pair(Quantity::CpuNsPerEvent, "b", "a").expect("a pair").clone();
        (pair.p, pair.p_baseline, pair.p_pairs)
    };
    let (alone, baseline, pairs) = p(&["a", "b", "a'"]);
    assert!(alone.is_some() && alone == baseline && alone == pairs, "one comparison needs no correction");
    let analysis = analysed(&capacity_plan(&["a", "b", "a'"], 8), costs);
    let other = analysis.benchmarks[0].pairs.iter().find(|pair| pair.label == "b" && pair.reference == "a'");
    assert_eq!(other.expect("shown").verdict, PairVerdict::Unranked);
}

#[test]
fn saturation_has_no_verdict_no_letters_and_no_interval_to_wait_for() {
    let plan = plan(vec![benchmark(Question::Saturation)], &["a", "b"], 8);
    let analysis = analysed(&plan, |trial| {
        measurement(
            Question::Saturation,
            10.0,
            if trial.label == "a" { 20_000.0 } else { 900.0 } * wobble(trial),
        )
    });
    let saturation = &analysis.benchmarks[0];
    assert!(saturation.pairs.iter().all(|pair| pair.verdict == PairVerdict::Unranked));
    assert_eq!(
        (letters(saturation), saturation.widest_half_width(Some("a"))),
        (vec![("a", "-"), ("b", "-")], None)
    );
    assert!(!saturation.is_judged() && analysis.scores.is_empty());
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

#[test]
fn two_rates_that_could_be_more_are_not_compared() {
    let plan = plan(vec![benchmark(Question::Throughput)], &["a", "b", "c"], 8);
    let analysis = analysed(&plan, |trial| {
        let mut measurement = measurement(Question::Throughput, 1.0, 1.0);
        // `b` is slower than `a` as far as anybody can see, and both could do more; `c` could not.
        let (rate, by) = match trial.implementation.as_str() {
            "a" => (30e6, LimitedBy::Load),
            "b" => (25e6, LimitedBy::Load),
            _ => (15e6, LimitedBy::Consumer),
        };
        measurement.figures.loss_free_per_sec = Some(rate * wobble(trial));
        measurement.figures.limit = Some(crate::parse::Limit { by, share: Some(0.99) });
        measurement
    });
    let benchmark = &analysis.benchmarks[0];
    let verdict = |label: &str| benchmark.pair(Quantity::LossFreePerSec, label, "a").map(|pair| pair.verdict);
    assert_eq!((verdict("b"), verdict("c")), (Some(PairVerdict::Unranked), Some(PairVerdict::SlowerBy)));
    assert_eq!(letters(benchmark), [("a", "a"), ("b", "a"), ("c", "b")]);
}
