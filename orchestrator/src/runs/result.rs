//! From the trials of a run to its result.

use crate::parse::{Format, TextFormat, flag_outliers, measure};
use crate::stats::{Settings, analyse};
use crate::store::{
    FIRST_WITH_EVIDENCE, Header, OpenedRun, Resumption, Run, SCHEMA_VERSION, StoreError, StoredTrial,
    TrialResult,
};

/// Analyses trials with settings of one's own.
#[must_use]
pub fn analysed(
    header: Header,
    finished_utc: Option<String>,
    resumed: Vec<Resumption>,
    mut trials: Vec<TrialResult>,
    settings: &Settings,
) -> Run {
    let mut all: Vec<_> = trials.iter_mut().map(|trial| (&trial.planned, &mut trial.measurement)).collect();
    flag_outliers(&mut all);
    let done: Vec<_> = trials.iter().map(|trial| (&trial.planned, &trial.measurement)).collect();
    let analysis = analyse(&header.plan, &done, settings);
    Run { header, finished_utc, resumed, events_sha256: None, trials, analysis }
}

/// The result of a run: the stored one, or, where there is none for all the trials, an analysis of those that are there.
pub fn result(opened: &OpenedRun) -> Result<Run, StoreError> {
    match opened.stored().cloned() {
        // Its statistics are by other rules than the words that show them now.
        Some(Run { header, finished_utc, resumed, trials, analysis, .. })
            if header.schema_version < SCHEMA_VERSION =>
        {
            Ok(analysed(header, finished_utc, resumed, trials, &analysis.settings))
        }
        Some(stored) => Ok(stored),
        None => Ok(anew(opened, opened.raw_trials()?.into_iter().map(TrialResult::from).collect())),
    }
}

/// The result by the raw facts alone, parsed and analysed again as the run was told to be. Of a stored result only its end is kept.
pub fn parsed_again(opened: &OpenedRun) -> Result<Run, StoreError> {
    let raw = opened.raw_trials()?;
    let trials: Result<_, _> = raw.into_iter().map(|trial| trial_again(opened, trial)).collect();
    let run = anew(opened, trials?);
    let known = opened.stored().map(|stored| stored.events_sha256.clone());
    Ok(Run { events_sha256: known.unwrap_or(run.events_sha256), ..run })
}

/// An analysis of these trials, of a run that was carried out as far as they go.
fn anew(opened: &OpenedRun, trials: Vec<TrialResult>) -> Run {
    let header = Header { plan: super::plan(opened), ..opened.header.clone() };
    let settings = &opened.header.settings;
    let run = analysed(header, opened.finished_utc(), opened.resumed.clone(), trials, settings);
    Run { events_sha256: opened.chain.last.clone(), ..run }
}

/// A trial, parsed again from its raw facts. One of version 1 keeps the measurement that it was stored with: its runner spoke another
/// contract, and nobody read the kernel's counters, so that today's rules would find it unverified.
fn trial_again(opened: &OpenedRun, trial: StoredTrial) -> Result<TrialResult, StoreError> {
    if opened.header.schema_version < FIRST_WITH_EVIDENCE {
        return Ok(trial.into());
    }
    let benchmark = &opened.header.plan.benchmarks[trial.planned.benchmark];
    let format = format_of(opened, &trial.planned.implementation)?;
    let measurement = measure(&trial.record, benchmark, &format);
    Ok(TrialResult { planned: trial.planned, measurement })
}

