//! Ends a run at a block's edge, by the rule of its plan.

use std::time::Instant;

use crate::arithmetic::nanoseconds;
use crate::plan::{BenchmarkEnd, Plan, PlanEnd, PlannedTrial, StopReason};
use crate::stats::{Analysis, PairVerdict, Settings, analyse};
use crate::store::TrialResult;

/// How long a run has been measuring: what it had measured before it was resumed, and the time since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elapsed {
    before_ns: u64,
    since: Instant,
}

impl Elapsed {
    /// Nanoseconds until now.
    pub(super) fn ns(self) -> u64 {
        let since = nanoseconds(self.since.elapsed());
        self.before_ns.saturating_add(since)
    }
}

/// Decides at each edge, and remembers what it decided.
#[derive(Debug)]
pub(super) struct Stopping<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    elapsed: Elapsed,
    reason: Option<StopReason>,
    /// How long each trial took that was measured, in their order.
    took_ns: Vec<u64>,
    /// Benchmarks that have ended by rules of their own.
    ends: Vec<Option<StopReason>>,
}

impl<'a> Stopping<'a> {
    /// `plan` is the whole one. Time counts from now on, beside that of the parts that were measured before.
    pub(super) fn new(plan: &'a Plan, settings: &'a Settings, before_ns: u64) -> Self {
        Self {
            plan,
            settings,
            elapsed: Elapsed { before_ns, since: Instant::now() },
            reason: None,
            took_ns: Vec::new(),
            ends: vec![None; plan.benchmarks.len()],
        }
    }

    /// The same after these trials of an earlier part, which took so long: benchmarks that had ended by rules of their own have.
    pub(super) fn after(mut self, took_ns: Vec<u64>, trials: &[TrialResult]) -> Self {
        self.took_ns = took_ns;
        if !self.has_own_rules() {
            return self;
        }
        let planned = || trials.iter().map(|trial| &trial.planned);
        let last = planned().map(|trial| trial.number).max().unwrap_or(0);
        let begun = planned().map(|trial| trial.block).max().unwrap_or(0);
        for edge in 1..begun {
            for benchmark in 0..self.ends.len() {
                let is_next = |trial: &&PlannedTrial| trial.benchmark == benchmark && trial.block == edge + 1;
                if self.ends[benchmark].is_some() || planned().any(|trial| is_next(&trial)) {
                    continue;
                }
                // Trials are run in order: where a later one was run, it was passed over. Else the run was cut before it came.
                let passed_over = self.plan.trials.iter().find(is_next).is_none_or(|next| next.number < last);
                let reason = self.own_end(benchmark, edge, trials);
                // Statistics of another version may not find again what ended it.
                let likely = match self.plan.early_end_of(benchmark).precision {
                    Some(_) => StopReason::Precision,
                    None => StopReason::MaxTime,
                };
                self.ends[benchmark] = reason.or(passed_over.then_some(likely));
            }
        }
        self
    }

    /// The same with a clock that stood still until now.
    pub(super) fn with_clock_started(self) -> Self {
        Self { elapsed: Elapsed { since: Instant::now(), ..self.elapsed }, ..self }
    }

    /// Notes that a trial was over then: by the clock that is stored with it, so that a resumed run decides by the same times.
    pub(super) fn measured_one(&mut self, elapsed_ns: u64) {
        let before_ns: u64 = self.took_ns.iter().sum();
        self.took_ns.push(elapsed_ns.saturating_sub(before_ns));
    }

    /// Whether a trial's benchmark has not ended by a rule of its own.
    pub(super) fn is_left(&self, trial: &PlannedTrial) -> bool {
        self.ends.get(trial.benchmark).is_none_or(Option::is_none)
    }

    fn has_own_rules(&self) -> bool {
        self.plan.rule.as_ref().is_some_and(|rule| !rule.early.is_empty())
    }

