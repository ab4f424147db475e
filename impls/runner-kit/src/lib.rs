//! What the runners written in Rust share, so that each of them holds only what its framework asks for.
//!
//! A runner calls [`runner::main`] with its [`Runner`]. That reads the flags ([`args`]), says `hello` ([`emitter`],
//! [`protocol`], [`report`]), checks the kernel ([`kernel`]) and hands a [`Session`] to the runner. The runner loads and
//! attaches its program and gives its [`Consumer`] to [`Session::measure`], which consumes until it is told to stop
//! ([`stop`]), drains, and prints the summary. docs/PROTOCOL.md is the contract that all of it keeps.

pub mod args;
pub mod clock;
pub mod cookie;
pub mod cpu;
pub mod emitter;
pub mod epoll;
pub mod failure;
pub mod histogram;
pub mod identity;
pub mod kernel;
pub mod naps;
pub mod protocol;
pub mod report;
pub mod runner;
pub mod session;
pub mod stage;
pub mod stop;
pub mod tally;
pub mod ticker;
mod tracefs;

pub use args::{Args, ProgramType, Wakeup};
pub use cookie::Cookie;
pub use failure::Failure;
pub use identity::Identity;
pub use runner::Runner;
pub use session::{Consumer, Session};
pub use stage::{KernelCounters, Ready};
pub use tally::{Batch, Delays, Tally, Totals};
