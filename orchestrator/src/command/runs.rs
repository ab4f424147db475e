//! What the commands on earlier runs share: finding one, reading it, and changing what it is analysed with.

use std::path::{Path, PathBuf};

use super::ending::end_in_words;
use super::page::page_of;
use crate::cli::{Cli, Command};
use crate::config::find_root;
use crate::error::{self, Error};
use crate::facts::nearest;
use crate::render::{benchmark_report, comparison_report};
use crate::runs::{analysed, result};
use crate::stats::Settings;
use crate::store::{Run, locate, open};

/// Finds a run and reads its result. Its raw facts must be those that were measured.
pub(super) fn read_run(wanted: &Path, root: Option<&Path>) -> Result<Run, Error> {
    let opened = open(&find(wanted, root)?)?;
    opened.check_chain()?;
    Ok(result(&opened)?)
}

/// The folder of a run. Outside a project only folders are found, and runs below `./results`.
pub(super) fn find(wanted: &Path, root: Option<&Path>) -> Result<PathBuf, Error> {
    let project = find_root(root).unwrap_or_default();
    Ok(locate(wanted, &project.join("results"), &mut error::warn)?)
}

/// The same trials, analysed with other settings or another baseline.
pub(super) fn with_settings(run: Run, baseline: Option<&str>, settings: &Settings) -> Result<Run, Error> {
    let mut header = run.header;
    if let Some(label) = baseline {
        let known = || header.plan.trials.iter().map(|trial| trial.label.as_str());
        if !known().any(|known| known == label) {
            let mut labels: Vec<&str> = known().collect();
            labels.sort_unstable();
            labels.dedup();
            let all = labels.join(", ");
            return Err(Error::Usage {
                message: format!("`{label}` is no row of the run `{}`", header.run),
                hint: nearest(label, labels).map_or_else(
                    || format!("there are {all}"),
                    |meant| format!("did you mean `{meant}`? there are {all}"),
                ),
            });
        }
        header.plan.baseline = Some(label.to_owned());
    }
    let events_sha256 = run.events_sha256;
    let run = analysed(header, run.finished_utc, run.resumed, run.trials, settings);
    Ok(Run { events_sha256, ..run })
}

/// The report that the command which measured this run printed.
pub(super) fn report_of(run: &Run) -> fn(&Run) -> String {
    let words = run.header.command.iter().map(std::ffi::OsString::from);
    let compared = match crate::cli::parse(words) {
        Ok(Cli { command: Command::Compare(_), .. }) => true,
        Ok(_) => false,
        // The command line of another version.
        Err(_) => run.header.command.iter().skip(1).any(|word| word == "compare"),
    };
    if compared { comparison_report } else { benchmark_report }
}

/// The report of a run, how it ended, and where it is.
pub(super) fn shown_run(run: &Run, report: fn(&Run) -> String, path: &Path) -> String {
    let end = end_in_words(&run.header.plan);
    let page = page_of(path).map(|page| format!("page     {}\n", shown(&page).display())).unwrap_or_default();
    format!("{}\n{end}result   {}\n{page}", report(run).trim_end(), shown(path).display())
}

/// Relative to the current folder where that is shorter to read.
pub(super) fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)).unwrap_or_else(|| path.to_owned())
}
