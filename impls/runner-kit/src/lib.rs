//! What the runners written in Rust share, so that each of them holds only what its framework asks for.
//!
//! A runner calls [`runner::main`] with its [`Runner`]. That reads the flags ([`args`]), says `hello` ([`messages`]), checks
//! the kernel and hands a [`Session`] to the runner. The runner loads and attaches its program and gives its
//! [`Consumer`] to [`Session::measure`], which consumes until it is told to stop ([`stop`]), drains, and prints the summary.
//! docs/PROTOCOL.md is the contract that all of it keeps.

pub mod args;
pub mod clock;
pub mod cpu;
pub mod epoll;
pub mod failure;
mod identity;
mod kernel;
pub mod messages;
pub mod program_type;
mod report;
pub mod rings;
pub mod runner;
pub mod session;
pub mod stop;
pub mod tally;

pub use args::Args;
pub use failure::Failure;
pub use identity::Identity;
pub use messages::{KernelCounters, Ready};
pub use program_type::ProgramType;
pub use runner::Runner;
pub use session::{Consumer, Program, Reader, Session, Single};
pub use tally::Tally;
