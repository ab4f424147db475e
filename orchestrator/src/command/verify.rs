//! `orchestrator verify`

use crate::cli::VerifyArgs;
use crate::config::Catalogue;
use crate::error::Error;

/// Runs the command.
pub fn run(_args: &VerifyArgs, _catalogue: &Catalogue) -> Result<u8, Error> {
    Err(Error::Unavailable("verify"))
}
