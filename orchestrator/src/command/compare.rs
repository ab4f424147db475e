//! `orchestrator compare`

use super::measuring::execute;
use super::planning::{plan_compare, show_plan};
use crate::cli::CompareArgs;
use crate::config::Catalogue;
use crate::error::Error;
use crate::exit_code;
use crate::render::comparison_report;

/// Runs the command.
pub fn run(args: &CompareArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let plan = plan_compare(args, catalogue)?;
    if args.options.dry_run {
        show_plan(&plan, args.options.json)?;
        return Ok(exit_code::SUCCESS);
    }
    execute(&plan, &args.options, catalogue, comparison_report)
}
