//! From the trials of a run to its result: as stored, of a run that was cut short, or parsed and analysed anew.

use std::collections::BTreeSet;

use super::EVENTS;
use super::error::StoreError;
use super::open::OpenedRun;
use super::run::{Header, Run, TrialResult};
use crate::parse::{Format, TextFormat, flag_outliers, measure};
use crate::plan::PlannedTrial;
use crate::stats::{Settings, analyse};

impl Run {
    /// Analyses trials with settings of one's own.
    #[must_use]
    pub fn analysed(
        header: Header,
        finished_utc: Option<String>,
        mut trials: Vec<TrialResult>,
        settings: &Settings,
    ) -> Self {
        let mut all: Vec<_> =
            trials.iter_mut().map(|trial| (&trial.planned, &mut trial.measurement)).collect();
        flag_outliers(&mut all);
        let done: Vec<_> = trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
        let analysis = analyse(&header.plan, &done, settings);
        Self { header, finished_utc, trials, analysis }
    }
}

impl OpenedRun {
    /// The result: the stored one, or, where there is none for all the trials, an analysis of those that are there.
    #[must_use]
    pub fn result(&self) -> Run {
        match &self.run {
            Some(run) if run.trials.len() == self.trials.len() => run.clone(),
            _ => {
                let trials = self.trials.iter().cloned().map(TrialResult::from).collect();
                Run::analysed(self.header.clone(), None, trials, &self.header.settings)
            }
        }
    }

    /// The trials, parsed again from their raw facts.
    pub fn parsed_again(&self) -> Result<Vec<TrialResult>, StoreError> {
        let parsed = self.trials.iter().map(|trial| {
            let benchmark = &self.header.plan.benchmarks[trial.planned.benchmark];
            let measurement =
                measure(&trial.record, benchmark, &self.format_of(&trial.planned.implementation)?);
            Ok(TrialResult { planned: trial.planned.clone(), measurement })
        });
        parsed.collect()
    }

    /// The planned trials that were not run, in their order.
    #[must_use]
    pub fn missing(&self) -> Vec<PlannedTrial> {
        let done: BTreeSet<u32> = self.trials.iter().map(|trial| trial.planned.number).collect();
        self.header.plan.trials.iter().filter(|trial| !done.contains(&trial.number)).cloned().collect()
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

#[cfg(test)]
mod tests {
    use super::*;
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
        let older = opened.result();
        folder.finish(header.clone(), older.trials, older.analysis).expect("finishes");
        folder.append_trial(&stored(&header.plan, &header.plan.trials[3])).expect("appends");
        assert_eq!(open(folder.path()).expect("opens").result().trials.len(), 4);
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
