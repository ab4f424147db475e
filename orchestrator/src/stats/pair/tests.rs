use proptest::prelude::*;
use rstest::rstest;

use super::*;

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
    let blocks = [(50.0, 100.0), (51.0, 100.0), (49.5, 100.0), (50.2, 100.0), (49.9, 100.0)];
    let cost = compare(Quantity::CpuNsPerEvent, "x", "base", &blocks, &Settings::default());
    assert_eq!((cost.verdict, cost.wins), (PairVerdict::FasterBy, 5));
    let throughput = higher(&blocks);
    assert_eq!((throughput.verdict, throughput.wins), (PairVerdict::SlowerBy, 0));
    assert!((throughput.ratio.expect("ratio") - 0.5).abs() < 0.01);
}

#[test]
fn four_blocks_are_not_enough_and_nothing_is_invented() {
    let pair = higher(&[(1.0, 2.0), (1.0, 2.0), (1.0, 2.0), (1.0, 2.0)]);
    assert_eq!(pair.verdict, PairVerdict::NotEnoughRepetitions { have: 4, needed: 5 });
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
    fn swapping_the_sides_mirrors_everything(blocks in prop::collection::vec((0.1_f64..10.0, 0.1_f64..10.0), 5..15)) {
        let swapped: Vec<_> = blocks.iter().map(|(x, y)| (*y, *x)).collect();
        let (pair, mirror) = (higher(&blocks), higher(&swapped));
        prop_assert!((pair.ratio.expect("ratio") * mirror.ratio.expect("ratio") - 1.0).abs() < 1e-9);
        prop_assert!((pair.low.expect("low") * mirror.high.expect("high") - 1.0).abs() < 1e-9);
        prop_assert_eq!(pair.p_sign_flip, mirror.p_sign_flip);
        prop_assert_eq!(pair.verdict.is_difference(), mirror.verdict.is_difference());
    }

    #[test]
    fn the_order_of_blocks_does_not_matter(mut blocks in prop::collection::vec((0.1_f64..10.0, 0.1_f64..10.0), 5..15)) {
        let before = higher(&blocks);
        blocks.reverse();
        let after = higher(&blocks);
        prop_assert_eq!(before.verdict, after.verdict);
        prop_assert!((before.ratio.expect("ratio") - after.ratio.expect("ratio")).abs() < 1e-9);
    }
}

#[test]
fn tests_and_interval_must_agree() {
    let settings = Settings::default();
    let pair = higher(&[(1.2, 1.0), (1.21, 1.0), (1.19, 1.0), (1.22, 1.0), (1.18, 1.0), (1.2, 1.0)]);
    let tests = |differs, beyond, within| Some(Tests { mean: 0.18, differs, beyond, within });
    assert_eq!(pair.judged(tests(0.01, 0.01, 1.0), &settings), PairVerdict::FasterBy);
    // What the other comparisons of the table take away.
    assert_eq!(pair.judged(tests(0.01, 0.06, 1.0), &settings), PairVerdict::Faster);
    assert_eq!(pair.judged(tests(0.06, 0.06, 1.0), &settings), PairVerdict::Undecided);
    let other_side = Some(Tests { mean: -0.01, differs: 0.01, beyond: 0.01, within: 1.0 });
    assert_eq!(pair.judged(other_side, &settings), PairVerdict::Undecided);
    let near = higher(&[(1.01, 1.0), (1.02, 1.0), (1.01, 1.0), (1.02, 1.0), (1.03, 1.0)]);
    assert_eq!(near.judged(tests(0.01, 1.0, 0.01), &settings), PairVerdict::Equivalent);
    assert_eq!(near.judged(tests(0.01, 1.0, 0.06), &settings), PairVerdict::Faster);
    assert_eq!(near.judged(tests(0.06, 1.0, 0.06), &settings), PairVerdict::Undecided);
}
