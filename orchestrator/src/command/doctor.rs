//! `orchestrator doctor`

use crate::cli::DoctorArgs;
use crate::config::Catalogue;
use crate::error::Error;

/// Runs the command.
pub fn run(_args: &DoctorArgs, _catalogue: &Catalogue) -> Result<u8, Error> {
    Err(Error::Unavailable("doctor"))
}
