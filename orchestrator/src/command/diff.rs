//! `orchestrator diff`

use crate::cli::DiffArgs;
use crate::error::Error;

/// Runs the command.
pub fn run(_args: &DiffArgs) -> Result<u8, Error> {
    Err(Error::Unavailable("diff"))
}
