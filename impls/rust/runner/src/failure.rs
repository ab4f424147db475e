//! From Aya's errors to the runner's failures.

use aya::programs::ProgramError;
use aya::{BtfError, EbpfError};
use runner_kit::{Args, Failure, ProgramType};
use std::error::Error;
use std::io;

/// A step that should never fail did.
pub(crate) fn internal(what: &str, error: &(dyn Error + 'static)) -> Failure {
    log::debug!("{error}");
    Failure::internal(format!("{what}: {}", reason(error)))
}

/// The object cannot be loaded: the kernel refuses a map, or Aya cannot read the object.
pub(crate) fn object_refused(args: &Args, error: &EbpfError) -> Failure {
    match error {
        EbpfError::MapError(_) | EbpfError::BtfError(BtfError::LoadError { .. }) => refused(args, error),
        _ => internal("cannot open the BPF object", error),
    }
}

/// The kernel refuses the program at load.
pub(crate) fn load_refused(args: &Args, error: &(dyn Error + 'static)) -> Failure {
    if is_verdict(error) {
        log::error!("{error}");
        return Failure::verifier_refused(args.program_type.as_str(), &reason(error));
    }
    refused(args, error)
}

/// Whether it was the verifier, and not something that the kernel lacks.
fn is_verdict(error: &(dyn Error + 'static)) -> bool {
    matches!(
        error.downcast_ref(),
        Some(ProgramError::LoadError { verifier_log, .. })
            if runner_kit::failure::is_verdict(&verifier_log.to_string())
    )
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
