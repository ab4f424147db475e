//! `orchestrator helper`: the privileged half, started by the orchestrator itself.

use super::session::runtime;
use crate::error::Error;
use crate::exit_code;
use crate::supervise;

/// Serves the orchestrator at the other end of standard input and output.
pub fn run() -> Result<u8, Error> {
    // By its own link, not its path: the load generator becomes another user, who may not reach the path.
    let load = ["/proc/self/exe", "load"].map(String::from).to_vec();
    let runtime = runtime()?;
    runtime.block_on(supervise::serve(load))?;
    // A read of standard input may still be waiting in its own thread.
    runtime.shutdown_background();
    Ok(exit_code::SUCCESS)
}
