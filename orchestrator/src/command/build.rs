//! `orchestrator build`: all implementations, or those named; one failure leaves the others.

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::build_time::{BuildTimes, build_times};
use super::output::{print_json, print_lines};
use crate::cli::BuildArgs;
use crate::config::{Catalogue, Implementation};
use crate::error::{Error, show};
use crate::exit_code;
use crate::prepare::{self, Owner, Receipt};

/// What became of one implementation.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    implementation: &'a str,
    seconds: f64,
    /// With `--time`.
    times: Option<BuildTimes>,
    receipt: Option<Receipt>,
    error: Option<String>,
    hint: Option<String>,
}

/// Builds or cleans.
pub fn run(args: &BuildArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let selected = catalogue.select(&args.implementations)?;
    if args.clean {
        return clean(&selected, &catalogue.root);
    }
    let owner = Owner::behind_sudo();
    let outcomes: Vec<_> = selected
        .iter()
        .map(|implementation| outcome(implementation, &catalogue.root, owner.as_ref(), args.time))
        .collect();
    if args.json {
        print_json(&outcomes)?;
    } else {
        print_lines(outcomes.iter().map(line))?;
    }
    // Each failure was reported when it happened.
    let failed = outcomes.iter().any(|outcome| outcome.error.is_some());
    Ok(if failed { exit_code::BUILD } else { exit_code::SUCCESS })
}

/// Builds implementations before a run, with what came of each. Those that fail are reported.
pub(super) fn build_each<'a>(
    selected: &[&'a Implementation],
    root: &Path,
) -> Vec<(&'a Implementation, Result<Receipt, Error>)> {
    let owner = Owner::behind_sudo();
    selected
        .iter()
        .map(|implementation| (*implementation, build_one(implementation, root, owner.as_ref())))
        .collect()
}

/// The same; an error when none could be built.
pub(super) fn build_all<'a>(
    selected: &[&'a Implementation],
    root: &Path,
) -> Result<Vec<(&'a Implementation, Receipt)>, Error> {
    let built: Vec<_> = build_each(selected, root)
        .into_iter()
        .filter_map(|(implementation, result)| Some((implementation, result.ok()?)))
        .collect();
    if built.is_empty() {
        return Err(prepare::Error::NothingBuilt.into());
    }
    Ok(built)
}

fn outcome<'a>(
    implementation: &'a Implementation,
    root: &Path,
    owner: Option<&Owner>,
    time: bool,
) -> Outcome<'a> {
    let started = Instant::now();
    let times =
        time.then(|| reported(implementation, |on_line| build_times(implementation, root, owner, on_line)));
    let (times, result) = match times.transpose() {
        // The build in place as well, for its receipt.
        Ok(times) => (times, build_one(implementation, root, owner)),
        Err(error) => (None, Err(error)),
    };
    let seconds = started.elapsed().as_secs_f64();
    let (receipt, error) = match result {
        Ok(receipt) => (Some(receipt), None),
        Err(error) => (None, Some(error)),
    };
    Outcome {
        implementation: implementation.name(),
        seconds,
        times,
        receipt,
        hint: error.as_ref().and_then(Error::hint),
        error: error.as_ref().map(Error::message),
    }
}

/// Builds one and reports a failure on standard error, with the end of what the build printed.
fn build_one(implementation: &Implementation, root: &Path, owner: Option<&Owner>) -> Result<Receipt, Error> {
    reported(implementation, |on_line| prepare::build(implementation, root, owner, on_line))
}

/// Does something that builds, shows how it goes, and reports its failure.
fn reported<T>(
    implementation: &Implementation,
    work: impl FnOnce(&mut dyn FnMut(&str)) -> Result<T, prepare::Error>,
) -> Result<T, Error> {
    let progress = progress(implementation.name());
    let result = work(&mut |line| progress.set_message(line.to_owned()));
    progress.finish_and_clear();
    result.map_err(|error| {
        let tail = match &error {
            prepare::Error::BuildFailed { tail, .. } => tail.as_slice(),
            _ => &[],
        };
        let shown = tail.iter().fold(String::new(), |shown, line| shown + "\n  | " + line);
        let error = Error::from(error);
        show(&(error.message() + &shown), error.hint().as_deref());
        error
    })
}

fn line(outcome: &Outcome<'_>) -> String {
    let name = outcome.implementation;
    let Some(receipt) = &outcome.receipt else { return format!("{name:<12} failed") };
    if let Some(times) = &outcome.times {
        return times.line(name);
    }
    let word = if receipt.programs.iter().any(|program| program.changed) { "built" } else { "current" };
    let versions: Vec<_> = receipt.programs.iter().filter_map(|program| program.version.as_deref()).collect();
    format!("{name:<12} {word:<8} {:>6.1} s  {}", outcome.seconds, versions.join("; "))
}

fn clean(selected: &[&Implementation], root: &Path) -> Result<u8, Error> {
    let owner = Owner::behind_sudo();
    for implementation in selected {
        let progress = progress(implementation.name());
        let result = prepare::clean(implementation, root, owner.as_ref(), &mut |line| {
            progress.set_message(line.to_owned());
        });
        progress.finish_and_clear();
        result?;
    }
    Ok(exit_code::SUCCESS)
}

/// The last line of the build, on a terminal; nothing elsewhere.
fn progress(name: &str) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_prefix(name.to_owned());
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} building {prefix} {elapsed:>4} {wide_msg:.dim}")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
