//! What the kernel itself says of BPF programs and maps, by their ids.
//!
//! A supervisor must not take a runner's word for what it read. The ids that a runner announces are enough to ask the kernel:
//! a ring buffer's consumer position moves only when somebody releases records, and a program's info says how many runs
//! were skipped. Nothing here changes what a program does. What can be switched are the kernel's statistics, and user space's
//! right to write to a map.

mod attach;
mod loaded;
mod map;
mod positions;
mod program;
mod records;
mod statistics;
mod variable;

pub use attach::{Attachment, attachments, held_programs};
pub use loaded::{LoadedProgram, loaded_programs, map_ids, program_ids, program_kind};
pub use map::{Map, MapFacts};
pub use positions::RingPositions;
pub use program::{BpfProgram, ProgramFacts};
pub use records::Looked;
pub use statistics::Statistics;

/// Why the kernel did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such map, or no privileges.
    #[error("cannot open BPF map {id}")]
    Map {
        /// Map id.
        id: u32,
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No such program, or no privileges.
    #[error("cannot open BPF program {id}")]
    Program {
        /// Program id.
        id: u32,
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No list of what is loaded: no privileges.
    #[error("cannot list what is loaded")]
    List {
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// No statistics: no privileges, or an old kernel.
    #[error("cannot turn on BPF statistics")]
    Statistics {
        /// Reason.
        #[source]
        source: libbpf_rs::Error,
    },
    /// The ring's pages could not be mapped.
    #[error("cannot map the positions of ring buffer {id}")]
    Mmap {
        /// Map id.
        id: u32,
        /// Reason.
        #[source]
        source: nix::Error,
    },
}
