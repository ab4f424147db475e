//! From a plan to a result: builds, measures, stores, prints. `compare` and `run` differ in their plan and report only.

use std::cell::RefCell;
use std::path::Path;

use serde_json::json;
use tokio::runtime::Runtime;

use super::output::{print, print_json};
use super::page::write_page_of_new_run;
use super::preparing::{Prepared, note_first, prepare};
use super::progress::{about, expected};
use super::runs::shown_run;
use super::session::{Done, Session, runtime};
use super::stopping::Stopping;
use crate::cli::RunOptions;
use crate::config::{Catalogue, Implementation};
use crate::error::{self, Error, note};
use crate::exit_code;
use crate::files::Folder;
use crate::identity::machine;
use crate::parse::{Measurement, Outcome, Verdict};
use crate::plan::{Plan, PlannedTrial};
use crate::prepare::Owner;
use crate::render::comparison_tables;
use crate::runs::analysed;
use crate::stats::{BenchmarkAnalysis, RowStatus, Settings};
use crate::store::{
    Header, NewRun, Resumption, Run, RunFolder, StoreError, StoredTrial, TrialResult, dated_later,
};

/// Measures a plan and prints `report` of it. The number is the exit status.
pub(super) fn execute(
    plan: &Plan,
    options: &RunOptions,
    catalogue: &Catalogue,
    report: fn(&Run) -> String,
) -> Result<u8, Error> {
    let selected = implementations(plan, catalogue);
    let Prepared { receipts, failures, warnings } = prepare(&selected, options.no_build, catalogue)?;
    let results = options.output.clone().unwrap_or_else(|| catalogue.root.join("results"));
    let runtime = runtime()?;
    // First: the helper knows what else is loaded, and its lock keeps others away.
    let session = runtime.block_on(Session::open(plan, catalogue))?;
    let mut machine = machine(&receipts, &selected, &catalogue.root);
    note_first(&mut machine, &warnings);
    machine["other_bpf_programs"] = json!(session.other_programs());
    machine["implementation_notes"] = json!(
        selected
            .iter()
            .map(|known| (known.name().to_owned(), known.notes_beside(&selected)))
            .filter(|(_, notes)| !notes.is_empty())
            .collect::<std::collections::BTreeMap<_, _>>()
    );
    let settings = settings(options);
    let least = plan.rule.as_ref().map_or(plan.blocks, |rule| rule.least_blocks);
    let new = NewRun {
        command: std::env::args().collect(),
        plan: plan.first_blocks(least),
        machine,
        settings: settings.clone(),
        text_patterns: text_patterns(&selected, plan),
    };
    if let Some(later) = dated_later(&results) {
        error::warn(&format!("the run `{later}` is dated later than this one: is the clock right?"));
    }
    Folder::make(&results, Owner::behind_sudo().map(|owner| owner.ids()))
        .map_err(|source| StoreError::Create { path: results.clone(), source })?;
    let (trials, time) = (plan.trials.len(), about(expected(&plan.first_blocks(least))));
    let blocks = if least == 1 { "block" } else { "blocks" };
    note(&format!("measuring: {trials} trials at most, {time} for {least} {blocks}"));
    let (folder, header) = RunFolder::create(&results, new)?;
    let open = OpenRun { folder, header, resumed: Vec::new(), trials: Vec::new() };
    let path = open.folder.path().to_owned();
    let preview = (!options.json).then_some(comparison_tables as fn(&Run) -> String);
    let (run, interrupted) =
        measure(&runtime, session, plan, Stopping::new(plan, &settings, 0), open, preview)?;
    if options.json {
        print_json(&run)?;
    } else {
        print(&shown_run(&run, report, &path))?;
    }
    Ok(exit_status(&run, failures, interrupted))
}

/// A run whose folder is there: as it begins, or as its earlier parts left it.
#[derive(Debug)]
pub(super) struct OpenRun {
    pub(super) folder: RunFolder,
    pub(super) header: Header,
    pub(super) resumed: Vec<Resumption>,
    pub(super) trials: Vec<TrialResult>,
}

/// Runs the trials of `left` until the rule ends it, and stores the result of all trials. The number is the signal that ended
/// it early.
pub(super) fn measure(
    runtime: &Runtime,
    mut session: Session,
    left: &Plan,
    stopping: Stopping,
    open: OpenRun,
    preview: Option<fn(&Run) -> String>,
) -> Result<(Run, Option<i32>), Error> {
    let OpenRun { mut folder, header, resumed, trials } = open;
    let trials = RefCell::new(trials);
    let elapsed = stopping.elapsed();
    let stopping = RefCell::new(stopping);
    let mut keep = |planned: &PlannedTrial, done: Done| -> Result<(), Error> {
        let (planned, Done { record, measurement }) = (planned.clone(), done);
        let elapsed_ns = elapsed.ns();
        let stored = StoredTrial { planned, record, measurement, elapsed_ns: Some(elapsed_ns) };
        folder.append_trial(&stored)?;
        trials.borrow_mut().push(stored.into());
        stopping.borrow_mut().measured_one(elapsed_ns);
        Ok(())
    };
    let interrupted = runtime.block_on(async {
        let mut goes_on = |blocks| {
            let goes_on = stopping.borrow_mut().goes_on(blocks, &trials.borrow());
            if let Some(tables) = preview.filter(|_| goes_on && is_worth_a_look(left, blocks)) {
                show_so_far(left, blocks, &header, &trials.borrow(), tables);
            }
            goes_on
        };
        let outcome =
            session.run(left, &mut keep, &mut goes_on, &|trial| stopping.borrow().is_left(trial)).await;
        let interrupted = session.interrupted_by();
        session.close().await?;
        outcome.map(|()| interrupted)
    });
    // Whatever happened, what was measured is analysed and kept.
    let open = OpenRun { folder, header, resumed, trials: trials.into_inner() };
    let run = store(open, stopping.into_inner(), matches!(interrupted, Ok(None)))?;
    Ok((run, interrupted?))
}

