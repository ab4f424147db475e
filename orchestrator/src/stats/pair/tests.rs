use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::stats::testing::Machine;

fn higher(blocks: &[(f64, f64)]) -> Pair {
    compare(Quantity::DeliveredPerSec, "x", "base", blocks, &Settings::default())
}

#[rstest]
#[case(0.06, 0.20, PairVerdict::FasterBy)]
#[case(0.01, 0.20, PairVerdict::Faster)]
#[case(0.01, 0.03, PairVerdict::Equivalent)]
#[case(-0.03, 0.04, PairVerdict::Equivalent)]
#[case(-0.03, 0.09, PairVerdict::Undecided)]
#[case(-0.20, -0.01, PairVerdict::Slower)]
#[case(-0.20, -0.06, PairVerdict::SlowerBy)]
fn verdicts_follow_from_the_interval(#[case] low: f64, #[case] high: f64, #[case] expected: PairVerdict) {
    assert_eq!(verdict(low, high, 0.05), expected);
}

#[test]
fn less_is_better_for_cost_and_more_for_throughput() {
    let blocks = [(50.0, 100.0), (51.0, 100.0), (49.5, 100.0)];
    let cost = compare(Quantity::CpuNsPerEvent, "x", "base", &blocks, &Settings::default());
    assert_eq!((cost.verdict, cost.wins), (PairVerdict::FasterBy, 3));
    let throughput = higher(&blocks);
    assert_eq!((throughput.verdict, throughput.wins), (PairVerdict::SlowerBy, 0));
    assert!((throughput.ratio.expect("ratio") - 0.5).abs() < 0.01);
}

#[test]
fn two_blocks_are_not_enough_and_nothing_is_invented() {
    let pair = higher(&[(1.0, 2.0), (1.0, 2.0)]);
    assert_eq!(pair.verdict, PairVerdict::NotEnoughRepetitions { have: 2, needed: 3 });
    assert_eq!((pair.low, pair.high, pair.half_width), (None, None, None));
    assert_eq!(higher(&[]).ratio, None);
}

#[test]
fn identical_values_are_equivalent() {
    let pair = higher(&[(1.0, 1.0); 5]);
    assert_eq!((pair.verdict, pair.p_sign_flip), (PairVerdict::Equivalent, Some(1.0)));
}

proptest! {
    #[test]
    fn swapping_the_sides_mirrors_everything(blocks in prop::collection::vec((0.1_f64..10.0, 0.1_f64..10.0), 3..15)) {
        let swapped: Vec<_> = blocks.iter().map(|(x, y)| (*y, *x)).collect();
        let (pair, mirror) = (higher(&blocks), higher(&swapped));
        prop_assert!((pair.ratio.expect("ratio") * mirror.ratio.expect("ratio") - 1.0).abs() < 1e-9);
        prop_assert!((pair.low.expect("low") * mirror.high.expect("high") - 1.0).abs() < 1e-9);
        prop_assert_eq!(pair.p_sign_flip, mirror.p_sign_flip);
        prop_assert_eq!(pair.verdict.is_difference(), mirror.verdict.is_difference());
    }

    #[test]
    fn the_order_of_blocks_does_not_matter(mut blocks in prop::collection::vec((0.1_f64..10.0, 0.1_f64..10.0), 3..15)) {
        let before = higher(&blocks);
        blocks.reverse();
        let after = higher(&blocks);
        prop_assert_eq!(before.verdict, after.verdict);
        prop_assert!((before.ratio.expect("ratio") - after.ratio.expect("ratio")).abs() < 1e-9);
    }
}

const RUNS: u64 = 2_000;
const BLOCKS: usize = 12;
const PROGRAMS: usize = 4;

/// Share of comparisons with the first program whose interval excludes 1, over many simulated runs.
fn share_of_differences(effect: f64, trials: impl Fn(&mut Machine, f64) -> Vec<Vec<f64>>) -> f64 {
    let mut differences = 0;
    for seed in 0..RUNS {
        let values = trials(&mut Machine::new(seed), effect);
        for other in 1..PROGRAMS {
            let blocks: Vec<_> = (0..BLOCKS).map(|block| (values[other][block], values[0][block])).collect();
            let pair = higher(&blocks);
            let (low, high) = (pair.low.expect("12 blocks"), pair.high.expect("12 blocks"));
            differences += u32::from(low > 1.0 || high < 1.0);
        }
    }
    f64::from(differences) / (RUNS * (PROGRAMS as u64 - 1)) as f64
}

/// Programs after the first are quicker by `effect`.
fn in_random_blocks(machine: &mut Machine, effect: f64) -> Vec<Vec<f64>> {
    let mut values = vec![Vec::new(); PROGRAMS];
    for _ in 0..BLOCKS {
        for program in machine.random_order(PROGRAMS) {
            values[program].push(machine.trial() * if program > 0 { 1.0 + effect } else { 1.0 });
        }
    }
    values
}

fn one_after_the_other(machine: &mut Machine, _effect: f64) -> Vec<Vec<f64>> {
    (0..PROGRAMS).map(|_| (0..BLOCKS).map(|_| machine.trial()).collect()).collect()
}

#[test]
fn four_equal_programs_on_a_drifting_machine_differ_in_at_most_7_per_cent_of_comparisons_in_blocks() {
    let blocked = share_of_differences(0.0, in_random_blocks);
    assert!(blocked <= 0.07, "{blocked}");
    let sequential = share_of_differences(0.0, one_after_the_other);
    println!("equal programs told apart: {blocked:.3} in random blocks, {sequential:.3} one after the other");
    assert!(sequential > 0.30, "the same machine, run one after the other: {sequential}");
}

#[test]
fn a_true_effect_of_10_per_cent_is_found_in_at_least_95_per_cent_of_comparisons() {
    let found = share_of_differences(0.10, in_random_blocks);
    println!("a true 10 % found: {found:.3}");
    assert!(found >= 0.95, "{found}");
}

/// Shares of false differences between two equal programs in blocks: by the t interval, and by a percentile bootstrap.
fn false_differences(blocks: usize) -> (f64, f64) {
    const RESAMPLES: usize = 400;
    let (mut student, mut bootstrap) = (0, 0);
    for seed in 0..RUNS {
        let mut machine = Machine::new(seed);
        let pairs: Vec<_> = (0..blocks).map(|_| (machine.trial(), machine.trial())).collect();
        let pair = higher(&pairs);
        student += u32::from(pair.low.expect("low") > 1.0 || pair.high.expect("high") < 1.0);
        let logs: Vec<f64> = pairs.iter().map(|(x, y)| (x / y).ln()).collect();
        let mut means: Vec<f64> = (0..RESAMPLES)
            .map(|_| (0..blocks).map(|_| logs[machine.below(blocks)]).sum::<f64>() / blocks as f64)
            .collect();
        means.sort_by(f64::total_cmp);
        bootstrap += u32::from(means[RESAMPLES / 40] > 0.0 || means[RESAMPLES - 1 - RESAMPLES / 40] < 0.0);
    }
    (f64::from(student) / RUNS as f64, f64::from(bootstrap) / RUNS as f64)
}

#[test]
fn few_blocks_are_safe_with_the_t_interval_and_would_not_be_with_the_bootstrap() {
    for (blocks, at_least) in [(5, 0.12), (8, 0.08)] {
        let (student, bootstrap) = false_differences(blocks);
        println!(
            "{blocks} blocks, equal programs told apart: {student:.3} by t, {bootstrap:.3} by bootstrap"
        );
        assert!(student <= 0.07 && bootstrap >= at_least, "{blocks} blocks: {student}, {bootstrap}");
    }
}
