//! What the kernel itself says of BPF programs and maps, by their ids.
//!
//! A supervisor must not take a runner's word for what it read. The ids that a runner announces are enough to ask the kernel:
//! a ring buffer's consumer position moves only when somebody releases records, and a program's info says how many runs
//! were skipped. Nothing here changes what a program does. What can be switched are the kernel's statistics, and user space's
//! right to write to a map.

mod attach;
mod error;
mod loaded;
mod map;
mod positions;
mod program;
mod records;
mod statistics;
mod variable;

pub use attach::{Attachment, attachments, held_programs};
pub use error::Error;
pub use loaded::{LoadedProgram, loaded_programs, map_ids, program_ids, program_kind};
pub use map::{Map, MapFacts};
pub use positions::RingPositions;
pub use program::{BpfProgram, ProgramFacts};
pub use records::Looked;
pub use statistics::Statistics;