/// Blocks after which a run that takes longer shows what there is.
const FIRST_LOOK: u32 = 3;

/// Once, in a run of which more than that is still to come.
fn is_worth_a_look(left: &Plan, blocks: u32) -> bool {
    blocks == FIRST_LOOK && left.blocks >= FIRST_LOOK + 2
}

/// The tables of the first blocks, on standard error: the result itself comes at the end, and alone on standard output.
fn show_so_far(
    left: &Plan,
    blocks: u32,
    header: &Header,
    trials: &[TrialResult],
    tables: fn(&Run) -> String,
) {
    let plan = left.first_blocks(blocks).without_skipped(trials.iter().map(|trial| &trial.planned), true);
    let header = Header { plan, ..header.clone() };
    let settings = header.settings.clone();
    let run = analysed(header, None, Vec::new(), trials.to_vec(), &settings);
    error::note(&format!("so far, after {blocks} of {} blocks:\n\n{}", left.blocks, tables(&run)));
}

/// Analyses what was measured, with how it ended, and stores the result.
pub(super) fn store(open: OpenRun, stopping: Stopping, complete: bool) -> Result<Run, Error> {
    let OpenRun { mut folder, header, resumed, trials } = open;
    let settings = header.settings.clone();
    let header = Header { plan: stopping.carried_out(&trials, complete), ..header };
    let run = folder.finish(analysed(header, None, resumed, trials, &settings))?;
    if let Some(owner) = Owner::behind_sudo() {
        // A file that stays root's can still be read; that is no reason to fail a run that is complete.
        folder.give(owner.ids()).ok();
    }
    write_page_of_new_run(folder.path(), &run);
    give_to_user(folder.path());
    Ok(run)
}

/// The implementations that take part, each once.
pub(super) fn implementations<'a>(plan: &Plan, catalogue: &'a Catalogue) -> Vec<&'a Implementation> {
    let takes_part = |name: &str| plan.trials.iter().any(|trial| trial.implementation == name);
    catalogue.implementations.iter().filter(|implementation| takes_part(implementation.name())).collect()
}

fn settings(options: &RunOptions) -> Settings {
    Settings { delta: options.delta.0 / 100.0, ..Settings::default() }
}

/// The expressions of programs that speak text, so that an old run can be parsed again.
fn text_patterns(
    selected: &[&Implementation],
    plan: &Plan,
) -> std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>> {
    let of = |implementation: &Implementation| {
        let program =
            plan.benchmarks.iter().find_map(|benchmark| implementation.program_for(benchmark).ok())?;
        let output = program.output.as_ref().filter(|_| !program.speaks_protocol())?;
        Some(output.patterns.iter().map(|(field, pattern)| (field.to_string(), pattern.clone())).collect())
    };
    selected
        .iter()
        .filter_map(|implementation| Some((implementation.name().to_owned(), of(implementation)?)))
        .collect()
}

/// Root through sudo measures for the user who called sudo: the results are theirs.
pub(super) fn give_to_user(folder: &Path) {
    let Some(owner) = Owner::behind_sudo() else { return };
    Folder::open(folder).and_then(|folder| folder.give_all(owner.ids())).ok();
}

/// The worst thing that happened decides.
pub(super) fn exit_status(run: &Run, unbuilt: usize, interrupted: Option<i32>) -> u8 {
    let measurements = || run.trials.iter().map(|trial| &trial.measurement);
    let failed = |measurement: &Measurement| match &measurement.outcome {
        // Nor is what could not be checked ranked.
        Outcome::Completed => measurement.verdict != Some(Verdict::Valid),
        Outcome::Unsupported { .. } => false,
        _ => true,
    };
    // Survivors among trials of which too many did not complete.
    let row_failed = |benchmark: &BenchmarkAnalysis| {
        benchmark.rows.iter().any(|row| matches!(row.status, RowStatus::Failed { .. }))
    };
    if let Some(signal) = interrupted {
        exit_code::for_signal(signal)
    } else if unbuilt > 0 {
        exit_code::BUILD
    } else if measurements().any(failed) || run.analysis.benchmarks.iter().any(row_failed) {
        exit_code::TRIAL_FAILED
    } else if !measurements().any(|measurement| measurement.outcome == Outcome::Completed) {
        exit_code::REQUIREMENT
    } else {
        exit_code::SUCCESS
    }
}
