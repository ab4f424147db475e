//! What this runner has to know of a program type.

use libbpf_rs::{Link, OpenProgramMut, ProgramMut, Result};
use runner_kit::ProgramType;

use crate::skel::{OpenProgs, Progs};

/// A program type.
pub(crate) struct Row {
    /// What is known of it in any framework.
    pub(crate) program_type: &'static ProgramType,
    /// Its program in the object before loading: the usual one, or the one that can do more.
    pub(crate) open: for<'a, 'o> fn(&'a mut OpenProgs<'o>, bool) -> &'a mut OpenProgramMut<'o>,
    /// The same program loaded.
    pub(crate) loaded: for<'a, 'o> fn(&'a Progs<'o>, bool) -> &'a ProgramMut<'o>,
    /// Sets what has to be known of the attach target before loading.
    pub(crate) set: fn(&mut OpenProgramMut<'_>, &str) -> Result<()>,
    /// Attaches the program to its target.
    pub(crate) attach: fn(&ProgramMut<'_>, &str) -> Result<Link>,
}
