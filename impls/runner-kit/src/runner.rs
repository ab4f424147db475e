//! The life of a runner's process, from its flags to its exit status.

use crate::args::{self, Command, HELP};
use crate::emitter::Emitter;
use crate::histogram::Histogram;
use crate::identity::Identity;
use crate::stop::Stop;
use crate::tally::{Delays, NoDelays};
use crate::{Args, Failure, Session, cpu, kernel};
use std::process::ExitCode;

/// What a framework has to add.
pub trait Runner {
    /// Who this is.
    fn identity() -> Identity;

    /// Loads and attaches the program that the session's flags ask for, and calls [`Session::measure`] with a consumer that
    /// gives every record to a [`Tally`](crate::Tally) of `delays`.
    fn run<D: Delays>(session: &mut Session, delays: D) -> Result<(), Failure>;
}

/// The whole of a runner's `main`.
#[must_use]
pub fn main<R: Runner>() -> ExitCode {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let (output, command) = args::parse(words);
    let mut emitter = Emitter::new(R::identity(), output);
    match execute::<R>(&mut emitter, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            emitter.failure(&failure);
            ExitCode::from(failure.exit_status())
        }
    }
}

fn execute<R: Runner>(emitter: &mut Emitter, command: Result<Command, Failure>) -> Result<(), Failure> {
    match command {
        Ok(Command::Help) => emitter.text(HELP),
        Ok(Command::Version) => emitter.text(&format!("{}\n", R::identity())),
        Ok(Command::Run(args)) => {
            emitter.hello()?;
            measure::<R>(emitter, args)
        }
        Err(failure) => {
            emitter.hello()?;
            Err(failure)
        }
    }
}

fn measure<R: Runner>(emitter: &mut Emitter, args: Args) -> Result<(), Failure> {
    let stop = Stop::install()?;
    kernel::check(args.program_type, &args.attach_target)?;
    if let Some(cpu) = args.cpu {
        cpu::pin(cpu)?;
    }
    if args.verbose {
        emitter.be_verbose();
    }
    let latency = args.latency;
    let mut session = Session::new(args, emitter, stop);
    if latency { R::run(&mut session, Histogram::new()?) } else { R::run(&mut session, NoDelays) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_the_first_line_of_the_report() {
        let identity =
            Identity { implementation: "example", framework: "example-bpf", framework_version: "1.2.3" };
        let report = include_str!("../../testdata/report.txt");
        assert_eq!(Some(identity.to_string().as_str()), report.lines().next());
    }
}
