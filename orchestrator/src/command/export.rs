//! `orchestrator export`

use std::path::Path;

use super::output::print;
use super::runs::read_run;
use crate::cli::{ExportArgs, ExportFormat};
use crate::error::Error;
use crate::exit_code;
use crate::render::export;
use crate::store::{Run, write_file};
use crate::visible::visible;

/// Runs the command.
pub fn run(args: &ExportArgs, root: Option<&Path>) -> Result<u8, Error> {
    let run = read_run(&args.run, root)?;
    let text = format_of(args.format)(&run);
    match &args.output {
        Some(path) => write_file(path, visible(&text).as_bytes())?,
        None => print(&text)?,
    }
    Ok(exit_code::SUCCESS)
}

fn format_of(format: ExportFormat) -> fn(&Run) -> String {
    match format {
        ExportFormat::Csv => export::tidy_csv,
        ExportFormat::Markdown => export::markdown,
        ExportFormat::Bmf => export::bencher_metric_format,
        ExportFormat::GithubActionBenchmark => export::github_action_benchmark,
        ExportFormat::GoBenchmark => export::go_benchmark,
        ExportFormat::Openmetrics => export::openmetrics,
        ExportFormat::Hyperfine => export::hyperfine,
    }
}
