//! The life of a runner's process, from its flags to its exit status.

use crate::args::{self, Command, Output};
use crate::messages::{Identity, Message, print};
use crate::stop::Stop;
use crate::{Args, Failure, ProgramType, Session, cpu, kernel};
use std::env;
use std::process::ExitCode;

/// What a framework has to add.
pub trait Runner {
    /// Who this is.
    const IDENTITY: Identity;

    /// The types of programs that it has.
    fn program_types() -> Vec<&'static ProgramType>;

    /// Loads and attaches the program that the session's flags ask for, and calls [`Session::measure`] with a consumer that
    /// gives every record to the session's tally.
    fn run<const DELAYS: bool>(session: &Session<DELAYS>) -> Result<(), Failure>;
}

/// The whole of a runner's `main`.
#[must_use]
pub fn main<R: Runner>() -> ExitCode {
    let (output, command) = args::parse(&R::program_types(), env::args_os().skip(1));
    match execute::<R>(output, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.fail(&failure);
            ExitCode::from(failure.exit_status())
        }
    }
}

fn execute<R: Runner>(output: Output, command: Result<Command, Failure>) -> Result<(), Failure> {
    match command {
        Ok(Command::Help) => return print(&args::help(&R::program_types())),
        Ok(Command::Version) => return print(&format!("{}\n", R::IDENTITY)),
        Ok(Command::Run(_)) | Err(_) => output.say(&Message::hello(R::IDENTITY))?,
    }
    let Command::Run(args) = command? else { return Ok(()) };
    measure::<R>(args)
}

fn measure<R: Runner>(args: Args) -> Result<(), Failure> {
    let stop = Stop::install()?;
    kernel::check_privileges()?;
    (args.program_type.check)(&args.attach_target)?;
    if let Some(cpu) = args.cpu {
        cpu::pin(cpu)?;
    }
    if args.latency {
        R::run::<true>(&Session::new(R::IDENTITY, args, stop)?)
    } else {
        R::run::<false>(&Session::new(R::IDENTITY, args, stop)?)
    }
}
