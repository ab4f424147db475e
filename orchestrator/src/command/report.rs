//! `orchestrator report`

use crate::cli::ReportArgs;
use crate::error::Error;

/// Runs the command.
pub fn run(_args: &ReportArgs) -> Result<u8, Error> {
    Err(Error::Unavailable("report"))
}
