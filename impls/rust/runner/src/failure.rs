//! From Aya's errors to the runner's failures.

use runner_kit::{Args, Failure, ProgramType};
use std::error::Error;
use std::io;

/// A step that should never fail did.
pub(crate) fn internal(what: &str, error: &(dyn Error + 'static)) -> Failure {
    log::debug!("{error}");
    Failure::internal(format!("{what}: {}", reason(error)))
}

/// The kernel refuses the program at load.
pub(crate) fn load_refused(args: &Args, error: &(dyn Error + 'static)) -> Failure {
    refused(args, error)
}

/// The kernel refuses to attach the program.
pub(crate) fn attach_refused(args: &Args, error: &(dyn Error + 'static)) -> Failure {
    match args.program_type {
        ProgramType::Kprobe => {
            log::error!("{error}");
            Failure::kprobe_refused(&args.attach_target, &reason(error))
        }
        _ => refused(args, error),
    }
}

fn refused(args: &Args, error: &(dyn Error + 'static)) -> Failure {
    // With the verifier's log, where there is one.
    log::error!("{error}");
    match args.program_type {
        ProgramType::Fentry => Failure::fentry_refused(&args.attach_target, &reason(error)),
        program_type => Failure::program_refused(program_type.as_str(), &reason(error)),
    }
}

/// The root cause, in the system's words if the system gave it.
fn reason(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.downcast_ref::<io::Error>().map_or_else(|| root.to_string(), runner_kit::failure::reason)
}
