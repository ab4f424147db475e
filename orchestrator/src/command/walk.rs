//! `orchestrator walk`: what a consumer costs at least, on this machine.

use super::output::print_json;
use crate::cli::WalkArgs;
use crate::error::Error;
use crate::exit_code;
use crate::sample::{WalkSpec, walk};

/// Runs the command. Prints `null` where it cannot be timed.
pub fn run(args: &WalkArgs) -> Result<u8, Error> {
    let walked = walk(&WalkSpec {
        ring_bytes: args.ring_size,
        record_bytes: args.record_size,
        reader: args.reader,
        writer: args.writer,
        walks: args.walks,
    });
    print_json(&walked)?;
    Ok(exit_code::SUCCESS)
}
