//! `orchestrator resume`: measures what an interrupted run has left, on the same machine with the same programs.

use std::path::Path;

use super::measuring::{exit_status, give_to_user, implementations, machine, receipts, shown};
use super::output::{print, print_json};
use super::runs::{find, report_of};
use super::session::{Done, Session, runtime};
use crate::cli::ResumeArgs;
use crate::config::Catalogue;
use crate::error::{self, Error};
use crate::plan::{Plan, PlannedTrial};
use crate::store::{
    Difference, OpenedRun, Run, RunFolder, StoredTrial, TrialResult, absent_programs, machine_differences,
    open, program_differences,
};

/// Runs the command.
pub fn run(args: &ResumeArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let path = find(&args.run, Some(&catalogue.root))?;
    let opened = open(&path)?;
    let missing = Plan { trials: opened.missing(), ..opened.header.plan.clone() };
    let (run, interrupted) = if missing.trials.is_empty() {
        (complete(&path, &opened)?, None)
    } else {
        check(&opened, catalogue)?;
        measure(&path, &missing, catalogue)?
    };
    if args.json {
        print_json(&run)?;
    } else {
        let report = report_of(&run)(&run);
        print(&format!("{}\nresult   {}\n", report.trim_end(), shown(&path).display()))?;
    }
    Ok(exit_status(&run, 0, interrupted))
}

/// Nothing is left to measure, but the end may have come before the result was written.
fn complete(path: &Path, opened: &OpenedRun) -> Result<Run, Error> {
    match &opened.run {
        Some(run) if run.trials.len() == opened.trials.len() => Ok(run.clone()),
        _ => {
            let (mut folder, opened) = RunFolder::resume(path)?;
            let run = opened.result();
            Ok(folder.finish(run.header, run.trials, run.analysis)?)
        }
    }
}

/// Refuses to mix figures of two machines or of two builds in one run.
fn check(opened: &OpenedRun, catalogue: &Catalogue) -> Result<(), Error> {
    let selected = implementations(&opened.header.plan, catalogue);
    // What is built now is compared with what was measured; building could only make it another program.
    let (receipts, _) = receipts(&selected, true, catalogue)?;
    let (before, now) = (&opened.header.machine, machine(&receipts, &catalogue.root));
    let absent = absent_programs(before, &now).into_iter().map(|name| format!("\n  {name} is not built"));
    let mut differences = machine_differences(before, &now);
    differences.extend(program_differences(before, &now, |_| true));
    let (decisive, doubtful): (Vec<Difference>, Vec<Difference>) =
        differences.into_iter().partition(|difference| difference.prevents);
    let reasons: Vec<String> =
        decisive.iter().map(|difference| format!("\n  {difference}")).chain(absent).collect();
    if !reasons.is_empty() {
        return Err(Error::NotComparable {
            message: format!("the run `{}` cannot be resumed:{}", opened.header.run, reasons.concat()),
            hint: "resume it where it was begun, with the programs that it began with, or measure anew"
                .into(),
        });
    }
    for difference in doubtful {
        error::warn(&format!("since the run began something changed: {difference}"));
    }
    Ok(())
}

/// Runs the missing trials and analyses all of them. The number is the signal that ended it early.
fn measure(path: &Path, missing: &Plan, catalogue: &Catalogue) -> Result<(Run, Option<i32>), Error> {
    runtime()?.block_on(async {
        let mut session = Session::open(missing, catalogue).await?;
        // The session holds the lock, so nobody else appends to this run any more.
        let (mut folder, opened) = RunFolder::resume(path)?;
        let mut trials: Vec<TrialResult> = opened.trials.into_iter().map(TrialResult::from).collect();
        let mut keep = |planned: &PlannedTrial, done: Done| -> Result<(), Error> {
            let Done { record, measurement } = done;
            let stored = StoredTrial { planned: planned.clone(), record, measurement };
            folder.append_trial(&stored)?;
            trials.push(stored.into());
            Ok(())
        };
        let outcome = session.run(missing, &mut keep).await;
        let interrupted = session.interrupted_by();
        let closed = session.close().await;
        // Whatever happened, what was measured is analysed and kept.
        let settings = opened.header.settings.clone();
        let run = Run::analysed(opened.header, None, trials, &settings);
        let run = folder.finish(run.header, run.trials, run.analysis)?;
        give_to_user(folder.path());
        outcome.and(closed)?;
        Ok((run, interrupted))
    })
}
