//! From the trials of a run to its result: as stored, of a run that was cut short, or parsed and analysed anew.

use std::collections::BTreeSet;

use super::EVENTS;
use super::error::StoreError;
use super::open::OpenedRun;
use super::run::{FIRST_WITH_EVIDENCE, Header, Resumption, Run, RunEnd, SCHEMA_VERSION, TrialResult};
use crate::parse::{Format, TextFormat, flag_outliers, measure};
use crate::plan::{Plan, PlanEnd, PlannedTrial, StopReason};
use crate::stats::{Settings, analyse};
use crate::supervise::PhaseTimes;

impl Run {
    /// Analyses trials with settings of one's own.
    #[must_use]
    pub fn analysed(
        header: Header,
        finished_utc: Option<String>,
        resumed: Vec<Resumption>,
        mut trials: Vec<TrialResult>,
        settings: &Settings,
    ) -> Self {
        let mut all: Vec<_> =
            trials.iter_mut().map(|trial| (&trial.planned, &mut trial.measurement)).collect();
        flag_outliers(&mut all);
        let done: Vec<_> = trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
        let analysis = analyse(&header.plan, &done, settings);
        Self { header, finished_utc, resumed, events_sha256: None, trials, analysis }
    }
}

impl OpenedRun {
    /// The result: the stored one, or, where there is none for all the trials, an analysis of those that are there.
    #[must_use]
    pub fn result(&self) -> Run {
        if let Some(stored) = self.stored().filter(|run| run.header.schema_version < SCHEMA_VERSION) {
            // Its statistics are by other rules than the words that show them now.
            let Run { header, finished_utc, resumed, trials, analysis, .. } = stored.clone();
            return Run::analysed(header, finished_utc, resumed, trials, &analysis.settings);
        }
        self.stored().cloned().unwrap_or_else(|| {
            let header = Header { plan: self.plan(), ..self.header.clone() };
            let trials = self.trials.iter().cloned().map(TrialResult::from).collect();
            let finished_utc = self.finished_utc();
            let run =
                Run::analysed(header, finished_utc, self.resumed.clone(), trials, &self.header.settings);
            Run { events_sha256: self.chain.last.clone(), ..run }
        })
    }

