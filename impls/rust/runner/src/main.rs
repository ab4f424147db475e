//! The Aya runner: the user side.

mod log;
mod mechanism;
mod program;
mod row;
mod types;

use mechanism::ringbuf::RingReader;
use program::Program;
use runner_kit::clock::timed;
use runner_kit::{Failure, Identity, Ready, Runner, Session, Single, rings, runner};
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
        let cpus = if args.own_rings { rings::online_cpus()? } else { Vec::new() };
        let (loaded, load_ns) = timed(|| Program::load(args, &cpus));
        let (mut program, own) = loaded?;
        let attach = |program: &mut Program, own: &[u32]| {
            let (attached, attach_ns) = timed(|| program.attach(args));
            attached?;
            let (program_id, map_ids) = program.ids()?;
            let map_ids = [own, &map_ids].concat();
            Ok::<_, Failure>(Ready { program_ids: vec![program_id], map_ids, load_ns, attach_ns })
        };
        if let Some(own) = own {
            let ready = attach(&mut program, &own.ids)?;
            return rings::measure(session, &ready, &cpus, &own, program);
        }
        // The ring can be read before the first record is written.
        let reader = RingReader::new(program.take_map("events")?, &session.tally)?;
        let ready = attach(&mut program, &[])?;
        session.measure(&ready, &mut Single { reader, program })
    }
}

fn main() -> ExitCode {
    runner::main::<AyaRunner>()
}