    /// Whether a benchmark ends by itself after so many blocks.
    fn own_end(&self, benchmark: usize, blocks: u32, trials: &[TrialResult]) -> Option<StopReason> {
        let rule = self.plan.rule_of(benchmark);
        let is_of_it = |trial: &PlannedTrial| trial.benchmark == benchmark && trial.block <= blocks;
        let of_it = || trials.iter().filter(|trial| is_of_it(&trial.planned));
        let took = trials.iter().zip(&self.took_ns).filter(|(trial, _)| is_of_it(&trial.planned));
        let took_ns = took.map(|(_, took_ns)| took_ns).sum();
        let looked_at = rule.precision.is_some() && blocks >= rule.least_blocks;
        let widest = looked_at.then(|| {
            let planned = self.plan.trials.iter().filter(|trial| is_of_it(trial)).cloned().collect();
            let plan = Plan { blocks, trials: planned, ..self.plan.clone() };
            let done: Vec<_> = of_it().map(|trial| (&trial.planned, &trial.measurement)).collect();
            let analysis = analyse(&plan, &done, self.settings);
            analysis.benchmarks.get(benchmark)?.widest_half_width(self.plan.baseline.as_deref())
        });
        rule.ends(blocks, took_ns, widest.flatten())
    }

    /// How the benchmarks with rules of their own ended.
    fn own_ends(&self, plan: &Plan, analysis: &Analysis, trials: &[TrialResult]) -> Vec<BenchmarkEnd> {
        let baseline = self.plan.baseline.as_deref();
        let with_rules = (0..).zip(&plan.benchmarks).filter(|(index, _)| plan.early_end_of(*index).is_said());
        let ends = with_rules.map(|(index, benchmark)| {
            let is_done =
                |trial: &PlannedTrial| trials.iter().any(|done| done.planned.number == trial.number);
            let of_it = || plan.trials.iter().filter(|trial| trial.benchmark == index);
            let begun = of_it().filter(|trial| is_done(trial)).map(|trial| trial.block).max().unwrap_or(0);
            let cut = of_it().any(|trial| trial.block == begun && !is_done(trial));
            let blocks = if cut { begun - 1 } else { begun };
            let reason = self.ends[index].or_else(|| self.own_end(index, blocks, trials).filter(|_| !cut));
            BenchmarkEnd {
                benchmark: benchmark.name.clone(),
                reason: reason.unwrap_or(StopReason::Interrupted),
                blocks,
                widest_half_width: analysis
                    .benchmarks
                    .get(index)
                    .and_then(|analysed| analysed.widest_half_width(baseline)),
            }
        });
        ends.collect()
    }

    /// The clock of its rule.
    pub(super) fn elapsed(&self) -> Elapsed {
        self.elapsed
    }

    /// What is to be measured next of the `missing` trials of the plan: all, or none where the rule ends the run at the edge
    /// that it was cut at.
    pub(super) fn left(&mut self, missing: Vec<PlannedTrial>, trials: &[TrialResult]) -> Vec<PlannedTrial> {
        let missing: Vec<PlannedTrial> = missing.into_iter().filter(|trial| self.is_left(trial)).collect();
        let block = missing.first().map_or(self.plan.blocks.saturating_add(1), |trial| trial.block);
        let begun = block == 1 || trials.iter().any(|trial| trial.planned.block == block);
        if !begun && !self.goes_on(block - 1, trials) {
            return Vec::new();
        }
        let mut last = trials.last().map(|trial| trial.planned.label.clone());
        let left = missing.into_iter().filter(|trial| self.is_left(trial)).map(|trial| {
            // After the last that was run, not the last that was planned.
            let predecessor = last.replace(trial.label.clone()).or_else(|| trial.predecessor.clone());
            PlannedTrial { predecessor, ..trial }
        });
        left.collect()
    }

    /// Whether the block after `blocks` is to be measured.
    pub(super) fn goes_on(&mut self, blocks: u32, trials: &[TrialResult]) -> bool {
        let rule = self.plan.rule();
        let looked_at = rule.precision.is_some() && blocks >= rule.least_blocks;
        let widest = looked_at.then(|| {
            let done: Vec<_> = trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
            let analysis = analyse(&self.plan.first_blocks(blocks), &done, self.settings);
            widest(&analysis, self.plan.baseline.as_deref())
        });
        self.reason = rule.ends(blocks, self.elapsed.ns(), widest.flatten());
        if self.reason.is_none() && self.has_own_rules() {
            for benchmark in 0..self.ends.len() {
                if self.ends[benchmark].is_none() {
                    self.ends[benchmark] = self.own_end(benchmark, blocks, trials);
                }
            }
            let time_is_up = self.ends.contains(&Some(StopReason::MaxTime));
            let reason = if time_is_up { StopReason::MaxTime } else { StopReason::Precision };
            self.reason = self.ends.iter().all(Option::is_some).then_some(reason);
        }
        self.reason.is_none()
    }

