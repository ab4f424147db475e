//! `orchestrator report`

use std::path::Path;

use super::measuring::shown;
use super::output::{print, print_json};
use super::runs::{find, report_of, with_settings};
use crate::cli::ReportArgs;
use crate::error::Error;
use crate::exit_code;
use crate::stats::{Settings, Tiers};
use crate::store::{OpenedRun, Run, open, open_raw, write_result};

/// Runs the command.
pub fn run(args: &ReportArgs, root: Option<&Path>) -> Result<u8, Error> {
    let path = find(&args.run, root)?;
    // Raw facts need no result: a damaged one is made again.
    let opened = if args.reanalyse { open_raw(&path)? } else { open(&path)? };
    let run = analysed(args, &opened, &path)?;
    if args.write {
        write_result(&path, &run)?;
    }
    if args.json {
        print_json(&run)?;
    } else {
        let report = report_of(&run)(&run);
        let note = unfinished(&opened, &shown(&path));
        print(&format!("{}\nresult   {}\n{note}", report.trim_end(), shown(&path).display()))?;
    }
    Ok(exit_code::SUCCESS)
}

fn analysed(args: &ReportArgs, opened: &OpenedRun, path: &Path) -> Result<Run, Error> {
    let mut run = opened.result();
    let mut settings = run.analysis.settings.clone();
    if args.reanalyse {
        // Of a result that can still be read only the time of its end is kept.
        let finished_utc = open(path).ok().and_then(|opened| opened.run).and_then(|run| run.finished_utc);
        settings = opened.header.settings.clone();
        run = Run { trials: opened.parsed_again()?, header: opened.header.clone(), finished_utc, ..run };
    } else if args.delta.is_none() && args.baseline.is_none() && args.tiers.is_none() {
        return Ok(run);
    }
    let settings = Settings {
        delta: args.delta.map_or(settings.delta, |delta| delta.0 / 100.0),
        tiers: args.tiers.map_or(settings.tiers, |tiers| Tiers { first: tiers.high, second: tiers.low }),
        ..settings
    };
    with_settings(run, args.baseline.as_deref(), &settings)
}

/// What is missing, and how to get it.
fn unfinished(opened: &OpenedRun, path: &Path) -> String {
    let (missing, planned) = (opened.missing().len(), opened.header.plan.trials.len());
    if missing == 0 {
        return String::new();
    }
    let cut = if opened.cut { ", and a last one was cut while it was written" } else { "" };
    format!(
        "\nthis run is not complete: {missing} of {planned} trials were not run{cut}\n\
         hint: `orchestrator resume {}` runs them\n",
        path.display()
    )
}
