//! The command line: clap's types only, no logic.

mod command_line;
mod files;
mod inspect;
mod load;
mod options;
mod select;
mod usage;
mod walk;

pub use command_line::{Cli, Command};
pub use files::{DiffArgs, ExportArgs, FailOn, ReportArgs, ResumeArgs};
pub use inspect::{DoctorArgs, ListArgs, SchemaArgs};
pub use load::{LoadArgs, LoadOutput, PatternName, ShapeName, SyscallName};
pub use options::{CompareArgs, Gone, RunArgs, RunOptions, Tiers};
pub use select::{BuildArgs, VerifyArgs};
pub use usage::{Usage, parse};
pub use walk::WalkArgs;