fn format_of(opened: &OpenedRun, implementation: &str) -> Result<Format, StoreError> {
    let Some(patterns) = opened.header.text_patterns.get(implementation) else {
        return Ok(Format::Protocol);
    };
    TextFormat::new(patterns).map(Format::Text).map_err(|error| opened.damaged_header(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{PlanEnd, StopReason};
    use crate::runs::{is_complete, measured_ns, missing};
    use crate::store::testing::{new_run, stored};
    use crate::store::{RunFolder, open, write_result};

    #[test]
    fn a_run_that_was_cut_short_is_analysed_from_what_it_has() {
        let results = tempfile::tempdir().expect("temporary folder");
        let (mut folder, header) = RunFolder::create(results.path(), new_run(2)).expect("creates");
        for planned in header.plan.trials.iter().take(3) {
            folder.append_trial(&stored(&header.plan, planned)).expect("appends");
        }
        let opened = open(folder.path()).expect("opens");
        let run = result(&opened).expect("readable");
        assert_eq!((run.trials.len(), &run.finished_utc), (3, &None));
        assert_eq!(run.analysis.benchmarks[0].rows[0].trials.run, 1);
        let numbers: Vec<u32> = missing(&opened).iter().map(|trial| trial.number).collect();
        assert_eq!(numbers, [4, 5, 6, 7, 8]);

        // A result that is older than the trials is not taken for theirs.
        folder.finish(run).expect("finishes");
        folder.append_trial(&stored(&header.plan, &header.plan.trials[3])).expect("appends");
        let opened = open(folder.path()).expect("opens");
        assert_eq!(result(&opened).expect("readable").trials.len(), 4);
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
        assert_eq!(parsed_again(&opened).expect("parses").trials, [TrialResult::from(trial)]);
    }

    #[test]
    fn a_stored_result_is_shown_without_the_raw_facts() {
        let results = tempfile::tempdir().expect("temporary folder");
        let (mut folder, header) = RunFolder::create(results.path(), new_run(1)).expect("creates");
        for planned in &header.plan.trials {
            folder.append_trial(&stored(&header.plan, planned)).expect("appends");
        }
        let opened = open(folder.path()).expect("opens");
        let run = folder.finish(result(&opened).expect("readable")).expect("finishes");
        // Of a trial nothing is left but which it was, so that whoever asks for more fails.
        let events = folder.path().join("events.jsonl");
        let text = std::fs::read_to_string(&events).expect("readable");
        let emptied = text.lines().map(|line| {
            let mut event: serde_json::Value = serde_json::from_str(line).expect("JSON");
            if event["event"] == "trial" {
                event["record"] = "gone".into();
                event["measurement"] = "gone".into();
            }
            event.to_string()
        });
        let emptied = emptied.collect::<Vec<_>>().join("\n") + "\n";
        std::fs::write(&events, emptied).expect("written");
        let opened = open(folder.path()).expect("opens");
        assert_eq!(result(&opened).expect("it is stored"), run);
        assert!(is_complete(&opened) && opened.check_chain().is_err(), "but the edit shows");
        assert!(opened.raw_trials().is_err() && parsed_again(&opened).is_err());
    }

    #[test]
    fn how_a_run_went_on_and_ended_is_read_again() {
        let results = tempfile::tempdir().expect("temporary folder");
        let (mut folder, mut header) = RunFolder::create(results.path(), new_run(2)).expect("creates");
        for planned in header.plan.trials.iter().take(3) {
            folder.append_trial(&stored(&header.plan, planned)).expect("appends");
        }
        let end = |reason| PlanEnd {
            reason,
            blocks: 1,
            widest_half_width: Some(0.1),
            undecided: Vec::new(),
            benchmarks: Vec::new(),
        };
        let finish = |folder: &mut RunFolder, header: &Header, resumed: &[Resumption]| {
            let raw = open(folder.path()).expect("opens").raw_trials().expect("readable");
            let trials: Vec<TrialResult> = raw.into_iter().map(TrialResult::from).collect();
            let run = analysed(header.clone(), None, resumed.to_vec(), trials, &header.settings);
            folder.finish(run).expect("finishes")
        };
        header.plan.ended = Some(end(StopReason::Interrupted));
        let first = finish(&mut folder, &header, &[]);
        let opened = open(folder.path()).expect("opens");
        assert_eq!((opened.stored(), opened.end()), (Some(&first), header.plan.ended.as_ref()));
        assert!(!is_complete(&opened));

        let next = header.plan.trials[3].clone();
        let resumption = folder.append_resumption(&next, Vec::new()).expect("appends");
        assert_eq!((resumption.trial, resumption.block), (4, 1));
        let opened = open(folder.path()).expect("opens");
        assert_eq!((opened.stored(), opened.end(), is_complete(&opened)), (None, None, false));
        folder.append_trial(&stored(&header.plan, &next)).expect("appends");
        header.plan.ended = Some(end(StopReason::Precision));
        let last = finish(&mut folder, &header, std::slice::from_ref(&resumption));
        let opened = open(folder.path()).expect("opens");
        assert!(is_complete(&opened));
        let raw = opened.raw_trials().expect("readable");
        assert_eq!((opened.stored(), measured_ns(&raw)), (Some(&last), 4_000_000_000));

        // The result can be made again from what was appended.
        std::fs::remove_file(folder.path().join("run.json")).expect("removes");
        let again = result(&open(folder.path()).expect("opens")).expect("readable");
        assert_eq!((&again.resumed, &again.finished_utc), (&vec![resumption], &last.finished_utc));
        assert_eq!(again.header.plan.ended, last.header.plan.ended);
        write_result(folder.path(), &again).expect("written");
        assert_eq!(open(folder.path()).expect("opens").stored(), Some(&again));
    }
}
