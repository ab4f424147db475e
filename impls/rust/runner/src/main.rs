//! The Aya runner: the user side.

mod log;
mod mechanism;
mod program;
mod row;
mod types;

use mechanism::ringbuf::RingConsumer;
use program::Program;
use runner_kit::clock::timed;
use runner_kit::{Failure, Identity, Ready, Runner, Session, runner};
use std::process::ExitCode;

struct AyaRunner;

impl Runner for AyaRunner {
    const IDENTITY: Identity =
        Identity { implementation: "rust", framework: "aya", framework_version: env!("AYA_VERSION") };

    fn run<const DELAYS: bool>(session: &Session<DELAYS>) -> Result<(), Failure> {
        let args = &session.args;
        if args.verbose {
            log::install();
        }
        let (program, load_ns) = timed(|| Program::load(args));
        // The ring can be read before the first record is written.
        let mut consumer = RingConsumer::new(program?, &session.tally)?;
        let (attached, attach_ns) = timed(|| consumer.program.attach(args));
        attached?;
        let (program_id, map_ids) = consumer.program.ids()?;
        session.measure(&Ready { program_ids: vec![program_id], map_ids, load_ns, attach_ns }, &mut consumer)
    }
}

fn main() -> ExitCode {
    runner::main::<AyaRunner>()
}
