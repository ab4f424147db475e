//! What this runner has to know of a program type.

use aya::programs::{Program, ProgramError};
use runner_kit::ProgramType;

/// A program type.
pub(crate) struct Row {
    /// What is known of it in any framework.
    pub(crate) program_type: &'static ProgramType,
    /// Name of its program in runner-ebpf.
    pub(crate) name: &'static str,
    /// Loads the program for an attach target.
    pub(crate) load: fn(&mut Program, &str) -> Result<(), ProgramError>,
    /// Attaches it there.
    pub(crate) attach: fn(&mut Program, &str) -> Result<(), ProgramError>,
}
