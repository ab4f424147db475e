//! `orchestrator helper`: the privileged half, started by the orchestrator itself.

use crate::error::Error;

/// Runs the command.
pub fn run() -> Result<u8, Error> {
    Err(Error::Unavailable("helper"))
}
