//! Puts the trials in order: blocks outermost, so that whatever drifts on the machine drifts for every implementation alike.

use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;
use rand::seq::SliceRandom;

use super::error::Error;
use super::rule::{EarlyEnd, StopRule};
use super::spec::{Benchmark, Placement, Plan, PlannedTrial};

/// Stands at the end of the second label of an A/A pair; no implementation's name can hold it.
pub const SECOND_RUN_SUFFIX: &str = "@2";

/// What a plan is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The benchmarks, in order.
    pub benchmarks: Vec<Requested>,
    /// Seed of the random order.
    pub seed: u64,
    /// Implementation that ratios refer to.
    pub baseline: Option<String>,
    /// Implementation that runs twice under two labels: what they differ by is noise.
    pub twice: Option<String>,
    /// Placement of all trials.
    pub placement: Placement,
    /// When the run ends.
    pub rule: StopRule,
}

/// One benchmark and how often each implementation is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Requested {
    /// The benchmark.
    pub benchmark: Benchmark,
    /// Its blocks.
    pub blocks: u32,
    /// What ends it before.
    pub early: EarlyEnd,
}

/// Makes the plan. The same request gives the same plan.
pub fn make_plan(request: Request) -> Result<Plan, Error> {
    let Request { benchmarks, seed, baseline, twice, placement, rule } = request;
    check(&benchmarks, baseline.as_deref(), twice.as_deref())?;
    let blocks = benchmarks.iter().map(|requested| requested.blocks).max().unwrap_or_default();
    // Named, since the standard generator may become another: a seed means the same in every version.
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let mut trials: Vec<PlannedTrial> = Vec::new();
    for block in 1..=blocks {
        for (benchmark, requested) in benchmarks.iter().enumerate() {
            if block > requested.blocks {
                continue;
            }
            let mut runs = runs(&requested.benchmark, twice.as_deref());
            runs.shuffle(&mut random);
            for (position, (label, implementation)) in (1..).zip(runs) {
                let predecessor = trials.last().map(|trial| trial.label.clone());
                let number = u32::try_from(trials.len()).unwrap_or(u32::MAX).saturating_add(1);
                trials.push(PlannedTrial {
                    number,
                    block,
                    position,
                    benchmark,
                    label,
                    implementation,
                    predecessor,
                });
            }
        }
    }
    let mut early: Vec<EarlyEnd> = benchmarks.iter().map(|requested| requested.early).collect();
    if !early.iter().any(EarlyEnd::is_said) {
        early.clear();
    }
    let benchmark_blocks = benchmarks.iter().map(|requested| requested.blocks).collect();
    let rule = StopRule { benchmark_blocks, early, ..rule };
    let benchmarks = benchmarks.into_iter().map(|requested| requested.benchmark).collect();
    Ok(Plan { seed, blocks, baseline, benchmarks, trials, placement, rule: Some(rule), ended: None })
}

impl Plan {
    /// The plan with all the blocks that its rule allows, of which a run that has begun knows only those that it measures in
    /// any case. The seed gives the others the order that they would have had.
    pub fn whole(&self) -> Result<Self, Error> {
        let rule = self.rule();
        if rule.least_blocks >= rule.most_blocks {
            return Ok(self.clone());
        }
        let twice = self.trials.iter().find(|trial| trial.label.ends_with(SECOND_RUN_SUFFIX));
        let benchmarks = self.benchmarks.iter().enumerate().map(|(index, benchmark)| Requested {
            benchmark: benchmark.clone(),
            blocks: self.rule_of(index).most_blocks,
            early: self.early_end_of(index),
        });
        let whole = make_plan(Request {
            benchmarks: benchmarks.collect(),
            seed: self.seed,
            baseline: self.baseline.clone(),
            twice: twice.map(|trial| trial.implementation.clone()),
            placement: self.placement.clone(),
            rule: rule.clone(),
        })?;
        // Another generator of random numbers gives another order, and predecessors that are not true.
        if !whole.trials.starts_with(&self.trials) {
            return Err(Error::AnotherOrder);
        }
        Ok(whole)
    }
}

