//! `orchestrator resume`: goes on with a run that was cut short, by its own rule, on the same machine with the same programs.

use std::path::Path;

use super::lock::Lock;
use super::measuring::{OpenRun, exit_status, give_to_user, implementations, measure, store};
use super::output::{print, print_json};
use super::preparing::prepare;
use super::runs::{find, report_of, shown_run};
use super::session::{Session, runtime};
use super::stopping::Stopping;
use crate::cli::ResumeArgs;
use crate::config::Catalogue;
use crate::error::{self, Error};
use crate::identity::{Difference, absent_programs, machine, machine_differences, program_differences};
use crate::plan::Plan;
use crate::runs::{each_took_ns, is_complete, measured_ns, missing_of, result};
use crate::store::{Claim, OpenedRun, Run, RunFolder, SCHEMA_VERSION, TrialResult, open, write_result};

/// Runs the command.
pub fn run(args: &ResumeArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let path = find(&args.run, Some(&catalogue.root))?;
    let opened = open(&path)?;
    let Resumed { run, measured, interrupted } = match ended(&opened)? {
        Some(run) => Resumed { run, measured: false, interrupted: None },
        None => go_on(&path, catalogue)?,
    };
    if args.json {
        print_json(&run)?;
    } else {
        let note = if measured { "" } else { "\nthis run is complete: nothing was left to measure\n" };
        print(&format!("{}{note}", shown_run(&run, report_of(&run), &path)))?;
    }
    Ok(exit_status(&run, 0, interrupted))
}

/// What came of it.
struct Resumed {
    run: Run,
    /// Whether anything was left to measure.
    measured: bool,
    /// The signal that ended it early.
    interrupted: Option<i32>,
}

/// The result of a run that has ended; stored again where it was lost, or never came.
fn ended(opened: &OpenedRun) -> Result<Option<Run>, Error> {
    if !is_complete(opened) || (opened.end().is_none() && opened.stored().is_none()) {
        return Ok(None);
    }
    let run = result(opened)?;
    if opened.stored().is_none() {
        write_result(&opened.path, &run)?;
        give_to_user(&opened.path);
    }
    Ok(Some(run))
}

/// Measures what the rule of the run still asks for, and stores the result of all of it.
fn go_on(path: &Path, catalogue: &Catalogue) -> Result<Resumed, Error> {
    // From here on nobody else appends to this run.
    let lock = Lock::take()?;
    let claim = Claim::take(path)?;
    let opened = open(path)?;
    let plan = opened.header.plan.whole().map_err(|error| Error::NotComparable {
        message: format!("the run `{}` cannot be resumed: {error}", opened.header.run),
        hint: error.hint(),
    })?;
    let settings = opened.header.settings.clone();
    let raw = opened.raw_trials()?;
    let measured_ns = measured_ns(&raw);
    let took_ns = each_took_ns(&raw);
    let trials: Vec<TrialResult> = raw.into_iter().map(TrialResult::from).collect();
    let mut stopping = Stopping::new(&plan, &settings, measured_ns).after(took_ns, &trials);
    let left = stopping.left(missing_of(&opened, &plan), &trials);
    let Some(next) = left.first().cloned() else {
        // The end had come, but not its result.
        let (folder, OpenedRun { header, resumed, .. }) = RunFolder::resume(claim)?;
        let run = store(OpenRun { folder, header, resumed, trials }, stopping, true)?;
        return Ok(Resumed { run, measured: false, interrupted: None });
    };
    let left = Plan { trials: left, ..plan.clone() };
    let changed = check(&opened, catalogue)?;
    let runtime = runtime()?;
    let session = runtime.block_on(Session::open_locked(lock, &left, catalogue))?;
    let (mut folder, OpenedRun { header, mut resumed, .. }) = RunFolder::resume(claim)?;
    resumed.push(folder.append_resumption(&next, changed)?);
    let open = OpenRun { folder, header, resumed, trials };
    // The wait for a password is no measuring time.
    let (run, interrupted) = measure(&runtime, session, &left, stopping.with_clock_started(), open, None)?;
    Ok(Resumed { run, measured: true, interrupted })
}

/// Refuses to mix figures of two machines or of two builds in one run. Answers what else has changed.
fn check(opened: &OpenedRun, catalogue: &Catalogue) -> Result<Vec<Difference>, Error> {
    let version = opened.header.schema_version;
    if version < SCHEMA_VERSION {
        return Err(Error::NotComparable {
            message: format!(
                "the run `{}` cannot be resumed: it was begun by the rules of version {version}, and these are version {SCHEMA_VERSION}",
                opened.header.run
            ),
            hint: "measure anew".into(),
        });
    }
    let selected = implementations(&opened.header.plan, catalogue);
    // What is built now is compared with what was measured; building could only make it another program.
    let receipts = prepare(&selected, true, catalogue)?.receipts;
    let (before, now) = (&opened.header.machine, machine(&receipts, &selected, &catalogue.root));
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
    for difference in &doubtful {
        error::warn(&format!("since the run began something changed: {difference}"));
    }
    Ok(doubtful)
}