    /// The plan as it was carried out, with its end.
    pub(super) fn carried_out(self, done: &[TrialResult], complete: bool) -> Plan {
        let begun = done.iter().map(|trial| trial.planned.block).max().unwrap_or(0);
        let reason = match (complete, self.reason) {
            (true, reason) => reason.unwrap_or(StopReason::Blocks),
            (false, _) => StopReason::Interrupted,
        };
        let missing = |trial: &&PlannedTrial| done.iter().all(|other| other.planned.number != trial.number);
        let left = self.plan.trials.iter().filter(|trial| self.is_left(trial));
        let cut = left.filter(missing).any(|trial| trial.block == begun);
        let end = PlanEnd {
            reason,
            blocks: if cut { begun - 1 } else { begun },
            widest_half_width: None,
            undecided: Vec::new(),
            benchmarks: Vec::new(),
        };
        let run = done.iter().map(|trial| &trial.planned);
        let mut plan = self.plan.carried_out(begun, Some(end)).without_skipped(run, complete);
        let measured: Vec<_> = done.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
        let analysis = analyse(&plan, &measured, self.settings);
        let own = self.own_ends(&plan, &analysis, done);
        if let Some(end) = &mut plan.ended {
            end.benchmarks = own;
            end.widest_half_width = widest(&analysis, self.plan.baseline.as_deref());
            end.undecided = undecided(&analysis, self.plan.baseline.as_ref());
        }
        plan
    }
}

/// Whether `trial` is the first of a block after the first.
pub(super) fn edge_before(trials: &[PlannedTrial], index: usize) -> Option<u32> {
    let before = trials.get(index.checked_sub(1)?)?.block;
    (trials.get(index)?.block != before).then_some(before)
}

/// The widest interval over all benchmarks whose question is judged; none while one is missing.
fn widest(analysis: &Analysis, baseline: Option<&str>) -> Option<f64> {
    let judged = analysis.benchmarks.iter().filter(|benchmark| benchmark.is_judged());
    let all: Option<Vec<f64>> = judged.map(|benchmark| benchmark.widest_half_width(baseline)).collect();
    all?.into_iter().reduce(f64::max)
}

