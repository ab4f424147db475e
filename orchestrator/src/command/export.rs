//! `orchestrator export`

use std::path::Path;

use super::output::print;
use super::runs::read_run;
use crate::cli::ExportArgs;
use crate::error::Error;
use crate::exit_code;
use crate::store::write_file;
use crate::visible::visible;

/// Runs the command.
pub fn run(args: &ExportArgs, root: Option<&Path>) -> Result<u8, Error> {
    let run = read_run(&args.run, root)?;
    let text = (args.format.write)(&run);
    match &args.output {
        Some(path) => write_file(path, visible(&text).as_bytes())?,
        None => print(&text)?,
    }
    Ok(exit_code::SUCCESS)
}
