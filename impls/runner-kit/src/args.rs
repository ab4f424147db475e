//! The flags of a runner and their values, as docs/PROTOCOL.md defines them.

mod flags;
mod parse;
mod value;

pub(crate) use flags::SYSCALL_ENTRY;
pub use flags::{Args, HELP, Output, ProgramType, Wakeup};
pub use parse::{Command, parse};