fn undecided(analysis: &Analysis, baseline: Option<&String>) -> Vec<String> {
    let open = |verdict: &PairVerdict| {
        matches!(verdict, PairVerdict::Undecided | PairVerdict::NotEnoughRepetitions { .. })
    };
    let mut texts = Vec::new();
    for benchmark in &analysis.benchmarks {
        let headline = benchmark.pairs.iter().filter(|pair| pair.quantity == benchmark.headline);
        let headline = headline.filter(|pair| pair.p_baseline.is_some() || baseline == Some(&pair.reference));
        for pair in headline.filter(|pair| open(&pair.verdict)) {
            texts.push(format!("{}: {} against {}", benchmark.name, pair.label, pair.reference));
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::super::ending::end_in_words;
    use super::*;
    use crate::parse::testing::benchmark;
    use crate::plan::{Benchmark, EarlyEnd, Question, StopRule};
    use crate::stats::testing::plan;
    use crate::store::testing::stored;

    const SECOND: u64 = 1_000_000_000;

    /// Two trials a block.
    fn ten_blocks(rule: StopRule) -> Plan {
        Plan { rule: Some(rule), ..plan(vec![benchmark(Question::Capacity)], &["a", "b"], 10) }
    }

    /// What is left of the plan after its first trials, which took so long; and how it ended if that is nothing.
    fn left_after(plan: &Plan, trials: usize, before_ns: u64) -> (Vec<u32>, Option<PlanEnd>) {
        let settings = Settings::default();
        let (done, missing) = plan.trials.split_at(trials);
        let done: Vec<TrialResult> = done.iter().map(|trial| stored(plan, trial).into()).collect();
        let mut stopping = Stopping::new(plan, &settings, before_ns);
        let left = stopping.left(missing.to_vec(), &done);
        let end = left.is_empty().then(|| stopping.carried_out(&done, true).ended).flatten();
        (left.iter().map(|trial| trial.number).collect(), end)
    }

    fn reason(end: Option<PlanEnd>) -> Option<(StopReason, u32)> {
        end.map(|end| (end.reason, end.blocks))
    }

    #[test]
    fn a_block_that_was_cut_is_finished_whatever_the_rule_says() {
        let time_is_up = StopRule { least_blocks: 1, max_time_ns: Some(SECOND), ..StopRule::fixed(10) };
        let (left, _) = left_after(&ten_blocks(time_is_up), 7, 9 * SECOND);
        assert_eq!(left, (8..=20).collect::<Vec<_>>());
    }

    #[test]
    fn at_an_edge_the_rule_is_asked_before_anything_is_measured() {
        let rule = StopRule { least_blocks: 8, precision: Some(0.5), ..StopRule::fixed(10) };
        let (left, _) = left_after(&ten_blocks(rule.clone()), 14, 0);
        assert_eq!(left, (15..=20).collect::<Vec<_>>(), "not before the least number of blocks");
        let (left, end) = left_after(&ten_blocks(rule.clone()), 16, 0);
        assert_eq!((left, reason(end)), (Vec::new(), Some((StopReason::Precision, 8))));
        let narrow = StopRule { precision: Some(1e-9), ..rule };
        let (left, _) = left_after(&ten_blocks(narrow.clone()), 16, 0);
        assert_eq!(left, [17, 18, 19, 20]);
        let (left, end) = left_after(&ten_blocks(narrow), 20, 0);
        assert_eq!((left, reason(end)), (Vec::new(), Some((StopReason::Blocks, 10))));
    }

    #[test]
    fn the_time_of_earlier_parts_counts() {
        let rule = StopRule { least_blocks: 1, max_time_ns: Some(5 * SECOND), ..StopRule::fixed(10) };
        let plan = ten_blocks(rule);
        assert_eq!(
            left_after(&plan, 8, 3 * SECOND).0.len(),
            12,
            "a fifth block would take less than a second"
        );
        let (left, end) = left_after(&plan, 8, 4 * SECOND + 1);
        assert_eq!((left, reason(end)), (Vec::new(), Some((StopReason::MaxTime, 4))));
    }

    #[test]
    fn a_run_that_has_not_measured_anything_begins_with_the_first_block() {
        let (left, _) = left_after(&ten_blocks(StopRule::fixed(10)), 0, 0);
        assert_eq!(left.len(), 20);
    }

    #[test]
    fn an_interrupted_run_has_measured_the_blocks_whose_trials_are_all_there() {
        let (plan, settings) = (ten_blocks(StopRule::fixed(10)), Settings::default());
        let blocks = |trials: usize| {
            let done: Vec<TrialResult> =
                plan.trials[..trials].iter().map(|trial| stored(&plan, trial).into()).collect();
            reason(Stopping::new(&plan, &settings, 0).carried_out(&done, false).ended)
        };
        assert_eq!(blocks(0), Some((StopReason::Interrupted, 0)));
        assert_eq!(blocks(5), Some((StopReason::Interrupted, 2)));
        assert_eq!(blocks(6), Some((StopReason::Interrupted, 3)));
    }

    /// One benchmark that ends by its precision, one of three blocks, and one that ends by the time that its trials take.
    fn own_rules() -> Plan {
        let named = |name: &str| Benchmark { name: name.into(), ..benchmark(Question::Capacity) };
        let mut plan = plan(["precise", "fixed", "timed"].map(named).to_vec(), &["a", "b"], 10);
        plan.trials.retain(|trial| trial.benchmark != 1 || trial.block <= 3);
        let early = vec![
            EarlyEnd { precision: Some(0.5), max_time_ns: None },
            EarlyEnd::default(),
            EarlyEnd { precision: None, max_time_ns: Some(4 * SECOND) },
        ];
        let rule = StopRule { least_blocks: 1, early, ..StopRule::fixed(10) };
        Plan { rule: Some(StopRule { benchmark_blocks: vec![10, 3, 10], ..rule }), ..plan }
    }

    /// What is run of `left`, after what is done, where each trial takes a second.
    fn live(mut stopping: Stopping, left: &[PlannedTrial], mut done: Vec<TrialResult>) -> Plan {
        for (index, trial) in left.iter().enumerate() {
            if edge_before(left, index).is_some_and(|block| !stopping.goes_on(block, &done)) {
                break;
            }
            if stopping.is_left(trial) {
                done.push(stored(stopping.plan, trial).into());
                stopping.took_ns.push(SECOND);
            }
        }
        stopping.carried_out(&done, true)
    }

    fn numbers(plan: &Plan) -> Vec<u32> {
        plan.trials.iter().map(|trial| trial.number).collect()
    }

    #[test]
    fn each_benchmark_ends_by_its_own_rule() {
        let (plan, settings) = (own_rules(), Settings::default());
        let run = live(Stopping::new(&plan, &settings, 0), &plan.trials, Vec::new());
        let blocks = |benchmark| run.trials.iter().filter(|trial| trial.benchmark == benchmark).count() / 2;
        assert_eq!([0, 1, 2].map(blocks), [8, 3, 2]);
        assert!(run.trials.windows(2).all(|pair| pair[1].predecessor.as_ref() == Some(&pair[0].label)));
        let end = run.ended.as_ref().expect("it has ended");
        assert_eq!((end.blocks, end.benchmarks.len()), (8, 2));
        let own: Vec<_> =
            end.benchmarks.iter().map(|own| (own.benchmark.as_str(), own.reason, own.blocks)).collect();
        assert_eq!(own, [("precise", StopReason::Precision, 8), ("timed", StopReason::MaxTime, 2)]);
        let words = end_in_words(&run);
        for part in [
            "ended    after 8 blocks: each benchmark has ended",
            "precise after 8 blocks: every interval is narrow enough; the widest interval is ±",
            "(wanted: ±50.0 %)",
            "timed after 2 blocks: one more would have ended after 4 s",
        ] {
            assert!(words.contains(part), "`{part}` is not in: {words}");
        }
    }

    #[test]
    fn a_run_that_is_cut_anywhere_ends_as_if_it_had_not_been() {
        let (plan, settings) = (own_rules(), Settings::default());
        let whole = live(Stopping::new(&plan, &settings, 0), &plan.trials, Vec::new());
        for cut in 1..whole.trials.len() {
            let done: Vec<TrialResult> =
                whole.trials[..cut].iter().map(|trial| stored(&plan, trial).into()).collect();
            let is_missing =
                |trial: &&PlannedTrial| done.iter().all(|done| done.planned.number != trial.number);
            let missing: Vec<_> = plan.trials.iter().filter(is_missing).cloned().collect();
            let before_ns = u64::try_from(cut).expect("few") * SECOND;
            let mut stopping = Stopping::new(&plan, &settings, before_ns).after(vec![SECOND; cut], &done);
            let left = stopping.left(missing, &done);
            let labels = done.iter().map(|trial| &trial.planned).chain(&left).map(|trial| &trial.label);
            let before = labels.skip(cut - 1).zip(&left);
            for (label, trial) in before {
                assert_eq!(trial.predecessor.as_ref(), Some(label), "cut after {cut} trials");
            }
            // What is shown of the run meanwhile has all that was run, and nothing that was passed over.
            let run = done.iter().map(|trial| &trial.planned);
            let shown = plan.first_blocks(whole.trials[cut - 1].block).without_skipped(run, false);
            assert!(numbers(&shown).starts_with(&numbers(&whole)[..cut]), "cut after {cut} trials");
            let resumed = live(stopping.with_clock_started(), &left, done);
            assert_eq!(numbers(&resumed), numbers(&whole), "cut after {cut} trials");
            assert_eq!(resumed.ended, whole.ended, "cut after {cut} trials");
        }
    }

    #[test]
    fn edges_lie_between_blocks() {
        let trial = |block| PlannedTrial {
            number: 1,
            block,
            position: 1,
            benchmark: 0,
            label: String::new(),
            implementation: String::new(),
            predecessor: None,
        };
        let trials = [trial(1), trial(1), trial(2)];
        let edges: Vec<_> = (0..4).map(|index| edge_before(&trials, index)).collect();
        assert_eq!(edges, [None, None, Some(1), None]);
    }
}