    /// The stored result, unless the run has gone on since it was stored.
    #[must_use]
    pub fn stored(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| {
            let same_end = |ended: &RunEnd| run.finished_utc.as_ref() == Some(&ended.ended_utc);
            let counts = |run: &Run| (run.trials.len(), run.resumed.len());
            counts(run) == (self.trials.len(), self.resumed.len()) && self.ended.as_ref().is_none_or(same_end)
        })
    }

    /// When it ended.
    #[must_use]
    pub fn finished_utc(&self) -> Option<String> {
        let noted = self.ended.as_ref().map(|ended| ended.ended_utc.clone());
        noted.or_else(|| self.stored()?.finished_utc.clone())
    }

    /// How it ended. Older versions noted that in the result only.
    #[must_use]
    pub fn end(&self) -> Option<&PlanEnd> {
        let noted = self.ended.as_ref().map(|ended| &ended.end);
        noted.or_else(|| self.stored()?.header.plan.ended.as_ref())
    }

    /// Whether nothing is left to be measured: its rule has ended it, or all of a fixed number of blocks is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let rule = self.header.plan.rule();
        match self.end() {
            Some(end) => end.reason != StopReason::Interrupted,
            None => rule.least_blocks >= rule.most_blocks && self.missing().is_empty(),
        }
    }

    /// The plan as far as it was carried out.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let begun = self.trials.iter().map(|trial| trial.planned.block).max().unwrap_or(0);
        let planned = &self.header.plan;
        // Showing a run needs no more of its order than what was run.
        let whole = planned.whole().unwrap_or_else(|_| planned.clone());
        whole.carried_out(begun, self.end().cloned())
    }

    /// How long it has been measuring, in all its parts, nanoseconds. The trial that was cut is not counted.
    #[must_use]
    pub fn measured_ns(&self) -> u64 {
        let noted = self.trials.last().and_then(|trial| trial.elapsed_ns);
        // Older versions did not note it. What lies between two trials is short.
        noted.unwrap_or_else(|| self.trials.iter().map(|trial| lasted_ns(&trial.record.times)).sum())
    }

    /// The trials, parsed again from their raw facts. Those of version 1 keep the measurements that they were stored with: their
    /// runners spoke another contract, and nobody read the kernel's counters, so that today's rules would find them all unverified.
    pub fn parsed_again(&self) -> Result<Vec<TrialResult>, StoreError> {
        if self.header.schema_version < FIRST_WITH_EVIDENCE {
            return Ok(self.trials.iter().cloned().map(TrialResult::from).collect());
        }
        let parsed = self.trials.iter().map(|trial| {
            let benchmark = &self.header.plan.benchmarks[trial.planned.benchmark];
            let measurement =
                measure(&trial.record, benchmark, &self.format_of(&trial.planned.implementation)?);
            Ok(TrialResult { planned: trial.planned.clone(), measurement })
        });
        parsed.collect()
    }

    /// The trials that were not run, in their order, of the blocks that were begun or are measured in any case.
    #[must_use]
    pub fn missing(&self) -> Vec<PlannedTrial> {
        self.missing_of(&self.plan())
    }

    /// The trials of a plan that were not run, in their order.
    #[must_use]
    pub fn missing_of(&self, plan: &Plan) -> Vec<PlannedTrial> {
        let done: BTreeSet<u32> = self.trials.iter().map(|trial| trial.planned.number).collect();
        plan.trials.iter().filter(|trial| !done.contains(&trial.number)).cloned().collect()
    }

    fn format_of(&self, implementation: &str) -> Result<Format, StoreError> {
        let Some(patterns) = self.header.text_patterns.get(implementation) else {
            return Ok(Format::Protocol);
        };
        TextFormat::new(patterns).map(Format::Text).map_err(|error| StoreError::Damaged {
            path: self.path.join(EVENTS),
            line: 1,
            reason: error.to_string(),
        })
    }
}

