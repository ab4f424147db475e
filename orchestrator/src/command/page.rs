//! The report as a page, in the folder of its run.

use std::path::{Path, PathBuf};

use crate::error::{self, Error};
use crate::render::html_report;
use crate::runs::usage;
use crate::store::{OpenedRun, Run, open, write_report};

/// What the page is called.
const PAGE: &str = "report.html";

/// Writes it, with its charts beside it.
pub(super) fn write_page(path: &Path, opened: &OpenedRun, run: &Run) -> Result<PathBuf, Error> {
    // Raw facts that cannot be read are missing in one chart, which says so.
    let usage = usage(opened).ok();
    let report = html_report(run, usage.as_deref());
    write_report(path, (PAGE, report.page.as_bytes()), &report.charts)?;
    Ok(path.join(PAGE))
}

/// The same at the end of a run. What was measured is stored already: a page that cannot be written is worth a word, and no failure.
pub(super) fn write_page_of_new_run(path: &Path, run: &Run) {
    let written = open(path).map_err(Error::from).and_then(|opened| write_page(path, &opened, run));
    if let Err(error) = written {
        error::warn(&format!("there is no page of this run: {error}"));
    }
}

/// Where the page of a run is, if there is one.
pub(super) fn page_of(path: &Path) -> Option<PathBuf> {
    Some(path.join(PAGE)).filter(|page| page.is_file())
}