/// Label and implementation of each run of one block.
fn runs(benchmark: &Benchmark, twice: Option<&str>) -> Vec<(String, String)> {
    let mut runs = Vec::new();
    let reference = benchmark.question.facts().reference_row;
    runs.extend(reference.map(|label| (label.to_owned(), label.to_owned())));
    for name in &benchmark.implementations {
        runs.push((name.clone(), name.clone()));
        if twice == Some(name.as_str()) {
            runs.push((format!("{name}{SECOND_RUN_SUFFIX}"), name.clone()));
        }
    }
    runs
}

fn check(benchmarks: &[Requested], baseline: Option<&str>, twice: Option<&str>) -> Result<(), Error> {
    if benchmarks.is_empty() {
        return Err(Error::NothingSelected { reason: "there is no benchmark".into() });
    }
    for (index, Requested { benchmark, .. }) in benchmarks.iter().enumerate() {
        if benchmark.implementations.is_empty() {
            let reason = format!("no implementation is left for benchmark `{}`", benchmark.name);
            return Err(Error::NothingSelected { reason });
        }
        if benchmarks[..index].iter().any(|earlier| earlier.benchmark.name == benchmark.name) {
            return Err(Error::Impossible {
                benchmark: benchmark.name.clone(),
                place: None,
                message: "the name stands twice".into(),
                hint: "give every benchmark of a run a name of its own".into(),
            });
        }
    }
    let missing = |name: &str| {
        !benchmarks
            .iter()
            .any(|requested| requested.benchmark.implementations.iter().any(|known| known == name))
    };
    for (option, name) in [("--baseline", baseline), ("--aa", twice)] {
        if let Some(name) = name.filter(|name| missing(name)) {
            return Err(Error::NotSelected { option, implementation: name.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::{Overrides, Question, builtin_entries, resolve};
    use super::*;
    use crate::config::Seconds;

    fn request(implementations: usize, blocks: &[u32], seed: u64, twice: bool) -> Request {
        let names: Vec<_> = (0..implementations).map(|index| format!("impl-{index}")).collect();
        let questions = [Question::Capacity, Question::Saturation, Question::Latency];
        let entries = builtin_entries(&questions, Seconds(Duration::from_secs(1)));
        let benchmarks = entries.iter().zip(blocks).map(|(entry, blocks)| Requested {
            benchmark: resolve(entry, &Overrides::default(), names.clone()).expect("valid"),
            blocks: *blocks,
            early: EarlyEnd::default(),
        });
        let twice = twice.then(|| names[0].clone());
        Request {
            benchmarks: benchmarks.collect(),
            seed,
            baseline: None,
            twice,
            placement: Placement::default(),
            rule: StopRule::fixed(blocks.iter().copied().max().unwrap_or(0)),
        }
    }

    proptest! {
        #[test]
        fn every_implementation_runs_exactly_once_a_block(
            implementations in 1usize..6, blocks in prop::collection::vec(1u32..5, 1..=3), seed: u64, twice: bool,
        ) {
            let plan = make_plan(request(implementations, &blocks, seed, twice)).expect("valid");
            let expected: u32 = blocks.iter().sum();
            let labels = implementations + usize::from(twice);
            prop_assert_eq!(plan.trials.len(), expected as usize * labels);
            for (benchmark, blocks) in blocks.iter().enumerate() {
                for block in 1..=*blocks {
                    let here: Vec<_> =
                        plan.trials.iter().filter(|trial| (trial.benchmark, trial.block) == (benchmark, block)).collect();
                    let distinct: BTreeSet<_> = here.iter().map(|trial| &trial.label).collect();
                    prop_assert_eq!(distinct.len(), labels);
                    prop_assert!(here.iter().zip(1..).all(|(trial, position)| trial.position == position));
                }
            }
        }

        #[test]
        fn the_seed_decides_the_order(implementations in 1usize..6, seed: u64) {
            let make = |seed| make_plan(request(implementations, &[3, 3, 3], seed, false)).expect("valid");
            prop_assert_eq!(make(seed), make(seed));
        }

        #[test]
        fn numbers_and_predecessors_follow_the_order(implementations in 1usize..6, seed: u64) {
            let plan = make_plan(request(implementations, &[2, 1, 3], seed, true)).expect("valid");
            prop_assert!(plan.trials.iter().zip(1..).all(|(trial, number)| trial.number == number));
            prop_assert!(plan.trials.windows(2).all(|pair| pair[0].block <= pair[1].block));
            prop_assert!(plan.trials.windows(2).all(|pair| pair[1].predecessor.as_ref() == Some(&pair[0].label)));
        }
    }

    proptest! {
        #[test]
        fn the_first_blocks_and_the_seed_give_the_whole_plan_again(
            blocks in prop::collection::vec(1u32..12, 1..=3), least in 1u32..12, seed: u64, twice: bool,
        ) {
            let request = request(3, &blocks, seed, twice);
            let most_blocks = request.rule.most_blocks;
            let rule = StopRule { least_blocks: least.min(most_blocks), precision: Some(0.02), ..request.rule };
            let plan = make_plan(Request { rule, ..request }).expect("valid");
            prop_assert_eq!(plan.first_blocks(least).whole().expect("the same order"), plan);
        }
    }

    #[test]
    fn a_plan_of_an_older_version_does_not_say_how_many_blocks_each_benchmark_has() {
        let open_ended = |blocks: &[u32]| {
            let request = request(2, blocks, 7, false);
            let rule = StopRule { least_blocks: 8, precision: Some(0.02), ..request.rule };
            make_plan(Request { rule, ..request }).expect("valid")
        };
        let (whole, shorter) = (open_ended(&[40, 40]), open_ended(&[40, 5]));
        for plan in [whole, shorter] {
            let mut begun = plan.first_blocks(8);
            begun.rule.as_mut().expect("a rule").benchmark_blocks.clear();
            assert_eq!(begun.whole().expect("the same order").trials, plan.trials);
        }
    }

    #[test]
    fn a_plan_that_the_seed_does_not_give_again_is_not_made_whole() {
        let request = request(5, &[12], 7, false);
        let rule = StopRule { least_blocks: 8, precision: Some(0.02), ..request.rule };
        let mut begun = make_plan(Request { rule, ..request }).expect("valid").first_blocks(8);
        begun.seed += 1;
        let error = begun.whole().expect_err("another order");
        assert_eq!(
            error.to_string(),
            "this version would put the trials in another order than they were begun in"
        );
        // All of a fixed number of blocks is there from the beginning: nothing has to be made again.
        begun.rule = Some(StopRule::fixed(8));
        assert_eq!(begun.whole().expect("as it is"), begun);
    }

    // A run that was cut short goes on in the order of its seed, with a later version too. Where this fails, the runs that
    // earlier versions began cannot be resumed any more: keep the generator of random numbers.
    #[test]
    fn a_seed_gives_the_same_order_in_every_version() {
        let plan = make_plan(request(5, &[3], 42, false)).expect("valid");
        let order: String = plan.trials.iter().map(|trial| &trial.label["impl-".len()..]).collect();
        assert_eq!(order, "403210314240123");
    }

    #[test]
    fn different_seeds_give_different_orders() {
        let orders: BTreeSet<Vec<String>> = (0..20)
            .map(|seed| {
                let plan = make_plan(request(5, &[1], seed, false)).expect("valid");
                plan.trials.into_iter().map(|trial| trial.label).collect()
            })
            .collect();
        assert!(orders.len() > 10, "only {} orders", orders.len());
    }

    #[test]
    fn a_baseline_outside_the_selection_is_refused() {
        let request = Request { baseline: Some("other".into()), ..request(2, &[1], 1, false) };
        let error = make_plan(request).expect_err("not selected");
        assert_eq!(error.to_string(), "`other` of `--baseline` is not among the selected implementations");
    }

    #[test]
    fn nothing_selected_is_an_error() {
        let error = make_plan(request(0, &[1], 1, false)).expect_err("nothing");
        assert!(error.to_string().starts_with("nothing to run"));
    }
}
