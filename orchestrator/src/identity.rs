//! What a run was measured with: the machine, the checkout, the bytes of the programs. And what two runs differ in: whether they may be
//! compared, and whether one may go on where another stopped.

mod difference;
mod environment;
mod git;
mod machine;
mod programs;

pub use difference::{
    Difference, absent_programs, machine_differences, plan_differences, program_differences,
};
pub use environment::{Environment, Warning};
pub use git::{git, git_answer};
pub use machine::machine;
