//! `orchestrator report`

use std::path::Path;

use super::measuring::give_to_user;
use super::output::{print, print_json};
use super::page::{write_page, write_page_of_new_run};
use super::runs::{find, report_of, shown, shown_run, with_settings};
use crate::cli::ReportArgs;
use crate::error::{self, Error};
use crate::exit_code;
use crate::runs::{is_complete, missing, parsed_again, plan, result};
use crate::stats::Settings;
use crate::store::{OpenedRun, Run, open, open_raw, write_result};

/// Runs the command.
pub fn run(args: &ReportArgs, root: Option<&Path>) -> Result<u8, Error> {
    let path = find(&args.run, root)?;
    // Raw facts need no result: a damaged one is made again.
    let opened = match open(&path) {
        Err(_) if args.reanalyse => open_raw(&path)?,
        opened => opened?,
    };
    // What was measured is what is analysed, or nothing is. What was stored can be shown, with the flaw.
    let edited = opened.check_chain();
    if args.reanalyse {
        edited?;
    } else if let Err(error) = edited {
        error::warn(&error.to_string());
    }
    let run = analysed(args, &opened)?;
    if args.write {
        write_result(&path, &run)?;
        if !args.html {
            // What it said before is no longer the result.
            write_page_of_new_run(&path, &run);
        }
        give_to_user(&path);
    }
    if args.html {
        let page = write_page(&path, &opened, &run);
        give_to_user(&path);
        let page = page?;
        print(&format!("{}\n", shown(&page).display()))?;
    } else if args.json {
        print_json(&run)?;
    } else {
        let note = unfinished(&opened, &shown(&path));
        print(&format!("{}{note}", shown_run(&run, report_of(&run), &path)))?;
    }
    Ok(exit_code::SUCCESS)
}

fn analysed(args: &ReportArgs, opened: &OpenedRun) -> Result<Run, Error> {
    let run = if args.reanalyse { parsed_again(opened) } else { result(opened) }?;
    if args.delta.is_none() && args.baseline.is_none() {
        return Ok(run);
    }
    let settings = run.analysis.settings.clone();
    let settings = Settings { delta: args.delta.map_or(settings.delta, |delta| delta.0 / 100.0), ..settings };
    with_settings(run, args.baseline.as_deref(), &settings)
}

/// What is missing, and how to get it.
fn unfinished(opened: &OpenedRun, path: &Path) -> String {
    if is_complete(opened) {
        return String::new();
    }
    let (left, planned) = (missing(opened).len(), plan(opened).trials.len());
    let (what, remedy) = match left {
        0 => ("it was cut short before its rule ended it".to_owned(), "goes on with it"),
        _ => (format!("{left} of {planned} trials were not run"), "runs them"),
    };
    let cut = if opened.cut { ", and a last one was cut while it was written" } else { "" };
    format!(
        "\nthis run is not complete: {what}{cut}\nhint: `orchestrator resume {}` {remedy}\n",
        path.display()
    )
}
