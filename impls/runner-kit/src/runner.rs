//! The life of a runner's process, from its flags to its exit status.

use crate::identity::{Identity, PROTOCOL_VERSION};
use crate::messages::{Message, print};
use crate::stop::Stop;
use crate::{Args, Failure, Session, cpu, kernel};
use lexopt::Parser;
use std::process::{self, ExitCode};

/// What a framework has to add.
pub trait Runner {
    /// Who this is.
    const IDENTITY: Identity;

    /// Loads and attaches the program that the session's flags ask for, and calls [`Session::measure`] with a consumer that
    /// gives every record to the session's tally.
    fn run<const DELAYS: bool>(session: &Session<DELAYS>) -> Result<(), Failure>;
}

/// The whole of a runner's `main`.
#[must_use]
pub fn main<R: Runner>() -> ExitCode {
    let mut args = Args::default();
    let text = args.read(R::IDENTITY, &mut Parser::from_env());
    let output = args.output;
    match execute::<R>(args, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.fail(&failure);
            ExitCode::from(failure.exit_status())
        }
    }
}

/// Prints the text that the flags ask for, or measures.
fn execute<R: Runner>(args: Args, text: Result<Option<String>, Failure>) -> Result<(), Failure> {
    if let Ok(Some(text)) = text {
        return print(&text);
    }
    let (identity, pid) = (R::IDENTITY, process::id());
    args.output.say(&Message::Hello { protocol_version: PROTOCOL_VERSION, identity, pid })?;
    text?;
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