/// From the first to the last thing that is known to have happened.
fn lasted_ns(times: &PhaseTimes) -> u64 {
    let PhaseTimes { spawned_ns, ready_ns, released_ns, load_ended_ns, settled_ns, stop_ns, exited_ns } =
        times;
    let all = [spawned_ns, ready_ns, released_ns, load_ended_ns, settled_ns, stop_ns, exited_ns];
    let known = || all.into_iter().flatten();
    known().max().zip(known().min()).map_or(0, |(last, first)| last - first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Request, Requested, StopRule, make_plan};
    use crate::store::testing::{new_run, stored};
    use crate::store::{RunFolder, open};

    #[test]
    fn a_run_that_was_cut_short_is_analysed_from_what_it_has() {
        let results = tempfile::tempdir().expect("temporary folder");
        let (mut folder, header) = RunFolder::create(results.path(), new_run(2)).expect("creates");
        for planned in header.plan.trials.iter().take(3) {
            folder.append_trial(&stored(&header.plan, planned)).expect("appends");
        }
        let opened = open(folder.path()).expect("opens");
        let run = opened.result();
        assert_eq!((run.trials.len(), &run.finished_utc), (3, &None));
        assert_eq!(run.analysis.benchmarks[0].rows[0].trials.run, 1);
        let missing: Vec<u32> = opened.missing().iter().map(|trial| trial.number).collect();
        assert_eq!(missing, [4, 5, 6, 7, 8]);

        // A result that is older than the trials is not taken for theirs.
        folder.finish(opened.result()).expect("finishes");
        folder.append_trial(&stored(&header.plan, &header.plan.trials[3])).expect("appends");
        assert_eq!(open(folder.path()).expect("opens").result().trials.len(), 4);
    }

    /// A run of at least two and at most `most` blocks, in which so many trials were run.
    fn open_ended(results: &std::path::Path, most: u32, trials: usize) -> OpenedRun {
        let mut new = new_run(1);
        let rule = StopRule { least_blocks: 2, precision: Some(0.02), ..StopRule::fixed(most) };
        let benchmarks = new.plan.benchmarks.iter().cloned().map(|mut benchmark| {
            benchmark.implementations = ["a", "b"].map(str::to_owned).to_vec();
            Requested { benchmark, blocks: most }
        });
        let request = Request {
            benchmarks: benchmarks.collect(),
            seed: 5,
            baseline: Some("a".into()),
            twice: None,
            placement: new.plan.placement.clone(),
            rule,
        };
        let whole = make_plan(request).expect("valid");
        new.plan = whole.first_blocks(2);
        let (mut folder, _) = RunFolder::create(results, new).expect("creates");
        for planned in whole.trials.iter().take(trials) {
            folder.append_trial(&stored(&whole, planned)).expect("appends");
        }
        open(folder.path()).expect("opens")
    }

    #[test]
    fn what_was_measured_beyond_the_least_blocks_belongs_to_the_plan() {
        let results = tempfile::tempdir().expect("temporary folder");
        // Two benchmarks with two rows each: four trials a block.
        let numbers =
            |opened: &OpenedRun| -> Vec<u32> { opened.missing().iter().map(|trial| trial.number).collect() };
        let begun = open_ended(results.path(), 5, 3);
        assert_eq!((begun.plan().blocks, numbers(&begun)), (2, vec![4, 5, 6, 7, 8]));
        let cut = open_ended(results.path(), 5, 13);
        assert_eq!((cut.plan().blocks, numbers(&cut)), (4, vec![14, 15, 16]));
        assert_eq!(cut.result().analysis.benchmarks[0].rows[0].trials.planned, 4);
        assert_eq!(cut.missing_of(&cut.header.plan.whole().expect("the same order")).len(), 7);
        // At an edge nothing is missing, but the rule has not ended it.
        let edge = open_ended(results.path(), 5, 16);
        assert_eq!((edge.missing().len(), edge.is_complete()), (0, false));
        assert!(open_ended(results.path(), 2, 8).is_complete(), "a fixed number of blocks");
    }

    #[test]
    fn time_up_leaves_no_block_to_be_measured() {
        let results = tempfile::tempdir().expect("temporary folder");
        let mut opened = open_ended(results.path(), 5, 4);
        let end = PlanEnd {
            reason: StopReason::MaxTime,
            blocks: 1,
            widest_half_width: None,
            undecided: Vec::new(),
        };
        opened.ended = Some(RunEnd { ended_utc: String::new(), end });
        assert_eq!((opened.plan().blocks, opened.missing(), opened.is_complete()), (1, Vec::new(), true));
    }

    #[test]
    fn an_older_version_did_not_note_how_long_it_had_measured() {
        let results = tempfile::tempdir().expect("temporary folder");
        let mut opened = open_ended(results.path(), 5, 3);
        assert_eq!(opened.measured_ns(), 3_000_000_000);
        for trial in &mut opened.trials {
            trial.elapsed_ns = None;
            trial.record.times = PhaseTimes {
                spawned_ns: Some(7_000_000_000),
                ready_ns: Some(7_500_000_000),
                stop_ns: Some(9_000_000_000),
                ..PhaseTimes::default()
            };
        }
        assert_eq!(opened.measured_ns(), 6_000_000_000);
    }

    #[test]
    fn raw_facts_give_the_same_measurements_again() {
        let results = tempfile::tempdir().expect("temporary folder");
        let (mut folder, header) = RunFolder::create(results.path(), new_run(1)).expect("creates");
        let planned = &header.plan.trials[0];
        let mut trial = stored(&header.plan, planned);
        trial.measurement = measure(&trial.record, &header.plan.benchmarks[0], &Format::Protocol);
        folder.append_trial(&trial).expect("appends");
        let opened = open(folder.path()).expect("opens");
        assert_eq!(opened.parsed_again().expect("parses"), [TrialResult::from(trial)]);
    }
}
