//! `orchestrator run`

use super::measuring::execute;
use super::planning::{plan_run, show_plan};
use crate::cli::RunArgs;
use crate::config::Catalogue;
use crate::error::Error;
use crate::exit_code;
use crate::render::benchmark_report;

/// Runs the command.
pub fn run(args: &RunArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let plan = plan_run(args, catalogue)?;
    if args.options.dry_run {
        show_plan(&plan, args.options.json)?;
        return Ok(exit_code::SUCCESS);
    }
    execute(&plan, &args.options, catalogue, benchmark_report)
}
